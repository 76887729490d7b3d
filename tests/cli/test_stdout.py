"""stdout has a command's answers and nothing else, whatever plugins write where; what a plugin's own command prints is
its answer."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.program import program

NOISE = """
import atexit, os, subprocess, sys
print("PRINTED")
sys.__stdout__.write("TO THE FIRST STDOUT\\n")
os.write(1, b"RAW BYTES\\n")
subprocess.run(["echo", "FROM A CHILD"])
atexit.register(print, "AT EXIT")
atexit.register(os.write, 1, b"RAW AT EXIT\\n")
"""
HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_commands():
    os.write(1, b"RAW IN A HOOK\\n")
    return [Component(name="noisy", target="{module}.thing:noisy", summary="prints")]
"""
COMMAND = """
import os
import click


@click.command()
def noisy():
    print("printed")
    os.write(1, b"raw\\n")
    click.echo("echoed")
"""


@pytest.fixture
def noisy(workshop: Any) -> Path:
    """A folder with a plugin that writes to stdout in all ways."""
    workshop.plugin(NOISE + HOOKS, distribution="keisei-plugins-noisy", entry="noisy", files={"thing": COMMAND})
    folder: Path = workshop.folder
    return folder


def keisei(noisy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "keisei_core", *words]
    environment = os.environ | {"PYTHONPATH": str(noisy)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("words", [("plugins", "list"), ("plugins", "show", "noisy"), ("plugins", "check", "noisy")])
def test_json_parses_whatever_a_plugin_writes_where(noisy: Path, words: tuple[str, ...]) -> None:
    done = keisei(noisy, *words, "--json")

    assert json.loads(done.stdout)["schema"] == 1
    for word in ("PRINTED", "TO THE FIRST STDOUT", "RAW BYTES", "FROM A CHILD", "RAW IN A HOOK"):
        assert word in done.stderr
    assert {"AT EXIT", "RAW AT EXIT"} <= set(done.stderr.splitlines())


def test_help_is_on_stdout_and_alone(noisy: Path) -> None:
    done = keisei(noisy, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: keisei ")
    assert re.search(r"^  noisy +prints$", done.stdout, re.MULTILINE)


def test_command_of_a_plugin_has_stdout_for_itself(noisy: Path) -> None:
    done = keisei(noisy, "noisy")

    assert sorted(line for line in done.stdout.splitlines() if line.islower()) == ["echoed", "printed", "raw"]
    assert "PRINTED" in done.stderr
    assert "PRINTED" not in done.stdout


def test_noise_is_on_stdout_where_nobody_takes_it(noisy: Path) -> None:
    """The control: the plugin writes there."""
    (module,) = (path.name for path in noisy.iterdir() if path.name.startswith("workshop_"))
    command = [sys.executable, "-c", f"import {module}.hooks"]
    environment = os.environ | {"PYTHONPATH": str(noisy)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)

    assert {"PRINTED", "RAW BYTES", "FROM A CHILD", "AT EXIT", "RAW AT EXIT"} <= set(done.stdout.splitlines())


def commands(group: click.Group) -> list[click.Command]:
    context = click.Context(group)
    found = [group.get_command(context, name) for name in group.list_commands(context)]
    inner = [command for one in found if isinstance(one, click.Group) for command in commands(one)]
    return [*(one for one in found if one and not isinstance(one, click.Group)), *inner]


def test_every_command_of_the_core_keeps_stdout_for_its_answers() -> None:
    assert len(commands(program)) > 10
    assert [one.name for one in commands(program) if not isinstance(one, CoreCommand)] == []


def test_core_writes_to_stdout_by_answers_alone() -> None:
    """Anything else of the core that is printed inside a command would end on stderr."""
    root = Path(__file__).parents[2] / "keisei_core"
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] in {"templates", "testing"} or path.name == "output.py":
            continue
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            is_print = line.lstrip().startswith("print(") and "file=" not in line
            is_echo = "click.echo(" in line and "get_help()" not in line and "err=True" not in path.read_text()
            assert not is_print, f"{path}:{number}"
            assert not is_echo, f"{path}:{number}"
