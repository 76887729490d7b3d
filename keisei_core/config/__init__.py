"""The file `keisei.toml`: its tables and keys, how it is read, and what is said when something is wrong."""

from keisei_core.config.checks import (
    above,
    at_least,
    at_most,
    even,
    from_table,
    network_path,
    not_empty,
    one_of,
    setting,
    stands_behind_name,
)
from keisei_core.config.paths import home_path, path_setting

__all__ = [
    "above",
    "at_least",
    "at_most",
    "even",
    "from_table",
    "home_path",
    "network_path",
    "not_empty",
    "one_of",
    "path_setting",
    "setting",
    "stands_behind_name",
]
