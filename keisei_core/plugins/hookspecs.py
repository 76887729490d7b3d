"""The whole extension surface: one hook per extension point, called once when plugins are loaded.

Every hook takes no argument and returns an iterable of `Component`. What the target of a component
must be is told in each docstring; it is called with `options` only where the component declares an options
class. Bundled things come through these hooks too.

The module that implements them is light (it loads neither torch nor numba) and says which version of this
surface it was written for: `KEISEI_PLUGIN_API = (2, 0)`. It may name functions, `("module:function", ...)`, in
`KEISEI_WARM_UPS`: each calls kernels of its package as they are called later, and `keisei warm` runs them. It may name
functions in `KEISEI_RUN_ENDS`: each is called with the folder of a run that is over, and may return the path of a file
that it made, e.g. a page, which the command then names. It may name networks that come with it in `KEISEI_NETWORKS`,
`{"name": "folder"}`: a folder beside the module, with an exported network, which players and paths know as `name:`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import pluggy

from keisei_core.plugins.components import Bundle, Component, Kind

hookspec = pluggy.HookspecMarker("keisei")


@hookspec
def keisei_feature_planes() -> Iterable[Component | Bundle]:
    """Observation planes, composed by `+` in `[input] features`; options in `[input.NAME]`.

    A `Bundle` gives a short name to several of them.
    Target: `(context: keisei_core.observe.PlaneContext, options) -> keisei_core.observe.FeaturePlanes`.
    """
    raise NotImplementedError


@hookspec
def keisei_models() -> Iterable[Component]:
    """Actor-critic networks, chosen by `[model] name`.

    Target: `(channels: tuple[keisei_core.observe.Channel, ...], options) -> torch.nn.Module` whose forward maps
    planes, float [B, C, 9, 9], to policy logits [B, 2187] and the value head [B]: the expected result for the mover
    less what the material says. A third output, tensors by name, goes with a method `auxiliary_loss`.
    """
    raise NotImplementedError


@hookspec
def keisei_starts() -> Iterable[Component]:
    """Where games start, each an entry of `[selfplay] starts`, written `NAME` or `NAME:key=value,...`.

    Target: `(context: keisei_core.shogi.StartContext, options) -> keisei_core.shogi.StartSource`.
    """
    raise NotImplementedError


@hookspec
def keisei_deciders() -> Iterable[Component]:
    """How a ply is chosen in self-play, chosen by `[decider] name`.

    Target: `(context: keisei_core.decide.DeciderContext, options) -> keisei_core.decide.Decider`.
    """
    raise NotImplementedError


@hookspec
def keisei_algorithms() -> Iterable[Component]:
    """What an update makes of what was played, chosen by `[algorithm] name`.

    Target: `(context: keisei_core.learn.AlgorithmContext, options) -> keisei_core.learn.Algorithm`.
    """
    raise NotImplementedError


@hookspec
def keisei_optimizers() -> Iterable[Component]:
    """Optimiser and its schedule, chosen by `[optimizer] name`.

    Target: `(parameters: tuple[tuple[str, torch.nn.Parameter], ...], options) -> keisei_core.learn.Optimization`.
    """
    raise NotImplementedError


@hookspec
def keisei_teachers() -> Iterable[Component]:
    """What is taught beside, chosen by `[teaching] teachers`; options in `[teaching.NAME]`.

    Target: `(context: keisei_core.learn.TeacherContext, options) -> keisei_core.learn.Teacher`.
    """
    raise NotImplementedError


@hookspec
def keisei_precision_policies() -> Iterable[Component]:
    """Numeric precision of acting and learning, chosen by `[precision] name`.

    Target: `(device: torch.device, options) -> keisei_core.precision.PrecisionPolicy`.
    """
    raise NotImplementedError


@hookspec
def keisei_distribution_backends() -> Iterable[Component]:
    """How processes work together, chosen by `[distribution] name`.

    Target: `(device: torch.device, options) -> keisei_core.distribution.DistributionBackend`.
    """
    raise NotImplementedError


@hookspec
def keisei_checkpoint_migrators() -> Iterable[Component]:
    """Ways to bring a checkpoint to another input, shape or format; they take no options.

    All installed ones take part: `keisei migrate` looks for the chain of steps that loses least.
    Target: `(context: keisei_core.migration.MigrationContext) -> keisei_core.migration.Migrator`.
    """
    raise NotImplementedError


@hookspec
def keisei_players() -> Iterable[Component]:
    """Players in matches, chosen by `[evaluation] opponent` and `rungs`, on the command line as `NAME:key=value,...`.

    Options may also stand in `[evaluation.NAME]`; see docs/plugins/players.md.

    Target: `(context: keisei_core.arena.PlayerContext, options) -> keisei_core.arena.Player`.
    """
    raise NotImplementedError


@hookspec
def keisei_trackers() -> Iterable[Component]:
    """Where metrics go, chosen by `[tracking] trackers`; options in `[tracking.NAME]`.

    Target: `(run_folder: pathlib.Path, options) -> keisei_core.run.Tracker`.
    """
    raise NotImplementedError


@hookspec
def keisei_callbacks() -> Iterable[Component]:
    """Figures of their own and work after an update, a checkpoint and the end, chosen by `[run] callbacks`.

    Options in `[run.NAME]`. Target: `(context: keisei_core.run.CallbackContext, options) -> keisei_core.run.Callback`.
    """
    raise NotImplementedError


@hookspec
def keisei_commands() -> Iterable[Component]:
    """Sub-commands of `keisei`, by their names; they take no options class.

    Target: a `click.Command`, which is imported when it is called.
    """
    raise NotImplementedError


KIND_OF_HOOK: Final[Mapping[str, Kind]] = {
    "keisei_feature_planes": Kind.FEATURES,
    "keisei_models": Kind.MODEL,
    "keisei_starts": Kind.START,
    "keisei_deciders": Kind.DECIDER,
    "keisei_algorithms": Kind.ALGORITHM,
    "keisei_optimizers": Kind.OPTIMIZER,
    "keisei_teachers": Kind.TEACHER,
    "keisei_precision_policies": Kind.PRECISION,
    "keisei_distribution_backends": Kind.DISTRIBUTION,
    "keisei_checkpoint_migrators": Kind.MIGRATOR,
    "keisei_players": Kind.PLAYER,
    "keisei_trackers": Kind.TRACKER,
    "keisei_callbacks": Kind.CALLBACK,
    "keisei_commands": Kind.COMMAND,
}
"""Every hook with the kind of components it returns."""
