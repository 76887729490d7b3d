"""Random games and games of a bot compared, position by position, with two libraries that know the rules by themselves.

KEISEI_DIFFERENTIAL_POSITIONS sets how many positions are compared (100,000 if it is not set).
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator

import cshogi
import cshogi.dlshogi
import numpy as np
import pytest
from rsshogi.core import Board
from rsshogi.policy import move_label
from rsshogi.types import RepetitionState

from keisei_core.shogi import Ending, Games, Starts, action_to_usi, format_sfen

NUM_POSITIONS = int(os.environ.get("KEISEI_DIFFERENTIAL_POSITIONS", "100000"))
NUM_GAMES = 32
RSSHOGI_KINDS = {
    RepetitionState.DRAW: Ending.REPETITION,
    RepetitionState.WIN: Ending.PERPETUAL_CHECK_BY_MOVER,
    RepetitionState.LOSE: Ending.PERPETUAL_CHECK_BY_OPPONENT,
}
PERPETUAL = (Ending.PERPETUAL_CHECK_BY_MOVER, Ending.PERPETUAL_CHECK_BY_OPPONENT)

OPENINGS = ["startpos"]
DROPS = [
    "4k4/9/4ppp2/9/9/9/4PPP2/9/4K4 b 2R2B4G4S4N4L6P6p 1",
    "lnsgk1snl/6g2/p1pppp1pp/6p2/9/2P6/P2PPPP1P/7R1/LNSGKGSNL b RB2Pb 1",
    "R8/2K1S1SSk/4B4/9/9/9/9/9/1L1L1L3 b RBGSNLP3g3n17p 1",
]
ENDGAMES = [
    "4k4/9/9/9/9/9/9/9/4K4 b 2R2B4G4S4N4L18P 1",
    "8k/9/9/9/9/9/9/9/K8 w RB2G2S2N2L9Prb2g2s2n2l9p 1",
    "1K+P1+P4/+P+P+P1+P4/9/9/9/9/4+p1+p+p+p/4+p1+p1k/9 b RBGSNLrbgsnl 1",
]
CAPTURE_POINTS = np.zeros(29, np.int64)
CAPTURE_POINTS[15:] = [1, 3, 4, 5, 8, 10, 6, 0, 2, 4, 4, 5, 10, 12]
"""What the bot gains by taking each of the opponent's pieces, by code."""

# Few pieces that can come back to where they were, some of them with checks all the way.
CYCLES = [
    "4k4/9/9/9/3+R5/9/9/9/4K4 b - 1",
    "4k4/9/2+b6/9/9/6+B2/9/9/4K4 w r 1",
    "k8/9/9/3+r5/9/4+R4/9/9/8K w - 1",
    "3gkg3/9/3+R5/9/9/9/5+r3/9/3GKG3 b - 1",
]


class Referees:
    """One game on a board of each library."""

    def __init__(self, sfen: str) -> None:
        self.rsshogi, self.cshogi = Board(sfen), cshogi.Board(sfen)
        self.rsshogi_moves: dict[int, object] = {}
        self.cshogi_moves: dict[int, int] = {}
        self.keys, self.checks = [self.key()], [False]

    def legal_labels(self) -> tuple[list[int], list[int]]:
        turn = self.rsshogi.turn
        self.rsshogi_moves = {move_label(move, turn): move for move in self.rsshogi.legal_moves()}
        side = self.cshogi.turn
        self.cshogi_moves = {cshogi.dlshogi.make_move_label(move, side): move for move in self.cshogi.legal_moves}
        return sorted(self.rsshogi_moves), sorted(self.cshogi_moves)

    def play(self, action: int) -> None:
        self.rsshogi.apply_move(self.rsshogi_moves[action])
        self.cshogi.push(self.cshogi_moves[action])
        self.keys.append(self.key())
        self.checks.append(bool(self.cshogi.is_check()))

    def key(self) -> str:
        return " ".join(self.rsshogi.to_sfen().split()[:3])

    def ending(self, max_plies: int) -> Ending:
        """Judges slowly: mate by rsshogi, declaration by cshogi, repetition by counting texts of positions."""
        if self.rsshogi.is_mated():
            return Ending.MATE
        if self.keys.count(self.keys[-1]) >= 4:
            return self.repetition()
        if self.cshogi.is_nyugyoku():
            return Ending.DECLARATION
        return Ending.MAX_PLIES if self.rsshogi.game_ply > max_plies else Ending.NONE

    def repetition(self) -> Ending:
        """Says which player, if any, gave check with every move since the position stood first."""
        since = self.checks[self.keys.index(self.keys[-1]) + 1 :]
        by_mover, by_opponent = all(since[::-2]), all(since[-2::-2])
        if by_mover:
            return Ending.PERPETUAL_CHECK_BY_MOVER
        return Ending.PERPETUAL_CHECK_BY_OPPONENT if by_opponent else Ending.REPETITION


Player = Callable[[Games, list[Referees]], np.ndarray]
"""Chooses the actions of all games, int32 [B]."""


def play_at_random(games: Games, referees: list[Referees]) -> np.ndarray:
    return games.sample()


