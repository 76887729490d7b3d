"""Finds an engine by its name: in the config of the run, or in a file; loads nothing heavy."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from keisei_core.config.document import read_toml
from keisei_core.config.structure import structure
from keisei_core.config.wording import did_you_mean
from keisei_core.errors import ConfigError
from keisei_plugins_usi.opponents.engine_table import EngineTable
from keisei_plugins_usi.opponents.options import UsiOptions

FILES: Final = ("engines.toml", "keisei.toml")
"""Of the working folder, looked through where neither a config nor `file` has the engine."""
TABLE: Final = "engines"


def engine_of(options: UsiOptions) -> EngineTable:
    """Returns the engine that the options name.

    Raises:
        ConfigError: there is none of the name, or what stands there is wrong; all problems at once.
    """
    if not options.engine:
        raise ConfigError(["player 'usi': expected the name of an engine; write usi:NAME, and a table [engines.NAME]"])
    if options.engine in options.engines and not options.file:
        return options.engines[options.engine]
    files = [Path(options.file)] if options.file else [path for name in FILES if (path := Path(name)).is_file()]
    known = dict[str, None]()
    for path in files:
        tables = _tables(path)
        if options.engine in tables:
            return _read(path, options.engine, tables[options.engine])
        known |= dict.fromkeys(tables)
    where = ", ".join(map(str, files)) or f"no {' and no '.join(FILES)} here"
    hint = did_you_mean(options.engine, known) or (f"; there are {', '.join(known)}" if known else "")
    raise ConfigError([f"player 'usi': no table [engines.{options.engine}] ({where}){hint}"])


def _tables(path: Path) -> Mapping[str, Any]:
    tables = read_toml(path).get(TABLE, {})
    if not isinstance(tables, dict):
        raise ConfigError([f"{path}: [{TABLE}] must be a table of engines, got {tables!r}"])
    return tables


def _read(path: Path, name: str, table: object) -> EngineTable:
    """Reads the table of one engine.

    Raises:
        ConfigError: everything that is wrong with it.
    """
    if not isinstance(table, dict):
        raise ConfigError([f"{path}: [{TABLE}.{name}] must be a table, got {table!r}"])
    read = structure(EngineTable, table)
    if read.problems or read.value is None:
        raise ConfigError([f"{path}: [{TABLE}.{name}] {problem}" for _, problem in read.problems])
    return read.value
