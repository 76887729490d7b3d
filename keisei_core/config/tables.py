"""The core's own tables of `keisei.toml`: every key with its default, its range and what it means.

A plugin's options are not here: they are read from the plugin's own options class, in the same table as its name.
"""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from keisei_core.config.checks import above, at_least, at_most, even, not_empty, one_of, setting


@attrs.frozen(kw_only=True)
class RunTable:
    """[run]: how long, where, from which seed."""

    plies: int = setting(250_000, "plies of self-play to learn from: the length of the run", at_least(1))
    games: int = setting(0, "end training after so many finished games; 0 sets no limit", at_least(0))
    minutes: float = setting(0.0, "end training after so many minutes, matches included; 0 sets no limit", at_least(0))
    core_minutes: float = setting(
        0.0,
        "end training after so many minutes of computing, all threads of a process together; 0 sets no limit",
        at_least(0),
    )
    seed: int = setting(0, "seed of every random stream", at_least(0), at_most(2**31 - 1))
    device: str = setting("auto", "auto, cpu or cuda; auto takes a GPU if there is one", one_of("auto", "cpu", "cuda"))
    threads: int = setting(
        0,
        "CPU threads; 0 takes every core this process may use, or OMP_NUM_THREADS if that is less",
        at_least(0),
        at_most(1024),
    )
    lag: int = setting(
        0,
        "updates for which a rollout waits: above 0 it is played while an earlier one is learned from",
        at_least(0),
        at_most(64),
    )
    compile: bool = setting(
        False, "compile the network by torch.compile: faster updates after a minute or two at start"
    )
    cuda_graphs: bool = setting(
        True, "on a GPU, record what it does at every ply as one CUDA graph; where that fails it goes without"
    )
    callbacks: tuple[str, ...] = setting((), "names of callbacks with figures of their own, options in [run.NAME]")


@attrs.frozen(kw_only=True)
class InputTable:
    """[input]: what the network sees."""

    features: str = setting(
        "core46", "names of feature planes joined by +; core46+all adds five small sets of the bundled ones"
    )


@attrs.frozen(kw_only=True)
class SelfPlayTable:
    """[selfplay]: the games that are learned from."""

    games: int = setting(128, "games played side by side", at_least(1), at_most(65_536))
    rollout_plies: int = setting(32, "plies each game advances between two updates", at_least(1), at_most(4_096))
    halves: str = setting(
        "auto",
        "play half of the games while the device evaluates the other half: yes, no, or auto: on a GPU",
        one_of("auto", "yes", "no"),
    )
    max_plies: int = setting(384, "a game this long is cut off (truncated, not drawn)", at_least(2), at_most(4_096))
    starts: tuple[str, ...] = setting(
        ("startpos",),
        "where games start: SFENs, names such as startpos, bishop, two-piece, or starts: shuffled, book:path=FILE",
        not_empty(),
    )
    opening_plies: int = setting(8, "each game starts after 0 to this many random plies", at_least(0), at_most(100))
    midgame_share: float = setting(
        0.0, "share of the games that start deeper, from positions of random play", at_least(0), at_most(0.99)
    )
    midgame_plies: int = setting(40, "such a position lies 0 to this many random plies deep", at_least(1), at_most(300))
    pool_share: float = setting(
        0.0, "share of the games played against earlier snapshots of the network", at_least(0), at_most(1)
    )
    pool_size: int = setting(8, "snapshots kept as opponents", at_least(1), at_most(1_000))
    pool_every_updates: int = setting(20, "a snapshot after every so many updates", at_least(1))
    played_on: float = setting(
        0.1,
        "share of the games in which nobody's giving up counts, to see how often it would be wrong",
        at_least(0),
        at_most(1),
    )
    mirror: bool = setting(True, "start every other game from the left-right mirrored start position")


@attrs.frozen(kw_only=True)
class ValueTable:
    """[value]: what the network's value head starts from; kept with the weights."""

    material: float = setting(
        0.5, "weight w of the material in V = head + w * tanh(balance / scale); 0 leaves it to the head", at_least(0)
    )
    scale: float = setting(20.0, "material balance, in pawns, that counts as a large lead", above(0))


@attrs.frozen(kw_only=True)
class LearningTable:
    """[learning]: gradient steps, whatever the algorithm."""

    minibatch: int = setting(512, "plies per gradient step; what an epoch has left over is left out", at_least(1))
    minibatch_doublings: int = setting(
        0,
        "how often the minibatch doubles in the course of the run, after equal shares of it",
        at_least(0),
        at_most(10),
    )
    averaging: float = setting(
        0.0,
        "matches, players and exports have an average of the weights, of which an update leaves this share; 0: none",
        at_least(0),
        at_most(0.9999),
    )
    max_grad_norm: float = setting(0.5, "gradients are scaled down to this L2 norm", above(0))
    max_skipped_steps: int = setting(
        20, "gradient steps in a row that may be nan or inf before the run stops", at_least(1)
    )


