"""A session with a searcher that does what a test says, and a network that nobody trained."""

from pathlib import Path

import pytest
import torch

from keisei_core.arena import Info, Line
from keisei_core.checkpoint import write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import read_settings
from keisei_core.run import Training
from keisei_plugins_usi.engine.options import Options
from keisei_plugins_usi.engine.order import Found, Job, Load, Loaded, Order, Told
from keisei_plugins_usi.engine.session import Session

TINY = [("model.name", "baseline"), ("input.features", "core46"), ("run.device", "cpu"), ("run.threads", 1)]


class Desk:
    """A user interface on one side of a session, a searcher on the other, and a clock that stands still."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.jobs: list[Job] = []
        self.lines: list[str] = []
        self.session = Session("Keisei", Options(), self.jobs.append, self.lines.append, lambda: self.seconds)

    def say(self, *lines: str | bytes) -> list[str]:
        """Sends lines; returns what was answered to them."""
        before = len(self.lines)
        for line in lines:
            self.session.receive(line if isinstance(line, bytes) else line.encode(), self.seconds)
        return self.lines[before:]

    def load(self, problem: str = "") -> list[str]:
        """Has the player made that was asked for last."""
        before = len(self.lines)
        assert isinstance(self.jobs[-1], Load)
        self.session.hear(Loaded(problem))
        return self.lines[before:]

    def ready(self) -> "Desk":
        """Has everything loaded."""
        self.say("usi", "isready")
        self.load()
        return self

    @property
    def order(self) -> Order:
        """What was asked of the searcher last."""
        assert isinstance(self.jobs[-1], Order)
        return self.jobs[-1]

    def tell(self, *moves: str, order: Order | None = None, **line: object) -> list[str]:
        """Tells of a line of play; returns what is passed on."""
        before = len(self.lines)
        self.session.hear(Told(order or self.order, self.info(*moves, **line)))
        return self.lines[before:]

    @staticmethod
    def info(*moves: str, value: float | None = 0.0, mate: int | None = None, lines: int = 1) -> Info:
        """Makes what a search tells."""
        line = Line(moves=moves or ("7g7f",), value=value, mate=mate, visits=10)
        return Info(lines=(line,) * lines, seldepth=len(moves), nodes=200, seconds=0.5, full=0.25)

    def find(self, answer: str = "bestmove 7g7f", order: Order | None = None, **found: object) -> list[str]:
        """Ends a search; returns what is answered."""
        before = len(self.lines)
        self.session.hear(Found(order or self.order, answer, **found))
        return self.lines[before:]

    def tick(self, seconds: float) -> list[str]:
        """Lets time pass, then does what is due; returns what was said."""
        before = len(self.lines)
        self.seconds += seconds
        self.session.tick()
        return self.lines[before:]


@pytest.fixture
def desk() -> Desk:
    """A session that was told nothing."""
    return Desk()


@pytest.fixture
def ready_desk() -> Desk:
    """A session whose player is there."""
    return Desk().ready()


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a network that nobody trained, in a folder with a space and Japanese in its name."""
    folder = tmp_path_factory.mktemp("将棋 nets") / "update-000000"
    checkpoint = Training(read_settings(None, TINY), Single(torch.device("cpu"))).checkpoint()
    assert checkpoint is not None
    write_checkpoint(folder, checkpoint)
    return folder
