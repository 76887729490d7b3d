"""Lines of an engine are read as clients read them, and positions judged by the rules."""

import pytest

from keisei_core.shogi import may_declare, parse_sfen
from keisei_plugins_usi.conformance import positions
from keisei_plugins_usi.conformance.info import Info
from keisei_plugins_usi.conformance.option import Option
from keisei_plugins_usi.conformance.position import Position
from keisei_plugins_usi.conformance.verdict import WrongError


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("option name USI_Hash type spin default 32 min 1 max 64", "setoption name USI_Hash value 32"),
        ("option name Skill Level type spin default 20 min -20 max 20", "setoption name Skill Level value 20"),
        ("option name Net type filename default /tmp/My Nets/net", "setoption name Net value /tmp/My Nets/net"),
        ("option name Clear type button", "setoption name Clear"),
        ("option name Log type string default", "setoption name Log value "),
    ],
)
def test_option_is_set_to_its_default(line: str, setting: str) -> None:
    option = Option.read(line)

    assert option is not None
    assert option.setting() == setting


def test_option_has_bounds_and_values() -> None:
    spin = Option.read("option name A type spin default 1 min -2 max 3")
    combo = Option.read("option name B type combo default One var One var Two Three")

    assert (spin and (spin.least, spin.most)) == ("-2", "3")
    assert (combo and combo.values) == ("One", "Two Three")


@pytest.mark.parametrize("line", ["option", "option name A", "option type spin default 1"])
def test_line_without_name_or_type_is_no_option(line: str) -> None:
    assert Option.read(line) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("info depth 3 seldepth 5 time 10 nodes 20 nps 2000 hashfull 0 score cp -30 pv 7g7f 3c3d", ""),
        ("info depth 3 multipv 2 score mate + pv 7g7f", ""),
        ("info score mate -12 upperbound nodes 5", ""),
        ("info depth 2 currmove 7g7f currmovenumber 1", ""),
        ("info depth 1 string pv is not read here", ""),
        ("info depth 1.5 pv 7g7f", "depth 1.5"),
        ("info score 30 pv 7g7f", "score 30"),
        ("info score cp 0.3 pv 7g7f", "score cp 0.3"),
        ("info score cp", "score cp"),
        ("info score", "score"),
        ("info nodes", "nodes"),
        ("info wdl 1 2 3 pv 7g7f", "unknown word wdl"),
    ],
)
def test_first_thing_that_clients_can_not_read_is_told(line: str, problem: str) -> None:
    info = Info.read(line)

    assert info is not None
    assert info.problem == problem


@pytest.mark.parametrize("line", ["info string depth 1", "bestmove 7g7f", ""])
def test_what_is_no_information_about_a_search_is_none(line: str) -> None:
    assert Info.read(line) is None


def test_positions_are_what_they_are_called() -> None:
    assert positions.MATED.is_mated()
    assert positions.DECLARABLE.may_declare()
    assert all("*" in move for move in positions.ONLY_DROPS.legal())
    assert positions.MATE_IN_ONE.then("G*5b").is_mated()
    assert positions.TSUME.then("G*5b").is_mated()
    assert positions.CHECK_BY_DROP.board().is_in_check()
    assert len(positions.LONG.moves) == 1000


@pytest.mark.parametrize(
    ("sfen", "may"),
    [
        pytest.param("1+R+R6/1+B+BSSGG2/2G1S1N1K/9/9/9/9/9/4k4 b 9P 1", True, id="met"),
        pytest.param("1+R+R6/1+B+BSSGG2/2G1S1N2/9/9/9/9/9/4k3K b 9P 1", False, id="king outside"),
        pytest.param("9/3SSGGG1/2GSSNNNK/9/9/9/9/9/4k4 b 9P 1", False, id="20 points"),
        pytest.param("1+R+R6/1+B+B6/8K/9/9/9/9/9/4k4 b 18P 1", False, id="four pieces"),
        pytest.param("1+R+R5l/1+B+BSSGG2/2G1S1N1K/9/9/9/9/9/4k4 b 9P 1", False, id="in check"),
        pytest.param("4K4/9/9/9/9/9/k1n1s1g2/2ggss+b+b1/6+r1r b 7p 1", False, id="of the other side"),
        pytest.param("4K4/9/9/9/9/9/k1n1s1g2/2ggss3/6+r+rb w 5p 1", True, id="27 points for White"),
        pytest.param("4K4/9/9/9/9/9/k1n1s1g2/2ggss3/6+r+rb w 4p 1", False, id="26 points for White"),
    ],
)
def test_declaration_takes_king_pieces_points_and_no_check(sfen: str, may: bool) -> None:
    assert Position(sfen).may_declare() is may
    assert may_declare(parse_sfen(sfen))[0] == may


@pytest.mark.parametrize("move", ["7g7e", "P@5e", "(none)", "0000", "win", "9Z9z"])
def test_what_can_not_be_played_is_no_answer(move: str) -> None:
    with pytest.raises(WrongError, match=r"bestmove .*"):
        positions.OPENING.require_answer(move)


def test_first_illegal_move_of_a_line_is_named() -> None:
    assert Position().first_illegal(("7g7f", "3c3d", "8h2b", "2b8h")) == "2b8h"
    assert Position().first_illegal(("7g7f", "3c3d", "8h2b+", "3a2b", "B*5e")) == ""
