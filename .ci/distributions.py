"""Proves that every distribution works for somebody who has no checkout: built, installed, listed, tested, run.

    python .ci/distributions.py                      # on any machine with Python 3.11 to 3.13; downloads what it needs
    python .ci/distributions.py --libraries .venv    # third parties' libraries from there, ours from nowhere but dist/

Builds an sdist of each distribution, a wheel of each sdist, and installs them into fresh virtual environments:

1. all wheels and the example's: listed, checked, the example's suite, a short run with the example's parts;
2. all sdists: listed, a short run;
3. each plugin alone beside the core: its own suite, from its sdist;
4. all wheels, a broken, an incompatible and a duplicate plugin: runs that don't use them work, others exit with 3; a
   name of Keisei's own is Keisei's, whoever else declares it.

Libraries that a part needs and the borrowed ones lack come from an index, in 3 alone: Trackio and Ray, which the
environment of `make test` does without. keisei-plugins-ray needs Ray itself, so it has no part in 1, 2 and 4 then.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "keisei-plugins-example"
PROJECTS = [ROOT, *sorted(ROOT.glob("keisei_plugins_*")), *sorted((ROOT / "plugins").glob("*/")), EXAMPLE]
KINDS = sorted(path.name for path in (ROOT / "keisei_core" / "templates").iterdir() if path.name != "common")
OURS = re.compile(r"(_editable_impl_)?keisei[_-]?", re.IGNORECASE)

RUN = """
run = {{ plies = 64, threads = 1, device = "cpu" }}
input = {{ features = "{features}" }}
model = {{ name = "{model}" }}
selfplay = {{ games = 8, rollout_plies = 4, max_plies = 40 }}
learning = {{ minibatch = 16 }}
algorithm = {{ epochs = 1 }}
evaluation = {{ opponent = "{opponent}", every_updates = 0, final_games = 2, max_plies = 40 }}
"""
PLAIN = RUN.format(features="core46", model="baseline", opponent="random")
WITH_EXAMPLE = RUN.format(features="core46+crowd", model="mixer", opponent="promoter")

BAD_PROJECT = """
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "keisei-plugins-{name}"
version = "0.3.1"
dependencies = ["keisei"]

[project.entry-points.keisei]
{name} = "keisei_plugins_{name}"

[tool.hatch.build.targets.wheel]
packages = ["keisei_plugins_{name}"]
"""
DUPLICATE = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="resnet", target="keisei_plugins_duplicate:nothing", summary="has somebody else's name")]
"""
BAD = {"broken": "import libfoo_that_is_missing", "incompatible": "KEISEI_PLUGIN_API = (9, 0)", "duplicate": DUPLICATE}


def call(command: Sequence[object], cwd: Path, *, expect: int = 0) -> str:
    """Runs a command and returns what it wrote; ends the proof if it ends otherwise than expected."""
    # Nothing of the checkout or of this process may be found by accident.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "KEISEI_"))}
    environment["OMP_NUM_THREADS"] = "1"  # several parts run side by side, each with tiny networks
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != expect:
        raise SystemExit(f"{' '.join(map(str, command))}\nexited {done.returncode}, not {expect}:\n{done.stdout}")
    return done.stdout


