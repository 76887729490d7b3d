"""What a user interface sends and what it must be answered, without a process; rows are those of `keisei usi-check`."""

import math
import random

import pytest

from keisei_plugins_usi.engine.options import OWN_OPTIONS
from keisei_plugins_usi.engine.order import Told
from keisei_plugins_usi.engine.said import START

ORDINARY = "go btime 60000 wtime 60000 byoyomi 1000"


def test_nothing_is_said_before_anything_is_asked(desk) -> None:
    """Row 1."""
    assert desk.tick(60) == []
    assert desk.jobs == []


def test_usi_is_answered_without_the_searcher(desk) -> None:
    """Row 2."""
    said = desk.say("usi")

    assert said[0] == "id name Keisei"
    assert said[1].startswith("id author ")
    assert said[-1] == "usiok"
    assert all(line.startswith("option name ") for line in said[2:-1])
    assert desk.jobs == []


def test_names_defaults_and_choices_have_no_spaces(desk) -> None:
    """Rows 5, 6 and 7."""
    for line in desk.say("usi")[2:-1]:
        words = line.split(" ")
        assert words[:2] == ["option", "name"]
        assert words[3] == "type"
        assert words[5] == "default"
        rest = words[7:]
        numbers_or_words = rest[0::2]
        assert set(numbers_or_words) <= {"min", "max", "var"}, line
        assert "" not in words


@pytest.mark.parametrize("line", ["setoption name USI_Ponder value true", "setoption name USI_Hash value 32"])
def test_options_that_everybody_sends_are_taken(desk, line) -> None:
    """Row 5."""
    assert desk.say(line) == []


@pytest.mark.parametrize(
    ("line", "option", "value"),
    [
        pytest.param("setoption name LogFile value /tmp/My Logs/a b ", "LogFile", "/tmp/My Logs/a b ", id="8-spaces"),
        pytest.param("setoption name LogFile value ", "LogFile", "", id="8-empty"),
        pytest.param("setoption name LogFile value", "LogFile", "", id="8-value-without-one"),
        pytest.param("setoption name LogFile", "LogFile", "", id="8-missing"),
        pytest.param("setoption name LogFile value <empty>", "LogFile", "", id="8-said-to-be-empty"),
        pytest.param("setoption name multipv value 3", "MultiPV", "3", id="8-case"),
        pytest.param("setoption name USI_MultiPV value 4", "MultiPV", "4", id="35-other-name"),
        pytest.param("setoption name Draw_Ply value 256", "MaxMovesToDraw", "256", id="40-other-name"),
        pytest.param("setoption name USI_Ponder value TRUE", "USI_Ponder", "true", id="8-check"),
        pytest.param("setoption name LogFile value a value b", "LogFile", "a value b", id="8-value-in-value"),
        pytest.param("setoption name LogFile value /将棋/網 1", "LogFile", "/将棋/網 1", id="9-utf-8"),
        pytest.param("setoption name LogFile value /将棋".encode("cp932"), "LogFile", "/将棋", id="9-cp932"),
        pytest.param("setoption name MultiPV value 2\r", "MultiPV", "2", id="41-carriage-return"),
    ],
)
def test_value_goes_to_the_end_of_the_line(desk, line, option, value) -> None:
    """Rows 8, 9, 35, 40 and 41."""
    assert desk.say(line) == []
    assert desk.session.options.text(option) == value


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("setoption name Nothing value 3", "info string no option Nothing"),
        ("setoption name MultiPV value 99", "info string option MultiPV: expected a whole number from 1 to 16, got 99"),
        (
            "setoption name MultiPV value many",
            "info string option MultiPV: expected a whole number from 1 to 16, got many",
        ),
        ("setoption name EnteringKingRule value x", "option EnteringKingRule: expected CSARule27 or NoEnteringKing"),
        ("setoption name USI_Ponder value maybe", "option USI_Ponder: expected true or false, got maybe"),
        ("setoption", "info string expected setoption name NAME value VALUE"),
    ],
)
def test_option_that_can_not_be_is_told_and_no_more(desk, line, said) -> None:
    """Row 8."""
    before = desk.session.options.text("MultiPV")
    (told,) = desk.say(line)
    assert said in told
    assert desk.session.options.text("MultiPV") == before
    assert desk.session.exit_code is None


def test_option_set_while_thinking_is_taken_for_the_next_search(ready_desk) -> None:
    """Row 10."""
    ready_desk.say(ORDINARY)
    first = ready_desk.order
    assert ready_desk.say("setoption name MultiPV value 3") == []
    assert first.lines == 1
    ready_desk.find()
    ready_desk.say(ORDINARY)
    assert ready_desk.order.lines == 3


