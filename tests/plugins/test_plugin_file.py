"""A plugin in one file: what it is called, what of it counts, and that two versions of it get along."""

import json
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keisei_core.errors import CheckpointError, ConfigError, PluginError
from keisei_core.plugins import Kind, Status
from keisei_core.plugins.loader import load_file
from keisei_core.plugins.plugin_file import (
    PluginFile,
    files_in_use,
    forget_files,
    refuse_taken_name,
    use_files,
    write_copies,
)
from keisei_core.plugins.provenance import (
    OF_NETWORK,
    file_digests,
    files_kept_at,
    kept_files,
    what_to_install,
    with_own_files,
)
from keisei_core.plugins.trust import remember

SOURCE = """
import attrs

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="mine", target="idea:Thing", options="idea:Options", summary="an idea")]


@attrs.frozen
class Options:
    width: int = 3


class Thing:
    number = 1

    def __init__(self, channels, options):
        self.options = options
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    forget_files()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A run folder."""
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def written(folder: Path, source: str = SOURCE, name: str = "idea.py") -> PluginFile:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(source)
    return PluginFile.read(folder / name)


def rows(file: PluginFile) -> list[dict[str, str]]:
    owner = file.owner
    return [
        {"kind": kind, "name": "mine", "distribution": file.name, "version": owner.version, "sha256": owner.sha256}
        for kind in ("model", "player")
    ]


def test_file_is_a_plugin_named_after_itself_with_its_digest_as_version(tmp_path: Path) -> None:
    file = written(tmp_path)

    plugin = load_file(file)

    assert (plugin.status, plugin.name, plugin.owner.version) == (Status.OK, "idea.py:idea", file.sha256[:12])
    assert plugin.location == str(tmp_path / "idea.py")
    assert plugin.provided() == ((Kind.MODEL, "mine", "an idea"),)


def test_targets_call_the_module_by_the_name_of_the_file(tmp_path: Path, workshop: Any) -> None:
    use_files([written(tmp_path)])

    choice = workshop.registry().resolve(Kind.MODEL, "idea.py:mine")

    assert choice.build(()).options.width == 3
    assert choice.load().__module__.startswith("idea_")


def test_target_elsewhere_stays_what_it_is(tmp_path: Path) -> None:
    file = written(tmp_path, SOURCE.replace('"idea:Thing"', '"pathlib:Path"'))

    (_, component), *_ = load_file(file).components

    assert component.target == "pathlib:Path"


def test_content_at_the_time_of_reading_counts(tmp_path: Path) -> None:
    file = written(tmp_path)
    (tmp_path / "idea.py").write_text("1 / 0")

    assert load_file(file).status is Status.OK
    assert load_file(pickle.loads(pickle.dumps(file))).owner == file.owner
    assert not list(tmp_path.glob("__pycache__"))


def test_two_versions_of_a_file_stand_side_by_side(tmp_path: Path, workshop: Any) -> None:
    use_files([written(tmp_path)])
    other = written(tmp_path / "other", SOURCE.replace("number = 1", "number = 2"))
    registry = workshop.registry()

    numbers = [one.resolve(Kind.MODEL, "mine").load().number for one in (registry, registry.with_files([other]))]

    assert numbers == [1, 2]


def test_file_that_fails_is_told_with_its_line(tmp_path: Path) -> None:
    broken = load_file(written(tmp_path, SOURCE + "\n\nprint(undefined)\n"))
    assert broken.status is Status.BROKEN
    assert broken.cause == "NameError: name 'undefined' is not defined (idea.py, line 27)"
    assert broken.module not in sys.modules

    syntax = load_file(written(tmp_path, "def (\n"))
    assert syntax.cause == "SyntaxError: invalid syntax (idea.py, line 1)"

    assert load_file(written(tmp_path, SOURCE.replace("keisei_models", "keisei_model"))).status is Status.INVALID


def test_file_that_fails_can_not_take_another_place(tmp_path: Path, workshop: Any) -> None:
    with pytest.raises(PluginError, match=r"idea\.py:idea .* is broken: ZeroDivisionError"):
        workshop.registry().with_files([written(tmp_path, "1 / 0")])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gone.py", "no such file"),
        ("folder.py", "Is a directory"),
        ("idea.txt", "expected a Python file"),
        ("my-idea.py", "expected a name of letters, digits and _ before .py, got 'my-idea.py'"),
        ("1st.py", "expected a name of letters"),
        ("class.py", "expected a name of letters"),
    ],
)
def test_path_that_is_none_of_a_plugin_is_refused(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "folder.py").mkdir()
    for other in ("idea.txt", "my-idea.py", "1st.py", "class.py"):
        (tmp_path / other).touch()

    with pytest.raises(ConfigError, match=told):
        PluginFile.read(tmp_path / name)


