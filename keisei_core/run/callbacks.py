"""Callbacks: what a plugin adds to a run after an update, after a checkpoint and at its end.

A callback sees the run and changes nothing in it. One that fails or hangs is told of once, takes no further part and
never stops the run. Callbacks are called in line, as their figures belong to the update, and interrupted where they
take too long: one left behind in a thread would go on to use the network and the kernels while the run does.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

import attrs
import torch

from keisei_core.arena import Score
from keisei_core.distribution import never
from keisei_core.errors import StoppedError
from keisei_core.evaluate import Evaluator
from keisei_core.evaluate.random_streams import undisturbed
from keisei_core.experience import Segment
from keisei_core.plugins import Choice
from keisei_core.run.metrics import NOT_ALWAYS, Counters
from keisei_core.run.patience import interruptible
from keisei_core.run.watchers import Watchers, patience_of

PATIENCE_S: Final = 600.0
"""Seconds that one call of a callback may take which does not say so itself: it may play a match."""


@attrs.frozen(kw_only=True)
class CallbackContext:
    """What a callback is built with."""

    run_folder: Path
    """Absolute; the only place where it may write."""
    seed: int
    """Of the callback's own random stream; the same when a run is resumed."""
    device: torch.device
    """Where the network is."""


@attrs.frozen(eq=False, kw_only=True)
class RunView:
    """A run after an update: to be looked at, not to be changed, and only while the call lasts that it came with."""

    counters: Counters
    """How far the run has come: `update`, from 1, `plies`, `games`, `elapsed_s`, `core_s`."""
    progress: float
    """0 at the start of the run, 1 at its end."""
    evaluator: Evaluator
    """The network as it acts, with its planes in `features`."""
    segment: Segment
    """What the update learned from; in a run of several processes what rank 0 played of it."""
    run_folder: Path
    """Absolute."""
    match: Callable[[str, int], Score]
    """`match(opponent, games)` plays the network as the run's matches are played: the text of a player, as in
    `[evaluation] opponent`, and an even number. Raises ConfigError where there is no such player."""


class Callback(Protocol):
    """Is called by the process that writes the run's files, rank 0, while the others wait."""

    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> Mapping[str, float] | None:
        """Looks at the run after an update and its match, before anything of it is logged.

        Args:
            view: the run.
            metrics: the core's figures of the update; can't be changed.

        Returns:
            Figures by name, which go where the core's go: metrics.jsonl and every tracker; None or nothing where there
            are none. A name that is taken already gets the callback's own in front: `NAME.figure`.
        """
        ...

    def after_checkpoint(self, path: Path) -> None:
        """Is told of a checkpoint that was written; `path` is absolute, and the folder may leave with the next one."""
        ...

    def at_end(self, result: Mapping[str, Any]) -> None:
        """Is told how the matches at the end went: what result.json says. A run that is stopped has none yet."""
        ...


class Callbacks:
    """Calls each callback that still works, and gathers their figures."""

    def __init__(
        self,
        choices: Sequence[Choice],
        context: CallbackContext,
        warn: Callable[[str], None],
        stop: Callable[[], bool] = never,
    ) -> None:
        """Builds the callbacks.

        Args:
            choices: which ones.
            context: what they are built with.
            warn: is told of a callback that fails, also if it fails to begin, and of a figure whose name is taken.
            stop: once it says so, a callback that does not come back is interrupted.
        """
        self.warn = warn
        self._watchers: Watchers[Callback] = Watchers("callback", choices, warn, stop)
        self._patience_s: dict[str, float] = {}
        """How long one call of each may take."""
        for name, choice in self._watchers.choices.items():
            with self._calling(name):
                callback = choice.build(context)
                self._patience_s[name] = patience_of(callback, PATIENCE_S)
                self._watchers.working[name] = callback
        self._owners: dict[str, str] = dict.fromkeys(NOT_ALWAYS, "")
        """Whose each name is that has been a figure's; the core's are nobody's."""
        self._told: set[tuple[str, str]] = set()

    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> dict[str, float]:
        """Returns the figures of all callbacks, under the names that they are logged by.

        Raises:
            StoppedError: asked to stop, and a callback ended its match or was interrupted.
        """
        self._owners |= dict.fromkeys(metrics, "")
        figures: dict[str, float] = {}
        for name, callback in list(self._watchers.working.items()):
            with self._calling(name):
                given = _numbers(callback.after_update(view, MappingProxyType(dict(metrics))))
                figures |= {self._logged_as(figure, name): value for figure, value in given.items()}
        return figures

    def _logged_as(self, figure: str, callback: str) -> str:
        """Returns the name for a callback's figure; one that the core or another callback has is told of once."""
        owner = self._owners.setdefault(figure, callback)
        if owner == callback:
            return figure
        if (figure, callback) not in self._told:
            self._told.add((figure, callback))
            whose = f"callback {owner}" if owner else "the core"
            self.warn(f"warning: {whose} has a figure {figure!r} too; that of {callback} is called {callback}.{figure}")
        return f"{callback}.{figure}"

    def after_checkpoint(self, path: Path) -> None:
        """Tells of a checkpoint that was written."""
        self._each(lambda callback: callback.after_checkpoint(path.absolute()))

    def at_end(self, result: Mapping[str, Any]) -> None:
        """Tells how the matches at the end went."""
        self._each(lambda callback: callback.at_end(copy.deepcopy(dict(result))))

    def _each(self, call: Callable[[Callback], object]) -> None:
        """Calls each in its turn; one that a stop interrupts has failed, as nothing is made again for its sake."""
        for name, callback in list(self._watchers.working.items()):
            try:
                with self._calling(name):
                    call(callback)
            except StoppedError as error:
                self._watchers.leave(name, error)

    @contextmanager
    def _calling(self, name: str) -> Iterator[None]:
        """Makes one call of a callback as harmless as can be; raises what `told_if_it_fails` lets through."""
        limit_s = self._patience_s.get(name, PATIENCE_S)
        with self._watchers.told_if_it_fails(name), undisturbed(), interruptible(self._watchers.stop, limit_s):
            yield


def _numbers(figures: Mapping[str, float] | None) -> dict[str, float]:
    """Takes a callback's figures as plain numbers.

    Raises:
        TypeError, ValueError: they are none.
    """
    if figures is None:
        return {}
    if not isinstance(figures, Mapping) or not all(isinstance(name, str) for name in figures):
        raise TypeError(f"after_update must return numbers by name, or None, got {figures!r}")
    return {name: float(value) for name, value in figures.items()}
