"""`keisei show` as a user calls it."""

import json
from pathlib import Path

import pytest
import torch
from rsshogi.core import Board

from keisei_core.arena import find_network
from keisei_core.cli import main
from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError
from keisei_core.opinion import opinion_of
from keisei_core.plugins import load_registry
from keisei_core.shogi import legal_mask, parse_sfen

NETWORK = Path(__file__).parents[2] / "docs" / "results" / "gate" / "new"
MATED = "8k/8P/7+R+R/9/9/9/9/9/4K4 w - 7"
MATE_IN_ONE = "4k4/9/4P4/9/9/9/9/9/4K4 b G 1"


@pytest.fixture
def show(capsys):
    def call(*arguments):
        code = main(["show", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def data(show, *arguments):
    code, out, _ = show(NETWORK, *arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_moves_are_the_legal_ones_with_the_probabilities_of_the_policy(show):
    sfen = "ln1g3nl/1r3kg2/p2pppsp1/3s2p1p/1pp4P1/P1P1SP2P/1PSPP1P2/2G1K2R1/LN3G1NL w Bb 36"
    told = data(show, sfen)

    moves = [entry["move"] for entry in told["moves"]]
    shares = [entry["probability"] for entry in told["moves"]]
    assert set(moves) == {move.to_usi() for move in Board(sfen).legal_moves()}
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)
    evaluator = find_network(NETWORK).evaluator(load_registry(), torch.device("cpu"))
    position = parse_sfen(sfen)
    logits, value = evaluator.raw(position.with_history(evaluator.features.needs.history))
    expected = logits[0][torch.from_numpy(legal_mask(position)[0] > 0)].softmax(0).sort(descending=True).values
    assert shares == pytest.approx(expected.tolist(), abs=1e-5)
    assert told["value"] == pytest.approx(float(value[0]), abs=1e-5)


def test_value_is_that_of_the_side_to_move(show):
    without_rook = "lnsgkgsnl/7b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL {} - 1"

    assert data(show, without_rook.format("b"))["value"] > 0.1
    assert data(show, without_rook.format("w"))["value"] < -0.1


def test_text_has_board_value_and_as_many_moves_as_are_asked_for(show):
    code, out, _ = show(NETWORK, "startpos", "moves", "7g7f", "3c3d", "--moves", 2)

    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith(f"network   {NETWORK} @")
    assert "|  .   .   .   .   .   . [ p]  .   . |d" in lines
    value = next(line for line in lines if line.startswith("value"))
    assert value.endswith("centipawns) for Black, who is to move")
    assert [line.split()[0] for line in lines[-4:]] == ["move", "8h2b+", "6g6f", "37"]


def test_search_finds_the_mate(show):
    told = data(show, MATE_IN_ONE, "--simulations", 16)

    assert told["search"]["lines"][0]["moves"] == ["G*5b"]
    assert told["search"]["lines"][0]["mate"] == 1
    assert told["search"]["value"] > 0.9
    assert data(show, MATE_IN_ONE)["search"] is None
    assert told["network"] == data(show, MATE_IN_ONE)["network"]
    assert " #1  G*5b" in show(NETWORK, MATE_IN_ONE, "--simulations", 16)[1]


def test_search_that_nobody_offers_is_told_with_what_to_install():
    alone = load_registry(disable=["keisei-plugins-search"])

    with pytest.raises(
        ConfigError, match="nobody is installed who looks ahead by 4 simulations; pip install keisei-pl"
    ):
        opinion_of(NETWORK, simulations=4, registry=alone)
    assert opinion_of(NETWORK, registry=alone).search is None


@pytest.mark.parametrize("simulations", [0, 16])
def test_mated_position_is_lost_and_has_no_moves(show, simulations):
    told = data(show, MATED, "--simulations", simulations)

    assert (told["value"], told["moves"], told["ending"], told["search"]) == (-1.0, [], "mate", None)
    assert show(NETWORK, MATED)[1].splitlines()[-1] == "the game is over: mate; result -1 for White"


def test_picture_has_the_last_move_and_the_likeliest_ones(show, tmp_path):
    code, _, err = show(NETWORK, "7g7f", "3c3d", "--svg", tmp_path / "p.svg")

    assert (code, err) == (0, f"keisei: note: {tmp_path}/p.svg: drawn\n")
    svg = (tmp_path / "p.svg").read_text(encoding="utf-8")
    assert svg == opinion_of(NETWORK, "7g7f 3c3d").picture().svg()
    assert svg.count('fill="#1d4ed8" opacity') == len(
        [move for move in opinion_of(NETWORK, "7g7f 3c3d").moves if move[1] >= 0.02]
    )
    assert "Black to move, value" in svg


def test_notebook_shows_an_opinion_as_its_picture():
    opinion = opinion_of(NETWORK, "two-piece")

    assert opinion._repr_svg_() == opinion.picture().svg()
    assert opinion.sfen == NAMED_STARTS["two-piece"]
    assert opinion.picture(pieces="letters", caption="").pieces == "letters"


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        pytest.param(("nowhere",), 4, "got nothing there", id="no-network"),
        pytest.param((__file__,), 4, "got a file", id="a-file"),
        pytest.param((NETWORK, "foo"), 2, "expected 9 ranks in board part of sfen", id="no-position"),
        pytest.param((NETWORK, "7g7e"), 2, "move 1: expected a legal move", id="illegal-move"),
        pytest.param((NETWORK, "--svg", "p.png"), 2, "expected a name that ends in .svg", id="no-svg"),
        pytest.param((NETWORK, "--svg", "/proc/none/p.svg"), 2, "can't be written", id="no-folder"),
        pytest.param((NETWORK, "--moves", "0"), 2, "--moves", id="no-moves"),
    ],
)
def test_wrong_call_is_told(show, arguments, code, complaint):
    got, out, err = show(*arguments)

    assert (got, out) == (code, "")
    assert complaint in err
    assert "Traceback" not in err
