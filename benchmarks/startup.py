"""How long the command takes to answer with many plugins installed: `keisei --help` and `keisei plugins list`.

    python benchmarks/startup.py [--plugins 30] [--runs 20]

Makes distributions in a temporary folder that are found beside the installed ones: each with hooks, options and a model
whose module would load torch, one in ten with a command. Every run is a process of its own. Python's own start, with
nothing imported, is what no program gets below.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [
        Component(
            name="many{number}",
            target="many_{number}.network:build",
            options="many_{number}.options:Options",
            summary="a toy",
        )
    ]
"""
COMMAND_HOOK = """

@hookimpl
def keisei_commands():
    return [Component(name="many{number}", target="many_{number}.network:command", summary="does a thing")]
"""
COMMAND_EVERY = 10
"""One plugin in so many brings a command as well."""
OPTIONS = """
import attrs

from keisei_core.config import at_least, setting


@attrs.frozen(kw_only=True)
class Options:
    width: int = setting(32, "channels", at_least(1))
    depth{number}: int = setting(3, "blocks", at_least(1))
"""
COMMANDS = {
    "keisei --help": ("--help",),
    "keisei plugins list": ("plugins", "list"),
    "keisei plugins list --json": ("plugins", "list", "--json"),
    "keisei plugins show many0": ("plugins", "show", "many0"),
    "keisei run --help": ("run", "--help"),
}
LIMITS_S = {"keisei --help": 0.1, "keisei plugins list": 0.5}


def make_plugins(folder: Path, count: int) -> None:
    """Writes distributions as an installer leaves them."""
    for number in range(count):
        package = folder / f"many_{number}"
        card = folder / f"keisei_plugins_many_{number}-0.1.0.dist-info"
        package.mkdir()
        card.mkdir()
        (package / "__init__.py").write_text("")
        hooks = HOOKS + COMMAND_HOOK * (number % COMMAND_EVERY == 0)
        (package / "hooks.py").write_text(hooks.format(number=number))
        (package / "options.py").write_text(OPTIONS.format(number=number))
        (package / "network.py").write_text("import torch\n")
        (card / "METADATA").write_text(f"Metadata-Version: 2.4\nName: keisei-plugins-many-{number}\nVersion: 0.1.0\n")
        (card / "entry_points.txt").write_text(f"[keisei]\nmany = many_{number}.hooks\n")


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Runs a command once and returns how long it took."""
    started = perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - started


def measure(name: str, command: list[str], environment: dict[str, str], runs: int) -> str:
    """Returns a row of the table; the first run, which may write byte code, is not counted."""
    times = sorted(seconds(command, environment) for _ in range(runs + 1))[:runs]
    limit = LIMITS_S.get(name)
    goal = "" if limit is None else f"{limit:.1f}"
    return f"| `{name}` | {statistics.median(times):.3f} | {times[0]:.3f} | {times[-1]:.3f} | {goal} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", type=int, default=30, help="how many to make")
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_plugins(Path(folder), arguments.plugins)
        environment = os.environ | {"PYTHONPATH": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installer compiles what it installs
        keisei = str(Path(sys.executable).with_name("keisei"))
        print(f"{arguments.plugins} plugins beside the installed ones, {arguments.runs} runs each, seconds\n")
        print("| command | median | least | most | at most |\n|---|---|---|---|---|")
        print(measure("python -c pass", [sys.executable, "-c", "pass"], environment, arguments.runs))
        for name, words in COMMANDS.items():
            print(measure(name, [keisei, *words], environment, arguments.runs), flush=True)


if __name__ == "__main__":
    main()