class Environment:
    """A fresh virtual environment, with third parties' libraries from another one if there is one to borrow from."""

    def __init__(self, folder: Path, libraries: Path | None, *, lacks_some: bool = False) -> None:
        """Makes it.

        Args:
            folder: new.
            libraries: what is borrowed, None for nothing.
            lacks_some: whether something beside them has to come from an index.
        """
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.pip: list[object] = [sys.executable, "-m", "pip", "--python", self.python]
        self.offline: list[object] = []
        venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
        if libraries is not None:
            self.offline = [*([] if lacks_some else ["--no-index"]), "--no-build-isolation"]
            (site,) = folder.glob("lib/python*/site-packages")
            (site / "third_parties.pth").write_text(f"{libraries}\n")
        self._require_none_of_ours()

    def _require_none_of_ours(self) -> None:
        script = "from importlib.metadata import distributions as d; print([x.name for x in d()])"
        found = [name for name in self.run("-c", script).split("'") if OURS.match(name)]
        if found:
            raise SystemExit(f"{self.folder}: expected an environment without Keisei, got {found}")

    def install(self, files: Iterable[object]) -> None:
        """Installs distributions from files, in one command; their dependencies come from an index, or are borrowed."""
        torch = [] if self.offline else [pinned_torch()]
        call([*self.pip, "install", "--quiet", *self.offline, *torch, *files], self.folder)

    def run(self, *words: object, expect: int = 0) -> str:
        """Runs Python in the environment's own folder, where nothing of the checkout is found."""
        return call([self.python, *words], self.folder, expect=expect)

    def keisei(self, *words: object, expect: int = 0) -> str:
        """Runs the command as it was installed."""
        return call([self.folder / "bin" / "keisei", *words], self.folder, expect=expect)

    def train(self, config: str, name: str, *, expect: int = 0) -> str:
        """Makes a short run."""
        (self.folder / f"{name}.toml").write_text(config)
        return self.keisei("run", f"{name}.toml", "--run-dir", f"runs-{name}", expect=expect)

    def require_all_ok(self, distributions: Iterable[str]) -> None:
        """Makes sure that these plugins are listed ok, and come from this environment's own files."""
        listed = {plugin["name"]: plugin for plugin in json.loads(self.keisei("plugins", "list", "--json"))["plugins"]}
        for name in distributions:
            plugin = listed.get(name, {"status": "not listed"})
            inside = str(plugin.get("location", "")).startswith(str(self.folder))
            if plugin["status"] != "ok" or plugin["editable"] or not inside:
                raise SystemExit(f"{name}: expected ok from {self.folder}, got {plugin}")


class Project:
    """One distribution of the checkout, with what was built of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        self.name: str = self.table["name"]
        self.sdist = self.wheel = self.unpacked = Path()

    def build(self, builder: Environment, dist: Path) -> None:
        """Builds an sdist, and a wheel of nothing but the sdist."""
        stem = f"{self.name.replace('-', '_')}-{self.table['version']}"
        call([builder.python, "-m", "hatchling", "build", "-t", "sdist", "-d", dist], self.folder)
        self.sdist = dist / f"{stem}.tar.gz"
        with tarfile.open(self.sdist) as archive:
            archive.extraction_filter = getattr(tarfile, "data_filter", None)  # which Python 3.11.3 and older lack
            archive.extractall(dist.parent / "unpacked")
        self.unpacked = dist.parent / "unpacked" / stem
        call([builder.python, "-m", "hatchling", "build", "-t", "wheel", "-d", dist], self.unpacked)
        (self.wheel,) = dist.glob(f"{stem}-*.whl")

    @property
    def wanted(self) -> list[str]:
        """Names of the distributions that its dependencies and tests name."""
        return [*self.needed, *names_of(self.table.get("optional-dependencies", {}).get("test", ()))]

    @property
    def needed(self) -> list[str]:
        """Names of the distributions that its dependencies name."""
        return names_of(self.table["dependencies"])

    def lacks_some(self, libraries: Path | None) -> bool:
        """Tells whether third parties' libraries that it names are not among those that are borrowed."""
        return not are_there(self.wanted, libraries)

    def lacks_needed(self, libraries: Path | None) -> bool:
        """Tells whether it can't even be installed with the libraries that are borrowed."""
        return not are_there(self.needed, libraries)

    def beside(self, projects: dict[str, "Project"]) -> list[Path]:
        """Returns the wheels of ours that this one's dependencies and tests name, and those that these depend on."""
        found: dict[str, Path] = {}
        waiting = self.wanted
        while waiting:
            name = waiting.pop()
            if name in projects and name not in found:
                found[name] = projects[name].wheel
                waiting += projects[name].needed
        return list(found.values())


