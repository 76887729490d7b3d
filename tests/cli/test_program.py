"""The command as a process: light, quick enough, quiet on a closed pipe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import keisei_core

HEAVY = ("torch", "numba", "numpy", "rich")


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "keisei_core", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, check=False)


def loaded(arguments: list[str], cwd: Path) -> str:
    """Runs the command and returns which heavy modules it loaded, and its exit code."""
    script = (
        "import sys; from keisei_core.cli import main; code = main(sys.argv[1:]); "
        f"print('loaded', [name for name in {HEAVY!r} if name in sys.modules], code)"
    )
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["run", "--help"], 0),
        (["plugins", "list"], 0),
        (["plugins", "list", "--json"], 0),
        (["plugins", "show", "resnet"], 0),
        (["plugins", "show", "no-such-thing"], 2),
        (["plugins", "new", "bad name", "--kind", "model"], 2),
        (["run", "missing.toml"], 2),
        (["run", "bad.toml"], 2),
        (["check", "bad.toml", "--ddp"], 2),
    ],
)
def test_answer_loads_nothing_heavy_and_no_run_folder_appears(tmp_path: Path, arguments: list[str], code: int) -> None:
    (tmp_path / "bad.toml").write_text("[run]\nseed = true\n[input]\nfeatures = 'no_such_planes'\n")

    assert loaded(arguments, tmp_path) == f"loaded [] {code}"
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


def test_no_argument_is_help_and_version_names_both_versions() -> None:
    assert run().stdout == run("--help").stdout
    assert run().returncode == 0
    assert run("--version").stdout == f"keisei {keisei_core.__version__} (plugin API 2.0)\n"
    assert run("plugins").stdout.startswith("Usage: keisei plugins")


def test_unknown_command_exits_2() -> None:
    done = run("rnu")

    assert done.returncode == 2
    assert "No such command 'rnu'" in done.stderr


def test_working_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    command = f"mkdir gone; cd gone; rmdir ../gone; exec {sys.executable} -m keisei_core check /proc/nope.toml"

    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.endswith(
        "keisei: error: the working folder is gone; change to one that exists, then try again\n"
    )


def into_closed_pipe(*arguments: str) -> tuple[int, str]:
    """Runs Python with a stdout that nobody reads; returns exit code and stderr."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    # Unbuffered output would fail at once, not at the end, where it is harder to catch.
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, stdout=write_end, stderr=subprocess.PIPE, text=True, timeout=60, check=False, env=environment
    )
    os.close(write_end)
    return done.returncode, done.stderr


@pytest.mark.parametrize("arguments", [["plugins", "list"], ["--help"], ["plugins", "list", "--json"]])
def test_reader_that_left_ends_it_quietly(arguments: list[str]) -> None:
    assert into_closed_pipe("-m", "keisei_core", *arguments) == (1, "")


def test_reader_that_left_before_a_run_prints_costs_the_run_nothing() -> None:
    script = (
        "import sys, types; runs = types.ModuleType('keisei_core.run'); sys.modules['keisei_core.run'] = runs; "
        "from keisei_core.output import answer; runs.resume = lambda *_, **__: answer('score') or 0; "
        "from keisei_core.cli import main; sys.exit(main(['resume', 'somewhere']))"
    )

    assert into_closed_pipe("-c", script) == (0, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_end_quietly(closed: str) -> None:
    command = f"{sys.executable} -m keisei_core plugins list {closed}"

    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert ("resnet" in done.stdout) == (">&-" not in closed.split())


def test_listing_to_a_full_disk_tells_so() -> None:
    command = f"{sys.executable} -m keisei_core plugins list > /dev/full"

    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)

    told = "keisei: error: stdout can't be written: [Errno 28] No space left on device\n"
    assert (done.returncode, done.stderr) == (1, told)
