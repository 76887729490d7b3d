"""Branches beside the games that they are copies of: the same course, the same ends, and neither disturbs the other."""

from collections import Counter

import numpy as np
import pytest

from keisei_core.errors import IllegalMoveError, SfenError
from keisei_core.shogi import (
    NAMED_STARTS,
    NUM_ACTIONS,
    Branches,
    Ending,
    Games,
    Positions,
    Starts,
    find_mates,
    format_sfen,
    legal_mask,
    parse_sfen,
    usi_to_action,
)
from keisei_core.shogi.branch import FIRST_HALF
from keisei_core.shogi.rules.branch import play_branches

NUM_GAMES = 1_000
MAX_PLIES = 60
FIGHTS = [
    "4k4/9/4ppp2/9/9/9/4PPP2/9/4K4 b 2R2B4G4S4N4L6P6p 1",
    "lnsgk1snl/6g2/p1pppp1pp/6p2/9/2P6/P2PPPP1P/7R1/LNSGKGSNL b RB2Pb 1",
    "R8/2K1S1SSk/4B4/9/9/9/9/9/1L1L1L3 b RBGSNLP3g3n17p 1",
]
ENDGAMES = [
    "4k4/9/9/9/9/9/9/9/4K4 b 2R2B4G4S4N4L18P 1",
    "3gkg3/9/3+R5/9/9/9/5+r3/9/3GKG3 b - 1",
    "k8/9/9/3+r5/9/4+R4/9/9/8K w - 9",
]
CAMPS = [
    "4K4/+P+P+P+P+P+P+P+P+P/+P8/9/9/9/9/9/k8 w 2RB3P 1",
    "8K/9/9/9/9/9/8+p/+p+p+p+p+p+p+p+p+p/4k4 b 2rb2p 1",
    "1K+P1+P4/+P+P+P1+P4/9/9/9/9/4+p1+p+p+p/4+p1+p1k/9 b RBGSNLrbgsnl 1",
]
ROOK_RIGHT, ROOK_BELOW = "k8/9/9/9/9/9/9/1R7/8K b - 1", "k8/9/9/9/9/9/9/R8/8K w - 1"
WHITE_ROOK_RIGHT, WHITE_ROOK_ABOVE = "k8/7r1/9/9/9/9/9/9/8K w - 1", "k8/8r/9/9/9/9/9/9/8K b - 1"
QUIET = "2h3h 8b7b 3h2h 7b8b"
CHECKS, PAUSE = "8h9h 9a8a 9h8h 8a9a", "8h8g 9a9b 8g8h 9b9a"
CIRCLES = {
    "startpos": (QUIET, "2h4h 8b6b 4h2h 6b8b"),
    ROOK_RIGHT: (CHECKS, PAUSE),
    ROOK_BELOW: ("9a8a 9h8h 8a9a 8h9h", "9a8a 9h7h 8a9a 7h9h"),
    WHITE_ROOK_RIGHT: ("2b1b 1i2i 1b2b 2i1i", "2b2c 1i1h 2c2b 1h1i"),
    WHITE_ROOK_ABOVE: ("1i2i 1b2b 2i1i 2b1b", "1i2i 1b3b 2i1i 3b1b"),
}
"""Two ways from each position back to it: where there is a rook, one with checks by one side all along."""


def encode(sfen: str, moves: str) -> np.ndarray:
    """Returns the action of each move of a line, int32 [M]."""
    games, actions = Games(1, starts=Starts.from_sfens([sfen])), []
    for move in moves.split():
        actions.append(usi_to_action(games.positions, move))
        games.step(np.array(actions[-1:], np.int32), reset=False)
    return np.array(actions, np.int32)


def copies(positions: Positions) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in positions.arrays().items()}


def everything(branches: Branches) -> dict[str, np.ndarray]:
    names = ("legal", "num_legal", "ending", "reward", "recurrence")
    return copies(branches.positions) | {name: getattr(branches, name).copy() for name in names}


def assert_same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> None:
    for name, array in first.items():
        assert np.array_equal(array, second[name]), name


