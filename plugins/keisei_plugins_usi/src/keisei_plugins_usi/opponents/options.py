"""Options of the player `usi`; loads nothing heavy."""

from typing import Any

import attrs

from keisei_core.config import from_table, path_setting, stands_behind_name
from keisei_core.config.wording import did_you_mean
from keisei_plugins_usi.opponents.engine_table import EngineTable


def _is_known(options: "UsiOptions", _: "attrs.Attribute[Any]", engines: dict[str, EngineTable]) -> None:
    """Refuses a name that a config with engines does not have, unless a file is named beside it."""
    if engines and options.engine and options.engine not in engines and not options.file:
        name = options.engine
        raise ValueError(f"there is no [engines.{name}]{did_you_mean(name, engines)}; there are {', '.join(engines)}")


@attrs.frozen(kw_only=True)
class UsiOptions:
    """Which engine plays."""

    engine: str = stands_behind_name("name of the engine: the table [engines.NAME] says what it is")
    file: str = path_setting("file of that table; empty: the run's config, else engines.toml or keisei.toml here")
    engines: dict[str, EngineTable] = from_table("engines", _is_known)