@pytest.mark.parametrize("name", ["random.py", "attrs.py", "keisei_core.py", "click.py", "__main__.py"])
def test_name_of_an_installed_module_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="is called like the installed module"):
        refuse_taken_name(Path(name))


def test_name_of_a_file_that_python_could_import_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    refuse_taken_name(tmp_path / "idea.py")
    refuse_taken_name(tmp_path / "copies" / "idea.py")


def test_two_files_of_one_name_are_refused_and_the_same_twice_is_not(tmp_path: Path) -> None:
    file = written(tmp_path)
    use_files([file, file, written(tmp_path / "copy")])
    assert files_in_use() == (file,)

    with pytest.raises(ConfigError, match=r"other.idea\.py: another file of this name is in use, .*; rename one"):
        use_files([written(tmp_path / "other", "")])


def test_disabled_file_takes_no_part(tmp_path: Path, workshop: Any) -> None:
    use_files([written(tmp_path)])

    assert [one.status for one in workshop.registry(["idea"]).plugins if one.entry == "idea"] == [Status.DISABLED]


def test_kept_copies_are_found_from_a_run_and_from_a_checkpoint_in_it(tmp_path: Path, home: Path) -> None:
    file = written(tmp_path)
    write_copies([file], home)
    checkpoint = home / "checkpoints" / "update-000002"
    checkpoint.mkdir(parents=True)

    for place in (home, checkpoint):
        (found,) = kept_files(rows(file), place)
        assert (found.source, found.path) == (file.source, home / "plugins" / "idea.py")
    assert kept_files(rows(file), tmp_path / "elsewhere") == ()


def test_copy_is_never_written_over_another(tmp_path: Path, home: Path) -> None:
    write_copies([written(tmp_path)], home)
    write_copies([written(tmp_path)], home)

    with pytest.raises(ConfigError, match="exists already and is never written over"):
        write_copies([written(tmp_path, "")], home)


def test_copy_that_was_changed_is_refused_with_what_to_type(tmp_path: Path, home: Path) -> None:
    file = written(tmp_path)
    write_copies([file], home)
    (home / "plugins" / "idea.py").write_text("changed = True")

    with pytest.raises(CheckpointError) as refusal:
        kept_files(rows(file), home)

    assert f"is not the file that {home} was made with (SHA-256 {file.sha256[:12]}..., got " in str(refusal.value)
    assert f"keisei run {home}/config.toml --plugin {home}/plugins/idea.py --from {home}" in str(refusal.value)


def test_recorded_name_that_leads_elsewhere_is_not_followed(tmp_path: Path, home: Path) -> None:
    file = written(tmp_path)
    (home / "plugins").mkdir(parents=True)

    assert kept_files([{**rows(file)[0], "distribution": "../../idea.py"}], home) == ()


def test_own_version_of_a_network_goes_before_the_one_in_use(tmp_path: Path, home: Path, workshop: Any) -> None:
    old = written(tmp_path)
    write_copies([old], home)
    remember(old)
    use_files([written(tmp_path, SOURCE.replace("number = 1", "number = 2"))])

    registry = with_own_files(workshop.registry(), rows(old), home)

    assert registry.resolve(Kind.MODEL, "mine").load().number == 1


def test_files_of_a_run_are_told_by_its_description(tmp_path: Path, home: Path) -> None:
    file = written(tmp_path)
    write_copies([file], home)
    (home / "environment.json").write_text(json.dumps({"plugins": rows(file)}))
    remember(file)

    assert [found.sha256 for found in files_kept_at(home)] == [file.sha256]
    use_files([written(tmp_path, "")])
    assert files_kept_at(home) == ()
    (home / "environment.json").write_text("{")
    assert files_kept_at(home) == ()


def test_file_that_is_gone_is_told_with_its_digest_and_the_flag(tmp_path: Path, workshop: Any) -> None:
    file = written(tmp_path)

    (line,) = what_to_install(rows(file), workshop.registry())

    assert line.startswith(f"made with idea.py {file.sha256[:12]} (model mine, player mine), a file that is not there")
    assert file.sha256 in line
    assert line.endswith("or name it: --plugin idea.py")
    assert file_digests(rows(file)) == {"idea.py": file.sha256}


def test_file_that_only_a_teacher_came_from_is_left_alone_where_a_network_plays(
    tmp_path: Path, home: Path, workshop: Any
) -> None:
    file = written(tmp_path, SOURCE + "\nnever_named = True\n")
    write_copies([file], home)
    taught = [{**row, "kind": "teacher"} for row in rows(file)]

    registry = with_own_files(workshop.registry(), taught, home, kinds=OF_NETWORK)

    assert all(plugin.owner.sha256 != file.sha256 for plugin in registry.plugins)
    with pytest.raises(PluginError, match="is code that came with this folder"):
        with_own_files(workshop.registry(), rows(file), home, kinds=OF_NETWORK)
