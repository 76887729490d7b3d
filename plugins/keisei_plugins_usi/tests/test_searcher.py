"""Positions that user interfaces send, thought about by players; rows are those of `keisei usi-check`."""

from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from keisei_core.arena import Info
from keisei_core.errors import IllegalMoveError, SfenError
from keisei_core.plugins import load_registry
from keisei_core.shogi import Branches, parse_sfen, usi_to_action
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_plugins_usi.engine.game import Game, numbered
from keisei_plugins_usi.engine.mate import NOT_IMPLEMENTED, PROVER
from keisei_plugins_usi.engine.options import OWN_OPTIONS, Options
from keisei_plugins_usi.engine.order import Found, Order
from keisei_plugins_usi.engine.player import build, chosen_player
from keisei_plugins_usi.engine.player_options import offered
from keisei_plugins_usi.engine.said import Place, go_of, place_of
from keisei_plugins_usi.engine.searcher import Searcher
from keisei_plugins_usi.engine.timer import Timer

MATE_IN_ONE = "sfen 7lk/9/8G/9/9/9/9/9/4K4 b G 1"
MATED = "sfen 7lk/8G/8G/9/9/9/9/9/4K4 w - 2"
MAY_DECLARE = "sfen 4K4/+P+P+P+P+P+P+P+P+P/+P8/9/9/9/9/9/k8 b 2RB3P 1"
NOT_DECLARED = MAY_DECLARE.replace(" b ", " w ") + " moves 9i9h 5a4a 9h9i 4a5a 9i9h 5a4a"
POINT_SHORT = MAY_DECLARE.replace("2RB3P", "2RB2P")
THIRD_TIME = "startpos moves" + " 2h3h 8b7b 3h2h 7b8b" * 3
PROBLEM = "sfen 7lk/9/8G/9/9/9/9/9/9 b G 1"
MATE_IN_THREE = "sfen 7k1/8s/9/4n2Np/9/9/g8/9/K8 b GSg 1"


class Engine:
    """A searcher with its options."""

    def __init__(self, path: Path | None = None, text: str | None = None) -> None:
        self.choice = chosen_player(path, text, load_registry())
        self.options = Options((*OWN_OPTIONS, *(found.option for found in offered(self.choice))))
        self.searcher = Searcher(lambda values: build(self.choice, values, "cpu"))
        self.told: list[Info] = []

    def ask(
        self, position: str, go: str = "go nodes 8", prepare: Callable[[Timer], object] = id, **wanted: object
    ) -> Found:
        """Has it think about what `position` and `go` say."""
        order = Order(
            **{
                "place": place_of(position.split()),
                "go": go_of(go.split()[1:]),
                "timer": Timer(),
                "values": self.options.loaded_with(),
                "lines": 1,
                "max_nodes": go_of(go.split()).numbers.get("nodes", 0),
                "max_depth": go_of(go.split()).numbers.get("depth", 0),
                "least_ms": 0,
                "max_plies": 0,
                "may_declare": True,
                "resigns_at": 99_999,
                "centipawns": 600,
                **wanted,
            }
        )
        prepare(order.timer)
        return self.searcher.search(order, self.told.append)


@pytest.fixture(scope="module")
def searching(network: Path) -> Engine:
    return Engine(network)


@pytest.fixture(scope="module")
def policy(network: Path) -> Engine:
    return Engine(text=str(network))


@pytest.fixture(scope="module")
def random() -> Engine:
    return Engine(text="random")