def test_ready_is_said_once_the_player_is_there(desk) -> None:
    """Row 11."""
    assert desk.say("usi", "isready")[-1] == "usiok"
    assert desk.load() == ["readyok"]


def test_player_that_can_not_be_made_ends_the_session_with_its_reason(desk) -> None:
    """Row 11."""
    desk.say("usi", "isready")
    assert desk.load("CheckpointError: nets/x: expected a run folder,\nmore") == [
        "info string CheckpointError: nets/x: expected a run folder, more"
    ]
    assert desk.session.exit_code == 1


def test_signs_of_life_are_empty_lines_every_five_seconds(desk) -> None:
    """Row 12."""
    desk.say("isready")
    assert desk.tick(4.9) == []
    assert desk.session.due_at == pytest.approx(desk.seconds + 0.1)
    assert desk.tick(0.2) == [""]
    assert desk.tick(1) == []
    assert desk.tick(4.1) == [""]
    assert desk.load() == ["readyok"]
    assert desk.tick(20) == []
    assert desk.session.due_at == math.inf


def test_ready_again_is_said_at_once_also_while_thinking(ready_desk) -> None:
    """Row 13."""
    assert ready_desk.say("isready") == ["readyok"]
    ready_desk.say("go infinite")
    assert ready_desk.say("isready") == ["readyok"]
    assert len(ready_desk.jobs) == 2


@pytest.mark.parametrize(("name", "value", "reloads"), [("Threads", "2", True), ("ResignValue", "500", False)])
def test_player_is_made_anew_only_for_what_it_is_made_with(ready_desk, name, value, reloads) -> None:
    """Row 13."""
    said = ready_desk.say(f"setoption name {name} value {value}", "isready")
    assert said == ([] if reloads else ["readyok"])
    if reloads:
        assert ready_desk.load() == ["readyok"]
        assert ready_desk.say("isready") == ["readyok"]


def test_new_game_is_not_answered(ready_desk) -> None:
    """Row 14."""
    assert ready_desk.say("usinewgame") == []


@pytest.mark.parametrize(
    ("line", "start", "moves"),
    [
        ("position startpos", START, ()),
        ("position startpos moves", START, ()),
        ("position  startpos   moves  7g7f   3c3d ", START, ("7g7f", "3c3d")),
        ("position sfen 4k4/9/9/9/9/9/9/9/4K4 w - 5 moves 5a5b", "4k4/9/9/9/9/9/9/9/4K4 w - 5", ("5a5b",)),
        ("position sfen 4k4/9/9/9/9/9/9/9/4K4 b -", "4k4/9/9/9/9/9/9/9/4K4 b -", ()),
        ("position 4k4/9/9/9/9/9/9/9/4K4 b - 1", "4k4/9/9/9/9/9/9/9/4K4 b - 1", ()),
    ],
)
def test_position_is_handed_on_as_it_was_said(ready_desk, line, start, moves) -> None:
    """Row 15."""
    ready_desk.say(line, "go")
    assert (ready_desk.order.place.start, ready_desk.order.place.moves) == (start, moves)


@pytest.mark.parametrize(
    ("place", "go", "most_s"),
    [
        pytest.param("startpos", "go btime 100 wtime 900000 byoyomi 10000", 9.98, id="black-and-byoyomi"),
        pytest.param("startpos moves 7g7f", "go btime 900000 wtime 0 byoyomi 10000", 9.88, id="white-byoyomi-alone"),
        pytest.param("startpos moves 7g7f", "go btime 1 wtime 1000 binc 1 winc 3000", 2.88, id="increment-to-come"),
        pytest.param("sfen 4k4/9/9/9/9/9/9/9/4K4 w - 1", "go btime 0 wtime 0 byoyomi 500", 0.38, id="white-first"),
        pytest.param("startpos", "go btime -300 wtime 0 byoyomi 1000", 0.88, id="overdrawn"),
        pytest.param("startpos", "go movetime 2000", 1.88, id="movetime"),
        pytest.param("startpos", "go btime 0 wtime 0", 0.0, id="nothing-left"),
        pytest.param("startpos", "go btime 0 wtime 0 byoyomi 100", 0.05, id="shorter-than-the-delay"),
        pytest.param("startpos", "go", 1.0, id="no-word-of-time"),
    ],
)
def test_clock_of_who_is_to_move_runs_from_go_on(ready_desk, place, go, most_s) -> None:
    """Rows 21 and 22."""
    ready_desk.say(f"position {place}", go)
    timer = ready_desk.order.timer
    assert timer.budget.most <= most_s + 1e-9
    assert most_s - 1e-9 <= timer.budget.most or timer.budget.planned < timer.budget.most
    assert timer.seconds_left == pytest.approx(timer.budget.planned)
    ready_desk.seconds += timer.budget.most
    assert timer.is_set()


