"""Players that follow games: what they are given, and what becomes of a game that one of them gives away."""

from collections import Counter

import attrs
import numpy as np
import pytest
import torch

from keisei_core.arena import (
    FaultsError,
    Forfeit,
    ForfeitKind,
    Limits,
    Never,
    PlayerContext,
    RandomPlayer,
    closing,
    play_match,
    play_pairs,
    think,
)
from keisei_core.arena.contest import Contest
from keisei_core.arena.match_record import match_records
from keisei_core.arena.participant import Participant
from keisei_core.errors import KeiseiError
from keisei_core.records import FORMS, Game, as_text
from keisei_core.shogi import START_SFEN, Games, format_sfen, parse_sfen, usi_to_action

CPU = torch.device("cpu")


class Following:
    """Plays by the position alone, writes down what it is given, and gives games away as it is told."""

    follows_games = True

    def __init__(self, give_away=lambda game: None):
        self.give_away, self.asked, self.told, self.is_closed = give_away, [], [], False

    def choose(self, positions, legal, games):
        self.asked += [(format_sfen(positions, row), game) for row, game in enumerate(games)]
        spread = (positions.board.astype(np.int64) * np.arange(1, 82)).sum(axis=1) + positions.ply
        moves = [np.flatnonzero(row) for row in legal]
        actions = [int(own[number % len(own)]) for own, number in zip(moves, spread, strict=True)]
        return [self.give_away(game) or action for game, action in zip(games, actions, strict=True)]

    def game_over(self, game, points):
        self.told.append((game, points))

    def close(self):
        self.is_closed = True


def after(plies, kind, *last_words):
    """Gives a game away once it is so long."""
    forfeit = Forfeit(kind=kind, last_words=last_words)
    return lambda game: forfeit if len(game.moves) >= plies else None


def random_player(seed=9):
    return RandomPlayer(PlayerContext(seed=seed, device=CPU))


def pairs_of(first, second, **changes):
    settings = {"num_games": 12, "max_plies": 40, "opening_plies": 6, "seed": 5, "at_once": 8} | changes
    return list(play_pairs(first, second, **settings))


def test_moves_of_a_followed_game_lead_to_the_position_that_is_asked_about():
    player = Following()
    pairs_of(player, random_player())

    assert len(player.asked) > 100
    for sfen, game in player.asked[::17]:
        games = Games(1)
        assert game.start == START_SFEN
        for move in game.moves:
            games.step(np.array([usi_to_action(games.positions, move)], np.int32), reset=False)
        assert format_sfen(games.positions) == sfen


def test_number_is_that_of_one_game_from_its_opening_to_its_end():
    player = Following()
    pairs_of(player, random_player())

    played = {}
    for _, game in player.asked:
        so_far = played.get(game.number, ())
        assert game.moves[: len(so_far)] == so_far
        played[game.number] = game.moves
    assert sorted(played) == list(range(12))


def test_both_followers_are_told_once_of_every_game_what_they_got():
    resigns = after(9, ForfeitKind.RESIGNATION)
    first, second = Following(lambda game: resigns(game) if game.number % 3 == 0 else None), Following()
    pairs = pairs_of(first, second)

    results = {game.number: (len(game.actions), game.points) for pair in pairs for game in pair}
    assert {game.number: (len(game.moves), points) for game, points in first.told} == results
    assert {game.number: (len(game.moves), 1 - points) for game, points in second.told} == results
    assert len(first.told) == len(second.told) == 12


@pytest.mark.parametrize("kind", ForfeitKind)
@pytest.mark.parametrize("seat", [0, 1])
def test_who_gives_a_game_away_loses_it_and_records_say_how(kind, seat):
    players = [random_player(), random_player(3)]
    players[seat] = Following(give_away=lambda game: after(12, kind)(game) if game.number in (2, 3) else None)

    games = [game for pair in pairs_of(*players) for game in pair]

    lost = [game for game in games if game.forfeit is not None]
    assert [game.number for game in lost] == [2, 3]
    assert {game.first_is_black for game in lost} == {True, False}
    for game in lost:
        assert game.points == seat
        (record,) = match_records([game], "a", "b")
        assert record["ending"] == kind
        assert record[record["winner"]] == "ba"[seat]
        assert all(as_text(Game.of(record), form) for form in FORMS)  # refuses a winner that can't have won