@pytest.fixture(params=["searching", "policy", "random"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A player that searches, one that has a network alone, and one that is asked for moves only."""
    found: Engine = request.getfixturevalue(request.param)
    return found


def require_legal(position: str, line: tuple[str, ...]) -> Branches:
    """Plays a line of play; returns what comes of it."""
    place = place_of(position.split())
    branch = Branches.of_positions(parse_sfen(numbered(place.start), is_problem=True), MAX_MAX_PLIES)
    for move in (*place.moves, *line):
        branch.play(np.array([usi_to_action(branch.positions, move)], np.int32))
        branch.reopen()
    return branch


def test_path_of_a_network_searches_and_its_text_plays_its_policy(searching, policy) -> None:
    assert searching.choice.name == "search"
    assert policy.choice.name == "checkpoint"


@pytest.mark.parametrize(
    "position",
    [
        pytest.param("startpos", id="15-startpos"),
        pytest.param("startpos moves 7g7f", id="15-moves"),
        pytest.param("sfen lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b -", id="15-no-number"),
        pytest.param("sfen lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 0", id="15-number-0"),
        pytest.param("sfen 4k4/9/9/9/9/9/9/9/4K4 b - 999999999999", id="15-huge-number"),
        pytest.param("sfen lnsgkgsnl/9/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL w - 1", id="16-handicap"),
        pytest.param(THIRD_TIME, id="17-repetition"),
        pytest.param(f"{THIRD_TIME} 7g7f 3c3d", id="17-played-on"),
        pytest.param(
            MAY_DECLARE.replace(" b ", " w ") + " moves 9i9h 5a4a 9h9i 4a5a 9i9h 5a4a", id="17-no-declaration"
        ),
        pytest.param("sfen 4k4/9/9/9/9/9/9/9/R3K4 b G 700", id="17-beyond-the-cap-of-training"),
    ],
)
def test_position_is_read_and_answered_by_a_legal_line(engine, position) -> None:
    """Rows 15, 16, 17, 32 and 34."""
    found = engine.ask(position, may_declare=False)
    words = found.line.split()
    assert words[0] == "bestmove"
    assert found.info.lines[0].moves[0] == words[1]
    assert words[2:] == ([] if len(found.info.lines[0].moves) == 1 else ["ponder", found.info.lines[0].moves[1]])
    for line in found.info.lines:
        require_legal(position, line.moves)


def test_game_is_gone_on_with_and_another_begun_anew(policy, monkeypatch) -> None:
    """Row 14."""
    played: list[str] = []
    monkeypatch.setattr(
        "keisei_plugins_usi.engine.game.usi_to_action",
        lambda positions, move: played.append(move) or usi_to_action(positions, move),
    )
    policy.ask("startpos moves 7g7f 3c3d")
    policy.ask("startpos moves 7g7f 3c3d 2g2f")
    assert played == ["7g7f", "3c3d", "2g2f"]
    policy.ask("startpos moves 2g2f")
    assert played == ["7g7f", "3c3d", "2g2f", "2g2f"]


def test_long_game_takes_no_more_memory_for_each_position_of_a_search() -> None:
    """Row 41."""
    branches = Game(0).stand_at(place_of(f"startpos moves{' 2h3h 8b7b 3h2h 7b8b' * 50}".split()))
    assert branches.positions.ply[0] == 200
    assert branches.bytes_per_branch == Game(0).stand_at(Place()).bytes_per_branch
    assert len(branches.keys_so_far(0)) == 201


def test_moves_that_are_not_legal_are_left_out_and_told(policy) -> None:
    """Rows 20 and 22."""
    found = policy.ask("startpos", "go searchmoves 1a1b 2g2f x")
    assert found.line.split()[1] == "2g2f"
    assert "got '1a1b'" in found.problem
    assert policy.ask("startpos", "go searchmoves 1a1b").line.startswith("bestmove ")


@pytest.mark.parametrize(("go", "answer"), [("go nodes 8", "bestmove resign"), ("go mate 100", "checkmate nomate")])
@pytest.mark.parametrize("position", [MATED, f"{MATE_IN_ONE} moves G*1b"])
def test_who_is_mated_resigns(engine, position, go, answer) -> None:
    """Row 19."""
    assert engine.ask(position, go).line == answer


@pytest.mark.parametrize(
    ("position", "error", "match"),
    [
        ("sfen lnsgkgsnl/1r5b1 b - 1", SfenError, "9 ranks"),
        ("sfen 4k4/9/9/9/4R4/9/9/9/4K4 b - 1", SfenError, "can be taken"),
        ("startpos moves 7g7f 7g7f 3c3d", IllegalMoveError, "got '7g7f'"),
        ("startpos moves P@5e", IllegalMoveError, "got 'P@5e'"),
        ("garbage", SfenError, "got 1 parts"),
        ("", SfenError, "got 0 parts"),
    ],
)
def test_position_that_is_none_is_told_and_the_next_one_read(policy, position, error, match) -> None:
    """Row 20."""
    with pytest.raises(error, match=match):
        policy.ask(position)
    assert policy.ask("startpos moves 7g7f").line.startswith("bestmove ")


@pytest.mark.parametrize(
    ("position", "may_declare", "wins"),
    [(MAY_DECLARE, True, True), (MAY_DECLARE, False, False), (POINT_SHORT, True, False)],
)
def test_win_is_said_only_where_the_rule_holds(engine, position, may_declare, wins) -> None:
    """Row 31."""
    assert (engine.ask(position, may_declare=may_declare).line == "bestmove win") == wins


def test_who_has_lost_enough_resigns(searching) -> None:
    """Row 31."""
    assert searching.ask("startpos", resigns_at=-1_000).line == "bestmove resign"
    assert searching.ask("startpos", resigns_at=5_000).line != "bestmove resign"


def test_drops_are_written_with_a_star_and_promotions_with_a_plus(policy) -> None:
    """Row 32."""
    drops = policy.ask("sfen 4k4/9/9/9/9/9/9/9/4K4 b P 1", "go searchmoves P*5e").line
    assert drops.startswith("bestmove P*5e")
    moves = policy.ask("sfen 4k4/9/9/9/9/1R7/9/9/4K4 b - 1", "go searchmoves 8f8a+").line
    assert moves.startswith("bestmove 8f8a+")


@pytest.mark.parametrize(("go", "nodes"), [("go nodes 20", 20), ("go nodes 3", 3)])
def test_search_looks_at_as_many_positions_as_it_may(searching, go, nodes) -> None:
    """Row 22."""
    assert searching.ask("startpos moves 2g2f", go).info.nodes <= nodes


def test_search_ends_at_its_depth(searching) -> None:
    """Row 22."""
    found = searching.ask("startpos moves 3g3f", "go depth 2")
    assert found.info.depth >= 2


def test_player_with_simulations_of_its_own_makes_no_more(network) -> None:
    searching = Engine(text=f"search:network={network},simulations=5")
    assert searching.ask("startpos", "go").info.nodes == 5


def test_only_move_is_played_at_once(searching) -> None:
    found = searching.ask("sfen 8k/7R1/9/9/9/9/9/9/K8 w - 1", "go btime 60000 wtime 60000", begun)
    assert found.info.seconds < 20


def begun(timer: Timer) -> None:
    """Gives a search a minute."""
    from keisei_plugins_usi.engine.clock import Budget

    timer.begin(Budget(planned=60.0, most=60.0), timer._now())


@pytest.mark.parametrize("lines", [1, 3])
def test_player_that_chooses_tells_of_as_many_moves_as_are_asked_for(random, lines) -> None:
    """Row 35."""
    assert len({line.moves for line in random.ask("startpos", lines=lines).info.lines}) == lines


@pytest.mark.parametrize("lines", [1, 3])
def test_policy_tells_of_as_many_moves_as_are_asked_for(policy, lines) -> None:
    """Row 35."""
    found = policy.ask("startpos", lines=lines)
    assert len(found.info.lines) == max(lines, 2)
    assert all(line.value is not None and -1 <= line.value <= 1 for line in found.info.lines)


@pytest.mark.parametrize(
    ("position", "plies"),
    [
        pytest.param(MATE_IN_ONE, 1, id="in-one"),
        pytest.param(PROBLEM, 1, id="one-king"),
        pytest.param(MATE_IN_THREE, 3, id="in-three"),
        pytest.param(MATE_IN_THREE.replace("/K8", "/9"), 3, id="in-three-one-king"),
        pytest.param(f"{PROBLEM[:-1]}0", 1, id="number-0"),
    ],
)
def test_mate_is_found_with_its_line(policy, position, plies) -> None:
    """Rows 18 and 23."""
    found = policy.ask(position, "go mate 60000")
    words = found.line.split()
    assert words[0] == "checkmate"
    assert len(words) - 1 == plies
    assert found.info.lines[0].mate == plies
    assert require_legal(position, tuple(words[1:])).num_legal[0] == 0


@pytest.mark.parametrize(
    ("position", "answer"),
    [("sfen 4k4/9/9/9/9/9/9/9/9 b P 1", "checkmate nomate"), ("startpos", "checkmate nomate")],
)
def test_no_mate_is_said_where_there_is_none(policy, position, answer) -> None:
    """Row 23."""
    assert policy.ask(position, "go mate 60000").line == answer


def test_mate_that_nobody_has_time_for_is_not_decided(policy) -> None:
    """Row 23."""
    assert policy.ask(MATE_IN_THREE, "go mate 0", Timer.stop).line == "checkmate timeout"


def test_longer_mates_are_not_implemented_without_who_finds_them(policy, monkeypatch) -> None:
    """Row 23."""
    monkeypatch.setattr("keisei_plugins_usi.engine.mate.find_spec", lambda name: None if name == PROVER else 1 / 0)
    assert policy.ask(MATE_IN_THREE, "go mate 60000").line == NOT_IMPLEMENTED
    assert policy.ask(MATE_IN_ONE, "go mate 60000").line == "checkmate G*1b"


@pytest.mark.parametrize(
    ("position", "answer"), [(PROBLEM, "bestmove G*1b"), ("sfen 4k4/9/9/9/9/9/9/9/9 b P 1", "bestmove resign")]
)
def test_move_in_a_problem_mates_or_resigns(engine, position, answer) -> None:
    """Row 18."""
    assert engine.ask(position, "go nodes 8").line == answer


def test_end_by_the_longest_game_is_seen(searching) -> None:
    """Row 40."""
    found = searching.ask("sfen 4k4/9/9/9/9/9/9/9/R3K4 b G 9", "go nodes 30", max_plies=10)
    assert found.info.seldepth <= 2


def test_temperature_of_a_policy_is_told_in_percent(policy) -> None:
    """Row 43."""
    option = next(found for found in offered(policy.choice) if found.key == "temperature")
    warm = attrs.evolve(policy.choice, options=attrs.evolve(policy.choice.options, temperature=0.29))
    assert "29" in [found.option.default for found in offered(warm) if found.key == "temperature"]
    assert option.option.declaration() == "option name Temperature_Percent type spin default 0 min 0 max 1000"
    assert option.read("50") == 0.5


def test_changed_options_make_the_player_anew(network) -> None:
    """Rows 10 and 13."""
    policy = Engine(text=str(network))
    policy.ask("startpos")
    first = policy.searcher._player
    policy.ask("startpos")
    assert policy.searcher._player is first
    values = policy.options.loaded_with() | {"Temperature_Percent": "100", "MatesInOne": "true"}
    policy.ask("startpos", values=values)
    assert policy.searcher._player is not first
    assert (policy.searcher._player.temperature, policy.searcher._player.mates_in_one) == (1.0, True)


def test_threads_of_the_options_are_those_that_compute(network) -> None:
    """Row 39."""
    policy = Engine(text=str(network))
    for threads in (2, 1):
        policy.ask("startpos", values=policy.options.loaded_with() | {"Threads": str(threads)})
        assert torch.get_num_threads() == threads


def test_path_of_the_options_goes_before_that_of_the_launcher(network, tmp_path) -> None:
    """Row 6."""
    elsewhere = tmp_path / "other"
    elsewhere.symlink_to(network)
    policy = Engine(text=str(network))
    policy.ask("startpos", values=policy.options.loaded_with() | {"Path": str(elsewhere)})
    with pytest.raises(Exception, match="nothing there"):
        policy.ask("startpos", values=policy.options.loaded_with() | {"Path": str(tmp_path / "none")})


def test_repetition_is_avoided_by_a_player_that_does_so(policy) -> None:
    once = "startpos moves 2h3h 8b7b 3h2h"
    for _ in range(3):
        assert policy.ask(once, "go searchmoves 7b8b 7b6b").line.split()[1] == "7b6b"
    assert policy.ask(once, "go searchmoves 7b8b").line.split()[1] == "7b8b"


def test_place_tells_who_is_to_move() -> None:
    assert [Place(moves=("7g7f",) * number).side for number in range(3)] == [0, 1, 0]
    assert Place("4k4/9/9/9/9/9/9/9/4K4 w - 8", ("5a5b",)).side == 0
    assert Place("4k4/9/9/9/9/9/9/9/4K4 w - 8", ("5a5b",)).ply == 8