class Course:
    """Games that are played at random to their ends, and how they ended."""

    def __init__(self, sfens: list[str], seed: int, circles: tuple[str, ...] = ()) -> None:
        starts = Starts.from_sfens(sfens, random_plies=0 if circles else 3)
        self.games = Games(NUM_GAMES, starts=starts, max_plies=MAX_PLIES, seed=seed, history=2)
        self.random = np.random.default_rng(seed)
        self.ending, self.reward = np.zeros(NUM_GAMES, np.uint8), np.zeros(NUM_GAMES, np.float32)
        self.planned = self._plan(sfens[0], circles) if circles else None

    def _plan(self, sfen: str, circles: tuple[str, ...]) -> np.ndarray:
        """Draws the circles in which each game goes until a random move leads out of them, int32 [B, plies]."""
        blocks = np.stack([encode(sfen, moves) for moves in circles])
        return blocks[self.random.integers(0, len(circles), (NUM_GAMES, MAX_PLIES))].reshape(NUM_GAMES, -1)

    def choose(self, ply: int) -> np.ndarray:
        actions = self.games.sample()
        if self.planned is not None:
            planned = self.planned[:, ply]
            keeps = (self.games.legal[np.arange(NUM_GAMES), planned] == 1) & (self.random.random(NUM_GAMES) < 0.99)
            actions[keeps] = planned[keeps]
        return actions

    def play(self, actions: np.ndarray) -> None:
        self.games.step(actions, reset=False)
        self.ending = np.where(actions >= 0, self.games.ending, self.ending)
        self.reward = np.where(actions >= 0, self.games.reward, self.reward)

    def stands(self) -> dict[str, np.ndarray]:
        games = self.games
        kept = {"legal": games.legal, "num_legal": games.num_legal, "ending": self.ending, "reward": self.reward}
        return copies(games.positions) | kept


def shuffled_and_back(branches: Branches, random: np.random.Generator) -> Branches:
    """Keeps branches in another order without their legal moves, then takes them out again."""
    order = random.permutation(len(branches))
    kept, again = branches.empty(len(branches), keeps_legal=False), branches.empty(len(branches))
    kept.assign(order, branches, slice(None))
    again.assign(slice(None), kept, order)
    return again


COURSES: list[tuple[list[str], tuple[str, ...]]] = [
    (["startpos"], ()),
    (list(NAMED_STARTS.values()), ()),
    (FIGHTS, ()),
    (ENDGAMES, ()),
    (CAMPS, ()),
    *(([sfen], circles) for sfen, circles in CIRCLES.items()),
]


def play_both(course: Course, leaves_at: int) -> None:
    """Plays games to their ends, and beside them branches that left them at the start and in the middle."""
    every = np.arange(NUM_GAMES)
    sets = [(every, Branches.of_games(course.games, every))]
    for ply in range(MAX_PLIES):
        if ply == leaves_at:
            going = np.flatnonzero(course.games.num_legal)
            sets.append((going, Branches.of_games(course.games, going)))
        actions = course.choose(ply)
        if (actions < 0).all():
            return
        course.play(actions)
        stands = course.stands()
        for rows, branches in sets:
            branches.play(actions[rows])
            assert_same({name: array[rows] for name, array in stands.items()}, everything(branches))
        if ply % 5 == 0:
            sets = [(rows, shuffled_and_back(branches, course.random)) for rows, branches in sets]


def test_ten_thousand_random_games_go_and_end_alike_in_games_and_branches() -> None:
    endings: Counter[Ending] = Counter()
    for seed, (sfens, circles) in enumerate(COURSES):
        course = Course(sfens, seed, circles)
        play_both(course, leaves_at=3 + seed % 4)
        endings.update(Ending(int(ending)) for ending in course.ending)

    assert sum(endings.values()) == 10_000
    assert set(endings) == set(Ending) - {Ending.NONE, Ending.RESIGNATION}
    assert min(endings.values()) > 100, endings


def played(sfen: str, moves: str, num_before: int) -> Branches:
    """Plays some moves in a game and the others in a branch of it."""
    actions = encode(sfen, moves)
    games = Games(1, starts=Starts.from_sfens([sfen]))
    for action in actions[:num_before]:
        games.step(np.array([action], np.int32), reset=False)
    branches = Branches.of_games(games, slice(None))
    for action in actions[num_before:]:
        assert branches.ending[0] == Ending.NONE
        branches.play(np.array([action], np.int32))
    return branches


