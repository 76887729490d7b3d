"""Links of all Markdown lead somewhere, every page can be reached from the first one, and the site has them all."""

import re
import sys
from fnmatch import fnmatch
from os.path import normpath
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "website"))
import pages  # noqa: E402
import reference  # noqa: E402

TEMPLATES = [str(path.relative_to(ROOT)) for path in ROOT.glob("keisei_core/templates/*/README.md")]
PAGES = sorted([*pages.pages(), *TEMPLATES])


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """Returns the anchors of a page's headings, as GitHub and the site make them."""
    found: list[str] = []
    for heading in re.findall(r"^#+ (.*)$", re.sub(pages.FENCED, "", text), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        found.append(re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-"))
    return set(found)


def led_to(page: str) -> list[str]:
    """Returns the pages that a page links to."""
    paths = (target.partition("#")[0] for target in pages.links(text_of(page)))
    return [normpath(f"{page}/../{path}") for path in paths if path.endswith(".md")]


@pytest.mark.parametrize("page", PAGES)
def test_link_leads_to_a_file_and_a_heading_that_are_there(page: str) -> None:
    for target in pages.links(text_of(page)):
        path, _, anchor = target.partition("#")
        aimed = normpath(f"{page}/../{path}") if path else page
        assert (ROOT / aimed).is_file(), f"{page} leads to {target}, which is no file"
        if anchor:
            assert anchor in anchors(text_of(aimed)), f"{page} leads to {target}: there is no such heading"


def test_every_page_of_docs_is_reached_from_the_first() -> None:
    reached, ahead = set[str](), ["docs/index.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            ahead += led_to(page)

    assert [page for page in PAGES if page.startswith("docs/") and page not in reached] == []
    assert [page for page in PAGES if page.startswith("plugins/") and page not in reached] == []


def is_named(page: str, pattern: str) -> bool:
    """Tells whether a line of the menu stands for a page; `**/` for any number of folders, also none."""
    if "**/" in pattern:
        return fnmatch(page, pattern.replace("**/", "*"))
    return page.count("/") == pattern.count("/") and fnmatch(page, pattern)


def test_menu_of_the_site_has_every_page_and_no_other() -> None:
    menu = (ROOT / "website" / "nav.yml").read_text(encoding="utf-8")
    listed = re.findall(r"- (?:[^\s:]+: )?\"?([^\s\"]+\.md)", menu)
    written = [*pages.pages().values(), *(f"reference/{name}" for name in reference.reference())]

    assert [page for page in written if not any(is_named(page, each) for each in listed)] == []
    assert [each for each in listed if "*" not in each and each not in written] == []


def test_page_on_the_site_leads_where_it_leads_in_the_repository(tmp_path: Path) -> None:
    pages.gather(tmp_path)

    links = [(page, target) for page in tmp_path.rglob("*.md") for target in pages.links(page.read_text("utf-8"))]
    assert len(links) > 150
    for page, target in links:
        path = target.partition("#")[0]
        assert not path or (page.parent / path).is_file(), f"{page.relative_to(tmp_path)} leads to {target}"


def test_turned_link_keeps_its_anchor_and_leaves_code_and_other_sites_alone() -> None:
    places = {"docs/a.md": "a.md", "plugins/foo/README.md": "packages/foo.md"}
    text = "[x](../plugins/foo/README.md#how) [y](https://example.org/a.md)\n```\n[z](../plugins/foo/README.md)\n```\n"

    turned = pages.turned(text, "docs/a.md", places, set())

    assert turned == text.replace("(../plugins/foo/README.md#how)", "(packages/foo.md#how)")


@pytest.mark.parametrize("command", ["keisei run", "keisei plugins new", "keisei usi", "keisei report"])
def test_page_of_commands_has_their_help(command: str) -> None:
    told = dict(reference.commands())

    assert told[command].startswith(f"Usage: {command} ")
    assert f"\n## {command}\n\n```text\nUsage: {command} " in reference.commands_page()


def test_reference_has_every_package_whose_names_plugins_may_use() -> None:
    modules = reference.public_modules()

    assert {"keisei_core.testing", "keisei_core.observe", "keisei_core.plugins.hookspecs"} <= set(modules)
    assert "keisei_core.cli" not in modules
