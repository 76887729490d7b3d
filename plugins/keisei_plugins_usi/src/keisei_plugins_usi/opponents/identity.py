"""By what an engine's results are kept: all that decides how it plays, and nothing of where it lies."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Final

from keisei_plugins_usi.opponents.engine import Engine
from keisei_plugins_usi.opponents.engine_table import EngineTable
from keisei_plugins_usi.opponents.lookup import engine_of
from keisei_plugins_usi.opponents.options import UsiOptions

DIGITS: Final = 12


def identity(options: UsiOptions) -> str:
    """Starts the engine to ask for its name, and returns a digest of all that decides how it plays.

    That is its name, protocol, limits and options, the SHA-256 of its program and of the files among the arguments, and
    the other arguments. The names of folders and tables are not in it, nor time-outs and processes.

    Returns:
        12 hexadecimal digits.

    Raises:
        ConfigError: there is no such engine, or its table is wrong.
        PluginError: it does not become ready.
    """
    engine = Engine(options.engine, engine_of(options))
    engine.start()
    engine.close()
    return digest(engine.table, engine.calls_itself)


def digest(table: EngineTable, name: str) -> str:
    """Returns the digest of an engine of such a name."""
    program, *arguments = table.program
    played = {
        "name": name,
        "program": _contents(Path(shutil.which(program) or program)),
        "arguments": [_contents(path) if (path := Path(argument)).is_file() else argument for argument in arguments],
        "protocol": table.protocol,
        "drops": table.drops,
        "go": table.go,
        "options": dict(sorted(table.options.items())),
    }
    return hashlib.sha256(json.dumps(played, sort_keys=True).encode()).hexdigest()[:DIGITS]


def _contents(path: Path) -> str:
    """Returns the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
