"""`keisei plugins new`: every kind is written, built, installed without a network, listed, tested and run."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import keisei_core
from keisei_core.cli import main
from keisei_core.cli.plugin_new import COMMON, TEMPLATES, Names
from keisei_core.plugins import Kind
from tests.installing import install

TESTS_AT_LEAST = {
    Kind.FEATURES: 20,
    Kind.MODEL: 20,
    Kind.DECIDER: 20,
    Kind.ALGORITHM: 20,
    Kind.START: 15,
    Kind.OPTIMIZER: 20,
    Kind.TEACHER: 20,
    Kind.PRECISION: 20,
    Kind.DISTRIBUTION: 3,
    Kind.MIGRATOR: 3,
    Kind.PLAYER: 20,
    Kind.TRACKER: 8,
    Kind.CALLBACK: 6,
    Kind.COMMAND: 10,
}
"""How many tests a new plugin of each kind has; most are those of the kit."""
EVERY_KIND_IN_ONE_RUN = """
run = { plies = 64, threads = 1, device = "cpu", callbacks = ["a-callback"] }
input = { features = "core46+a-features", a-features = { reach = 3 } }
model = { name = "a-model", width = 8, depth = 1 }
precision = { name = "a-precision" }
distribution = { name = "a-distribution" }
selfplay = { games = 8, rollout_plies = 4, max_plies = 40, starts = ["startpos", "a-start:pieces=3"] }
learning = { minibatch = 16 }
decider = { name = "a-decider", plies = 10 }
optimizer = { name = "a-optimizer", learning_rate = 1e-3 }
teaching = { teachers = ["a-teacher"], a-teacher = { weight = 1.0 } }
algorithm = { name = "a-algorithm", gamma = 0.99 }
evaluation = { opponent = "a-player", games = 2, final_games = 2, max_plies = 20, a-player = { greed = 0.5 } }
tracking = { trackers = ["jsonl", "a-tracker"], a-tracker = { digits = 4 } }
plugins = { require = ["keisei-plugins-a-migrator>=0.1"] }
"""


class Written:
    """A new plugin of every kind, and a folder in which all of them are installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"

    def source(self, kind: Kind) -> Path:
        """The folder of the plugin of a kind."""
        return self.folder / f"keisei-plugins-a-{kind}"

    def run(self, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a module of Python where the plugins are installed."""
        return subprocess.run(
            [sys.executable, "-m", *words], cwd=cwd or self.folder, env=os.environ | {"PYTHONPATH": str(self.site)},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    made = Written(tmp_path_factory.mktemp("new"))
    for kind in Kind:
        assert main(["plugins", "new", f"a-{kind}", "--kind", kind, "--into", str(made.folder)]) == 0
    install(map(made.source, Kind), made.site)
    return made


def test_every_kind_has_a_template() -> None:
    assert {path.name for path in TEMPLATES.iterdir()} == {COMMON, *Kind}


def test_every_kind_is_listed_ok(written: Written) -> None:
    done = written.run("keisei_core", "plugins", "list")

    for kind in Kind:
        (row,) = [line.split() for line in done.stdout.splitlines() if line.startswith(f"keisei-plugins-a-{kind} ")]
        assert row[1:] == ["0.1.0", "2.0", "ok", f"{kind}:", f"a-{kind}"]


def test_suite_of_every_kind_passes_as_written(written: Written) -> None:
    """In one process, which spares the time of loading torch for each."""
    suites = [str(written.source(kind) / "tests") for kind in Kind]
    strict = ("-v", "-W", "error", "--import-mode=importlib", "-p", "no:cacheprovider")
    done = written.run("pytest", *strict, "--rootdir", str(written.folder), *suites)

    assert done.returncode == 0, done.stdout
    for kind in Kind:
        passed = re.findall(rf"^keisei-plugins-a-{kind}/tests/\S+ PASSED", done.stdout, re.MULTILINE)
        assert len(passed) >= TESTS_AT_LEAST[kind], f"{kind}: {len(passed)} tests"


def test_plugins_of_every_kind_make_a_run(written: Written) -> None:
    (written.folder / "keisei.toml").write_text(EVERY_KIND_IN_ONE_RUN)

    done = written.run("keisei_core", "run", "--run-dir", "run", "--verbose")

    assert done.returncode == 0, done.stderr
    assert "failed and takes no further part" not in done.stderr
    table = (written.folder / "run" / "metrics.csv").read_text().splitlines()
    assert table[0].startswith("update,")
    assert len(table) == 3
    used = set(re.findall(r"^  \w+ +\S+ +(keisei-plugins-a-\w+) 0\.1\.0$", done.stderr, re.MULTILINE))
    assert used == {f"keisei-plugins-a-{kind}" for kind in Kind} - {
        "keisei-plugins-a-migrator",
        "keisei-plugins-a-command",
    }


def test_new_command_is_called_by_its_name(written: Written) -> None:
    (written.folder / "metrics.jsonl").write_text('{"update": 1, "entropy": 2.5}\n')

    done = written.run("keisei_core", "a-command", ".")

    assert (done.returncode, done.stdout) == (0, "entropy  2.5 ▅ 2.5  over 1 updates\n")
    assert "  a-command  Draw one metric of a run in a line of text.\n" in written.run("keisei_core", "--help").stdout


def test_new_migrator_takes_part_in_a_migration(written: Written) -> None:
    for name, depth in (("deep", 2), ("shallow", 1)):
        model = f'name = "resnet", tower_width = 8, tower_depth = {depth}'
        config = EVERY_KIND_IN_ONE_RUN.replace('name = "a-model", width = 8, depth = 1', model)
        (written.folder / f"{name}.toml").write_text(config)
    trained = written.run("keisei_core", "run", "deep.toml", "--run-dir", "deep")
    assert trained.returncode == 0, trained.stderr

    done = written.run("keisei_core", "migrate", "deep", "--to", "shallow.toml", "--run-dir", "shallow")

    assert done.returncode == 0, done.stderr
    assert "the last 1 of 2 blocks in" in done.stdout + done.stderr
    assert (written.folder / "shallow" / "checkpoints").is_dir()


def test_checkpoint_without_its_plugins_says_what_to_install(written: Written) -> None:
    gone = Written(written.folder)
    gone.site = written.folder / "nowhere"

    done = gone.run("keisei_core", "resume", "run")

    assert done.returncode == 3
    for kind in ("features", "model", "start", "precision", "distribution", "player", "tracker"):
        told = f"made with keisei-plugins-a-{kind} 0.1.0 ({kind} a-{kind}), which is not installed; "
        assert f"{told}pip install keisei-plugins-a-{kind}==0.1.0" in done.stderr


def test_plugins_of_every_kind_pass_the_quick_checks(written: Written) -> None:
    done = written.run("keisei_core", "plugins", "check")

    for kind in Kind:
        assert f"keisei-plugins-a-{kind} 0.1.0  {kind} a-{kind}  ok" in done.stdout


@pytest.mark.parametrize("kind", list(Kind))
def test_package_allows_this_core_and_offers_its_name(kind: Kind, tmp_path: Path) -> None:
    main(["plugins", "new", "my_net2", "--kind", kind, "--into", str(tmp_path)])

    folder = tmp_path / "keisei-plugins-my-net2"
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    major, minor, _ = keisei_core.__version__.split(".")
    assert f"keisei>={major}.{minor},<{major}.{int(minor) + 1}" in project["dependencies"]
    assert project["entry-points"]["keisei"] == {"my_net2": "keisei_plugins_my_net2.hooks"}
    assert 'name="my_net2"' in (folder / "src" / "keisei_plugins_my_net2" / "hooks.py").read_text()
    assert "yname" not in "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_names_fit_their_places() -> None:
    names = Names("king-safety_2")

    assert (names.distribution, names.package) == ("keisei-plugins-king-safety-2", "keisei_plugins_king_safety_2")
    assert names.classes == "KingSafety2"


@pytest.mark.parametrize("name", ["Foo", "1st", "a b", "../x", "-x", "x-", "", "keisei-plugins-"])
def test_name_that_fits_nowhere_is_refused(keisei: Any, name: str) -> None:
    code, _, err = keisei("plugins", "new", "--kind", "model", "--", name)

    assert code == 2
    assert "expected lower case letters" in err


def test_prefix_may_be_written_too(keisei: Any) -> None:
    code, out, err = keisei("plugins", "new", "keisei-plugins-foo", "--kind", "tracker")

    assert code == 0
    assert "keisei-plugins-foo/src/keisei_plugins_foo/tracker.py" in out
    assert err.startswith("next: pip install -e keisei-plugins-foo")


def test_folder_that_exists_is_left_alone(keisei: Any) -> None:
    keisei("plugins", "new", "foo", "--kind", "tracker")

    code, _, err = keisei("plugins", "new", "foo", "--kind", "model")

    assert code == 2
    assert "keisei-plugins-foo: exists already" in err


def test_name_of_an_installed_distribution_is_refused(keisei: Any) -> None:
    code, out, err = keisei("plugins", "new", "features", "--kind", "features")

    assert (code, out) == (2, "")
    assert "keisei-plugins-features is installed already and would be replaced" in err


@pytest.mark.parametrize(
    ("kind", "name", "owner"),
    [
        ("features", "core46", "keisei-plugins-features"),
        ("features", "all", "keisei-plugins-features"),
        ("player", "alphabeta", "keisei-plugins-players"),
        ("player", "random", "keisei"),
        ("command", "run", "keisei"),
    ],
)
def test_name_of_what_comes_with_keisei_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, name: str, owner: str
) -> None:
    code = main(["plugins", "new", name, "--kind", kind, "--into", str(tmp_path)])

    assert code == 2
    err = capsys.readouterr().err
    assert f"{kind} {name!r} comes with {owner}" in err
    assert "already; choose another name" in err
    assert not list(tmp_path.iterdir())


def test_name_of_another_kind_is_free(tmp_path: Path) -> None:
    assert main(["plugins", "new", "core46", "--kind", "model", "--into", str(tmp_path)]) == 0


@pytest.mark.parametrize(("length", "code"), [(100, 0), (101, 2), (400, 2)])
def test_name_too_long_for_a_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], length: int, code: int
) -> None:
    assert main(["plugins", "new", "a" * length, "--kind", "model", "--into", str(tmp_path)]) == code
    assert (f"expected at most 100 letters, got {length}" in capsys.readouterr().err) == (code == 2)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.MIGRATOR, Kind.COMMAND)])
def test_config_of_the_readme_is_a_whole_one(kind: Kind) -> None:
    text = (TEMPLATES / kind / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^.*keisei(?:_core)? run (.*)$", text.partition("```toml")[0], re.MULTILINE)

    assert command == "keisei.toml"  # which the block below it is
    assert "myname" in text.partition("```toml")[2].partition("```")[0]


def test_kind_that_there_is_not_is_refused(keisei: Any) -> None:
    code, _, err = keisei("plugins", "new", "foo", "--kind", "models")

    assert code == 2
    assert "'models' is not one of features, model" in err


def test_new_plugin_as_json_names_its_files_and_the_next_steps(keisei: Any, tmp_path: Path) -> None:
    told = json.loads(keisei("plugins", "new", "foo", "--kind", "model", "--into", str(tmp_path), "--json")[1])

    assert told["folder"] == str(tmp_path / "keisei-plugins-foo")
    assert {Path(file) for file in told["files"]} == {
        path for path in Path(told["folder"]).rglob("*") if path.is_file()
    }
    assert told["next"][1] == "keisei plugins check keisei-plugins-foo"
