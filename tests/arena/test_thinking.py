"""Thinking by a player that has no search: what a network tells of its moves, and what keeps it from repetition."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from keisei_core.arena import Limits, Line, NetworkPlayer, Never, RandomPlayer, think
from keisei_core.arena.past import Past, without_recurring
from keisei_core.arena.thinking import centipawns_of
from keisei_core.evaluate import log_policy
from keisei_core.observe import Needs
from keisei_core.shogi import Branches, Games, Positions, Starts, parse_sfen, usi_to_action
from keisei_core.shogi.games import MAX_MAX_PLIES

BARE = "4k4/9/9/9/9/9/9/9/R3K4 b P 1"
MATE = "7lk/9/8G/9/9/9/9/9/4K4 b G 1"


class ByNumber:
    """Stands in for an evaluator: moves with small numbers are liked, and a position is worth what it has in hand."""

    device = torch.device("cpu")
    network = SimpleNamespace(eval=lambda: None)
    features = SimpleNamespace(needs=Needs())

    def watch(self):
        """Has nothing to look out for."""

    def require_values(self):
        """Finds nothing wrong."""

    def policy_and_value(self, positions: Positions, legal, temperature=None):
        logits = torch.arange(legal.shape[1], 0, -1, dtype=torch.float32).repeat(len(positions), 1) / 100
        in_hand = positions.hands.astype(np.float32).sum(axis=2)
        values = torch.from_numpy(np.tanh(in_hand[:, 0] - in_hand[:, 1]))
        return log_policy(logits, torch.from_numpy(legal)), values


def player(**options) -> NetworkPlayer:
    return NetworkPlayer(ByNumber(), temperature=0.0, seed=0, **options)


def thought(sfen: str, played: str = "", asked: NetworkPlayer | None = None, **limits):
    games = Games(1, max_plies=100, starts=Starts.from_sfens([sfen]))
    for move in played.split():
        games.step(np.array([usi_to_action(games.positions, move)], np.int32), reset=False)
    told = []
    past = Branches.of_games(games, slice(None))
    found = think(asked or player(), games.positions, past, Limits(**limits), Never(), told.append)
    assert told == [found.info]
    return found, games.positions


def test_network_plays_the_move_that_it_chooses_in_a_match():
    found, position = thought("startpos")
    assert found.action == player().choose(position, Branches.of_positions(position, 9).legal)[0]
    assert usi_to_action(position, found.info.lines[0].moves[0]) == found.action


def test_lines_are_the_likeliest_moves_with_the_reply_and_the_worth_of_what_stands_then():
    found, position = thought("4k4/9/9/9/9/9/9/9/4K4 b 2P 1", lines=3)
    assert len(found.info.lines) == 3
    assert found.info.nodes == 4
    likeliest = np.flatnonzero(Branches.of_positions(position, 9).legal[0])[:3]
    assert [usi_to_action(position, line.moves[0]) for line in found.info.lines] == likeliest.tolist()
    for line in found.info.lines:
        assert line.value == pytest.approx(float(np.tanh(2.0)))
        branch = Branches.of_positions(position, 9)
        branch.play(np.array([usi_to_action(position, line.moves[0])], np.int32))
        assert usi_to_action(branch.positions, line.moves[1]) == np.flatnonzero(branch.legal[0])[0]
    assert found.ponder == found.info.lines[0].moves[1]


def test_line_that_mates_ends_there():
    mate = usi_to_action(parse_sfen(MATE), "G*1b")
    found, _ = thought(MATE, asked=player(mates_in_one=True))
    assert found.action == mate
    assert found.info.lines[0] == Line(moves=("G*1b",), value=1.0, mate=1, visits=1)
    assert found.ponder is None


def test_only_moves_that_are_asked_for_are_looked_at():
    position = parse_sfen("startpos")
    actions = tuple(usi_to_action(position, move) for move in ("2g2f", "7g7f"))
    found = think(player(), position, None, Limits(moves=actions, lines=9), Never(), lambda _: None)
    assert {line.moves[0] for line in found.info.lines} == {"2g2f", "7g7f"}


@pytest.mark.parametrize(("avoids", "expected"), [(True, "P*5e"), (False, "9i9h")])
def test_network_that_avoids_repetition_is_kept_from_it(avoids, expected):
    there_and_back = "9i9h 5a5b 9h9i 5b5a"
    position = parse_sfen(BARE)
    actions = tuple(usi_to_action(position, move) for move in ("9i9h", "P*5e"))
    found, _ = thought(BARE, there_and_back, asked=player(avoids_repetition=avoids), moves=actions)
    assert found.info.lines[0].moves[0] == expected


def test_moves_that_recur_are_those_of_the_past_of_matches():
    games = Games(8, starts=Starts.from_sfens([BARE]), seed=3)
    past, rows = Past(8, games.max_plies), np.arange(8)
    past.note(games.positions, rows)
    num_taken = 0
    for _ in range(40):
        games.step(games.sample(), reset=False)
        past.note(games.positions, rows)
        kept = past.without_repetition(games.positions, games.legal, rows)
        for row in np.flatnonzero(games.num_legal):
            branch = Branches.of_games(games, np.array([row]))
            np.testing.assert_array_equal(without_recurring(branch, games.legal[row : row + 1])[0], kept[row])
            num_taken += int((kept[row] != games.legal[row]).sum())
    assert num_taken > 10


def test_player_that_is_asked_for_moves_alone_is_kept_from_repetition_too():
    asked = RandomPlayer(SimpleNamespace(seed=1))
    asked.avoids_repetition = True
    branch = Branches.of_positions(parse_sfen("k8/9/9/9/9/9/9/9/K8 b - 1"), MAX_MAX_PLIES)
    for move in ("9i9h", "9a9b", "9h9i"):
        branch.play(np.array([usi_to_action(branch.positions, move)], np.int32))
    back = usi_to_action(branch.positions, "9b9a")
    for _ in range(30):
        assert think(asked, branch.positions, branch, Limits(), Never(), lambda _: None).action != back


def test_further_lines_of_a_player_that_chooses_begin_with_other_moves():
    position = parse_sfen("8k/9/9/9/9/9/9/9/K8 b - 1")
    asked = RandomPlayer(SimpleNamespace(seed=1))
    found = think(asked, position, None, Limits(lines=9), Never(), lambda _: None)
    moves = [line.moves[0] for line in found.info.lines]
    assert sorted(moves) == ["9i8h", "9i8i", "9i9h"]
    assert usi_to_action(position, moves[0]) == found.action


def test_scale_of_scores_can_be_chosen():
    line = Line(moves=("7g7f",), value=0.5)
    assert (line.centipawns, line.score(600), line.score(100)) == (659, 659, 110)
    assert centipawns_of(0.5, 756) == round(756 * np.log(3))
    assert Line(moves=("7g7f",), value=None).score(600) is None
