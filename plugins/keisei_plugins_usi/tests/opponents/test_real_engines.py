"""Games against programs that nobody here wrote, each in its own protocol; skipped where they are not installed."""

import shutil

import numpy as np
import pytest

from keisei_core.arena import FollowedGame, Forfeit, PlayerContext, RandomPlayer, closing, play_pairs
from keisei_core.shogi import START_SFEN, Games, action_to_usi
from keisei_core.testing import PLAYER_CHECKS, Outcome, PlayerUnderTest, run_checks
from keisei_core.testing.check import name_of
from keisei_plugins_usi.opponents.engine_table import EngineTable
from keisei_plugins_usi.opponents.identity import identity
from keisei_plugins_usi.opponents.options import UsiOptions
from keisei_plugins_usi.opponents.player import UsiPlayer

GAMES = "/usr/games"
"""Where Debian has them, which is not on everybody's path."""
CHECKS = [
    check
    for check in PLAYER_CHECKS
    if name_of(check) in ("any_batch", "only_legal_action_is_found", "questions_are_left_alone", "whole_games")
]
"""The quick ones: an engine begins a game for every position that it is asked about alone."""
TABLES = {
    "fairy-stockfish": {"options": {"Threads": 1, "Hash": 1, "Skill Level": 20}},
    "crazywa": {"protocol": "xboard"},
    "gnushogi": {"protocol": "gnushogi", "arguments": ("-X", "-h", "-a", "1", "10:00")},
}


def options(name):
    program = shutil.which(name) or shutil.which(name, path=GAMES)
    if program is None:
        pytest.skip(f"{name} is not installed; Debian has it: apt-get install {name}")
    table = dict(TABLES[name])
    command = (program, *table.pop("arguments", ()))
    return UsiOptions(engine=name, engines={name: EngineTable(command=command, **table)})


@pytest.mark.parametrize("name", TABLES)
def test_engine_of_depth_1_beats_random_play_with_both_colours(name):
    context = PlayerContext(seed=1, device=None)
    with closing(player := UsiPlayer(context, options(name))):
        ((one, other),) = play_pairs(
            player, RandomPlayer(context), num_games=2, max_plies=300, opening_plies=4, seed=1, at_once=8
        )

    assert [(game.points, game.ended_by) for game in (one, other)] == [(1, "mate")] * 2
    assert one.first_is_black != other.first_is_black


@pytest.mark.parametrize("name", TABLES)
def test_engine_that_was_not_asked_for_a_move_of_its_own_goes_on_with_the_game(name):
    games, moves = Games(1, seed=3), []

    def play(action):
        moves.append(action_to_usi(games.positions, action))
        games.step(np.array([action], np.int32), reset=False)

    with closing(player := UsiPlayer(None, options(name))):
        for unasked in (1, 3, 1, 2):
            for _ in range(unasked):
                play(int(games.sample()[0]))
            game = FollowedGame(number=1, start=START_SFEN, moves=tuple(moves))
            (answer,) = player.choose(games.positions, games.legal, [game])
            assert not isinstance(answer, Forfeit), answer.last_words
            play(answer)


@pytest.mark.parametrize(
    ("name", "called"), [("fairy-stockfish", "Fairy"), ("crazywa", "CrazyWa"), ("gnushogi", "GNU")]
)
def test_engine_says_what_it_is_called(name, called):
    given = options(name)
    with closing(player := UsiPlayer(None, given)):
        assert player.engines[0].calls_itself.startswith(called)
    assert identity(given) == identity(given)


def test_fairy_stockfish_keeps_the_contract_of_players():
    with closing(player := UsiPlayer(None, options("fairy-stockfish"))):  # started once, since it remembers nothing
        found = run_checks(CHECKS, PlayerUnderTest(make=lambda _: player))
    assert [finding.outcome for finding in found] == [Outcome.PASSED] * len(CHECKS)
