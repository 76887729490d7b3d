"""The player `usi` with an engine that does wrong: what loses a game, what does not, and how the next one begins."""

import errno
import threading

import attrs
import pytest

from keisei_core.arena import FaultsError, FollowedGame, Forfeit, ForfeitKind, play_pairs
from keisei_core.arena.followed_game import UNKNOWN
from keisei_core.errors import ConfigError, PluginError
from keisei_core.shogi import START_SFEN, Games, action_to_usi, legal_mask, parse_sfen
from keisei_plugins_usi.opponents import process
from keisei_plugins_usi.opponents.engine import Engine
from keisei_plugins_usi.opponents.options import UsiOptions
from keisei_plugins_usi.opponents.player import UsiPlayer
from keisei_plugins_usi.opponents.usi import Usi

SILENT_S = 0.5
START = parse_sfen(START_SFEN)


def asked(player, number=0):
    (answer,) = player.choose(START, legal_mask(START), [FollowedGame(number=number, start=START_SFEN)])
    return answer if isinstance(answer, Forfeit) else action_to_usi(START, answer)


def games_of(first, second, num_games=2):
    pairs = play_pairs(first, second, num_games=num_games, max_plies=60, opening_plies=0, seed=1, at_once=64)
    return [game for pair in pairs for game in pair]


@pytest.mark.parametrize(
    ("what", "kind", "word"),
    [
        ("illegal", ForfeitKind.ILLEGAL_MOVE, "bestmove 1a1b"),
        ("declares", ForfeitKind.ILLEGAL_MOVE, "(played 'win', which is no legal move)"),
        ("none", ForfeitKind.ILLEGAL_MOVE, "(played '(none)', which is no legal move)"),
        ("empty", ForfeitKind.ILLEGAL_MOVE, "(played '', which is no legal move)"),
        ("drops", ForfeitKind.ILLEGAL_MOVE, "bestmove P@5e"),
        ("garbage", ForfeitKind.ILLEGAL_MOVE, r"bestmove \x1b[31m☃ 7g7f"),
        ("late", ForfeitKind.SILENCE, "(no bestmove within 0.5 s)"),
        ("silent", ForfeitKind.SILENCE, "readyok"),
        ("endless", ForfeitKind.SILENCE, f"info string {'o' * 188}"),
        ("dies", ForfeitKind.DEATH, "stderr: Segmentation fault"),
        ("dies", ForfeitKind.DEATH, "(ended with exit code 3)"),
        ("mute", ForfeitKind.DEATH, "(it closed its output)"),
    ],
)
def test_what_is_no_move_in_time_loses_with_the_engines_last_words(bad, what, kind, word):
    answer = asked(bad(what, move_timeout=SILENT_S if kind is ForfeitKind.SILENCE else 60.0))

    assert answer.kind is kind
    assert word in answer.last_words
    assert len(answer.last_words) <= 22


def test_resignation_is_a_loss_without_a_fault(bad):
    assert asked(bad("resigns")) == Forfeit(kind=ForfeitKind.RESIGNATION)


@pytest.mark.parametrize("what", ["plays", "floods", "no-newline"])
def test_whatever_is_written_beside_a_legal_move_the_move_is_played(bad, what):
    player = bad(what)
    assert [asked(player), asked(player)] == ["2h3h", "2h3h"]


def test_second_answer_to_one_question_is_none_to_the_next(bad):
    games = games_of(bad("twice"), bad())
    assert [game.ended_by for game in games] == ["repetition"] * 2


def test_engine_that_reads_no_more_loses_at_its_next_move(bad):
    player = bad("deaf")
    assert asked(player) == "2h3h"
    assert asked(player).kind is ForfeitKind.DEATH


def test_engine_that_failed_is_started_again_for_the_next_game(bad):
    games = games_of(bad("dies", ply=2), bad(), num_games=4)

    assert [game.forfeit.kind for game in games] == [ForfeitKind.DEATH] * 4
    assert [len(game.actions) for game in games] == [4, 5, 4, 5]  # it played two moves in each


