"""Problems of mate, in which the attacker's king is left out: read where they are asked for, with the rules' moves."""

import re

import numpy as np
import pytest
import shogi

from keisei_core.errors import SfenError
from keisei_core.shogi import (
    Branches,
    Games,
    Starts,
    action_to_usi,
    find_mates,
    format_sfen,
    legal_mask,
    may_declare,
    parse_sfen,
    usi_to_action,
)

NUM_GAMES = 100
CELL = re.compile(r"\+?[A-Za-z]|\d")


def without_king(sfen: str, king: str) -> str:
    """Leaves a king out."""
    board, rest = sfen.split(" ", 1)
    ranks = ["".join("." * int(cell) if cell.isdigit() else cell for cell in CELL.findall(r)) for r in board.split("/")]
    gaps = (re.sub(r"\.+", lambda gap: str(len(gap[0])), rank.replace(king, ".")) for rank in ranks)
    return f"{'/'.join(gaps)} {rest}"


@pytest.mark.parametrize("king", ["K", "k"])
def test_moves_of_problems_are_those_of_python_shogi(king: str) -> None:
    starts = Starts.standard(random_plies=120, min_random_plies=30)
    games = Games(NUM_GAMES, max_plies=200, seed=3, starts=starts)
    for row in range(NUM_GAMES):
        sfen = without_king(format_sfen(games.positions, row), king)
        position = parse_sfen(sfen, is_problem=True)
        assert format_sfen(position) == sfen
        moves = {action_to_usi(position, int(action)) for action in np.flatnonzero(legal_mask(position)[0])}
        assert moves == {move.usi() for move in shogi.Board(sfen).legal_moves}, sfen
        assert not may_declare(position).any()


def test_problem_is_played_to_mate() -> None:
    position = parse_sfen("7lk/9/8G/9/9/9/9/9/9 b G 1", is_problem=True)
    mates = find_mates(position, legal_mask(position))[0]
    assert {action_to_usi(position, int(action)) for action in np.flatnonzero(mates)} == {"G*1b"}
    branches = Branches.of_positions(position, max_plies=9)
    branches.play(np.array([usi_to_action(position, "G*1b")], np.int32))
    assert branches.num_legal[0] == 0


def test_who_has_no_king_to_attack_gives_no_check() -> None:
    position = parse_sfen("9/9/8R/9/9/9/9/9/4K4 b G 1", is_problem=True)
    assert not find_mates(position, legal_mask(position)).any()


@pytest.mark.parametrize(
    ("sfen", "match"),
    [
        pytest.param("9/9/9/9/9/9/9/9/9 b - 1", "expected one black king, got 0", id="no-king-at-all"),
        pytest.param("4k4/9/9/9/9/9/9/9/K3K4 b - 1", "expected one black king, got 2", id="two-kings"),
        pytest.param("4k4/9/9/9/4R4/9/9/9/9 b - 1", "got a king that can be taken", id="king-can-be-taken"),
    ],
)
def test_problem_that_is_none_is_refused(sfen: str, match: str) -> None:
    with pytest.raises(SfenError, match=match):
        parse_sfen(sfen, is_problem=True)
