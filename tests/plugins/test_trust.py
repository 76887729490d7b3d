"""The list of files that this user has named: where it is, what it survives, that nothing is left beside it."""

from pathlib import Path

import pytest

from keisei_core.plugins.plugin_file import PluginFile
from keisei_core.plugins.trust import list_path, listed_digests, remember


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PluginFile:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "idea.py").write_text("width = 3")
    return PluginFile.read(tmp_path / "idea.py")


def test_named_file_stands_once_in_a_list_that_only_its_user_reads(file: PluginFile, tmp_path: Path) -> None:
    remember(file)
    remember(file)

    path = tmp_path / "data" / "keisei" / "own_plugins.txt"
    assert path.read_text() == f"{file.sha256} idea.py\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_damaged_lines_are_passed_over(file: PluginFile, tmp_path: Path) -> None:
    path = tmp_path / "data" / "keisei" / "own_plugins.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\x00\n" + file.sha256[:20].encode() + b"\n" + b"z" * 64 + b" idea.py\nabc")
    assert listed_digests() == frozenset()

    remember(file)

    assert listed_digests() == {file.sha256}


def test_nothing_is_written_where_the_user_has_no_folder(
    file: PluginFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "gone"))

    remember(file)

    assert (list_path(), listed_digests()) == (None, frozenset())
    assert not (tmp_path / "gone").exists()
