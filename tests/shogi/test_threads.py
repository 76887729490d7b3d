"""Games stepped by several threads, and actions drawn ahead: the games stay the same."""

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from keisei_core.shogi import Games, Starts, use_crew

FORK = """
import os
import threading
from keisei_core.shogi import Games, use_crew
use_crew(2)
games = Games(50)
games.step(games.sample())
child = os.fork()
for _ in range(20):
    games.step(games.sample())
if child == 0:
    os._exit(threading.active_count())
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), set(games.positions.ply.tolist()))
"""

EXIT = """
import threading
from keisei_core.shogi import Games, use_crew
use_crew(3)
games, began = Games(64), threading.Event()
def play():
    while True:
        games.step(games.sample())
        began.set()
threading.Thread(target=play, daemon=True).start()
began.wait()
"""


@pytest.fixture(autouse=True)
def alone_again() -> Iterator[None]:
    yield
    use_crew(1)


def make_games(num_games: int = 50) -> Games:
    return Games(num_games, max_plies=40, starts=Starts.standard(random_plies=9, mirror=True), seed=3)


def play_in_turns(num_games: int = 50) -> Games:
    """Plays games that begin anew at once, or are left ended and reset."""
    games = make_games(num_games)
    for number in range(100):
        games.step(games.sample(), reset=number % 3 > 0)
        if number % 3 == 0:
            games.reset(games.num_legal == 0)
    return games


def assert_same_state(first: Games, second: Games) -> None:
    for name, array in first.state().items():
        np.testing.assert_array_equal(array, second.state()[name], err_msg=name)


@pytest.mark.parametrize("num_threads", [2, 5, 50])
def test_any_number_of_threads_plays_the_same(num_threads: int) -> None:
    alone = play_in_turns()
    use_crew(num_threads)
    assert_same_state(alone, play_in_turns())


def test_threads_that_fell_asleep_are_woken() -> None:
    alone, together = make_games(), make_games()
    for games, num_threads in ((alone, 1), (together, 2)):
        use_crew(num_threads)
        for _ in range(10):
            time.sleep(0.01)
            games.step(games.sample())
    assert_same_state(alone, together)


def test_games_stepped_while_others_are_play_the_same() -> None:
    alone, played = play_in_turns(), []
    use_crew(2)
    callers = [threading.Thread(target=lambda: played.append(play_in_turns())) for _ in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(played) == 3
    for games in played:
        assert_same_state(alone, games)


def test_threads_end_with_their_crew() -> None:
    before = threading.active_count()
    use_crew(3)
    games = make_games()
    games.step(games.sample())
    assert threading.active_count() == before + 2
    use_crew(1)
    gc.collect()
    assert threading.active_count() == before


def test_forked_process_steps_with_threads_of_its_own() -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "2 {21}\n"), done.stderr


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
