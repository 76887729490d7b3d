"""Where the games of a run start: which entries are drawn how often, when anew, and what is refused."""

from typing import Any

import attrs
import numpy as np
import pytest

from keisei_core.config.tables import SelfPlayTable
from keisei_core.errors import PluginError, SfenError
from keisei_core.shogi import (
    NAMED_STARTS,
    Games,
    Positions,
    StartPool,
    Starts,
    configured_starts,
    format_sfen,
    parse_sfen,
    use_crew,
)
from keisei_core.shogi.start_source import DrawnStart

TABLE = SelfPlayTable(mirror=False, opening_plies=0)
PLAIN = parse_sfen(NAMED_STARTS["bishop"])


class OneKingSomewhere:
    """White's king on one of the files of its first rank, the file drawn; Black has a king and a gold."""

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        kings = [parse_sfen(f"{file or ''}k{8 - file or ''}/9/9/9/9/9/9/9/4K4 b G 1") for file in range(9)]
        return Positions.concatenate(kings)[random.integers(9, size=num_positions)]


def drawn(source: Any = None) -> DrawnStart:
    return DrawnStart(name="toy", owner="keisei-plugins-toy 1.2.3", source=source or OneKingSomewhere(), max_plies=384)


def sfens(positions: Positions) -> list[str]:
    return [format_sfen(positions, row) for row in range(len(positions))]


def test_positions_of_the_config_are_never_drawn_anew() -> None:
    pool = StartPool([PLAIN, PLAIN], TABLE)
    games = Games(4, starts=pool.draw())
    before = pool.random.bit_generator.state

    pool.refill(games)

    assert pool.is_fixed
    assert pool.random.bit_generator.state == before
    assert sfens(games.starts.positions) == [NAMED_STARTS["bishop"]] * 2


def test_positions_of_the_config_stand_as_starts_from_sfens_do() -> None:
    table = SelfPlayTable(starts=("startpos", "bishop"), opening_plies=3)
    expected = Starts.from_sfens(table.starts, random_plies=3, mirror=True)

    got = configured_starts(table.starts, table).draw()

    assert (got.random_plies, got.min_random_plies) == (3, 0)
    for name, array in expected.positions.arrays().items():
        np.testing.assert_array_equal(got.positions.arrays()[name], array)


def test_each_entry_is_as_likely_as_the_others() -> None:
    positions = StartPool([PLAIN, drawn(), PLAIN, drawn()], TABLE).draw().positions

    kings = [sfen for sfen in sfens(positions) if sfen != NAMED_STARTS["bishop"]]

    assert len(positions) == 1024
    assert len(kings) == 512
    assert len(set(kings)) == 9


def test_drawn_positions_are_mirrored_as_often_as_not() -> None:
    class Cornered(OneKingSomewhere):
        def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
            return parse_sfen("k8/9/9/9/9/9/9/9/4K4 b G 1")[np.zeros(num_positions, int)]

    table = attrs.evolve(TABLE, mirror=True)

    found, counts = np.unique(sfens(StartPool([drawn(Cornered())], table).draw().positions), return_counts=True)

    assert [sfen.split("/")[0] for sfen in found] == ["8k", "k8"]
    assert counts.tolist() == [512, 512]


def test_every_draw_is_another_and_a_stream_of_before_gives_it_again() -> None:
    pool, other = (StartPool([drawn()], attrs.evolve(TABLE, midgame_share=0.3), seed=seed) for seed in (1, 2))
    first = sfens(pool.draw().positions)
    _, state = pool.state()
    second = sfens(pool.draw().positions)

    other.load_state({}, state)

    assert first != second == sfens(other.draw().positions)


def test_games_in_progress_stay_and_later_ones_start_where_was_drawn_anew() -> None:
    pool = StartPool([drawn()], TABLE)
    games = Games(64, starts=pool.draw(), seed=1)
    before = {name: array.copy() for name, array in games.positions.arrays().items()}
    kept = games.starts.positions.board

    pool.refill(games)

    assert all((array == before[name]).all() for name, array in games.positions.arrays().items())
    assert games.starts.positions.board is kept  # which the kernels hold
    games.reset()
    assert set(sfens(games.positions)) <= set(sfens(games.starts.positions))
    assert (games.positions.board != before["board"]).any()