@pytest.mark.parametrize(
    ("sfen", "moves", "expected"),
    [
        pytest.param("startpos", f"{QUIET} " * 3, (Ending.REPETITION, 0), id="draw"),
        pytest.param(ROOK_RIGHT, f"{CHECKS} " * 3, (Ending.PERPETUAL_CHECK_BY_OPPONENT, 1), id="checks"),
        pytest.param(ROOK_RIGHT, f"{PAUSE} {CHECKS} {CHECKS}", (Ending.REPETITION, 0), id="quiet-moves-first"),
        pytest.param(
            ROOK_RIGHT, f"1i1h 9a9b {'8h9h 9b8b 9h8h 8b9b ' * 3}", (Ending.PERPETUAL_CHECK_BY_OPPONENT, 1),
            id="quiet-moves-before-the-first-time",
        ),
    ],
)  # fmt: skip
def test_repetition_counts_what_stood_in_the_game_wherever_the_branch_left_it(
    sfen: str, moves: str, expected: tuple[Ending, float]
) -> None:
    for num_before in range(len(moves.split())):
        branches = played(sfen, moves, num_before)
        assert (branches.ending[0], branches.reward[0], branches.positions.repetition[0]) == (*expected, 3)


@pytest.mark.parametrize(
    ("sfen", "moves", "recurrence"),
    [
        pytest.param("startpos", QUIET, Ending.REPETITION, id="quiet"),
        pytest.param("startpos", QUIET[:14], Ending.NONE, id="not-there-yet"),
        pytest.param("startpos", f"{QUIET} 2g2f", Ending.NONE, id="left-again"),
        pytest.param(ROOK_RIGHT, CHECKS, Ending.PERPETUAL_CHECK_BY_OPPONENT, id="opponent-checks"),
        pytest.param(ROOK_BELOW, CIRCLES[ROOK_BELOW][0], Ending.PERPETUAL_CHECK_BY_MOVER, id="mover-checks"),
        pytest.param(ROOK_RIGHT, f"{PAUSE} {CHECKS}", Ending.PERPETUAL_CHECK_BY_OPPONENT, id="checks-since-last-time"),
        pytest.param(ROOK_RIGHT, f"{CHECKS} {PAUSE}", Ending.REPETITION, id="quiet-since-last-time"),
    ],
)
def test_recurrence_says_who_checks_since_the_position_stood_last(sfen: str, moves: str, recurrence: Ending) -> None:
    for num_before in range(len(moves.split())):
        branches = played(sfen, moves, num_before)
        assert (branches.ending[0], branches.recurrence[0]) == (Ending.NONE, recurrence)


def test_last_chances_are_the_positions_that_stood_three_times() -> None:
    moves = f"{QUIET} {QUIET} 2h3h"
    for num_before in range(len(moves.split()) + 1):
        assert [len(keys) for keys in played("startpos", moves, num_before).last_chances(np.arange(1))] == [2]
    branches = played("startpos", QUIET, 3)
    assert len(branches.last_chances(np.arange(1))[0]) == 0
    branches = played("startpos", f"{QUIET} {QUIET}", 5)
    assert branches.last_chances(np.zeros(2, np.int64)) == [branches.keys, branches.keys]


def opened(num_games: int = 6, plies: int = 20) -> Games:
    games = Games(num_games, max_plies=200, seed=8)
    for _ in range(plies):
        games.step(games.sample())
    return games


def any_legal(branches: Branches, seed: int = 0) -> np.ndarray:
    """Returns one legal action for each branch, -1 where it has ended."""
    weights = branches.legal * np.random.default_rng(seed).random(branches.legal.shape)
    return np.where(branches.num_legal > 0, weights.argmax(axis=1), -1).astype(np.int32)


def test_games_stay_as_they_are_while_branches_play() -> None:
    games = opened()
    before = games.state()
    branches = Branches.of_games(games, np.array([5, 0, 0, 3]))
    for seed in range(30):
        branches.play(any_legal(branches, seed))

    assert (branches.depth == 30).all()
    assert_same(games.state(), before)


