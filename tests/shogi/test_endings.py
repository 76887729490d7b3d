"""How games end: mate, fourth repetition, perpetual check, declaration, the cap on plies."""

import cshogi
import numpy as np
import pytest

from keisei_core.shogi import START_SFEN, Ending, Games, Starts, may_declare, usi_to_action


def play(sfen: str, moves: str, max_plies: int = 512) -> Games:
    """Plays moves in one game; every move but the last leaves the game going."""
    games = Games(1, starts=Starts.from_sfens([sfen]), max_plies=max_plies)
    for move in moves.split():
        assert games.ending[0] == Ending.NONE, move
        games.step(np.array([usi_to_action(games.positions, move)], np.int32), reset=False)
    return games


def outcome(games: Games) -> tuple[Ending, float]:
    return Ending(int(games.ending[0])), float(games.reward[0])


QUIET = "2h3h 8b7b 3h2h 7b8b "
ROOK_RIGHT = "k8/9/9/9/9/9/9/1R7/8K b - 1"
ROOK_BELOW = "k8/9/9/9/9/9/9/R8/8K w - 1"
WHITE_ROOK_RIGHT = "k8/7r1/9/9/9/9/9/9/8K w - 1"
WHITE_ROOK_ABOVE = "k8/8r/9/9/9/9/9/9/8K b - 1"
CHECKS = "8h9h 9a8a 9h8h 8a9a "
CHECKS_SEEN_BY_WHITE = "9a8a 9h8h 8a9a 8h9h "
WHITE_CHECKS = "2b1b 1i2i 1b2b 2i1i "
WHITE_CHECKS_SEEN_BY_BLACK = "1i2i 1b2b 2i1i 2b1b "
PAUSE = "8h8g 9a9b 8g8h 9b9a "
WHITE_PAUSE = "2b2c 1i1h 2c2b 1h1i "
CHECKS_ON_B = "8h9h 9b8b 9h8h 8b9b "


@pytest.mark.parametrize(
    ("sfen", "moves", "expected"),
    [
        pytest.param("startpos", QUIET * 3, (Ending.REPETITION, 0), id="draw"),
        pytest.param(ROOK_RIGHT, CHECKS * 3, (Ending.PERPETUAL_CHECK_BY_OPPONENT, 1), id="black-checks-white-moved"),
        pytest.param(ROOK_BELOW, CHECKS_SEEN_BY_WHITE * 3, (Ending.PERPETUAL_CHECK_BY_MOVER, -1),
                     id="black-checks-black-moved"),
        pytest.param(WHITE_ROOK_RIGHT, WHITE_CHECKS * 3, (Ending.PERPETUAL_CHECK_BY_OPPONENT, 1),
                     id="white-checks-black-moved"),
        pytest.param(WHITE_ROOK_ABOVE, WHITE_CHECKS_SEEN_BY_BLACK * 3, (Ending.PERPETUAL_CHECK_BY_MOVER, -1),
                     id="white-checks-white-moved"),
        pytest.param(ROOK_RIGHT, CHECKS + PAUSE + CHECKS, (Ending.REPETITION, 0), id="quiet-moves-between-checks"),
        pytest.param(ROOK_RIGHT, CHECKS * 2 + PAUSE, (Ending.REPETITION, 0), id="quiet-moves-at-the-end"),
        pytest.param(ROOK_RIGHT, PAUSE + CHECKS * 2, (Ending.REPETITION, 0), id="quiet-moves-after-the-first-time"),
        pytest.param(WHITE_ROOK_RIGHT, WHITE_CHECKS + WHITE_PAUSE + WHITE_CHECKS, (Ending.REPETITION, 0),
                     id="quiet-moves-of-white-between-checks"),
        pytest.param(ROOK_RIGHT, "1i1h 9a9b " + CHECKS_ON_B * 3, (Ending.PERPETUAL_CHECK_BY_OPPONENT, 1),
                     id="quiet-moves-before-the-first-time"),
        pytest.param("k8/9/9/9/9/9/9/1R7/7K1 b - 1",
                     CHECKS * 2 + "2i1i 9a9b " + CHECKS_ON_B + "1i1h 9b9a 1h1i 9a9b " * 2, (Ending.REPETITION, 0),
                     id="as-many-checks-as-moves-but-not-in-a-row"),
    ],
)  # fmt: skip
def test_fourth_time_of_a_position(sfen: str, moves: str, expected: tuple[Ending, float]) -> None:
    assert outcome(play(sfen, moves)) == expected


def test_third_time_of_a_position_goes_on_and_is_counted() -> None:
    games = play("startpos", QUIET * 2)
    assert outcome(games) == (Ending.NONE, 0)
    assert games.positions.repetition[0] == 2


