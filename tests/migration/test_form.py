import pytest

from keisei_core.migration import Form


def form(**changes: object) -> Form:
    parts = {"format": 2, "model": "a:net", "options": {"width": 8, "parts": [1, 2]}, "channels": ("x", "y")} | changes
    return Form(**parts)


def test_equal_forms_are_one_whatever_the_order_of_their_options() -> None:
    other = form(options={"parts": (1, 2), "width": 8})

    assert form() == other
    assert len({form(), other}) == 1


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, []),
        ({"format": 3}, ["format 2 -> 3"]),
        ({"model": "a:other", "options": {}}, ["model net -> other"]),
        ({"model": "b:net"}, ["model a:net -> b:net"]),
        ({"options": {"width": 9, "parts": [1]}}, ["model.parts [1, 2] -> [1]", "model.width 8 -> 9"]),
        ({"options": {"width": 8}}, ["model.parts [1, 2] -> None"]),
        ({"channels": ("x", "z", "w")}, ["planes 2 -> 3: add z, w; drop y"]),
        ({"channels": ("y", "x")}, ["planes 2 -> 2: another order"]),
        ({"channels": None}, ["planes 2 -> without names"]),
    ],
)
def test_differences_are_told(changes: dict, lines: list[str]) -> None:
    assert list(form().differences(form(**changes))) == lines


def test_changed_option_leaves_the_rest() -> None:
    wider = form().with_option("width", 16)

    assert (wider.option("width"), wider.option("parts"), form().option("width")) == (16, (1, 2), 8)