def test_branches_stay_as_they_are_while_games_go_on_and_begin_anew() -> None:
    games = Games(2, starts=Starts.from_sfens(["startpos"]), max_plies=100)
    circle = encode("startpos", QUIET)
    for action in [*circle, *circle]:
        games.step(np.full(2, action, np.int32))
    branches = Branches.of_games(games, slice(None))
    before = everything(branches)
    games.reset()
    for _ in range(20):
        games.step(games.sample())

    assert_same(everything(branches), before)
    for action in circle:
        branches.play(np.full(2, action, np.int32))
    assert branches.ending.tolist() == [Ending.REPETITION] * 2


def test_branches_of_one_game_play_apart() -> None:
    games = Games(1)
    branches = Branches.of_games(games, np.zeros(3, np.int64))
    first = [usi_to_action(games.positions, move) for move in ("7g7f", "2g2f")]
    branches.play(np.array([*first, -1], np.int32))

    boards = [format_sfen(branches.positions, row).split(" ")[0] for row in range(3)]
    assert boards == [
        "lnsgkgsnl/1r5b1/ppppppppp/9/9/2P6/PP1PPPPPP/1B5R1/LNSGKGSNL",
        "lnsgkgsnl/1r5b1/ppppppppp/9/9/7P1/PPPPPPP1P/1B5R1/LNSGKGSNL",
        "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL",
    ]
    assert branches.depth.tolist() == [1, 1, 0]


@pytest.mark.parametrize("rows", [np.array([4, 1, 1]), np.array([False, True, False, False, True, True]), slice(1, 4)])
def test_rows_are_chosen_by_indices_mask_or_slice(rows: np.ndarray | slice) -> None:
    games = opened()
    branches = Branches.of_games(games, rows)
    copied = branches.copy(slice(None))

    for each in (branches, copied):
        assert_same(copies(each.positions), copies(games.positions[rows]))
        np.testing.assert_array_equal(each.legal, games.legal[rows])
        np.testing.assert_array_equal(each.num_legal, games.num_legal[rows])


def test_copies_are_independent() -> None:
    branches = Branches.of_games(opened(), slice(None))
    branches.play(any_legal(branches))
    copied, before = branches.copy(np.array([2, 2, 0])), everything(branches)
    copied.play(any_legal(copied))
    assert_same(everything(branches), before)
    after = everything(copied)
    branches.play(any_legal(branches, seed=1))
    assert_same(everything(copied), after)


def test_copy_goes_on_with_the_path_behind_it() -> None:
    branches = played("startpos", f"{QUIET} {QUIET} 2h3h 8b7b", num_before=3)
    children = branches.copy(np.zeros(2, np.int64))
    back = encode("startpos", QUIET)[2:]
    children.play(np.array([back[0], -1], np.int32))
    assert children.positions.repetition.tolist() == [2, 2]
    children.play(np.array([back[1], -1], np.int32))

    assert children.ending.tolist() == [Ending.REPETITION, Ending.NONE]
    assert branches.ending.tolist() == [Ending.NONE]


def test_assign_overwrites_the_chosen_branches_only() -> None:
    branches = Branches.of_games(opened(), slice(None))
    other = branches.copy(slice(None))
    for seed in range(20):  # deeper than there is room for at first
        other.play(any_legal(other, seed))
    before, source = everything(branches), everything(other)
    branches.assign(np.array([4, 1]), other, np.array([0, 3]))

    after = everything(branches)
    assert_same({name: array[[4, 1]] for name, array in after.items()}, {n: a[[0, 3]] for n, a in source.items()})
    assert_same(
        {name: array[[0, 2, 3, 5]] for name, array in after.items()}, {n: a[[0, 2, 3, 5]] for n, a in before.items()}
    )
    assert branches.depth.tolist() == [0, 20, 0, 0, 20, 0]


def test_branches_are_assigned_to_themselves_in_another_order() -> None:
    branches = Branches.of_games(opened(), slice(None))
    before = everything(branches)
    branches.assign(slice(1, 6), branches, slice(0, 5))
    assert_same(
        {name: array[1:] for name, array in everything(branches).items()}, {n: a[:5] for n, a in before.items()}
    )


