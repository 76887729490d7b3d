"""Tables become attrs objects without coercion, and everything wrong with one is told at once."""

from enum import Enum
from typing import Any, Literal

import attrs
import pytest

from keisei_core.config import at_least, setting
from keisei_core.config.structure import structure, unstructure


class Colour(Enum):
    BLACK = "black"
    WHITE = "white"


@attrs.frozen(kw_only=True)
class Inner:
    depth: int = setting(1, "how deep", at_least(1))


@attrs.frozen(kw_only=True)
class Table:
    count: int = setting(1, "a count", at_least(1))
    share: float = setting(0.5, "a share", at_least(0))
    is_on: bool = True
    word: str = "x"
    names: tuple[str, ...] = ()
    numbers: list[float] = attrs.field(factory=list)
    limit: float | None = None
    size: int | str = 1
    mode: Literal["fast", "slow"] = "fast"
    colour: Colour = Colour.BLACK
    inner: Inner = Inner()
    many: tuple[Inner, ...] = ()
    weights: dict[str, float] = attrs.field(factory=dict)
    pair: tuple[int, int] = (1, 2)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("count", True, "count must be an integer, got true"),
        ("count", 1.0, "count must be an integer, got 1.0"),
        ("count", "7", "count must be an integer, got '7'"),
        ("count", 0, "count must be at least 1, got 0"),
        ("count", [1], "count must be an integer, got [1]"),
        ("count", {"a": 1}, "count must be an integer, got a table"),
        ("share", "0.5", "share must be a number, got '0.5'"),
        ("share", False, "share must be a number, got false"),
        ("share", float("nan"), "share must be a finite number, got nan"),
        ("share", float("-inf"), "share must be a finite number, got -inf"),
        ("share", 10**400, f"share must be a finite number, got 1{'0' * 76}..."),
        ("share", -1, "share must be at least 0, got -1.0"),
        ("is_on", 1, "is_on must be true or false, got 1"),
        ("is_on", "true", "is_on must be true or false, got 'true'"),
        ("word", 5, "word must be a string, got 5"),
        ("names", "abc", "names must be a list, got 'abc'"),
        ("names", ["a", 3], "names[1] must be a string, got 3"),
        ("numbers", [1, float("inf")], "numbers[1] must be a finite number, got inf"),
        ("limit", "no", "limit must be a number, got 'no'"),
        ("size", True, "size must be an integer or a string, got true"),
        ("mode", "Fast", "mode must be one of fast, slow, got 'Fast'"),
        ("colour", "red", "colour must be one of black, white, got 'red'"),
        ("inner", 3, "inner must be a table, got 3"),
        ("inner", {"depht": 3}, "inner: unknown key 'depht'; did you mean 'depth'?"),
        ("many", [{"depth": 1}, {"depth": "x"}], "many[1].depth must be an integer, got 'x'"),
        ("weights", {"a": True}, "weights[a] must be a number, got true"),
        ("conut", 3, "unknown key 'conut'; did you mean 'count'?"),
        ("is-on", True, "unknown key 'is-on'; did you mean 'is_on'?"),
        ("zzz", 3, "unknown key 'zzz'"),
    ],
)
def test_wrong_value_is_told_with_key_and_what_came(key: str, value: object, text: str) -> None:
    assert structure(Table, {key: value}).problems == ((key, text),)


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("share", 2, 2.0),
        ("names", ["a"], ("a",)),
        ("limit", 3, 3.0),
        ("size", "big", "big"),
        ("colour", "white", Colour.WHITE),
        ("inner", {"depth": 4}, Inner(depth=4)),
        ("pair", [3, 4], (3, 4)),
    ],
)
def test_right_value_is_read_and_written_back(key: str, value: object, read: object) -> None:
    table = structure(Table, {key: value})

    assert table.problems == ()
    assert getattr(table.value, key) == read
    assert type(getattr(table.value, key)) is type(read)
    assert structure(Table, unstructure(table.value)) == table


def test_int_for_a_float_becomes_a_float() -> None:
    value = structure(Table, {"share": 2}).value

    assert value is not None
    assert type(value.share) is float


def test_all_problems_of_a_table_are_told_and_the_good_values_kept() -> None:
    read = structure(Table, {"count": 0, "share": -1, "word": 3, "conut": 1, "is_on": False})

    assert {key for key, _ in read.problems} == {"count", "share", "word", "conut"}
    assert read.value == Table(is_on=False)


def test_what_is_none_is_left_out_of_a_table() -> None:
    assert "limit" not in unstructure(Table())


@attrs.frozen(kw_only=True)
class Foreign:
    """As an author might write it, with attrs' own validators."""

    blocks: int = attrs.field(validator=[attrs.validators.ge(1), attrs.validators.instance_of(int)])
    width: int = attrs.field(default=8)
    groups: int = 1

    @width.validator
    def _fits(self, _: "attrs.Attribute[Any]", value: int) -> None:
        if value % self.groups:
            raise ValueError(f"must be a multiple of groups ({self.groups}), got {value}")


def test_validators_of_attrs_are_told_without_their_quotes() -> None:
    assert structure(Foreign, {"blocks": 0}).problems == (("blocks", "blocks must be >= 1: 0"),)


def test_missing_key_without_default_is_told() -> None:
    read = structure(Foreign, {"width": 4})

    assert (read.value, read.problems) == (None, (("blocks", "missing key 'blocks'"),))


def test_validator_sees_the_other_values() -> None:
    read = structure(Foreign, {"blocks": 1, "width": 9, "groups": 2})

    assert read.problems == (("width", "width must be a multiple of groups (2), got 9"),)


def test_class_that_is_no_attrs_class_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="expected an attrs class, got <class 'dict'>"):
        structure(dict, {})


def test_annotation_that_names_nothing_is_a_type_error() -> None:
    @attrs.frozen
    class Lost:
        size: "Nowhere" = 1  # type: ignore[name-defined] # noqa: F821

    with pytest.raises(TypeError, match="Lost: unknown type in an annotation"):
        structure(Lost, {})