@pytest.mark.parametrize(
    ("go", "nodes", "depth", "moves"),
    [
        ("go nodes 500", 500, 0, ()),
        ("go depth 7", 0, 7, ()),
        ("go depth 3 nodes 9 btime 1000 wtime 1000", 9, 3, ()),
        ("go infinite searchmoves 7g7f 2g2f", 0, 0, ("7g7f", "2g2f")),
    ],
)
def test_limits_are_handed_on(ready_desk, go, nodes, depth, moves) -> None:
    """Row 22."""
    ready_desk.say(go)
    order = ready_desk.order
    assert (order.max_nodes, order.max_depth, order.go.moves) == (nodes, depth, moves)
    assert math.isinf(order.timer.seconds_left) == ("btime" not in go)


def test_limits_of_options_hold_beside_those_of_go(ready_desk) -> None:
    """Row 22."""
    ready_desk.say("setoption name NodesLimit value 300", "setoption name DepthLimit value 4", "go nodes 500")
    assert (ready_desk.order.max_nodes, ready_desk.order.max_depth) == (300, 4)


@pytest.mark.parametrize("go", ["go infinite", "go ponder", "go ponder btime 1000 wtime 1000 byoyomi 100"])
@pytest.mark.parametrize("answer", ["bestmove 7g7f ponder 3c3d", "bestmove resign"])
def test_held_search_is_not_answered_before_stop(ready_desk, go, answer) -> None:
    """Rows 19, 22 and 24."""
    ready_desk.say(go)
    assert ready_desk.find(answer) == []
    assert ready_desk.tick(3600) == []
    assert ready_desk.say("stop") == [answer]
    assert ready_desk.say("stop") == []


@pytest.mark.parametrize(
    ("go", "words"),
    [("go mate infinite", "nomate"), ("go mate 5000", "7g7f 3c3d 8h2b+"), ("go mate", "notimplemented")],
)
def test_mate_is_answered_by_checkmate_alone(ready_desk, go, words) -> None:
    """Row 23."""
    ready_desk.say(go)
    assert ready_desk.find(f"checkmate {words}") == [f"checkmate {words}"]


def test_mate_that_is_not_decided_is_answered_at_stop_or_when_time_is_over(ready_desk) -> None:
    """Row 23."""
    ready_desk.say("go mate infinite")
    first = ready_desk.order
    assert ready_desk.say("stop") == ["checkmate timeout"]
    assert ready_desk.find("checkmate nomate", order=first) == []
    ready_desk.say("go mate 1000")
    assert ready_desk.tick(0.8) == []
    assert ready_desk.tick(0.2) == ["checkmate timeout"]


def test_mate_that_is_answered_before_its_player_is_there_makes_nobody_ready(ready_desk) -> None:
    """Rows 13 and 23."""
    ready_desk.say("setoption name Threads value 2", "go mate infinite")
    assert ready_desk.say("stop") == ["checkmate timeout"]
    assert ready_desk.say("isready") == []
    assert ready_desk.load() == ["readyok"]


@pytest.mark.parametrize(
    ("hit", "most_s"),
    [("ponderhit", 9.88), ("ponderhit btime 0 wtime 0 byoyomi 2000", 1.88)],
)
def test_ponderhit_lets_the_clock_run_from_here(ready_desk, hit, most_s) -> None:
    """Rows 24 and 25."""
    ready_desk.say("go ponder btime 0 wtime 0 byoyomi 10000")
    assert math.isinf(ready_desk.order.timer.seconds_left)
    ready_desk.seconds += 30
    assert ready_desk.say(hit) == []
    assert ready_desk.order.timer.seconds_left == pytest.approx(most_s)
    assert ready_desk.find() == ["bestmove 7g7f"]


def test_ponderhit_answers_what_was_found_already(ready_desk) -> None:
    """Row 24."""
    ready_desk.say("go ponder btime 1000 wtime 1000")
    assert ready_desk.find() == []
    assert ready_desk.say("ponderhit") == ["bestmove 7g7f"]


def test_stop_is_answered_once_with_what_is_found(ready_desk) -> None:
    """Row 26."""
    ready_desk.say(ORDINARY)
    assert ready_desk.say("stop", "stop") == []
    assert ready_desk.order.timer.is_set()
    assert ready_desk.find() == ["bestmove 7g7f"]
    assert ready_desk.find() == []


