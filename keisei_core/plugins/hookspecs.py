"""The whole extension surface: one hook per extension point, called once when plugins are loaded.

Every hook takes no argument and returns an iterable of `Component`. What the target of a component
must be is told in each docstring. Bundled things come through these hooks too.
"""

from collections.abc import Iterable

import pluggy

from keisei_core.plugins.components import Component

hookspec = pluggy.HookspecMarker("keisei")


@hookspec
def keisei_feature_planes() -> Iterable[Component]:
    """Observation planes, composed by `+` in `[input] features`.

    Target: `(context: keisei_core.observe.PlaneContext) -> keisei_core.observe.FeaturePlanes`.
    """
    raise NotImplementedError


@hookspec
def keisei_models() -> Iterable[Component]:
    """Actor-critic networks, chosen by `[model] name`.

    Target: `(channels: tuple[keisei_core.observe.Channel, ...], options) -> torch.nn.Module` whose forward maps
    planes, float [B, C, 9, 9], to policy logits [B, 2187] and the mover's value [B] in -1..1.
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
def keisei_players() -> Iterable[Component]:
    """Opponents in matches, chosen by `[evaluation] opponent`.

    Target: `(seed: int, options) -> keisei_core.arena.Player`.
    """
    raise NotImplementedError


@hookspec
def keisei_trackers() -> Iterable[Component]:
    """Where metrics go, chosen by `[tracking] trackers`.

    Target: `(run_folder: pathlib.Path, options) -> keisei_core.run.Tracker`.
    """
    raise NotImplementedError
