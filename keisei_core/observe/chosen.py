"""Builds the planes that a config chose, and tries each before anything depends on it."""

from collections.abc import Iterable

from keisei_core.errors import PluginError
from keisei_core.observe.channels import PlaneContext
from keisei_core.observe.feature_set import FeatureSet
from keisei_core.observe.plane_faults import planes_problem
from keisei_core.observe.planes import FeaturePlanes
from keisei_core.plugins import Choice
from keisei_core.shogi.hard_positions import hard_positions


def chosen_features(choices: Iterable[Choice], context: PlaneContext) -> FeatureSet:
    """Builds planes, in the order given.

    Raises:
        PluginError: some can't be built, or do not do what planes must; names their package and version.
    """
    return FeatureSet([_tried(choice, context) for choice in choices])


def _tried(choice: Choice, context: PlaneContext) -> FeaturePlanes:
    """Builds the planes of one plugin and asks what can be known of them at once."""
    planes: FeaturePlanes = choice.build(context)
    try:
        positions = hard_positions(FeatureSet([planes]).needs.history)
        problem = planes_problem(planes, positions[positions.ply < context.max_plies])
    except PluginError as error:
        problem = str(error)
    if problem is not None:
        raise PluginError(f"{choice.kind} {choice.name!r} of {choice.owner}: {problem}")
    return planes