def test_ended_branch_that_was_kept_without_legal_moves_comes_back_without_any() -> None:
    branches = played("startpos", f"{QUIET} " * 3, num_before=2)
    kept = branches.empty(1, keeps_legal=False)
    kept.assign(slice(None), branches, slice(None))
    again = kept.empty(2)
    again.assign(slice(1, 2), kept, slice(None))

    assert not again.legal.any()
    assert (again.ending[1], again.num_legal[1]) == (Ending.REPETITION, 0)


@pytest.mark.parametrize("sfens", [["startpos"], FIGHTS, ENDGAMES, CAMPS])
def test_extended_branches_are_copies_that_played(sfens: list[str]) -> None:
    num_branches, num_plies = 9, 40
    games = Games(num_branches, starts=Starts.from_sfens(sfens), history=2, max_plies=num_plies, seed=2)
    branches = Branches.of_games(games, slice(None))
    kept, played = branches.empty(num_branches * (num_plies + 1), keeps_legal=False), branches.empty(num_branches)
    rows = np.arange(num_branches, dtype=np.int32)
    kept.assign(rows, branches, slice(None))
    for ply in range(num_plies):
        actions = any_legal(branches, ply)
        parents, rows = rows, np.where(actions >= 0, rows + num_branches, -1).astype(np.int32)
        if (rows < 0).all():
            break
        mates = kept.extend(rows, parents, actions, played)
        branches.play(actions)
        on = rows >= 0
        assert_same(everything(played.copy(on)), everything(branches.copy(on)))
        again = played.empty(int(on.sum()))
        again.assign(slice(None), kept, rows[on])
        assert_same(everything(again), everything(branches.copy(on)))
        is_new = (branches.ending == Ending.NONE) & (branches.recurrence == Ending.NONE)
        has_mate = find_mates(branches.positions, branches.legal).any(axis=1)
        assert (mates == (has_mate & is_new & on)).all()
        rows = np.where(branches.ending == Ending.NONE, rows, -1).astype(np.int32)
    assert branches.depth.max() > 2 * FIRST_HALF


@pytest.mark.parametrize("num_plies", [0, 1, 2, 19, 20])
@pytest.mark.parametrize("sfens", [["startpos"], ENDGAMES])
def test_branches_with_another_root_go_on_as_they_would_have(sfens: list[str], num_plies: int) -> None:
    games = Games(5, starts=Starts.from_sfens(sfens), history=1, max_plies=70, seed=5)
    for _ in range(3):
        games.step(games.sample(), reset=False)
    branches = Branches.of_games(games, np.repeat(np.arange(5), 4))
    for ply in range(num_plies):
        branches.play(any_legal(branches, ply).reshape(5, 4)[:, :1].repeat(4, axis=1).reshape(-1))
    root, rows = 8, np.array([8, 11])
    for ply in range(3):
        actions = any_legal(branches, 50 + ply)
        actions[root] = -1
        branches.play(actions)
    again, branches = branches.rerooted(root, rows, 2), branches.copy(rows)
    assert again.depth.tolist() == [0, branches.depth[1] - branches.depth[0]]
    for ply in range(60):
        assert_same(everything(again), everything(branches))
        actions = any_legal(branches, 90 + ply)
        again.play(actions), branches.play(actions)


def test_branches_of_other_games_are_not_assigned() -> None:
    games = opened()
    branches = Branches.of_games(games, slice(None))
    with pytest.raises(ValueError, match=r"of other games or positions can't be assigned; make room by \.empty\(\)"):
        branches.assign(slice(None), Branches.of_games(games, slice(None)), slice(None))


def test_rows_of_another_number_are_not_assigned() -> None:
    branches = Branches.of_games(opened(), slice(None))
    with pytest.raises(ValueError, match=r"expected as many rows to copy as to overwrite \(2\), got 1"):
        branches.assign(slice(0, 2), branches, slice(0, 1))


