"""The page of keys has every key that there is, with its default and meaning."""

from pathlib import Path

import attrs
import pytest
import tomli_w

from keisei_core.config.tables import CORE_TABLES, DEFAULT_NAMES
from keisei_core.plugins import Kind, load_registry

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
NAMED = {
    "model": "name of the network",
    "decider": "name of what chooses the plies of self-play",
    "algorithm": "name of what learns from them",
    "optimizer": "name of the optimiser with its schedule",
    "precision": "name of the precision policy",
    "distribution": "name of the distribution backend",
}
OPTIONS_OF = {
    Kind.MODEL: "`[model]` of {}",
    Kind.DECIDER: "`[decider]` of {}",
    Kind.ALGORITHM: "`[algorithm]` of {}",
    Kind.OPTIMIZER: "`[optimizer]` of {}",
    Kind.TEACHER: "`[teaching.{}]`",
}


def rows(label: str, cls: type) -> list[str]:
    """The page's lines about the keys of one table, or of one component's options."""
    found = []
    for field in attrs.fields(cls):
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        written = tomli_w.dumps({field.name: default}).strip().replace("\n", "").replace("    ", "").replace(",]", "]")
        found.append(f"| {label} | `{written}` | {field.metadata['help']} |")
    return found


def expected_rows() -> list[str]:
    lines = [f'| `[{table}]` | `name = "{name}"` | {NAMED[table]} |' for table, name in DEFAULT_NAMES.items()]
    lines += [line for table, cls in CORE_TABLES.items() for line in rows(f"`[{table}]`", cls)]
    for kind, label in OPTIONS_OF.items():
        for choice in load_registry().choices(kind):
            if choice.component.options is not None:
                lines += rows(label.format(choice.name), choice.load_options_class())
    return lines


@pytest.mark.parametrize("line", expected_rows())
def test_page_lists_every_key_with_its_default_and_meaning(line: str) -> None:
    assert line in PAGE.splitlines()


def test_page_lists_no_key_that_is_none() -> None:
    assert {line for line in PAGE.splitlines() if line.startswith("| `[")} == set(expected_rows())
