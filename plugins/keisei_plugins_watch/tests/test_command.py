"""The command finds the run that is meant, tells where its page is, and ends on Ctrl-C."""

import os
import signal
import subprocess
import sys

import pytest
from watched_files import begin

from keisei_core.errors import ConfigError
from keisei_core.testing import CommandContract
from keisei_plugins_watch.live.find_run import found_run


class TestWatch(CommandContract):
    name = "watch"
    refuses = ("nowhere",)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_name_the_run_that_was_begun_last_is_meant(place):
    for name, time in (("new", 3), ("newest", 5), ("old", 1)):
        os.utime(begin(place / "runs" / name) / "config.toml", (time, time))
    (place / "runs" / "no-run").mkdir()

    assert str(found_run(None)) == "runs/newest"


def test_without_a_name_and_a_run_it_is_told_what_to_do():
    with pytest.raises(ConfigError, match="runs: expected a run in it, got none; start one with `keisei run`"):
        found_run(None)


def test_folder_that_is_about_to_be_a_run_is_taken(place):
    (place / "mine").mkdir()
    (place / "mine" / "lock").touch()

    assert found_run(place / "mine") == place / "mine"


@pytest.mark.parametrize("name", ["runs/mien", "."])
def test_path_that_is_no_run_is_told(place, name):
    begin(place / "runs" / "mine")

    with pytest.raises(ConfigError, match=r"expected a run folder with config\.toml in it, got"):
        found_run(place / name)


def test_command_prints_its_address_and_ends_well_on_ctrl_c(place):
    begin(place / "mine")
    command = [sys.executable, "-m", "keisei_core", "watch", "mine", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=600)
        finally:
            process.kill()

    assert address.startswith("http://127.0.0.1:")
    assert "/#token=" in address
    assert (process.returncode, said) == (0, "")
