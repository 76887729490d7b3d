"""Segments say what was really played, from real games."""

import numpy as np
import pytest
import torch

from keisei_core.decide import PolicyDecider
from keisei_core.evaluate.device_queue import Answer, Passed
from keisei_core.experience import GameRecorder, Lockstep, Segment
from keisei_core.shogi import Ending, Games, Starts, legal_mask, material, parse_sfen, usi_to_action
from keisei_plugins_ppo.advantage import estimate


class Scripted:
    """Stands in for a network: gives the wanted moves probability one, and a fixed value."""

    def __init__(self, games: Games, moves: list[str], value: float) -> None:
        self.games, self.moves, self.fixed = games, iter(moves), value
        self.network = torch.nn.Identity()

    def watch(self):
        """Has nothing to look out for."""

    def require_values(self):
        """Finds nothing wrong."""

    def submit(self, positions, legal, program, stream, *, repeats):
        logits, value = torch.full(legal.shape, -1e9), torch.full((len(positions),), self.fixed)
        logits[:, usi_to_action(positions, next(self.moves))] = 0.0
        found = program(logits, value, torch.from_numpy(legal).bool(), stream)
        return Answer(found, Passed())


def play(sfen: str, moves: str, *, max_plies: int = 512, value: float = 0.0) -> Segment:
    """Plays moves in one game from a position."""
    games = Games(1, max_plies=max_plies, starts=Starts.from_sfens([sfen]))
    words = moves.split()
    evaluator, decider = Scripted(games, words, value), PolicyDecider(None)
    source = Lockstep(games, decider, evaluator, torch.Generator(), num_plies=len(words), columns=decider.columns)
    segment, _ = source.next()
    return segment


def advantages(segment: Segment) -> list[float]:
    """PPO's, of a game in which all values are 0."""
    value = np.zeros((segment.num_plies + 1, 1), np.float32)
    return [float(x) for x in estimate(segment, value, value[:-1], gamma=1.0, gae_lambda=1.0)[:, 0]]


def test_two_ply_game_with_mate_by_black_rewards_black_and_blames_white():
    segment = play("8k/8p/7G1/8G/9/9/9/9/4K4 w G 1", "1b1c G*1b")

    assert segment.ending[:, 0].tolist() == [Ending.NONE, Ending.MATE]
    assert segment.reward[:, 0].tolist() == [0, 1]
    assert advantages(segment) == [-1, 1]


FOUR_TIMES = "5i5h 5a5b 5h5i 5b5a " * 3


def test_four_fold_repetition_is_a_draw_for_both():
    segment = play("4k4/9/9/9/9/9/9/9/4K4 b 2P 1", FOUR_TIMES)

    assert segment.ending[-1, 0] == Ending.REPETITION
    assert advantages(segment) == [0.0] * 12


ROOK_CHASES_KING = {
    "white": ("8k/3r5/9/9/9/9/9/9/4K4 w P 1", "8k/5r3/9/9/9/9/9/9/4K4 w P 1", "4b5b 5i4i 5b4b 4i5i ", "6b5b "),
    "black": ("4k4/9/9/9/9/9/9/3R5/8K b p 1", "4k4/9/9/9/9/9/9/5R3/8K b p 1", "4h5h 5a4a 5h4h 4a5a ", "6h5h "),
}


@pytest.mark.parametrize("checker", ["black", "white"])
def test_perpetual_check_is_lost_by_the_checker_who_moved_last(checker):
    sfen, _, cycle, first = ROOK_CHASES_KING[checker]
    # The position after the first check comes back after each check on the same file: 1, 5, 9, 13.
    words = [first.strip(), *(cycle.split()[1:] + cycle.split()[:1]) * 3]
    segment = play(sfen, " ".join(words))

    assert segment.ending[-1, 0] == Ending.PERPETUAL_CHECK_BY_MOVER
    assert segment.reward[-1, 0] == -1
    assert advantages(segment)[-2:] == [1, -1]


@pytest.mark.parametrize("checker", ["black", "white"])
def test_perpetual_check_is_lost_by_the_checker_when_the_other_moved_last(checker):
    _, sfen, cycle, _ = ROOK_CHASES_KING[checker]
    # The start itself counts: it comes back after plies 4, 8 and 12, each time by the king's move.
    segment = play(sfen, cycle * 3)

    assert segment.ending[-1, 0] == Ending.PERPETUAL_CHECK_BY_OPPONENT
    assert segment.reward[-1, 0] == 1
    assert advantages(segment)[-2:] == [-1, 1]


def test_truncated_game_keeps_its_last_position():
    segment = play("4k4/9/9/9/9/9/9/9/4K4 b P 1", "5i5h 5a5b", max_plies=2, value=0.75)

    assert segment.ending[-1, 0] == Ending.MAX_PLIES
    assert segment.reward[-1, 0] == 0
    assert segment.columns["value"][:, 0] == pytest.approx(0.75)
    assert segment.cut_rows.tolist() == [1]
    # Black, to move after the cut, has a pawn in hand.
    assert material(segment.cut).tolist() == [1]
    assert segment.cut.ply.tolist() == [2]


def test_material_counts_board_and_hands_for_the_mover():
    positions = [
        ("lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1", 0),
        ("4k4/9/9/9/9/9/9/9/4K4 b RB2p 1", 18 - 2),
        ("4k4/9/9/9/9/9/9/9/4K4 w RB2p 1", -16),
        ("4k4/4+r4/9/9/9/9/9/9/4KG3 b - 1", 6 - 13),
    ]

    assert [float(material(parse_sfen(sfen))[0]) for sfen, _ in positions] == [pawns for _, pawns in positions]


def test_ply_that_ppo_learns_from_takes_at_most_131_bytes():
    segment = Segment.empty(32, 128, PolicyDecider.columns)

    assert segment.num_bytes / segment.num_plies <= 131


def test_stored_positions_give_the_masks_of_play():
    games = Games(64, seed=1)
    stored, masks = [], []
    for _ in range(60):
        stored.append(games.positions[np.arange(64)])
        masks.append(games.legal.copy())
        games.step(games.sample())

    for positions, mask in zip(stored, masks, strict=True):
        assert (legal_mask(positions) == mask).all()


def test_recorded_game_can_be_played_again_from_its_sfen():
    games = Games(2, max_plies=60, starts=Starts.standard(random_plies=4), seed=3)
    recorder = GameRecorder(games, 2)
    ended = []
    while len(ended) < 4:
        actions = games.sample()
        recorder.before_step(actions)
        movers = games.positions.side_to_move.copy()
        games.step(actions)
        ended += recorder.after_step(games.ending, movers)

    for record in ended:
        again = Games(1, max_plies=60, starts=Starts.from_sfens([record.sfen]))
        for move in record.moves:
            assert again.ending[0] == Ending.NONE
            again.step(np.array([usi_to_action(again.positions, move)], np.int32), reset=False)
        assert Ending(int(again.ending[0])).name.lower() == record.ending
