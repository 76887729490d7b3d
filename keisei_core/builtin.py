"""The core's own plugin: the plainest component of each kind that a run can't do without."""

from typing import Final

from keisei_core import PLUGIN_API, hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API: Final = PLUGIN_API
KEISEI_WARM_UPS: Final = tuple(
    f"keisei_core.warm.core:{name}"
    for name in ("sound_moves", "play", "mates", "lists", "segments", "matches", "branches", "exchanges", "leaves")
)
"""What `keisei warm` calls to have the core's kernels compiled: first what takes longest, so that processes that share
them end together. Beside a command, which begins with `play`, one process takes sound moves and mates, whose inner
functions are the same, before what the command comes to itself meanwhile."""


@hookimpl
def keisei_deciders() -> list[Component]:
    """Declares the decider that samples the policy."""
    return [
        Component(
            name="policy",
            target="keisei_core.decide.policy_decider:PolicyDecider",
            summary="every ply drawn from the network's policy",
        )
    ]


@hookimpl
def keisei_optimizers() -> list[Component]:
    """Declares Adam."""
    return [
        Component(
            name="adam",
            target="keisei_core.learn.optimizer:Adam",
            options="keisei_core.config.adam_options:AdamOptions",
            summary="Adam, its learning rate linear from start to end",
        )
    ]


@hookimpl
def keisei_precision_policies() -> list[Component]:
    """Declares single precision."""
    return [
        Component(name="fp32", target="keisei_core.precision:Fp32", summary="single precision (float32) everywhere")
    ]


@hookimpl
def keisei_distribution_backends() -> list[Component]:
    """Declares the single process."""
    return [Component(name="single", target="keisei_core.distribution:Single", summary="one process on one device")]


@hookimpl
def keisei_players() -> list[Component]:
    """Declares the random player and trained ones."""
    return [
        Component(
            name="random",
            target="keisei_core.arena.random_player:RandomPlayer",
            summary="every legal move with the same chance",
        ),
        Component(
            name="checkpoint",
            target="keisei_core.arena.checkpoint_player:checkpoint_player",
            options="keisei_core.config.checkpoint_options:CheckpointOptions",
            summary="a trained network: from a run, a checkpoint or an export; a bare path means this player",
        ),
    ]


@hookimpl
def keisei_trackers() -> list[Component]:
    """Declares the metrics file."""
    return [
        Component(
            name="jsonl",
            target="keisei_core.run.tracking:JsonlTracker",
            summary="one line of JSON for each update in metrics.jsonl",
        )
    ]
