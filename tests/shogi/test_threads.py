"""Games stepped by several threads, and actions drawn ahead: the games stay the same."""

import gc
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from keisei_core.shogi import Games, Starts

FORK = """
import os
import threading
from keisei_core.shogi import Games
games = Games(8, num_threads=2)
games.step(games.sample())
child = os.fork()
for _ in range(20):
    games.step(games.sample())
if child == 0:
    num_threads = threading.active_count()
    del games
    os._exit(num_threads)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), games.positions.ply.tolist())
"""

EXIT = """
import threading
from keisei_core.shogi import Games
games, began = Games(64, num_threads=3), threading.Event()
def play():
    while True:
        games.step(games.sample())
        began.set()
threading.Thread(target=play, daemon=True).start()
began.wait()
"""


def make_games(**options: int) -> Games:
    return Games(50, max_plies=40, starts=Starts.standard(random_plies=9, mirror=True), seed=3, **options)


def assert_same_state(first: Games, second: Games) -> None:
    for name, array in first.state().items():
        np.testing.assert_array_equal(array, second.state()[name], err_msg=name)


@pytest.mark.parametrize("num_threads", [2, 3, 50])
def test_any_number_of_threads_plays_the_same(num_threads: int) -> None:
    alone, together = make_games(), make_games(num_threads=num_threads)
    for number in range(100):
        actions = alone.sample()
        np.testing.assert_array_equal(together.sample(), actions)
        for games in (alone, together):
            games.step(actions, reset=number % 3 > 0)
            if number % 3 == 0:
                games.reset(games.num_legal == 0)
    assert_same_state(alone, together)


def test_threads_that_fell_asleep_are_woken() -> None:
    alone, together = make_games(), make_games(num_threads=2)
    for _ in range(10):
        time.sleep(0.01)
        for games in (alone, together):
            games.step(games.sample())
    assert_same_state(alone, together)


def test_threads_end_with_their_games() -> None:
    before = threading.active_count()
    games = make_games(num_threads=3)
    games.step(games.sample())
    assert threading.active_count() == before + 2
    del games
    gc.collect()
    assert threading.active_count() == before


def test_forked_process_steps_with_threads_of_its_own() -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, f"2 {[21] * 8}\n"), done.stderr


def test_process_ends_while_a_daemon_thread_steps() -> None:
    for _ in range(5):
        subprocess.run([sys.executable, "-c", EXIT], timeout=120, check=True)


def test_actions_drawn_ahead_are_those_that_would_be_drawn_later() -> None:
    ahead, later = make_games(), make_games()
    for _ in range(60):
        later.load_state(ahead.state())
        for _ in range(2):
            np.testing.assert_array_equal(ahead.sample(), later.sample())
        assert_same_state(ahead, later)
        ahead.step(ahead.sample())


def test_actions_drawn_ahead_are_forgotten_when_a_state_is_loaded() -> None:
    games, other = make_games(), make_games()
    for _ in range(5):
        games.step(games.sample())
    other.load_state(games.state())
    start = make_games().state()
    games.load_state(start)
    other.load_state(start)
    np.testing.assert_array_equal(games.sample(), other.sample())


def test_game_that_is_left_alone_is_sampled_again() -> None:
    games = make_games()
    idle = np.full(50, -1, np.int32)
    games.sample()
    games.step(idle)
    actions = games.sample()
    assert games.legal[np.arange(50), actions].all()
