"""Options of the player `usi`; loads nothing heavy."""

import attrs

from keisei_core.config import from_table, setting, stands_behind_name
from keisei_plugins_usi.opponents.engine_table import EngineTable


@attrs.frozen(kw_only=True)
class UsiOptions:
    """Which engine plays."""

    engine: str = stands_behind_name("name of the engine: the table [engines.NAME] says what it is")
    file: str = setting("", "the file with that table; empty: the run's config, else engines.toml or keisei.toml here")
    engines: dict[str, EngineTable] = from_table("engines")
