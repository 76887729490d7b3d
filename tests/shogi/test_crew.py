"""Rows shared by threads: the same results for any number of them, and errors that come out."""

import os
from collections.abc import Iterator
from threading import Event, get_ident

import numpy as np
import pytest

from keisei_core.arena.past import Past
from keisei_core.shogi import (
    PIECE_VALUES,
    Branches,
    Games,
    draw_moves,
    exchange_values,
    find_mates,
    find_sound,
    legal_mask,
    mates_beside,
    random_sidelines,
    use_crew,
)
from keisei_core.shogi.crew import Crew, share_rows


@pytest.fixture(autouse=True)
def alone_again() -> Iterator[None]:
    yield
    use_crew(1)


def results() -> list[np.ndarray]:
    """Everything that threads share, of 700 positions."""
    games, rows = Games(700, seed=4, history=3), np.arange(700)
    past = Past(700, games.max_plies)
    for _ in range(20):
        past.note(games.positions, rows)
        games.step(games.sample())
    past.note(games.positions, rows)
    branches = Branches.of_games(games, rows)
    branches.play(games.sample())
    positions, legal = games.positions, legal_mask(games.positions)
    after, legal_after = random_sidelines(positions, legal, np.random.default_rng(3))
    sound = find_sound(after, legal_after, PIECE_VALUES, 4)
    beside, mates = mates_beside(positions, 2, np.random.default_rng(3))
    logits = np.random.default_rng(3).normal(size=legal.shape).astype(np.float32)
    return [
        *(*games.state().values(), *branches.positions.arrays().values(), branches.legal, branches.recurrence),
        past.without_repetition(positions, legal, rows),
        *(legal, after.board, after.hands, after.last_moves, legal_after, find_mates(after, legal_after)),
        *(exchange_values(positions, legal, PIECE_VALUES), sound.sound, sound.has_mate),
        *(beside.board, mates, *draw_moves(logits, legal.view(np.bool_), logits[:, 0] % 1)),
    ]


@pytest.mark.parametrize("num_threads", [2, 5])
def test_any_number_of_threads_finds_the_same(num_threads: int) -> None:
    expected = results()
    use_crew(num_threads)
    for _ in range(3):
        for one, other in zip(expected, results(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_every_row_is_worked_on_once_and_by_several_threads() -> None:
    crew, done, threads, both = Crew(2), np.zeros(100, np.int64), set(), Event()

    def work(rows: slice) -> None:
        done[rows] += 1
        threads.add(get_ident())
        if len(threads) > 1:
            both.set()
        both.wait(30)  # so that one of them can't do it all before the other begins

    crew.share_rows(100, 7, work)

    assert (done == 1).all()
    assert len(threads) == 2


def test_error_of_any_thread_comes_out_and_the_crew_goes_on() -> None:
    crew = Crew(3)

    def fail(rows: slice) -> None:
        if rows.start == 50:
            raise ValueError("row 50")

    for _ in range(5):
        with pytest.raises(ValueError, match="row 50"):
            crew.share_rows(100, 10, fail)
    crew.share_rows(100, 10, lambda rows: None)


def test_work_that_shares_rows_itself_comes_to_an_end() -> None:
    use_crew(2)
    done = np.zeros((40, 40), np.int64)

    def inner(row: int) -> None:
        def mark(rows: slice) -> None:
            done[row, rows] += 1

        share_rows(40, 5, mark)

    share_rows(40, 5, lambda rows: [inner(row) for row in range(rows.start, rows.stop)] and None)

    assert (done == 1).all()


def test_forked_process_has_threads_of_its_own() -> None:
    use_crew(2)
    expected = legal_mask(Games(700).positions)
    child = os.fork()
    if child == 0:
        same = np.array_equal(legal_mask(Games(700).positions), expected)
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_crew_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="num_threads must be >= 1, got 0"):
        use_crew(0)
