"""Segments played ahead: while one is learned from, a later one is played in another thread, by weights that stay.

With a lag of N, an update learns a segment that the weights of N updates ago played; N segments are held between two
updates. Nothing is played then: a checkpoint finds whole segments and games at rest, and needs no older weights.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from threading import Event
from time import perf_counter
from typing import Any

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.errors import PluginError, StoppedError
from keisei_core.evaluate import ActorCritic, Evaluator
from keisei_core.experience import GameRecord, PlayReport, Replay, Segment
from keisei_core.run.own_thread import OwnThread

Stop = Callable[[], bool]
Play = Callable[[int, Stop], tuple[Segment, PlayReport]]
"""Plays a segment; gets the number of updates that the weights have seen, and whom to ask whether to give up."""


class PlayedAhead:
    """What plays in a thread of its own, and the segments that wait to be learned from."""

    def __init__(self, play: Play, acting: Evaluator, learner: ActorCritic, lag: int) -> None:
        """Begins with no segments.

        Args:
            play: plays with `acting`, in whichever thread it is called.
            acting: whose network takes over the learner's weights before each segment.
            learner: the network that learns.
            lag: N, at least 1.
        """
        self.play = play
        self.acting = acting
        self.learner = learner
        self.lag = lag
        self.segments = Replay(lag)
        self.reports: deque[PlayReport] = deque()
        """Of the segments held, without their times."""
        self.times = {"act_s": 0.0, "environment_s": 0.0, "wait_s": 0.0}
        """Seconds since `next` was last called: of play, by what it does, and those that were waited for it."""
        self._has_played = False
        """Whether a segment was played here alone, and left the random streams that all code shares where they were."""
        self._aside = torch.cuda.Stream(acting.device) if acting.queue.is_apart else None  # type: ignore[no-untyped-call]
        """Where a GPU plays beside what it learns."""

    def next(self, version: int, num_left: int, stop: Stop) -> tuple[Segment, PlayReport]:
        """Returns the segment to be learned from; where fewer are held than the lag asks for, plays those first.

        Args:
            version: updates that the network has seen.
            num_left: updates that the run still makes, as far as its plies tell: no more segments than that are played.
            stop: asked again and again whether to give up.

        Raises:
            StoppedError: `stop` said so.
            PluginError: what plays draws from a random stream that learning draws from too.
            KeiseiError: see `Source.next`.
        """
        self.times = dict.fromkeys(self.times, 0.0)
        while len(self.segments) < max(min(self.lag, num_left), 1):
            self._play_alone(version, stop)
        return self.segments.segments.popleft(), self.reports.popleft()

    def is_wanted(self, num_left: int) -> bool:
        """Tells whether to play one more segment, with so many updates to come after the present one."""
        return len(self.segments) < min(self.lag, num_left)

    @contextmanager
    def playing(self, version: int, stop: Stop) -> Iterator[None]:
        """Plays one more segment, by the learner's weights of this moment, while something else is done.

        The first that this process plays, where a resumed run needs none before, is over before that begins.

        Args:
            version: updates that the network has seen.
            stop: asked again and again whether to give up.

        Raises:
            StoppedError: `stop` said so, to who plays.
            PluginError: see `next`.
            BaseException: whatever else ended the play; it waits for the end of what is done meanwhile.
        """
        if self._has_played:
            with self._playing(version, stop):
                yield
        else:
            self._play_alone(version, stop)
            yield

    def _play_alone(self, version: int, stop: Stop) -> None:
        """Plays one more segment while nothing else is done, so that what moves a random stream is the play."""
        before = _common_streams(self.acting.device)
        with self._playing(version, stop):
            pass
        if not all(map(torch.equal, before, _common_streams(self.acting.device))):
            raise PluginError(
                f"{self.learner.owner}, or a plugin that plays, draws from torch's global random stream in play, "
                "from which learning draws in another thread: no run could be repeated; write lag = 0 in [run]"
            )
        self._has_played = True

    @contextmanager
    def _playing(self, version: int, stop: Stop) -> Iterator[None]:
        """Plays one more segment in the thread; see `playing`."""
        _take_over(self.acting.network, self.learner)
        thread, is_left = OwnThread("keisei-play"), Event()
        thread.add(lambda: self._add(version, lambda: stop() or is_left.is_set()))
        try:
            yield
        except BaseException:
            is_left.set()
            thread.wait(lambda: math.inf, stop=is_left.is_set)
            raise
        else:
            self._wait(thread, stop)
        finally:
            is_left.set()
            thread.close()

    def _add(self, version: int, stop: Stop) -> None:
        """Plays a segment, in the thread."""
        with self._beside():
            segment, report = self.play(version, stop)
        self.times["act_s"] += report.act_s
        self.times["environment_s"] += report.environment_s
        self.segments.add(segment)
        self.reports.append(attrs.evolve(report, act_s=0.0, environment_s=0.0))

    def _beside(self) -> AbstractContextManager[object]:
        """Returns the context in which a GPU works on what is asked here, behind what it was asked before."""
        if self._aside is None:
            return nullcontext()
        self._aside.wait_stream(torch.cuda.default_stream(self.acting.device))
        return torch.cuda.stream(self._aside)

    def _wait(self, thread: OwnThread, stop: Stop) -> None:
        began_s = perf_counter()
        error = thread.wait(lambda: math.inf, stop=stop)
        self.times["wait_s"] += perf_counter() - began_s
        if isinstance(error, TimeoutError) and stop():
            raise StoppedError("asked to stop, which what was playing did not look for") from error
        if error is not None:
            raise error

    def state(self) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
        """Returns the segments held, see `Replay.state`, and the reports of them."""
        arrays, data = self.segments.state()
        return arrays, {**data, "lag": self.lag, "reports": [attrs.asdict(report) for report in self.reports]}

    def drop(self) -> None:
        """Lets go of the segments held: the games go on behind them."""
        self.segments.segments.clear()
        self.reports.clear()

    def load_state(self, arrays: Mapping[str, NDArray[np.generic]], data: Mapping[str, Any]) -> None:
        """Takes back what `state` gave; what was held with another lag is dropped.

        Raises:
            LookupError, ValueError: it is of something else, see `Replay.load_state`.
        """
        self.drop()
        if data["lag"] != self.lag:
            return
        num_segments, num_reports = len(data["segments"]), len(data["reports"])
        if not num_segments == num_reports <= self.lag:
            raise ValueError(
                f"expected at most {self.lag} segments played ahead and a report of each, got {num_segments} segments "
                f"and {num_reports} reports"
            )
        self.segments.load_state(arrays, data)
        self.reports += [_report_of(report) for report in data["reports"]]


def _report_of(data: Mapping[str, Any]) -> PlayReport:
    return PlayReport(**{**data, "records": [GameRecord(**record) for record in data["records"]]})


def _common_streams(device: torch.device) -> list[Tensor]:
    """Returns the states of torch's global random streams that a network on a device may draw from."""
    return [torch.get_rng_state(), *([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])]


@torch.no_grad()
def _take_over(network: ActorCritic, other: ActorCritic) -> None:
    """Copies parameters and buffers of another network of the same make."""
    own, others = (chain(each.parameters(), each.buffers()) for each in (network, other))
    for tensor, value in zip(own, others, strict=True):
        tensor.copy_(value)
