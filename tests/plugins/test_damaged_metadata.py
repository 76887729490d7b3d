"""Metadata of other packages may be damaged in any way: one warning names the file, everything else is read."""

from collections.abc import Callable
from importlib.metadata import entry_points as all_entry_points
from pathlib import Path
from typing import Any

import pytest

from keisei_core.plugins.installed import identity, installed_entries, installed_versions, is_installed
from keisei_core.plugins.loader import load_plugins

GOOD = b"Metadata-Version: 2.4\nName: other-thing\nVersion: 2.0\n"


def entry_points(blob: bytes) -> Callable[[Path], Path]:
    def damage(card: Path) -> Path:
        (card / "METADATA").write_bytes(GOOD)
        (card / "entry_points.txt").write_bytes(blob)
        return card / "entry_points.txt"

    return damage


def metadata(blob: bytes | None) -> Callable[[Path], Path]:
    def damage(card: Path) -> Path:
        if blob is not None:
            (card / "METADATA").write_bytes(blob)
        return card / "METADATA"

    return damage


def folder_as_metadata(card: Path) -> Path:
    (card / "METADATA").mkdir()
    return card / "METADATA"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(entry_points(b"[keisei]\nthis is no assignment\n"), id="malformed"),
        pytest.param(entry_points(b"[other]\nneither is this\n"), id="malformed-of-another-group"),
        pytest.param(entry_points(b"[keisei]\n\xff\xfe = x\n"), id="entry-points-not-utf-8"),
        pytest.param(metadata(b"Metadata-Version: 2.4\nVersion: 2.0\n"), id="no-name"),
        pytest.param(metadata(b"Metadata-Version: 2.4\nName: other-thing\n"), id="no-version"),
        pytest.param(metadata(b"Name: \xff\xfe\nVersion: 1\n"), id="not-utf-8"),
        pytest.param(metadata(b""), id="empty"),
        pytest.param(metadata(None), id="half-removed"),
        pytest.param(folder_as_metadata, id="a-folder"),
    ],
)
def test_damaged_metadata_is_one_warning_that_names_the_file(
    workshop: Any, damage: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.model("toy")
    card = workshop.folder / "other_thing-2.0.dist-info"
    card.mkdir()
    file = damage(card)

    loaded = [plugin.owner.distribution for plugin in load_plugins(entries=installed_entries())]
    versions = [installed_versions(), installed_versions()]

    assert {"keisei", "keisei-plugins-toy"} <= set(loaded)
    is_hidden = file.name == "entry_points.txt"
    assert [found.get("other-thing") for found in versions] == ([None] * 2 if is_hidden else ["2.0"] * 2)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"keisei: warning: {file}: can't be read (")
    assert is_installed("Other.Thing") is not is_hidden
    assert isinstance(list(all_entry_points(group="torch.backends")), list)  # what torch does when it is imported


def test_good_metadata_is_no_warning(workshop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The control."""
    workshop.model("toy")
    (entry,) = workshop.entries()

    assert identity(entry.dist) == ("keisei-plugins-toy", "1.2.3")
    assert installed_versions()["keisei-plugins-toy"] == "1.2.3"
    assert capsys.readouterr().err == ""


def test_entry_point_that_names_no_module_is_invalid(workshop: Any) -> None:
    workshop.model("toy")
    (next(workshop.folder.glob("*.dist-info")) / "entry_points.txt").write_text("[keisei]\ntoy = no module!!\n")

    (plugin,) = load_plugins(entries=workshop.entries())

    assert (str(plugin.status), plugin.cause) == ("invalid", "entry point must name a module, got 'no module!!'")