def test_engine_that_fails_in_every_game_ends_the_match(bad):
    with pytest.raises(FaultsError, match=r"first player: lost 6 of 6 games by faults") as raised:
        games_of(bad("illegal"), bad(), num_games=20)
    assert "illegal_move 6; its last words:" in str(raised.value)
    assert "\n  | bestmove 1a1b" in str(raised.value)


def test_engine_that_plays_one_game_is_started_again_for_every_position_without_one(bad, monkeypatch):
    monkeypatch.setattr(Usi, "plays_one_game", True)
    player = bad()
    assert asked(player, number=UNKNOWN) == "2h3h"
    first = player.engines[0]._dialect

    assert asked(player, number=UNKNOWN) == "2h3h"
    assert player.engines[0]._dialect is not first


def test_engine_that_does_not_come_up_again_loses_by_death(bad):
    player = bad("dies")
    assert asked(player).kind is ForfeitKind.DEATH
    player.engines[0].table = attrs.evolve(player.engines[0].table, command=("false",))

    answer = asked(player, number=1)
    assert answer.kind is ForfeitKind.DEATH
    assert "(ended with exit code 1)" in answer.last_words


def test_several_engines_play_side_by_side_each_its_own_game(bad):
    player = bad(processes=3)
    games = games_of(player, bad(processes=2), num_games=6)

    assert {game.ended_by for game in games} == {"repetition"}
    assert [bool(engine.calls_itself) for engine in player.engines] == [True, True, False]  # two at once, by the other


def test_ctrl_c_waits_for_no_engine_that_thinks_beside_another(bad, monkeypatch):
    begun, may_end, ended = threading.Event(), threading.Event(), []

    def answer(_, game, *__):
        if game.number == 0:
            begun.wait(60)
            raise KeyboardInterrupt
        begun.set()
        may_end.wait(10)
        ended.append(game.number)
        return 0

    monkeypatch.setattr(Engine, "answer", answer)
    positions = Games(2).positions
    games = [FollowedGame(number=number, start=START_SFEN) for number in range(2)]
    player = bad(processes=2)
    with pytest.raises(KeyboardInterrupt):
        player.choose(positions, legal_mask(positions), games)
    assert not ended
    may_end.set()


@pytest.mark.parametrize("what", ["slow-start", "slow-handshake", "never-ready"])
def test_engine_that_does_not_become_ready_is_told_of_at_once(bad, what):
    # usiok must be there in time where readyok is to be missed
    answer, within_s = ("readyok", 5) if what == "never-ready" else ("usiok", SILENT_S)

    told = rf"engine 'bad' \(.*bad_engine.py {what} 0 \): no {answer} within {within_s} s"
    with pytest.raises(PluginError, match=told):
        bad(what, start_timeout=within_s)


def test_what_an_engine_said_before_it_failed_to_become_ready_is_told(bad):
    with pytest.raises(PluginError, match=r"ended with exit code 3; its last words:\n  \| id name Bad Engine 1\.0\n"):
        bad("dies-unready")


def test_program_that_is_not_there_is_told(bad_table):
    table = attrs.evolve(bad_table(), command=("/no/such/engine",))
    with pytest.raises(ConfigError, match=r"engine 'x': no program '/no/such/engine' that can be run"):
        UsiPlayer(None, UsiOptions(engine="x", engines={"x": table}))


def test_system_that_starts_no_more_processes_is_told(bad, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(process.subprocess, "Popen", refuse)
    with pytest.raises(PluginError, match=r"'bad' .*: can't be started: Too many open files; its last words: none"):
        bad()


def test_option_that_the_engine_does_not_have_is_told_with_the_one_that_was_meant(bad):
    with pytest.raises(ConfigError, match=r"engine 'bad': it has no option 'Skil Level'; did you mean 'Skill Level'\?"):
        bad(options={"Skil Level": 3})