@pytest.mark.parametrize("line", ["stop", "ponderhit", "ponderhit btime 1 wtime 1", "gameover win", "usinewgame"])
def test_nothing_is_answered_while_idle(ready_desk, line) -> None:
    """Rows 27 and 28."""
    assert ready_desk.say(line) == []
    assert len(ready_desk.jobs) == 1


@pytest.mark.parametrize("go", [ORDINARY, "go ponder", "go infinite"])
@pytest.mark.parametrize("result", ["win", "lose", "draw"])
def test_game_that_is_over_ends_the_search_which_is_answered_once(ready_desk, go, result) -> None:
    """Row 28."""
    ready_desk.say(go)
    assert ready_desk.say(f"gameover {result}") == []
    assert ready_desk.order.timer.is_set()
    assert ready_desk.find() == ["bestmove 7g7f"]
    assert ready_desk.say("stop") == []


@pytest.mark.parametrize("before", [(), ("usi",), ("isready",), (ORDINARY,), ("go ponder",), ("go mate infinite",)])
@pytest.mark.parametrize("is_said", [True, False])
def test_session_ends_at_once_whatever_runs(desk, before, is_said) -> None:
    """Rows 29 and 30."""
    desk.say(*before)
    if is_said:
        assert desk.say("quit") == []
    else:
        desk.session.end()
    assert desk.session.exit_code == 0


def test_order_says_what_the_answer_may_be(ready_desk) -> None:
    """Row 31."""
    ready_desk.say("go")
    assert ready_desk.order.may_declare
    assert ready_desk.order.resigns_at == 99_999
    ready_desk.find()
    ready_desk.say("setoption name EnteringKingRule value NoEnteringKing", "setoption name ResignValue value 800", "go")
    assert not ready_desk.order.may_declare
    assert ready_desk.order.resigns_at == 800


@pytest.mark.parametrize(
    ("line", "score"),
    [
        ({"value": 0.5}, " score cp 659"),
        ({"value": -0.5}, " score cp -659"),
        ({"value": 1.0}, " score cp 5526"),
        ({"value": 0.9, "mate": 5}, " score mate 5"),
        ({"value": -0.9, "mate": -4}, " score mate -4"),
        ({"value": None}, ""),
    ],
)
def test_info_has_whole_numbers_and_the_line_of_play_last(ready_desk, line, score) -> None:
    """Row 33."""
    ready_desk.say(ORDINARY)
    (said,) = ready_desk.tell("7g7f", "3c3d", **line)
    assert said == f"info depth 2 seldepth 2 time 500 nodes 200 nps 400 hashfull 250{score} pv 7g7f 3c3d"


def test_centipawns_go_by_the_option(ready_desk) -> None:
    """Row 33."""
    ready_desk.say("setoption name Eval_Coef value 100", ORDINARY)
    assert " score cp 110 " in ready_desk.tell(value=0.5)[0]


def test_numbers_of_lines_are_told_where_several_are_asked_for(ready_desk) -> None:
    """Row 35."""
    ready_desk.say(ORDINARY)
    assert len(ready_desk.tell(lines=2)) == 1
    ready_desk.find()
    ready_desk.say("setoption name MultiPV value 2", ORDINARY)
    first, second = ready_desk.tell(lines=3)
    assert " multipv 1 score " in first
    assert " multipv 2 score " in second


def test_info_comes_at_most_every_interval_and_right_before_the_answer(ready_desk) -> None:
    """Rows 34 and 36."""
    ready_desk.say(ORDINARY)
    num_told = 0
    for _ in range(20):
        num_told += len(ready_desk.tell())
        ready_desk.seconds += 0.25
    assert num_told == 10
    assert ready_desk.find(info=ready_desk.info("2g2f", "3c3d"))[0].endswith(" pv 2g2f 3c3d")


def test_info_that_was_told_just_now_is_not_repeated(ready_desk) -> None:
    """Row 36."""
    ready_desk.say(ORDINARY)
    told = ready_desk.info("7g7f")
    ready_desk.session.hear(Told(ready_desk.order, told))
    assert ready_desk.find(info=told) == ["bestmove 7g7f"]


def test_answers_are_seven_bit_lines(desk) -> None:
    """Row 37."""
    desk.say("usi", "setoption name 将棋 value 1")
    assert all(line.isascii() and "\n" not in line for line in desk.lines)
    assert "info string no option \\u5c06\\u68cb" in desk.lines