def test_pool_writes_into_no_starts_but_its_games_own() -> None:
    pool = StartPool([drawn()], TABLE)
    starts = pool.draw()
    before = starts.positions.board.copy()
    one, other = Games(2, starts=starts), Games(2, starts=starts)

    pool.refill(one)

    assert (starts.positions.board == before).all()
    assert (other.starts.positions.board == before).all()
    assert (one.starts.positions.board != before).any()


def test_middle_game_positions_are_drawn_anew() -> None:
    pool = StartPool([PLAIN], attrs.evolve(TABLE, midgame_share=0.5))
    games = Games(4, starts=pool.draw())
    before = games.starts.positions.board.copy()

    pool.refill(games)

    changed = (games.starts.positions.board != before).any(axis=1)
    assert not changed[:512].any()
    assert changed[512:].mean() > 0.8


def test_games_with_starts_drawn_anew_are_the_same_on_any_number_of_threads() -> None:
    def board(num_threads: int) -> np.ndarray:
        use_crew(num_threads)
        pool = StartPool([drawn()], TABLE, seed=3)
        games = Games(32, starts=pool.draw(), seed=3)
        for _ in range(5):
            pool.refill(games)
            for _ in range(20):
                games.step(games.sample())
        return games.positions.board.copy()

    boards = board(1), board(2)
    use_crew(1)
    np.testing.assert_array_equal(*boards)


def test_other_number_of_starts_is_refused() -> None:
    games = Games(2, starts=Starts(PLAIN))

    with pytest.raises(ValueError, match="expected 1 start positions, got 2"):
        games.replace_starts(Positions.concatenate([PLAIN, PLAIN]))


def test_starts_that_cannot_be_played_on_are_refused_and_change_nothing() -> None:
    games = Games(2, starts=Starts(PLAIN))

    with pytest.raises(SfenError, match="has no legal move"):
        games.replace_starts(parse_sfen("4k4/4G4/4P4/9/9/9/9/9/4K4 w - 2"))
    assert sfens(games.starts.positions) == [NAMED_STARTS["bishop"]]


class Wrong:
    """Draws what it was given."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def draw(self, num_positions: int, random: np.random.Generator) -> Any:
        if isinstance(self.answer, str):
            return parse_sfen(self.answer)[np.zeros(num_positions, int)]
        return self.answer


def two_kings() -> Positions:
    positions = PLAIN[np.zeros(1024, int)]
    positions.board[700, 40] = 8
    return positions


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        pytest.param(None, "1024 positions, got NoneType", id="none"),
        pytest.param([PLAIN], "1024 positions, got list", id="list"),
        pytest.param(PLAIN, r"board, uint8 \[1024, 81\], got uint8 \[1, 81\]", id="too-few"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b G 400", r"stands at max_plies \(384\) already", id="late"),
        pytest.param("4k4/4G4/4P4/9/9/9/9/9/4K4 w - 2", "has no legal move", id="mated"),
        pytest.param(two_kings(), "expected one white king, got 2: 'lnsgkgsnl/1r7", id="two-kings"),
    ],
)
def test_wrong_draw_is_told_with_package_and_version(answer: object, complaint: str) -> None:
    pool = StartPool([drawn(Wrong(answer))], TABLE)

    with pytest.raises(PluginError, match=f"start 'toy' of keisei-plugins-toy 1.2.3 must draw .*{complaint}"):
        pool.draw()


def test_check_flag_and_repetition_of_a_draw_are_found_and_not_believed() -> None:
    class Liar(OneKingSomewhere):
        def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
            positions = parse_sfen("4k4/9/9/9/4r4/9/9/9/4K4 b - 1")[np.zeros(num_positions, int)]
            positions.in_check[:], positions.repetition[:] = 0, 2
            return positions

    games = Games(2, starts=StartPool([drawn(Liar())], TABLE).draw())

    assert games.positions.in_check.tolist() == [1, 1]
    assert games.positions.repetition.tolist() == [0, 0]
