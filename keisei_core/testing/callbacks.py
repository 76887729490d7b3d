"""What is asked of a callback."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import torch
from torch import Tensor, nn

from keisei_core.arena import NetworkPlayer, RandomPlayer, Score, play_match
from keisei_core.arena.player import PlayerContext
from keisei_core.config.tables import ValueTable
from keisei_core.evaluate import ActorCritic, Evaluator
from keisei_core.experience import Segment
from keisei_core.observe import FeatureSet
from keisei_core.precision import Fp32
from keisei_core.run import Callback, CallbackContext, RunView
from keisei_core.run.metrics import Counters
from keisei_core.shogi import NUM_ACTIONS, Ending, Games
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ask_only_if, require
from keisei_core.testing.run_folder import run_folder, survive, take_away
from keisei_core.testing.under_test import UnderTest

METRICS: Final = {"plies": 64.0, "policy_loss": 0.5, "kl": 1e-9}
COUNTS: Final = {"wins": 1, "draws": 0, "losses": 1, "truncated": 0}
RESULT: Final = {"opponent": "random", **COUNTS, "score": 0.5, "decided": 0.5, "rungs": ()}
UPDATES: Final = 4
PLIES: Final = 8
GAMES: Final = 8
PLACE: Final = "keisei-callback-"
CPU: Final = torch.device("cpu")


class Small(nn.Module):
    """A network of one layer for each output."""

    def __init__(self, num_inputs: int) -> None:
        super().__init__()
        self.policy, self.value = nn.Conv2d(num_inputs, NUM_ACTIONS // 81, 1), nn.Linear(num_inputs * 81, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Maps float [B, C, 9, 9] to logits [B, 2187] and the value head [B]."""
        return self.policy(planes).flatten(1), self.value(planes.flatten(1)).squeeze(1)


