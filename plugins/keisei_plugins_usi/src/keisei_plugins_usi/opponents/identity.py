"""By what an engine's results are kept: all that decides how it plays, and nothing of where it lies."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Final

from keisei_core.arena import Identity
from keisei_plugins_usi.opponents.engine import Engine
from keisei_plugins_usi.opponents.engine_table import EngineTable
from keisei_plugins_usi.opponents.lookup import engine_of
from keisei_plugins_usi.opponents.options import UsiOptions

DIGITS: Final = 12


def identity(options: UsiOptions) -> Identity:
    """Starts the engine to ask for its name; what decides how it plays is told from all that it is and gets.

    That is its name, protocol, limits and options, the SHA-256 of its program and of the files among the arguments, and
    the other arguments. The names of folders and tables are not in it, nor time-outs and processes.

    Raises:
        ConfigError: there is no such engine, or its table is wrong.
        PluginError: it does not become ready.
    """
    engine = Engine(options.engine, engine_of(options))
    engine.start()
    engine.close()
    about = f"{engine.calls_itself or 'an engine without a name'} ({engine.table.command[0]}), go {engine.table.go}"
    return Identity(digest=digest(engine.table, engine.calls_itself), about=about)


def digest(table: EngineTable, name: str) -> str:
    """Returns the digest of an engine that calls itself so: 12 hexadecimal digits."""
    program, *arguments = table.command
    folder = Path(table.folder)
    played = {
        "name": name,
        "program": _contents(Path(shutil.which(program) or program)),
        "arguments": [_contents(path) if (path := folder / argument).is_file() else argument for argument in arguments],
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
