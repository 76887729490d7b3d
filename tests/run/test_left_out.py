"""What a config leaves out is imported by no part of its run, nor by what goes on with it."""

from pathlib import Path
from typing import Any

import pytest

from keisei_core.cli import main
from keisei_core.plugins.installed import installed_entries

HOOKS = """
from pathlib import Path

KEISEI_PLUGIN_API = (2, 0)
Path("imported").touch()
"""
CONFIG = """
run = { plies = 48, threads = 1, device = "cpu" }
model = { name = "baseline", channels = 1 }
selfplay = { games = 4, rollout_plies = 4, max_plies = 20 }
learning = { minibatch = 8 }
evaluation = { every_updates = 1, games = 2, final_games = 2, max_plies = 10, opponent = "alphabeta:depth=1" }
checkpoint = { every_updates = 1 }
"""
COMMANDS = [
    ("run", "tiny.toml", "--run-dir", "r"),
    ("resume", "r"),
    ("migrate", "r", "--to", "tiny.toml", "--dry-run", "--match", "2"),
    ("run", "tiny.toml", "--from", "r", "--run-dir", "r2"),
    ("check", "tiny.toml"),
]


@pytest.mark.parametrize("left_out", ['plugins.only = ["keisei-plugins-nobody"]', 'plugins.disable = ["toy"]', ""])
def test_what_the_config_leaves_out_is_imported_by_no_command(
    workshop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    installed = installed_entries()
    monkeypatch.setattr("keisei_core.plugins.loader.installed_entries", lambda: [*installed, *workshop.entries()])
    monkeypatch.chdir(tmp_path)
    Path("tiny.toml").write_text(f"{left_out}\n{CONFIG}")
    workshop.plugin(HOOKS)

    assert [main(command) for command in COMMANDS] == [0] * len(COMMANDS)
    assert Path("imported").exists() == (not left_out)


def test_what_a_config_leaves_out_is_there_for_the_next_command(
    workshop: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("keisei_core.plugins.loader.installed_entries", workshop.all_entries)
    monkeypatch.chdir(tmp_path)
    Path("empty.toml").write_text('plugins.disable = ["toy"]')
    workshop.plugin(HOOKS)
    main(["check", "empty.toml", "--set", "run.plies=no"])
    assert not Path("imported").exists()

    assert main(["plugins", "list"]) == 0
    assert Path("imported").exists()
