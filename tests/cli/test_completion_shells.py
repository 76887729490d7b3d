"""`keisei completion SHELL` in the shells themselves, where they are installed."""

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keisei_core.cli import main

BEGIN, END = "<<", ">>"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a run, and `keisei` as a command."""
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "config.toml").touch()
    command = tmp_path / "bin" / "keisei"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m keisei_core "$@"\n')
    command.chmod(0o755)
    return tmp_path


def environment(place: Path) -> dict[str, str]:
    """Returns an environment that has nothing of the tester's but what finds programs."""
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    return {
        "PATH": path,
        "HOME": str(place),
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


class Typist:
    """Somebody at a shell on a terminal."""

    def __init__(self, command: list[str], place: Path) -> None:
        self.ours, theirs = os.openpty()
        self.shell = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=place,
            env=environment(place),
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""

    def type(self, text: str, until: str) -> str:
        """Types, and returns what is shown until a mark comes."""
        begin = len(self.seen)
        os.write(self.ours, text.encode())
        deadline = time.monotonic() + 120
        while until not in self.seen[begin:]:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.ours], [], [], 0.1)[0]:
                self.seen += os.read(self.ours, 65536).decode(errors="replace")
        return self.seen[begin:]

    def close(self) -> None:
        os.close(self.ours)
        self.shell.kill()
        self.shell.wait(timeout=60)


LINES = [
    ("keisei mat", "keisei match "),
    ("keisei run --set run.see", "keisei run --set run.seed="),
    ("keisei run --set=run.see", "keisei run --set=run.seed="),
    ("keisei match alphabeta:dep", "keisei match alphabeta:depth="),
    ("keisei resume ru", "keisei resume runs/mine "),
    ("keisei games beg", "keisei games begin "),
    ("cd runs; keisei run --model base", "cd runs; keisei run --model baseline "),
]
"""What is typed, and what the line is after Tab."""
SHELLS = {
    "bash": (
        ["bash", "--norc", "-i"],
        """PS1='ready> '; source completion
show() { echo "<<$READLINE_LINE>>"; READLINE_LINE=; }; bind -x '"\\C-t": show'""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        """PS1='ready> '; autoload -Uz compinit; compinit -u -D; source completion
show() { zle -I; print -r -- "<<$BUFFER>>"; BUFFER=; }; zle -N show; bindkey '^T' show""",
    ),
}
"""How each is started, and what it reads first: Ctrl-T shows the line and empties it."""


@pytest.mark.parametrize("shell", SHELLS)
def test_shell_completes_a_line(place: Path, capsys: pytest.CaptureFixture[str], shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    command, begin = SHELLS[shell]
    (place / "completion").write_text(script(shell, capsys))
    (place / "begin").write_text(f"{begin}\n")
    typist = Typist(command, place)
    try:
        typist.type("source ./begin; echo be''gun\n", "begun")
        for typed, completed in LINES:
            assert f"{BEGIN}{completed}{END}" in typist.type(f"{typed}\t\x14", END)
    finally:
        typist.close()


def test_fish_completes_a_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    (place / "completion").write_text(script("fish", capsys))
    (place / "begin").touch()
    asked = "".join(f"complete -C '{typed}'; echo; " for typed, _ in LINES)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source completion; {asked}"],
        cwd=place, env=environment(place), capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip

    offered = [line.partition("\t")[0] for line in done.stdout.splitlines() if line]
    assert offered == [completed.split()[-1] for _, completed in LINES]
