"""No engine is left, however Keisei ends and whatever the engine makes of it."""

import gc
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import attrs
import pytest

from keisei_core.arena import closing
from keisei_core.errors import PluginError
from keisei_plugins_usi.opponents import process
from keisei_plugins_usi.opponents.options import UsiOptions
from keisei_plugins_usi.opponents.player import UsiPlayer

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
HOLDER = Path(__file__).with_name("engine_holder.py")
STAGES = ("slow-start", "slow-handshake", "silent", "stays")
PATIENCE_S = 60


def wait_until(is_so):
    end = time.monotonic() + PATIENCE_S
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
    return is_so()


def test_keisei_that_is_killed_at_any_stage_leaves_no_engine(running, bad_table, tmp_path):
    bad_engine, mark = bad_table().command[3], str(tmp_path)
    command = [sys.executable, str(HOLDER), bad_engine, mark]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert wait_until(lambda: all(len(running(f"{mark}/{stage}")) >= 2 for stage in STAGES))
        holder.kill()

    assert wait_until(lambda: not running(mark))


def test_engine_that_ignores_quit_and_the_end_of_its_input_is_killed(running, bad, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "GRACE_S", 0.2)
    with closing(bad("stays", mark=str(tmp_path))):
        assert running(str(tmp_path))
    assert wait_until(lambda: not running(str(tmp_path)))


def test_what_an_engine_started_ends_with_it(running, bad_table, tmp_path):
    table = bad_table("slow-start", mark=str(tmp_path))
    table = attrs.evolve(
        table, command=("sh", "-c", '"$@" < /dev/null > /dev/null 2>&1 & exec false', "sh", *table.command)
    )

    with pytest.raises(PluginError, match="ended with exit code 1"):
        UsiPlayer(None, UsiOptions(engine="dies", engines={"dies": table}))
    assert wait_until(lambda: not running(str(tmp_path)))


def test_line_without_an_end_is_cut():
    reading, writing = os.pipe()
    writer = threading.Thread(target=lambda: (os.write(writing, b"x" * 300_000), os.close(writing)))
    writer.start()
    assert [len(line) for line in process._lines(reading)] == [process.LONGEST_LINE]
    writer.join()
    os.close(reading)


def test_player_that_is_forgotten_leaves_no_engine(running, bad_table, tmp_path):
    player = UsiPlayer(None, UsiOptions(engine="bad", engines={"bad": bad_table(mark=str(tmp_path))}))
    assert len(running(str(tmp_path))) == 2  # the engine and its leash

    del player
    gc.collect()
    assert wait_until(lambda: not running(str(tmp_path)))