def names_of(requirements: Sequence[str]) -> list[str]:
    """Returns the names of distributions that are asked for."""
    return [re.split(r"[^\w.-]", requirement)[0] for requirement in requirements]


def are_there(names: Sequence[str], libraries: Path | None) -> bool:
    """Tells whether all of these that are not ours are among borrowed libraries; all are where none are borrowed."""
    if libraries is None:
        return True
    there = {plain(path.name.partition("-")[0]) for path in libraries.glob("*.dist-info")}
    return all(plain(name) in there for name in names if not OURS.match(name))


def plain(name: str) -> str:
    """Returns a distribution's name in one spelling."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned_torch() -> str:
    """Returns the version of torch that everything is tested with."""
    found = re.search(r"^torch==\S+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert found is not None
    return found[0]


def borrowed(venv_folder: Path, farm: Path) -> Path:
    """Makes a folder of links to everything that is installed in an environment but ours."""
    (site,) = venv_folder.resolve().glob("lib/python*/site-packages")
    farm.mkdir()
    for path in site.iterdir():
        if not OURS.match(path.name):
            (farm / path.name).symlink_to(path)
    return farm


def say(text: str) -> None:
    """Tells how far the proof has come."""
    print(text, flush=True)


def prove_wheels(environment: Environment, projects: dict[str, Project]) -> None:
    """Everything from wheels, the example beside it."""
    environment.install([project.wheel for project in projects.values()])
    environment.require_all_ok(projects)
    checked = environment.keisei("plugins", "check").splitlines()[-1]
    suite = environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", projects[EXAMPLE.name].unpacked)
    told = environment.train(WITH_EXAMPLE, "example")
    say(f"wheels: {len(projects)} listed ok; {checked}; example's suite {suite.splitlines()[-1]}")
    say(f"wheels: run with the example's planes, network and player: {told.splitlines()[-1]}")
    for kind in KINDS:
        environment.keisei("plugins", "new", f"new-{kind}", "--kind", kind)
    environment.install([environment.folder / f"keisei-plugins-new-{kind}" for kind in KINDS])
    environment.require_all_ok([f"keisei-plugins-new-{kind}" for kind in KINDS])
    say(f"wheels: new plugins of {len(KINDS)} kinds written, installed, listed ok")


def prove_sdists(environment: Environment, projects: dict[str, Project]) -> None:
    """Everything from sdists."""
    environment.install([project.sdist for project in projects.values()])
    environment.require_all_ok(projects)
    say(f"sdists: {len(projects)} listed ok; run: {environment.train(PLAIN, 'plain').splitlines()[-1]}")


def prove_alone(environment: Environment, project: Project, projects: dict[str, Project]) -> None:
    """One plugin beside the core and what its own tests name, its suite from its sdist."""
    environment.install([*project.beside(projects), f"{project.wheel}[test]"])
    environment.require_all_ok([project.name])
    strict = ("-W", "error", "--import-mode=importlib", "-p", "no:cacheprovider")
    output = environment.run("-m", "pytest", "-q", *strict, project.unpacked / "tests")
    say(f"alone: {project.name}: {output.splitlines()[-1]}")


def prove_isolation(environment: Environment, projects: dict[str, Project], builder: Environment) -> None:
    """Bad plugins beside good ones."""
    bad = [build_bad(name, source, builder, environment.folder / "bad") for name, source in BAD.items()]
    environment.install([*(project.wheel for project in projects.values()), *bad])
    listed = environment.keisei("plugins", "list")
    require(listed, r"^keisei-plugins-broken +0\.3\.1 .* broken +ModuleNotFoundError: No module named 'libfoo")
    require(listed, r"^keisei-plugins-incompatible +0\.3\.1 +9\.0 +incompatible +needs plugin API 9\.0")
    require(listed, r"^keisei-plugins-duplicate .* ok +model: resnet \(conflict\)$")
    require(listed, r"^keisei-plugins-resnet .* ok +model: resnet$")
    environment.train(PLAIN, "unused")
    told = environment.train(RUN.format(features="core46", model="resnet", opponent="random"), "bundled")
    require(told, r"model 'resnet' .*keisei-plugins-duplicate")
    chosen = RUN.format(features="core46", model="keisei-plugins-duplicate:resnet", opponent="random")
    require(environment.train(chosen, "duplicate", expect=3), r"model 'resnet' of keisei-plugins-duplicate 0\.3\.1")
    told = environment.train(RUN.format(features="core46", model="broken", opponent="random"), "broken", expect=3)
    require(told, r"keisei-plugins-broken:broken 0\.3\.1 \(keisei_plugins_broken\) is broken: ModuleNotFoundError")
    chosen = RUN.format(features="core46", model="keisei-plugins-resnet:resnet", opponent="random")
    environment.train(chosen, "chosen")
    say("isolation: 3 bad plugins listed with their causes; unused they stop nothing, used they exit with 3")


def build_bad(name: str, source: str, builder: Environment, folder: Path) -> Path:
    """Builds the wheel of a bad plugin."""
    package = folder / name / f"keisei_plugins_{name}"
    package.mkdir(parents=True)
    (folder / name / "pyproject.toml").write_text(BAD_PROJECT.format(name=name))
    (package / "__init__.py").write_text(source)
    call([builder.python, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], folder / name)
    return next(folder.glob(f"keisei_plugins_{name}-*.whl"))


def require(text: str, pattern: str) -> None:
    """Ends the proof unless a line of the text matches."""
    if not re.search(pattern, text, re.MULTILINE):
        raise SystemExit(f"expected a line like {pattern!r}, got:\n{text}")


def prove(work: Path, libraries: Path | None, only: Sequence[str]) -> None:
    """Runs every part of the proof in a folder."""
    farm = None if libraries is None else borrowed(libraries, work / "third_parties")
    builder = Environment(work / "builder", farm)
    if farm is None:
        call([*builder.pip, "install", "--quiet", "hatchling>=1.25"], work)
    projects = {project.name: project for project in map(Project, PROJECTS)}
    for project in projects.values():
        project.build(builder, work / "dist")
    say(f"built {len(projects)} sdists and {len(projects)} wheels")
    plugins = [project for project in projects.values() if project.folder not in (ROOT, EXAMPLE)]

    def alone(project: Project) -> None:
        environment = Environment(work / project.name, farm, lacks_some=project.lacks_some(farm))
        prove_alone(environment, project, projects)
        shutil.rmtree(environment.folder)

    together = {name: project for name, project in projects.items() if not project.lacks_needed(farm)}
    parts: dict[str, Callable[[], None]] = {
        "wheels": lambda: prove_wheels(Environment(work / "wheels", farm), together),
        "sdists": lambda: prove_sdists(Environment(work / "sdists", farm), together),
        "isolation": lambda: prove_isolation(Environment(work / "isolation", farm), together, builder),
        **{project.name: partial(alone, project) for project in plugins},
    }
    wanted = [part for name, part in parts.items() if name in only or (name in projects and "alone" in only)]
    # Each part works in an environment of its own, most of the time in one process.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in as_completed([pool.submit(part) for part in wanted]):
            done.result()


def main() -> None:
    """Reads the command line and proves, in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", type=Path, help="virtual environment to borrow third parties' libraries from")
    parser.add_argument(
        "--only", nargs="+", default=["wheels", "sdists", "isolation", "alone"],
        help="wheels, sdists, isolation, alone, or names of plugins to prove alone",
    )  # fmt: skip
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="keisei-distributions-") as folder:
        prove(Path(folder).resolve(), arguments.libraries, arguments.only)
    say("all distributions work")


if __name__ == "__main__":
    main()
