"""`keisei init`: the recipe with every key explained, which runs as the recipe does."""

import re
import resource
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import tomli

from keisei_core.cli import main
from keisei_core.cli.recipe import ORDER, RECIPE
from keisei_core.config.tables import CORE_TABLES, DEFAULT_NAMES
from keisei_core.plugins import Settings, read_settings

ROOT = Path(__file__).parents[2]
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def keisei(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command in an empty folder with what is installed; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def written(keisei: Call) -> str:
    """What it writes."""
    assert keisei("init")[0] == 0
    return Path("keisei.toml").read_text(encoding="utf-8")


def options(settings: Settings) -> dict[str, type]:
    """The classes of the options that the recipe's components have, by table."""
    chosen = (*(getattr(settings, table) for table in DEFAULT_NAMES), *settings.teachers)
    tables = {choice: f"teaching.{choice.name}" if choice.kind == "teacher" else str(choice.kind) for choice in chosen}
    return {table: type(choice.options) for choice, table in tables.items() if choice.options is not None}


def test_recipe_of_the_package_is_that_of_the_repository() -> None:
    assert RECIPE.read_text() == (ROOT / "keisei.toml").read_text(), "copy keisei.toml to keisei_core/recipe.toml"


def test_every_table_has_its_place() -> None:
    assert set(ORDER) == {*CORE_TABLES, *DEFAULT_NAMES}


def test_what_is_written_means_the_recipe(written: str) -> None:
    assert read_settings(Path("keisei.toml")).to_document() == read_settings(ROOT / "keisei.toml").to_document()


def test_every_key_stands_there_once_with_its_meaning_above_it(written: str) -> None:
    classes = {**CORE_TABLES, **options(read_settings(Path("keisei.toml")))}
    for table, cls in classes.items():
        (part,) = re.findall(rf"^\[{re.escape(table)}\]\n(.*?)(?=^\[|\Z)", written, re.MULTILINE | re.DOTALL)
        for field in attrs.fields(cls):
            (above,) = re.findall(rf"((?:^# .*\n)+)#?{field.name} = ", part, re.MULTILINE)
            assert " ".join(above.replace("# ", "").split()) == " ".join(field.metadata["help"].split())


def test_keys_behind_a_hash_are_at_their_defaults(written: str) -> None:
    Path("all.toml").write_text(re.sub(r"^#(\w+ = )", r"\1", written, flags=re.MULTILINE))

    assert len(tomli.loads(Path("all.toml").read_text())["run"]) == len(attrs.fields(CORE_TABLES["run"]))
    assert read_settings(Path("all.toml")).to_document() == read_settings(ROOT / "keisei.toml").to_document()


def test_what_is_written_can_be_run(keisei: Call, written: str) -> None:
    code, out, err = keisei("check", "--device", "cpu", "--set", "evaluation.rungs=[]", "--tower-depth", "2")

    assert (code, out[:14]) == (0, "ok: one update"), err


def test_what_stands_there_is_never_written_over(keisei: Call) -> None:
    Path("mine.toml").write_text("mine")

    code, out, err = keisei("init", "mine.toml")

    assert (code, out) == (2, "")
    assert err == "keisei: error: mine.toml: stands there already and is never written over; keisei init mine-2.toml\n"
    assert Path("mine.toml").read_text() == "mine"
    assert keisei("init", "nowhere/x.toml")[2] == (
        "keisei: error: nowhere/x.toml: can't be written: No such file or directory\n"
    )


def test_file_is_named_with_what_to_type_next(keisei: Call) -> None:
    told = "next: keisei run mine.toml; what it would do: keisei check mine.toml\n"

    assert keisei("init", "mine.toml") == (0, "mine.toml\n", told)


def test_file_that_the_disk_has_no_room_for_is_not_left_half(keisei: Call) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        code, _, err = keisei("init")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert code == 2
    assert "keisei.toml: can't be written: File too large" in err
    assert not Path("keisei.toml").exists()