def test_threads_and_the_longest_game_are_declared(desk) -> None:
    """Rows 39, 40 and 43."""
    said = desk.say("usi")
    assert "option name Threads type spin default 1 min 1 max 1024" in said
    assert "option name MaxMovesToDraw type spin default 0 min 0 max 100000" in said
    assert all(isinstance(option.low, int) and option.low <= option.high for option in OWN_OPTIONS)


def test_longest_game_is_handed_on(ready_desk) -> None:
    """Row 40."""
    ready_desk.say("setoption name MaxMovesToDraw value 320", "go")
    assert ready_desk.order.max_plies == 320


@pytest.mark.parametrize(
    "line", ["", "   ", "\r\n", "hello", "go_away", b"\xff\xfe\x00", "bestmove 7g7f", "usi" * 100_000]
)
def test_what_is_no_command_is_passed_over(ready_desk, line) -> None:
    """Row 41."""
    assert ready_desk.say(line) == []
    assert ready_desk.say("isready\r\n") == ["readyok"]


def test_long_game_is_read(ready_desk) -> None:
    """Row 41."""
    ready_desk.say(f"position startpos moves {'2h3h 8b7b 3h2h 7b8b ' * 1_000}", "go")
    assert len(ready_desk.order.place.moves) == 4_000


def test_problem_is_one_line_before_the_answer(ready_desk) -> None:
    """Row 42."""
    ready_desk.say(ORDINARY)
    assert ready_desk.find("bestmove resign", problem="SfenError: expected\n 9 ranks") == [
        "info string SfenError: expected 9 ranks",
        "bestmove resign",
    ]


def test_numbers_that_are_none_are_told_and_the_move_is_answered(ready_desk) -> None:
    """Row 42."""
    ready_desk.say(ORDINARY)
    problem, answer = ready_desk.find(info=ready_desk.info(value=math.nan))
    assert problem.startswith("info string ValueError: ")
    assert answer == "bestmove 7g7f"


HALVES = """go btime wtime byoyomi; go btime x wtime y; go mate x; go movetime; go searchmoves; go nodes 9999999999999;
go btime --5 wtime +-3; position; position sfen; position moves; setoption name; setoption value 3; ponderhit x"""


@pytest.mark.parametrize("line", [half.strip() for half in HALVES.split(";")])
def test_half_a_command_does_no_harm(ready_desk, line) -> None:
    """Rows 20, 41 and 42."""
    ready_desk.say(line)
    assert ready_desk.session.exit_code is None


def test_any_bytes_do_no_harm(ready_desk) -> None:
    """Rows 20, 41 and 42."""
    words = b"go position sfen startpos moves btime mate infinite ponderhit setoption name value 7g7f - w 1 \xff\x83 9"
    draws = random.Random(1)
    for _ in range(3_000):
        ready_desk.say(b" ".join(draws.choices(words.split(b" "), k=draws.randint(1, 9))))
    ready_desk.say(f"position sfen 4k4/9/9/9/9/9/9/9/4K4 b - {'9' * 5_000}", f"go btime {'9' * 5_000}")
    assert ready_desk.session.exit_code is None


def test_search_that_does_not_end_in_time_is_answered_by_its_best_so_far(ready_desk) -> None:
    """Row 21."""
    ready_desk.say("go btime 0 wtime 0 byoyomi 1000")
    order = ready_desk.order
    ready_desk.tell("2g2f", "3c3d")
    assert ready_desk.session.due_at == pytest.approx(ready_desk.seconds + 0.94)
    assert ready_desk.tick(0.9) == []
    assert ready_desk.tick(0.05)[-1] == "bestmove 2g2f"
    assert ready_desk.find("bestmove 7g7f", order=order) == []


def test_search_that_is_late_and_was_not_heard_of_is_waited_for_without_a_deadline(ready_desk) -> None:
    """Row 21."""
    ready_desk.say("go btime 0 wtime 0 byoyomi 100")
    assert ready_desk.tick(1) == []
    assert ready_desk.session.due_at == math.inf
    ready_desk.tell("2g2f")
    assert ready_desk.session.due_at < ready_desk.seconds
    assert ready_desk.tick(0) == ["bestmove 2g2f"]


def test_go_while_a_search_runs_is_answered_after_it(ready_desk) -> None:
    """Row 42."""
    ready_desk.say("go infinite")
    first = ready_desk.order
    ready_desk.say("go nodes 5")
    assert first.timer.is_set()
    assert ready_desk.find("bestmove 2g2f") == []
    assert ready_desk.find("bestmove 7g7f", order=first) == ["bestmove 7g7f", "bestmove 2g2f"]