class Bot:
    """Mates in one ply if it can, else takes the most valuable piece it can, else plays at random."""

    def __init__(self) -> None:
        self.num_mates, self.num_captures = 0, 0

    def __call__(self, games: Games, referees: list[Referees]) -> np.ndarray:
        actions = games.sample()
        for row, referee in enumerate(referees):
            labels = np.flatnonzero(games.legal[row])
            points = CAPTURE_POINTS[games.positions.board[row, labels % 81]]
            if points.any():
                actions[row] = labels[points.argmax()]
                self.num_captures += 1
            # The library looks for a mate out of check only.
            mate = 0 if referee.cshogi.is_check() else referee.cshogi.mate_move_in_1ply()
            if mate:
                actions[row] = cshogi.dlshogi.make_move_label(mate, referee.cshogi.turn)
                self.num_mates += 1
        return actions


def compare(starts: Starts, num_positions: int, seed: int, play: Player = play_at_random) -> Iterator[Ending]:
    games = Games(NUM_GAMES, starts=starts, max_plies=300, seed=seed)
    sfens = [format_sfen(games.positions, row) for row in range(NUM_GAMES)]
    referees = [Referees(sfen) for sfen in sfens]
    for _ in range(num_positions // NUM_GAMES):
        for row, referee in enumerate(referees):
            ours = np.flatnonzero(games.legal[row]).tolist()
            from_rsshogi, from_cshogi = referee.legal_labels()
            assert ours == from_rsshogi == from_cshogi, referee.rsshogi.to_sfen()
            assert games.num_legal[row] == len(ours)
            assert games.positions.in_check[row] == referee.rsshogi.is_in_check() == referee.cshogi.is_check()
        actions = play(games, referees)
        texts = [action_to_usi(games.positions, int(actions[row]), row) for row in range(0, NUM_GAMES, 8)]
        assert texts == [referees[row].rsshogi_moves[int(actions[row])].to_usi() for row in range(0, NUM_GAMES, 8)]
        games.step(actions)
        for row, referee in enumerate(referees):
            referee.play(int(actions[row]))
            ending = Ending(int(games.ending[row]))
            assert ending == referee.ending(max_plies=300), (referee.rsshogi.to_sfen(), ending)
            final = games.final if ending else games.positions
            assert final.repetition[row] == min(referee.keys.count(referee.keys[-1]) - 1, 3)
            if row % 8 == 0 or ending:
                assert format_sfen(final, row) == referee.rsshogi.to_sfen()
            if ending:
                referees[row] = Referees(format_sfen(games.positions, row))
            yield ending


@pytest.mark.parametrize(
    ("sfens", "random_plies"),
    [
        pytest.param(OPENINGS, 0, id="from-the-start-position"),
        pytest.param(DROPS, 20, id="many-drops"),
        pytest.param(ENDGAMES, 40, id="endgames"),
    ],
)
def test_random_games_have_the_moves_checks_and_endings_of_two_libraries(sfens: list[str], random_plies: int) -> None:
    starts = Starts.from_sfens(sfens, random_plies=random_plies)
    endings = list(compare(starts, NUM_POSITIONS // 4, seed=len(sfens[0])))
    assert len(endings) >= NUM_POSITIONS // 4 - NUM_GAMES
    assert {Ending.MATE, Ending.MAX_PLIES} <= set(endings)
    assert Ending.DECLARATION in endings or sfens is not ENDGAMES


def test_games_of_a_bot_have_the_moves_checks_and_endings_of_two_libraries() -> None:
    bot = Bot()
    starts = Starts.from_sfens([*OPENINGS, DROPS[1]], random_plies=16)
    endings = Counter(compare(starts, NUM_POSITIONS // 4, seed=2, play=bot))
    assert endings.total() >= NUM_POSITIONS // 4 - NUM_GAMES
    assert bot.num_captures > endings.total() // 4
    # The bot's mates and those that come about by a capture or at random.
    assert endings[Ending.MATE] >= bot.num_mates >= endings.total() // 500


def choose_to_cycle(referee: Referees, history: list[str], random: np.random.Generator) -> int:
    """Mostly takes the own last move back, else mostly gives check, so that positions come again."""
    referee.legal_labels()
    texts = {move.to_usi(): label for label, move in referee.rsshogi_moves.items()}
    back = history[-2][2:4] + history[-2][:2] if len(history) > 1 else ""
    if back in texts and random.random() < 0.85:
        return texts[back]
    labels = sorted(referee.rsshogi_moves)
    checks = [label for label in labels if gives_check(referee, label)]
    return int(random.choice(checks if checks and random.random() < 0.7 else labels))


def gives_check(referee: Referees, label: int) -> bool:
    referee.cshogi.push(referee.cshogi_moves[label])
    is_check = referee.cshogi.is_check()
    referee.cshogi.pop()
    return bool(is_check)


def test_games_that_repeat_positions_end_as_a_library_judges_them() -> None:
    random = np.random.default_rng(1)
    endings: Counter[Ending] = Counter()
    for number in range(NUM_POSITIONS // 250):
        sfen = CYCLES[number % len(CYCLES)]
        games, referee = Games(1, starts=Starts.from_sfens([sfen]), max_plies=200), Referees(sfen)
        history: list[str] = []
        while games.num_legal[0]:
            action = choose_to_cycle(referee, history, random)
            history.append(action_to_usi(games.positions, action))
            games.step(np.array([action], np.int32), reset=False)
            referee.play(action)
            ending = Ending(int(games.ending[0]))
            assert ending == referee.ending(200), (sfen, history)
            # rsshogi looks back 16 plies only, so its silence says nothing.
            assert RSSHOGI_KINDS.get(referee.rsshogi.repetition_state(), ending) == ending, (sfen, history)
        endings[ending] += 1
    assert min(endings[kind] for kind in (Ending.REPETITION, *PERPETUAL)) >= 5, endings
