"""`--plugin FILE`: loaded beside what is installed, for one command, and refused with what is wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest

from keisei_core.plugins.plugin_file import PluginFile, files_in_use

IDEA = """
import attrs

from keisei_core import hookimpl
from keisei_core.config import setting
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="{name}", target="{name}:Thing", options="{name}:Options", summary="an idea")]


@attrs.frozen(kw_only=True)
class Options:
    breadth: int = setting(3, "how broad")


class Thing:
    pass
"""


@pytest.fixture(autouse=True)
def idea(keisei: Any) -> Path:
    """A file in the working folder."""
    path = Path("idea.py")
    path.write_text(IDEA.format(name="idea"))
    return path


def make_run(name: str, source: str) -> Path:
    """Makes what a run leaves behind: its config, its description, its copy of the file."""
    folder = Path(name)
    (folder / "plugins").mkdir(parents=True)
    (folder / "plugins" / "idea.py").write_text(source)
    owner = PluginFile.read(folder / "plugins" / "idea.py").owner
    row = {"kind": "model", "name": "idea", "distribution": "idea.py", "version": owner.version, "sha256": owner.sha256}
    (folder / "environment.json").write_text(json.dumps({"plugins": [row]}))
    (folder / "config.toml").write_text(Path("keisei.toml").read_text())
    return folder


def listed(keisei: Any, *words: str) -> list[str]:
    """The rows of the file in the listing."""
    return [line for line in keisei("plugins", "list", *words)[1].splitlines() if line.startswith("idea.py")]


def test_file_is_listed_like_a_package_for_this_command_alone(keisei: Any) -> None:
    (row,) = listed(keisei, "--plugin", "idea.py")

    assert row.split()[2:] == ["2.0", "ok", "model:", "idea"]
    assert files_in_use() == ()
    assert listed(keisei) == []


def test_several_files_may_be_named(keisei: Any) -> None:
    Path("other.py").write_text(IDEA.format(name="other"))

    out = keisei("plugins", "list", "--plugin", "idea.py", "--plugin=./other.py", "--kind", "model")[1]

    assert [line.split()[0] for line in out.splitlines()[1:4]] == ["idea.py", "keisei-plugins-toy", "other.py"]


def test_options_of_a_model_in_a_file_are_flags(keisei: Any) -> None:
    for words in (["--plugin", "./idea.py"], ["--plugin=idea.py"]):
        assert "--breadth INTEGER" in keisei("run", *words, "--help")[1]
    assert "--breadth" not in keisei("run", "--help")[1]


def test_page_and_check_know_the_file(keisei: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keisei_core.cli.plugin_check._kit_checks", lambda choice: [])

    assert "breadth = 3  integer  how broad" in keisei("plugins", "show", "idea", "--plugin", "idea.py")[1]
    assert "  model idea  " in keisei("plugins", "check", "idea", "--plugin", "idea.py")[1]


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("def (\n", "is broken: SyntaxError: invalid syntax (idea.py, line 1)"),
        ("import attrs\n1 / 0\n", "is broken: ZeroDivisionError: division by zero (idea.py, line 2)"),
        ("import no_such_thing", "No module named 'no_such_thing' (idea.py, line 1)"),
        ("", "has no KEISEI_PLUGIN_API; add KEISEI_PLUGIN_API = (2, 0)"),
        ("KEISEI_PLUGIN_API = (9, 0)", "is incompatible: needs plugin API 9.0"),
        (IDEA.format(name="idea").replace("def keisei_models", "def keisei_model"), "unknown hook 'keisei_model'"),
    ],
)
def test_file_that_does_not_load_ends_what_would_use_it_and_is_listed(
    keisei: Any, runs: Any, idea: Path, source: str, cause: str
) -> None:
    idea.write_text(source)

    code, _, err = keisei("run", "--plugin", "idea.py")

    assert (code, runs.calls) == (3, [])
    assert err.startswith("keisei: error: --plugin idea.py: is ")
    assert cause in err
    assert "see: keisei plugins list --verbose --plugin idea.py" in err
    assert (
        cause.removeprefix("is broken: ").removeprefix("is incompatible: ") in listed(keisei, "--plugin", "idea.py")[0]
    )


@pytest.mark.parametrize("command", ["run", "check", "resume", "match", "benchmark", "ladder", "export", "migrate"])
def test_path_that_will_not_do_ends_every_command(keisei: Any, runs: Any, command: str) -> None:
    words = {"match": ["a", "b"], "export": ["a", "b"], "migrate": ["a", "--to", "b"]}.get(command, ["a"])

    code, _, err = keisei(command, *words, "--plugin", "gone.py")

    assert (code, runs.calls) == (2, [])
    assert err == "keisei: error: gone.py: no such file\n"


@pytest.mark.parametrize(
    "command",
    [
        *("run", "check", "resume", "migrate", "match", "ladder", "benchmark", "export"),
        *("plugins list", "plugins show", "plugins check"),
    ],
)
def test_every_command_that_the_page_names_takes_the_flag(keisei: Any, command: str) -> None:
    assert "--plugin FILE" in keisei(*command.split(), "--help")[1]


def test_two_files_of_one_name_are_refused(keisei: Any) -> None:
    make_run("old", IDEA.format(name="idea") + "\n")

    code, _, err = keisei("plugins", "list", "--plugin", "idea.py", "--plugin", "old/plugins/idea.py")

    assert code == 2
    assert "old/plugins/idea.py: another file of this name is in use" in err


def test_run_folder_brings_its_own_file_to_its_commands(keisei: Any) -> None:
    make_run("old", IDEA.format(name="idea").replace("breadth", "length"))
    keisei("plugins", "list", "--plugin", "old/plugins/idea.py")

    for words in (["resume", "old"], ["run", "old/config.toml"], ["run", "--from=old"], ["migrate", "old"]):
        out = keisei(*words, "--help")[1]
        assert "--length INTEGER" in out
        assert "--breadth" not in out


def test_run_in_a_value_of_a_key_brings_nothing(keisei: Any) -> None:
    make_run("old", IDEA.format(name="idea"))

    for words in (["--set", "evaluation.opponent=old"], ["--set=evaluation.opponent=old"]):
        assert "--breadth" not in keisei("run", *words, "--help")[1]


def test_file_that_is_named_goes_before_that_of_a_run(keisei: Any) -> None:
    make_run("old", IDEA.format(name="idea").replace("breadth", "length"))

    out = keisei("run", "--from", "old", "--plugin", "idea.py", "--help")[1]

    assert "--breadth INTEGER" in out
    assert "--length" not in out


def test_changed_file_of_a_run_is_refused_with_what_to_type(keisei: Any, runs: Any) -> None:
    copy = make_run("old", IDEA.format(name="idea")) / "plugins" / "idea.py"
    copy.write_text(copy.read_text() + "\n")

    code, _, err = keisei("resume", "old")

    assert (code, runs.calls) == (4, [])
    assert "is not the file that old was made with" in err
    assert f"type: keisei run old/config.toml --plugin {copy.absolute()} --from old\n" in err


def test_file_of_a_strangers_run_is_imported_once_it_was_named(keisei: Any, runs: Any, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    copy = make_run("theirs", f"open({str(mark)!r}, 'w').close()\n" + IDEA.format(name="idea")) / "plugins" / "idea.py"

    for words in (["resume", "theirs"], ["migrate", "theirs", "--to", "keisei.toml"], ["run", "--from", "theirs"]):
        code, _, err = keisei(*words)
        assert (code, runs.calls, mark.exists()) == (3, [], False)
        assert f"{copy.absolute()} (sha256 " in err
        assert f"read it, then: keisei ... --plugin {copy.absolute()}\n" in err

    assert keisei("resume", "theirs", "--plugin", str(copy), "--help")[0] == 0
    assert mark.exists()
    assert "--breadth" in keisei("resume", "theirs", "--help")[1]