def test_game_that_is_given_away_leaves_the_others_as_they_were():
    def others(give_away):
        pairs = pairs_of(Following(give_away), Following(), num_games=8, at_once=4)
        return [game.actions.tolist() for pair in pairs for game in pair if game.number not in (1, 2)]

    given_away = others(lambda game: after(7, ForfeitKind.SILENCE)(game) if game.number in (1, 2) else None)
    assert given_away == others(lambda game: None)


def test_one_fault_too_many_ends_the_match_with_what_was_said_last():
    player = Following(give_away=after(8, ForfeitKind.ILLEGAL_MOVE, "bestmove 1a1b", "bye"))

    with pytest.raises(
        FaultsError, match=r"second player: lost 6 of 6 games by .*illegal_move 6.*\n  \| bestmove 1a1b\n  \| bye"
    ):
        pairs_of(random_player(), player, num_games=40)


def test_few_faults_of_many_games_and_any_number_of_resignations_are_losses_like_others():
    def gives_away(game):
        kind = ForfeitKind.DEATH if game.number % 30 == 0 else ForfeitKind.RESIGNATION
        return after(8, kind)(game)

    score = play_match(
        Following(give_away=gives_away), random_player(), num_games=240, max_plies=40, opening_plies=6, seed=5
    )

    assert (score.games, score.losses) == (240, 240)


def test_player_of_one_game_at_once_gets_one_after_the_other():
    player = Following()
    player.most_at_once = 1

    pairs_of(random_player(), player)
    assert [game.number for game, _ in player.told] == list(range(12))
    order = [game.number for _, game in player.asked]
    assert order == sorted(order)


@attrs.frozen
class Built:
    """Stands for a choice that builds a player."""

    player: object

    def build(self, _):
        if isinstance(self.player, Exception):
            raise self.player
        return self.player


def participant(player, name):
    return Participant(Built(player), name, name)


CONTEST = Contest(games=4, seed=1, max_plies=40, opening_plies=6, at_once=4, device=CPU)


def test_report_counts_faults_apart_with_the_last_words():
    words = tuple(f"info string {number}" for number in range(3))
    faulty = Following(give_away=after(8, ForfeitKind.SILENCE, *words))

    report = CONTEST.play(participant(faulty, "faulty"), participant(random_player(), "random"))

    assert report.score.losses == 4
    assert report.endings["silence"] == 4
    assert Counter(report.endings).total() == 4
    assert report.to_data()["faults"] == {
        "first": {"illegal_move": 0, "silence": 4, "death": 0, "last_words": list(words)},
        "second": {"illegal_move": 0, "silence": 0, "death": 0, "last_words": []},
    }
    told = "\n".join(report.lines())
    assert "endings  silence 4; 8 plies a game" in told
    assert "faults   first: lost by silence 4; its last words:\n  | info string 0" in told
    assert faulty.is_closed


def test_report_says_how_many_games_were_played_at_once():
    single = Following()
    single.most_at_once = 1

    for player, at_once in ((single, 1), (Following(), 4)):
        report = CONTEST.play(participant(player, "a"), participant(random_player(), "random"))
        assert report.conditions["at_once"] == at_once


def test_match_that_faults_end_names_the_player_and_closes_both():
    players = Following(give_away=after(8, ForfeitKind.DEATH)), Following()

    with pytest.raises(FaultsError) as raised:
        attrs.evolve(CONTEST, games=20).play(participant(players[0], "usi:bad"), participant(players[1], "usi:good"))

    assert raised.value.__notes__ == ["the player is usi:bad"]
    assert raised.value.exit_code == 3
    assert all(player.is_closed for player in players)


def test_first_player_is_closed_where_the_second_cannot_be_built():
    player = Following()

    with pytest.raises(KeiseiError, match="no such engine"):
        CONTEST.play(participant(player, "a"), participant(KeiseiError("no such engine"), "b"))
    assert player.is_closed


def test_players_without_an_end_are_closed_as_well():
    with closing(random_player(), None):
        pass


def test_thinking_asks_a_follower_about_a_game_that_begins_there():
    position = parse_sfen("4k4/9/9/9/9/9/9/9/4K4 b G 1")
    player = Following()

    think(player, position, None, Limits(), Never(), lambda _: None)
    ((sfen, game),) = player.asked
    assert (game.start, game.moves) == (sfen, ())

    player.give_away = after(0, ForfeitKind.RESIGNATION)
    with pytest.raises(KeiseiError, match=r"expected a move, got resignation in sfen '4k4"):
        think(player, position, None, Limits(), Never(), lambda _: None)