@pytest.mark.parametrize(
    ("action", "match"),
    [
        pytest.param(
            2187, r"branch 1: expected a legal action, got 2187, outside 0\.\.2186 in sfen 'lns", id="too-big"
        ),
        pytest.param(-2, r"branch 1: expected a legal action, got -2", id="below-minus-one"),
        pytest.param(0, r"got 0 \(plane 0, file 1 rank 1 as the mover sees it\) in sfen 'lns.* b - 1'", id="illegal"),
    ],
)
def test_illegal_action_is_refused_and_nothing_changes(action: int, match: str) -> None:
    branches = Branches.of_games(Games(1), np.zeros(3, np.int64))
    actions, before = any_legal(branches), everything(branches)
    actions[1] = action
    with pytest.raises(IllegalMoveError, match=match):
        branches.play(actions)
    assert_same(everything(branches), before)


@pytest.mark.parametrize("bad", [np.zeros(2, np.int64), np.zeros(3, np.int32), np.zeros(4, np.int32)[::2]])
def test_actions_of_another_dtype_or_shape_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"actions must be int32 \[2\], C-contiguous, got .*; cast with"):
        Branches.of_games(Games(2), slice(None)).play(bad)


def test_branches_kept_without_legal_moves_are_not_played() -> None:
    kept = Branches.of_games(Games(1), slice(None)).empty(1, keeps_legal=False)
    with pytest.raises(ValueError, match="kept without legal moves can't be played; assign them to ones with"):
        kept.play(np.full(1, -1, np.int32))


def test_room_for_branches_takes_no_action_before_it_is_filled() -> None:
    room = Branches.of_games(Games(1), slice(None)).empty(2)
    room.play(np.full(2, -1, np.int32))
    with pytest.raises(IllegalMoveError, match="branch 0: expected a legal action, got 5 "):
        room.play(np.full(2, 5, np.int32))


MATE_IN_ONE = "7lk/9/8G/9/9/9/9/9/4K4 b G 1"


def test_ended_branch_stays_as_it_ended() -> None:
    branches = Branches.of_games(Games(2, starts=Starts.from_sfens([MATE_IN_ONE])), slice(None))
    branches.play(np.array([usi_to_action(branches.positions, "G*1b"), -1], np.int32))
    before = everything(branches)
    assert (branches.ending.tolist(), branches.reward.tolist()) == ([Ending.MATE, Ending.NONE], [1, 0])
    assert (branches.num_legal[0], branches.legal[0].any()) == (0, False)
    branches.play(np.full(2, -1, np.int32))
    assert_same(everything(branches), before)


def test_finished_game_gives_an_ended_branch_and_one_begun_anew_does_not() -> None:
    for reset, expected in ((False, (Ending.MATE, 1, 0)), (True, (Ending.NONE, 0, 86))):
        games = Games(1, starts=Starts.from_sfens([MATE_IN_ONE]))
        games.step(np.array([usi_to_action(games.positions, "G*1b")], np.int32), reset=reset)
        branches = Branches.of_games(games, slice(None))
        assert (branches.ending[0], branches.reward[0], branches.num_legal[0]) == expected


def test_no_game_gives_no_branch() -> None:
    branches = Branches.of_games(opened(), np.zeros(0, np.int64))
    branches.play(np.zeros(0, np.int32))
    assert len(branches) == len(branches.copy(slice(None))) == 0


def test_branches_of_positions_go_as_games_that_start_there() -> None:
    for sfens in (["startpos"], FIGHTS, ENDGAMES):
        games = Games(200, starts=Starts.from_sfens(sfens), max_plies=40, seed=4, history=3)
        branches = Branches.of_positions(games.positions, max_plies=40)
        for _ in range(40):
            actions = games.sample()
            moved = actions >= 0
            games.step(actions, reset=False)
            branches.play(actions)
            assert_same(copies(games.positions), copies(branches.positions))
            np.testing.assert_array_equal(games.legal, branches.legal)
            np.testing.assert_array_equal(games.ending[moved], branches.ending[moved])
            np.testing.assert_array_equal(games.reward[moved], branches.reward[moved])