def test_same_board_with_other_hands_is_no_repetition() -> None:
    there_and_back = "P*9e 9d9e 5i4i 9e9c 4i5i 9c9d"
    games = play("4k4/9/9/r8/9/9/9/9/4K4 b 2P 1", there_and_back)
    assert games.positions.repetition[0] == 0
    games = play("4k4/9/9/r8/9/9/9/9/4K4 b 2P 1", there_and_back + " 5i4i 9d9c 4i5i 9c9d")
    assert games.positions.repetition[0] == 1


def test_position_that_comes_back_by_captures_and_drops_is_a_repetition() -> None:
    moves = "P*9e 9d9e 5i4i 9e9d 4i5i P*9h 9i9h 5a4a 9h9i 4a5a"
    assert play("4k4/9/9/r8/9/9/9/9/R3K4 b P 1", moves).positions.repetition[0] == 1


@pytest.mark.parametrize("number", [1, 2, 100, 101])
def test_repetition_is_counted_from_the_start_position_whatever_its_move_number(number: int) -> None:
    sfen = START_SFEN.replace(" 1", f" {number}")
    assert play(sfen, QUIET).positions.repetition[0] == 1
    assert outcome(play(sfen, QUIET * 3)) == (Ending.REPETITION, 0)


@pytest.mark.parametrize(
    ("sfen", "move", "is_met"),
    [
        pytest.param("4K4/+P+P+P+P+P+P+P+P+P/+P8/9/9/9/9/9/k8 w 2RB3P 1", "9i9h", True, id="black-28-points"),
        pytest.param("4K4/+P+P+P+P+P+P+P+P+P/+P8/9/9/9/9/9/k8 w 2RB2P 1", "9i9h", False, id="black-27-points"),
        pytest.param("4K4/+P+P+P+P+P+P+P+P+P/9/+P8/9/9/9/9/k8 w 2R2B3P 1", "9i9h", False, id="nine-pieces-in-camp"),
        pytest.param("+P8/+P+P+P+P+P+P+P+P+P/9/4K4/9/9/9/9/k8 w 2R2B3P 1", "9i9h", False, id="king-outside-the-camp"),
        pytest.param("+P+P+P+P+P+P+P+P+P/+P8/4K4/9/9/9/9/9/k8 w 2RB3Pp 1", "9i9h", True, id="king-on-the-third-rank"),
        pytest.param("+P+P+P+P+P+P+P+P+P/+P8/4K4/9/9/9/9/9/k8 w 2RB3Pp 1", "P*5b", False, id="in-check"),
        pytest.param("4K+R3/+P+P+P+P+P+P+P+P+P/+B8/9/9/9/9/9/k8 w B4P 1", "9i9h", True, id="big-pieces-in-camp"),
        pytest.param("8K/9/9/9/9/9/8+p/+p+p+p+p+p+p+p+p+p/4k4 b 2rb2p 1", "1a1b", True, id="white-27-points"),
        pytest.param("8K/9/9/9/9/9/8+p/+p+p+p+p+p+p+p+p+p/4k4 b 2rbp 1", "1a1b", False, id="white-26-points"),
    ],
)
def test_declaration_of_27_points(sfen: str, move: str, is_met: bool) -> None:
    board = cshogi.Board(sfen)
    board.push_usi(move)
    assert board.is_nyugyoku() == is_met
    games = play(sfen, move)
    assert outcome(games) == ((Ending.DECLARATION, -1) if is_met else (Ending.NONE, 0))
    assert may_declare(games.positions).tolist() == [is_met]


GOLD_MATES = "7lk/9/8G/9/9/9/9/9/4K4 b G 1"


@pytest.mark.parametrize(
    ("move", "max_plies", "expected"),
    [
        pytest.param("G*1b", 512, (Ending.MATE, 1), id="mate"),
        pytest.param("G*1b", 1, (Ending.MATE, 1), id="mate-at-the-cap"),
        pytest.param("5i5h", 1, (Ending.MAX_PLIES, 0), id="cap-is-no-draw"),
        pytest.param("5i5h", 2, (Ending.NONE, 0), id="ply-before-the-cap"),
    ],
)
def test_last_ply(move: str, max_plies: int, expected: tuple[Ending, float]) -> None:
    assert outcome(play(GOLD_MATES, move, max_plies)) == expected


def test_fourth_repetition_at_the_cap_is_a_repetition() -> None:
    assert outcome(play("startpos", QUIET * 3, max_plies=12)) == (Ending.REPETITION, 0)


def test_declaration_at_the_cap_is_a_declaration() -> None:
    games = play("4K4/+P+P+P+P+P+P+P+P+P/+P8/9/9/9/9/9/k8 w 2RB3P 1", "9i9h", max_plies=1)
    assert outcome(games) == (Ending.DECLARATION, -1)


def test_side_without_a_move_and_not_in_check_has_lost_too() -> None:
    games = play("8k/6G2/9/7N1/9/9/9/9/4K4 b - 1", "5i5h")
    assert outcome(games) == (Ending.MATE, 1)
    assert games.positions.in_check[0] == 0
