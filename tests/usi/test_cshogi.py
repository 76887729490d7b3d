"""cshogi's client, which knows a path and no arguments, plays with our engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cshogi
import pytest
from cshogi.usi import Engine, InfoListener, MultiPVListener

PLIES = 6


@pytest.fixture(scope="module")
def client(engine: Path) -> Iterator[Any]:
    """Returns the client, its engine ready."""
    client = Engine(str(engine))
    process = client.proc  # which the client forgets without closing its pipes
    client.isready()
    yield client
    client.quit()
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()
    assert process.wait(60) == 0


def test_name_is_read(client: Any) -> None:
    assert client.name.startswith("Keisei ")


def test_moves_of_a_game_are_legal(client: Any) -> None:
    board, moves = cshogi.Board(), list[str]()
    client.usinewgame()
    for _ in range(PLIES):
        client.position(moves=moves)
        best, _ = client.go(nodes=4)
        assert board.is_legal(board.move_from_usi(best))
        board.push_usi(best)
        moves.append(best)


def test_score_and_line_of_the_bestmove_are_read(client: Any) -> None:
    heard = InfoListener()
    client.position()
    best, _ = client.go(nodes=8, listener=heard.listen())

    assert heard.bestmove == heard.pv[0] == best
    assert isinstance(heard.score, int)


def test_several_lines_are_read(client: Any) -> None:
    heard = MultiPVListener()
    client.setoption("MultiPV", 2)
    client.position()
    client.go(nodes=8, listener=heard.listen())
    client.setoption("MultiPV", 1)

    assert [info["multipv"] for info in heard.info] == [1, 2]