@attrs.frozen(kw_only=True)
class CallbackUnderTest(UnderTest):
    """A callback, and the planes of the small run that it looks at."""

    make: Callable[[CallbackContext], Callback]
    features: FeatureSet
    deterministic: bool = True
    """False where a run made again has other figures: those of a clock, say."""

    def build(self, folder: Path) -> Callback:
        """Builds the callback."""
        return self.make(CallbackContext(run_folder=folder, seed=3, device=CPU))

    def view(self, folder: Path, update: int) -> RunView:
        """Returns a run after an update, always the same."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(update)
            network = ActorCritic(Small(self.features.num_channels), self.features.channels, ValueTable()).eval()
        evaluator = Evaluator(network, self.features, Fp32(CPU), CPU)

        def match(opponent: str, num_games: int) -> Score:
            player = NetworkPlayer(evaluator, temperature=1, seed=1)
            other = RandomPlayer(PlayerContext(seed=2, device=CPU))
            return play_match(player, other, num_games=num_games, max_plies=30, opening_plies=2, seed=0)

        return RunView(
            counters=Counters(update=update, plies=update * PLIES * GAMES, games=update, elapsed_s=float(update)),
            progress=update / UPDATES,
            evaluator=evaluator,
            segment=played(update, self.features.needs.history),
            run_folder=folder,
            match=match,
        )

    def figures(self, folder: Path) -> list[Mapping[str, float]]:
        """Takes a callback through a small run and returns what it gives after each update."""
        callback = self.build(folder)
        views = [self.view(folder, update) for update in range(1, UPDATES + 1)]
        return [callback.after_update(view, dict(METRICS)) or {} for view in views]


def played(seed: int, num_earlier: int) -> Segment:
    """Returns a segment of random play, some of whose games end."""
    games = Games(GAMES, max_plies=6, seed=seed, history=num_earlier)
    segment = Segment.empty(PLIES, GAMES, (), num_earlier=num_earlier)
    for ply in range(PLIES):
        segment.put(ply, games.positions)
        actions = games.sample()
        games.step(actions)
        segment.action[ply] = actions
        segment.ending[ply] = np.where(games.ending == Ending.NONE, Ending.NONE, Ending.MATE)
    return segment


def check_figures_are_numbers(under_test: CallbackUnderTest) -> None:
    """After an update it returns numbers by name, or nothing."""
    with run_folder(PLACE) as folder:
        for given in under_test.figures(folder):
            good = isinstance(given, Mapping) and all(isinstance(name, str) for name in given)
            require(good, f"after_update must return numbers by name, or None, got {given!r}")
            wrong = {name: value for name, value in given.items() if not _is_number(value)}
            require(not wrong, f"figures must be numbers, got {wrong}")


def check_same_run_gives_same_figures(under_test: CallbackUnderTest) -> None:
    """A run made again under its seed has the same figures."""
    ask_only_if(under_test.deterministic, "deterministic = False")
    runs = []
    for _ in range(2):
        with run_folder(PLACE) as folder:
            runs.append([repr(sorted(given.items())) for given in under_test.figures(folder)])
    require(runs[0] == runs[1], f"the same run must give the same figures, got {runs[0]} and {runs[1]}")


def check_run_is_left_alone(under_test: CallbackUnderTest) -> None:
    """Network, segment, counters and metrics are as they were."""
    with run_folder(PLACE) as folder:
        callback, view, metrics = under_test.build(folder), under_test.view(folder, 1), dict(METRICS)
        before = _digest(view)
        callback.after_update(view, metrics)
        require(_digest(view) == before, "after_update must change nothing in network, segment and counters")
        require(metrics == METRICS, f"after_update must not change the metrics, expected {METRICS}, got {metrics}")


def check_checkpoint_is_left_alone(under_test: CallbackUnderTest) -> None:
    """What is written of a run is read only."""
    with run_folder(PLACE) as folder:
        callback, checkpoint = under_test.build(folder), folder / "checkpoints" / "update-000001"
        checkpoint.mkdir(parents=True)
        (checkpoint / "state.json").write_text("{}")
        callback.after_checkpoint(checkpoint)
        callback.at_end(dict(RESULT))
        found = {path.name: path.read_text() for path in checkpoint.iterdir()}
    require(found == {"state.json": "{}"}, f"after_checkpoint must leave the checkpoint as it is, found {found}")


def check_only_the_run_folder_is_written(under_test: CallbackUnderTest) -> None:
    """Nothing appears beside the run folder, nor in the folder that the command was started in."""
    with run_folder(PLACE) as folder:
        under_test.figures(folder)
        under_test.build(folder).at_end(dict(RESULT))
        beside = sorted(path.name for path in folder.parent.iterdir() if path != folder)
    require(not beside, f"a callback must write in the run folder only, it made {beside} outside of it")


def check_failure_never_stops_a_run(under_test: CallbackUnderTest) -> None:
    """With its folder gone a callback may raise an ordinary exception, which a run survives, and nothing else."""
    with run_folder(PLACE) as folder:
        callback, view = under_test.build(folder), under_test.view(folder, 1)
        take_away(folder)
        survive("after_update", lambda: callback.after_update(view, dict(METRICS)))
        survive("after_checkpoint", lambda: callback.after_checkpoint(folder / "checkpoints" / "update-000001"))
        survive("at_end", lambda: callback.at_end(dict(RESULT)))


CALLBACK_CHECKS: Final[tuple[Check, ...]] = (
    check_figures_are_numbers,
    check_same_run_gives_same_figures,
    check_run_is_left_alone,
    check_checkpoint_is_left_alone,
    check_only_the_run_folder_is_written,
    check_failure_never_stops_a_run,
)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number)


def _digest(view: RunView) -> dict[str, Any]:
    """Returns what stands in a run, to be compared."""
    digest, segment = hashlib.sha256(), view.segment
    tensors = [tensor.numpy() for tensor in view.evaluator.network.state_dict().values()]
    for array in (*tensors, *segment.positions.arrays().values(), segment.action, segment.ending):
        digest.update(np.ascontiguousarray(array).tobytes())
    return {"arrays": digest.hexdigest(), "counters": attrs.asdict(view.counters)}