def test_position_that_stood_before_keeps_its_count_and_later_ones_begin_anew() -> None:
    positions = parse_sfen("startpos")
    positions.repetition[:] = 2
    branches = Branches.of_positions(positions, max_plies=100)
    assert branches.positions.repetition.tolist() == [2]
    for action in encode("startpos", QUIET):
        branches.play(np.array([action], np.int32))
    assert (branches.positions.repetition[0], branches.ending[0]) == (1, Ending.NONE)


def test_positions_stay_as_they_are_even_where_they_can_not_be_written() -> None:
    positions = opened().positions[:]
    before = copies(positions)
    for array in positions.arrays().values():
        array.flags.writeable = False
    branches = Branches.of_positions(positions, max_plies=200)
    np.testing.assert_array_equal(branches.legal, legal_mask(positions))
    branches.play(any_legal(branches))
    assert_same(copies(positions), before)


TWO_KINGS = parse_sfen("startpos")
TWO_KINGS.board[0, 40] = 8 + 14


@pytest.mark.parametrize(
    ("positions", "max_plies", "error", "match"),
    [
        pytest.param(parse_sfen("7lk/8G/8G/9/9/9/9/9/4K4 w - 2"), 9, SfenError, "has no legal move: '7lk", id="mate"),
        pytest.param(parse_sfen("4k4/9/9/9/9/9/9/9/4K4 b - 10"), 9, SfenError, r"at max_plies \(9\)", id="at-the-cap"),
        pytest.param(parse_sfen("startpos"), 0, ValueError, "max_plies must be 1 to 60000, got 0", id="cap"),
        pytest.param(TWO_KINGS, 9, ValueError, "one king each in a start position, got 2 of the opponent", id="kings"),
    ],
)
def test_positions_that_can_not_be_played_on_are_refused(
    positions: Positions, max_plies: int, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        Branches.of_positions(positions, max_plies)


def test_branch_that_others_let_go_on_is_played_past_every_end_but_mate() -> None:
    branches = Branches.of_positions(parse_sfen("startpos"), max_plies=3)
    for number, move in enumerate(f"{QUIET} {QUIET} {QUIET} {QUIET} 7g7f".split(), 1):
        branches.play(np.array([usi_to_action(branches.positions, move)], np.int32))
        ended = Ending.REPETITION if number in (12, 13, 14, 15, 16) else Ending.MAX_PLIES if number > 2 else Ending.NONE
        assert branches.ending[0] == ended
        branches.reopen()
        assert branches.ending[0] == Ending.NONE
        np.testing.assert_array_equal(branches.legal, legal_mask(branches.positions))
    assert len(branches.keys_so_far(0)) == 18


def test_branch_that_is_mated_stays_so() -> None:
    branches = Branches.of_positions(parse_sfen("7lk/9/8G/9/9/9/9/9/4K4 b G 1"), max_plies=9)
    branches.play(np.array([usi_to_action(branches.positions, "G*1b")], np.int32))
    branches.reopen()
    assert (branches.ending[0], branches.reward[0], branches.num_legal[0]) == (Ending.MATE, 1, 0)


def test_keys_so_far_are_those_of_the_game_then_those_of_the_branch() -> None:
    games, keys = Games(1, max_plies=40, seed=2), [0]
    for _ in range(7):
        games.step(games.sample(), reset=False)
        keys.append(int(games.repetition_state.keys[0]))
    branches = Branches.of_games(games, slice(None))
    for _ in range(4):
        branches.play(any_legal(branches))
        keys.append(int(branches.keys[0]))
    assert branches.keys_so_far(0).tolist() == keys


def test_memory_of_a_branch_without_legal_moves_is_below_300_bytes() -> None:
    branches = Branches.of_games(Games(2), slice(None))
    assert branches.empty(5, keeps_legal=False).bytes_per_branch < 300
    assert branches.bytes_per_branch < 300 + NUM_ACTIONS


def test_read_only_actions_are_taken_without_compiling_again() -> None:
    branches = Branches.of_games(Games(1), slice(None))
    branches.play(any_legal(branches))
    compiled = len(play_branches.signatures)
    actions = any_legal(branches)
    actions.flags.writeable = False
    branches.play(actions)
    assert len(play_branches.signatures) == compiled


def test_state_that_repetition_is_judged_by_is_read_only() -> None:
    games = Games(1)
    for array in games.repetition_state:
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
