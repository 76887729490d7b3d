"""The file and the command line's values, each remembered with its origin."""

import os
from pathlib import Path

import pytest

from keisei_core.config.document import Document, Override, parse_assignment, parse_value, read_toml
from keisei_core.errors import ConfigError


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"[run]\nseed = \n", r"not valid TOML: .*line 2, column 8", id="syntax"),
        pytest.param(b"[run]\nseed = 1\nseed = 2\n", r"not valid TOML: .*line 3", id="key-twice"),
        pytest.param(b"[run]\n[run]\n", r"not valid TOML: .*line 2", id="table-twice"),
        pytest.param(
            "# 将棋\n# 将".encode("shift_jis"), r"not UTF-8: byte 0x8f in line 1; save it as UTF-8", id="sjis"
        ),
        pytest.param(b"\n\nx = '\xff'", r"not UTF-8: byte 0xff in line 3", id="latin"),
        pytest.param(b"\xef\xbb\xbf[run]", r"starts with a byte order mark", id="bom"),
        pytest.param("[run]".encode("utf-16"), r"starts with a byte order mark", id="utf-16"),
        pytest.param(b"a = " + b"[" * 100_000, r"not valid TOML", id="deep"),
        pytest.param(b"a = " + b"9" * 10_000, r"not valid TOML", id="long-number"),
    ],
)
def test_file_that_is_no_toml_says_where(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "keisei.toml"
    path.write_bytes(data)

    with pytest.raises(ConfigError, match=f"keisei.toml: {message}"):
        read_toml(path)


def test_missing_file_and_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.toml: no such file"):
        read_toml(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="expected a TOML file, got a folder"):
        read_toml(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "keisei.toml"
    path.touch(0o000)

    with pytest.raises(ConfigError, match="can't be read: Permission denied"):
        read_toml(path)


def test_file_with_windows_line_ends_and_japanese_is_read(tmp_path: Path) -> None:
    path = tmp_path / "keisei.toml"
    path.write_bytes("# 将棋\r\n[run]\r\nseed = 1\r\n".encode())

    assert read_toml(path) == {"run": {"seed": 1}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3e-4", 3e-4),
        ("3", 3),
        ("true", True),
        ("cpu", "cpu"),
        ("'cpu'", "cpu"),
        ("core46+check", "core46+check"),
        ('["a", "b"]', ["a", "b"]),
        ("", ""),
        ("1\nseed = 2", "1\nseed = 2"),
        ("[1,", "[1,"),
        ("[" * 10_000, "[" * 10_000),
    ],
)
def test_value_on_the_command_line_is_toml_or_a_bare_word(text: str, value: object) -> None:
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


def test_assignment_keeps_what_was_typed() -> None:
    assert parse_assignment("algorithm.clip = 0.1") == Override("algorithm.clip", 0.1, "--set algorithm.clip = 0.1")


@pytest.mark.parametrize("text", ["algorithm.clip", "=3", ""])
def test_assignment_without_key_or_sign_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--set .*: expected table.key=value"):
        parse_assignment(text)


def test_command_line_lies_over_the_file_and_is_named_as_origin(tmp_path: Path) -> None:
    path = tmp_path / "keisei.toml"
    path.write_text("[run]\nseed = 1\nthreads = 2\n")

    clip = Override("algorithm.clip", 0.1, "--set algorithm.clip=0.1")
    document = Document.read(path, [Override("run.seed", 7, "--seed"), clip])

    assert document.merged == {"run": {"seed": 7, "threads": 2}, "algorithm": {"clip": 0.1}}
    assert document.file == {"run": {"seed": 1, "threads": 2}}
    assert document.line(("run", "seed"), "bad") == "--seed: [run] bad"
    assert document.line(("run", "threads"), "bad") == f"{path}: [run] bad"
    assert document.line(("algorithm", "gamma"), "bad") == f"{path}: [algorithm] bad"


def test_last_of_two_values_for_one_key_counts() -> None:
    document = Document.read(None, [Override("run.seed", 1, "--seed"), Override("run.seed", 2, "--set run.seed=2")])

    assert document.merged == {"run": {"seed": 2}}
    assert document.origin("run", "seed") == "--set run.seed=2"


@pytest.mark.parametrize("key", ["", "run.", ".seed", "run.seed.deep"])
def test_value_without_a_place_is_a_problem(tmp_path: Path, key: str) -> None:
    path = tmp_path / "keisei.toml"
    path.write_text("[run]\nseed = 1\n")

    document = Document.read(path, [Override(key, 3, "--set it")])

    assert document.problems == (f"--set it: expected table.key, got {key!r}",)
    assert document.merged == {"run": {"seed": 1}}