@attrs.frozen(kw_only=True)
class TeachingTable:
    """[teaching]: what is taught beside the algorithm."""

    teachers: tuple[str, ...] = setting((), "names of teachers, options in [teaching.NAME]")


@attrs.frozen(kw_only=True)
class EvaluationTable:
    """[evaluation]: matches against a fixed opponent, during and after training."""

    opponent: str = setting("random", "player to measure against: a name, options behind it, or a path")
    every_updates: int = setting(20, "a match after every so many updates; 0 plays only the last one", at_least(0))
    games: int = setting(
        60, "games of a match during training; an even number (pairs)", at_least(2), at_most(100_000), even()
    )
    final_games: int = setting(
        200, "games of the match at the end; an even number (pairs)", at_least(2), at_most(100_000), even()
    )
    rungs: tuple[str, ...] = setting(
        (), "more players to measure against at the end, options behind each name; shown as a table"
    )
    optional_rungs: tuple[str, ...] = setting(
        (), "further rungs, left out with a note where they can't be built: engines that are perhaps not installed"
    )
    rung_games: int = setting(
        200,
        "games against each rung but the last match's opponent; an even number (pairs)",
        at_least(2),
        at_most(100_000),
        even(),
    )
    temperature: float = setting(
        0.5, "the trained player samples at this temperature; 0 plays its favourite moves", at_least(0), at_most(10)
    )
    max_plies: int = setting(512, "a match game this long is cut off and counted apart", at_least(2), at_most(4_096))
    opening_plies: int = setting(
        6,
        "random plies of an opening, or down to half as many; played once with each colour",
        at_least(0),
        at_most(100),
    )


@attrs.frozen(kw_only=True)
class CheckpointTable:
    """[checkpoint]: saving the run."""

    every_updates: int = setting(10, "a checkpoint after every so many updates", at_least(1))
    keep: int = setting(3, "how many of the newest checkpoints stay", at_least(1))
    games: bool = setting(True, "keep the games in progress, 6.5 kB each; without them a run goes on with new ones")
    keep_best: bool = setting(True, "the checkpoint that is best as said below stays too; RUN:best plays it")
    best_by: str = setting(
        "score",
        "figure whose highest value is best, or lowest with - in front; score: who beats the best so far in a match",
    )


@attrs.frozen(kw_only=True)
class TrackingTable:
    """[tracking]: where metrics and sample games go."""

    trackers: tuple[str, ...] = setting(("jsonl",), "names of trackers that get every update's metrics")
    sample_games: int = setting(4, "games whose moves are kept in games.jsonl", at_least(0), at_most(65_536))
    match_games: int = setting(
        40, "games of each match whose moves are kept in matches.jsonl, lost ones first", at_least(0), at_most(2_000)
    )


@attrs.frozen(kw_only=True)
class PluginsTable:
    """[plugins]: which packages may take part."""

    disable: tuple[str, ...] = setting((), "distributions or entry points that are not loaded")
    only: tuple[str, ...] = setting(
        (), "if any are named, nothing else is loaded but what comes with Keisei and files of --plugin"
    )
    require: tuple[str, ...] = setting((), "plugins this run can't do without, e.g. keisei-plugins-foo>=0.2")


CORE_TABLES: Final[Mapping[str, type[Any]]] = {
    "run": RunTable,
    "input": InputTable,
    "selfplay": SelfPlayTable,
    "value": ValueTable,
    "learning": LearningTable,
    "teaching": TeachingTable,
    "evaluation": EvaluationTable,
    "checkpoint": CheckpointTable,
    "tracking": TrackingTable,
    "plugins": PluginsTable,
}
"""Tables whose keys are the core's own."""

DEFAULT_OWNERS: Final[Mapping[str, str]] = {
    "core46": "keisei-plugins-features",
    "resnet": "keisei-plugins-resnet",
    "policy": "keisei",
    "ppo": "keisei-plugins-ppo",
    "adam": "keisei",
    "fp32": "keisei",
    "single": "keisei",
    "random": "keisei",
    "jsonl": "keisei",
}
"""Which distribution a component is of that a default names."""

DEFAULT_NAMES: Final[Mapping[str, str]] = {
    "model": "resnet",
    "decider": "policy",
    "algorithm": "ppo",
    "optimizer": "adam",
    "precision": "fp32",
    "distribution": "single",
}
"""Tables whose keys are a plugin's options, beside `name`, which is this where it is absent."""
