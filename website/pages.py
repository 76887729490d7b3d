"""Gathers what the site is built of: docs/, the READMEs of all packages, and the reference. Builds no HTML.

    python website/pages.py [FOLDER]

Links between Markdown files lead where the files lie in the repository; here they are turned to where the pages lie on
the site. What a page shows or links to beside Markdown is copied along.
"""

import re
import shutil
import sys
from os.path import normpath, relpath
from pathlib import Path
from typing import Final

from reference import reference

ROOT: Final = Path(__file__).resolve().parents[1]
DOCS: Final = "docs"
SITE: Final = ROOT / "website" / "build" / "pages"
ASSETS: Final = ("iframe-worker.js", "style.css")
MENU: Final = "nav.yml"
PROJECT: Final = {
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "README.ja.md": "ja.md",
    "README.md": "index.md",
}
"""Pages that lie outside of docs/. The README has docs/index.md in its place, and is linked to as that."""
FENCED: Final = re.compile(r"^( *)(```|~~~).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"(?<=\]\()[^)\s]+|(?<= (?:src)=\")[^\"]+|(?<= (?:href)=\")[^\"]+")
"""The target of a link or picture, in Markdown or in HTML."""


def pages() -> dict[str, str]:
    """Returns where every page lies on the site, by where it lies in the repository; both with slashes."""
    docs = {place_of(path): place_of(path).removeprefix(f"{DOCS}/") for path in (ROOT / DOCS).rglob("*.md")}
    return docs | packages() | PROJECT


def packages() -> dict[str, str]:
    """Returns the same of all packages that come with Keisei: their READMEs, and those of what they have inside."""
    found = {}
    for folder in (*ROOT.glob("keisei_plugins_*/"), *ROOT.glob("plugins/*/")):
        page = f"packages/{folder.name.replace('_', '-')}"
        found[place_of(folder / "README.md")] = f"{page}.md"
        for inner in folder.glob("src/*/*/README.md"):
            found[place_of(inner)] = f"{page}/{inner.parent.name}.md"
    return found


def place_of(path: Path) -> str:
    """Returns where a file lies in the repository."""
    return path.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """Leaves out blocks of code, and code within lines, keeping the lines' numbers."""
    without = FENCED.sub(lambda block: "\n" * block[0].count("\n"), text)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", without)


def links(text: str) -> list[str]:
    """Returns the targets of the links and pictures of a page that lead to other files or to its own headings."""
    return [target for target in LINK.findall(prose(text)) if not re.match(r"[a-z]+:", target)]


def turned(text: str, source: str, places: dict[str, str], found: set[str]) -> str:
    """Returns a page with its links turned to where the pages lie on the site.

    Args:
        text: of the page.
        source: where it lies in the repository.
        places: of all pages.
        found: takes the other files that it shows or leads to.
    """

    def turn(match: re.Match[str]) -> str:
        path, mark, anchor = match[0].partition("#")
        if not path or re.match(r"[a-z]+:", path):
            return match[0]
        aimed = normpath(f"{source}/../{path}")
        if aimed not in places and (ROOT / aimed).is_file():
            found.add(aimed)
        place = places.get(aimed, aimed.removeprefix(f"{DOCS}/"))
        return relpath(place, Path(places[source]).parent) + mark + anchor

    parts, end = [], 0
    for block in FENCED.finditer(text):
        parts += [LINK.sub(turn, text[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*parts, LINK.sub(turn, text[end:])])


def gather(folder: Path) -> None:
    """Writes all pages, and the files that they lead to, into a folder that is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    places, found = pages(), set[str]()
    for source, place in places.items():
        if source != "README.md" and (ROOT / source).exists():
            text = turned((ROOT / source).read_text(encoding="utf-8"), source, places, found)
            write(folder / place, text)
    for name, text in reference().items():
        write(folder / "reference" / name, text)
    for source in found:
        copy(ROOT / source, folder / source.removeprefix(f"{DOCS}/"))
    copy(Path(__file__).parent / MENU, folder / MENU)
    for name in ASSETS:
        copy(Path(__file__).parent / name, folder / "assets" / name)


def write(path: Path, text: str) -> None:
    """Writes a page, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def copy(source: Path, path: Path) -> None:
    """Copies a file, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)


if __name__ == "__main__":
    gather(Path(sys.argv[1]) if len(sys.argv) > 1 else SITE)
