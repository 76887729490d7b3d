"""One contract for each extension point, with what its author may declare.

    class TestResNet(ModelContract):
        name = "resnet"
        options = {"tower_depth": 2}

The component is looked up as a run looks it up, so that the entry point is proven too.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

from keisei_core.migration import Networks
from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.plugins import Choice, Kind
from keisei_core.testing.algorithms import ALGORITHM_CHECKS, AlgorithmUnderTest
from keisei_core.testing.callbacks import CALLBACK_CHECKS, CallbackUnderTest
from keisei_core.testing.commands import COMMAND_CHECKS, CommandUnderTest
from keisei_core.testing.contract import Contract, build_target, installed, with_options
from keisei_core.testing.deciders import DECIDER_CHECKS, DeciderUnderTest
from keisei_core.testing.distribution import DISTRIBUTION_CHECKS, DistributionUnderTest, world_of
from keisei_core.testing.feature_planes import FEATURE_PLANES_CHECKS, PlanesUnderTest
from keisei_core.testing.migrators import MIGRATOR_CHECKS
from keisei_core.testing.model_under_test import ModelUnderTest
from keisei_core.testing.models import MODEL_CHECKS
from keisei_core.testing.optimizers import OPTIMIZER_CHECKS, OptimizerUnderTest
from keisei_core.testing.players import PLAYER_CHECKS, PlayerUnderTest
from keisei_core.testing.precision import PRECISION_CHECKS, PrecisionUnderTest
from keisei_core.testing.sample import Edge, Edges, channels_of
from keisei_core.testing.starts import START_CHECKS, StartUnderTest
from keisei_core.testing.teachers import TEACHER_CHECKS, TeacherUnderTest
from keisei_core.testing.trackers import TRACKER_CHECKS, Logged, TrackerUnderTest
from keisei_core.testing.trial import MigratorUnderTest
from keisei_core.testing.world import World

DEFAULT_FEATURES: Final = "core46"
MAX_PLIES: Final = 512


class FeaturePlanesContract(Contract):
    """Observation planes."""

    kind = Kind.FEATURES
    own_checks = FEATURE_PLANES_CHECKS

    absolute: ClassVar[Collection[str]] = ()
    """Names of channels that depend on the mover's colour."""
    mirrors: ClassVar[bool] = True
    """Whether a left-right mirrored position gives mirrored planes."""

    @classmethod
    def under_test(cls) -> PlanesUnderTest:
        """Returns the planes with what is declared of them."""
        return PlanesUnderTest(**cls.found(), absolute=cls.absolute, mirrors=cls.mirrors)


class ModelContract(Contract):
    """Actor-critic networks."""

    kind = Kind.MODEL
    own_checks = MODEL_CHECKS

    features: ClassVar[str] = DEFAULT_FEATURES
    """The observation, as a config would say it."""
    trains_as_it_acts: ClassVar[bool] = True
    """Whether train mode changes nothing."""

    @classmethod
    def under_test(cls) -> ModelUnderTest:
        """Returns the network with the observation it is built for."""
        features = feature_set(cls.features)
        return ModelUnderTest(**cls.found(), features=features, trains_as_it_acts=cls.trains_as_it_acts)


class StartContract(Contract):
    """Starts of games."""

    kind = Kind.START
    own_checks = START_CHECKS

    max_plies: ClassVar[int] = MAX_PLIES
    """The ply number at which the games that it is for are cut off."""

    @classmethod
    def under_test(cls) -> StartUnderTest:
        """Returns the start with what is declared of it."""
        return StartUnderTest(**cls.found(), max_plies=cls.max_plies)


class DeciderContract(Contract):
    """Deciders."""

    kind = Kind.DECIDER
    own_checks = DECIDER_CHECKS

    device: ClassVar[str] = "cpu"

    @classmethod
    def under_test(cls) -> DeciderUnderTest:
        """Returns the decider with where it is tried."""
        return DeciderUnderTest(**cls.found(), device=cls.device)


class AlgorithmContract(Contract):
    """Algorithms."""

    kind = Kind.ALGORITHM
    own_checks = ALGORITHM_CHECKS

    decider: ClassVar[str | Callable[..., Any]] = "policy"
    """The decider whose columns it asks for: as a config would say it, or what its target would be."""
    follows_results: ClassVar[bool] = True
    """Whether moves that win become more probable."""
    learns_values: ClassVar[bool] = True
    """Whether V comes to the results of games."""
    device: ClassVar[str] = "cpu"

    @classmethod
    def under_test(cls) -> AlgorithmUnderTest:
        """Returns the algorithm with what is declared of it."""
        decider = cls.decider
        return AlgorithmUnderTest(
            **cls.found(),
            make_decider=installed().resolve(Kind.DECIDER, decider).build if isinstance(decider, str) else decider,
            follows_results=cls.follows_results,
            learns_values=cls.learns_values,
            device=cls.device,
        )


class OptimizerContract(Contract):
    """Optimisers with their schedules."""

    kind = Kind.OPTIMIZER
    own_checks = OPTIMIZER_CHECKS

    device: ClassVar[str] = "cpu"

    @classmethod
    def under_test(cls) -> OptimizerUnderTest:
        """Returns the optimiser with where it is tried."""
        return OptimizerUnderTest(**cls.found(), device=cls.device)


class TeacherContract(Contract):
    """Teachers."""

    kind = Kind.TEACHER
    own_checks = TEACHER_CHECKS

    row_by_row: ClassVar[bool] = True
    """Whether what is taught at a ply depends on the ply alone."""
    device: ClassVar[str] = "cpu"

    @classmethod
    def under_test(cls) -> TeacherUnderTest:
        """Returns the teacher with what is declared of it."""
        return TeacherUnderTest(**cls.found(), row_by_row=cls.row_by_row, device=cls.device)


class PrecisionContract(Contract):
    """Precision policies."""

    kind = Kind.PRECISION
    own_checks = PRECISION_CHECKS

    tolerance: ClassVar[float] = 0.05
    """How much a small network's outputs may differ from float32's, relative to the largest of them."""
    scales_loss: ClassVar[bool] = False
    """Whether the loss is scaled, by a number that falls when a gradient overflows."""
    device: ClassVar[str] = "cpu"

    @classmethod
    def under_test(cls) -> PrecisionUnderTest:
        """Returns the policy with what is declared of it."""
        return PrecisionUnderTest(
            **cls.found(), tolerance=cls.tolerance, scales_loss=cls.scales_loss, device=cls.device
        )


class DistributionContract(Contract):
    """Distribution backends."""

    kind = Kind.DISTRIBUTION
    own_checks = DISTRIBUTION_CHECKS

    worlds: ClassVar[Mapping[int, Any]] = MappingProxyType({1: None})
    """The options that make so many processes on this machine, by their number: 1, and 2 where there may be several.
    Where the backend has no launcher of its own, torchrun starts them."""
    restarts: ClassVar[Any] = None
    """The options that make two processes which all start again once after one of them failed; None where none are."""
    device: ClassVar[str] = "cpu"
    limit_s: ClassVar[float] = 120.0
    """Seconds within which a world must have come and gone."""

    @classmethod
    def start(cls) -> None:
        """Starts what all worlds share, such as a cluster; takes as long as it likes."""

    @classmethod
    def stop(cls) -> None:
        """Ends what `start` started."""

    @classmethod
    def setup_class(cls) -> None:
        """Starts what all worlds share and finds what is under test."""
        cls.start()
        super().setup_class()

    @classmethod
    def teardown_class(cls) -> None:
        """Ends what all worlds share, and asserts that as many checks were run as there are."""
        try:
            super().teardown_class()
        finally:
            cls.stop()

    @classmethod
    def under_test(cls) -> DistributionUnderTest:
        """Returns the backend with the worlds that are declared of it."""
        worlds = {size: cls.world(size, options) for size, options in cls.worlds.items()}
        restarted = None if cls.restarts is None else cls.world(2, cls.restarts)
        found = cls.found()
        return DistributionUnderTest(
            **found, worlds=worlds, restarted=restarted, device=cls.device, limit_s=cls.limit_s
        )

    @classmethod
    def world(cls, size: int, options: Any) -> World:
        """Returns how a world of this size is made."""
        target = cls.target
        if target is None:
            return world_of(with_options(installed().resolve(cls.kind, cls.name), options), size)
        make = partial(build_target, target, options)
        return World(size=size, make=make, launch=getattr(target, "launch", None), options=options)


class MigratorContract(Contract):
    """Checkpoint migrators."""

    kind = Kind.MIGRATOR
    own_checks = MIGRATOR_CHECKS

    offered: ClassVar[Collection[Edge]] = ()
    """Pairs of samples, from and to, for which the migrator offers a step; one at least."""
    refused: ClassVar[Collection[Edge]] = ()
    """Pairs for which it refuses."""

    @classmethod
    def under_test(cls) -> MigratorUnderTest:
        """Returns the migrator with the edges that are declared of it."""
        samples = [sample for edge in (*cls.offered, *cls.refused) for sample in edge]
        networks = Networks(installed(), channels_of(samples, feature_set))
        edges = Edges(offered=cls.offered, refused=cls.refused)
        return MigratorUnderTest(
            **cls.found(), edges=edges, find_model=find_model, find_features=feature_set, networks=networks
        )


class PlayerContract(Contract):
    """Players."""

    kind = Kind.PLAYER
    own_checks = PLAYER_CHECKS

    deterministic: ClassVar[bool] = True
    """Whether the seed decides every choice."""
    device: ClassVar[str] = "cpu"

    @classmethod
    def under_test(cls) -> PlayerUnderTest:
        """Returns the player with what is declared of it."""
        return PlayerUnderTest(**cls.found(), deterministic=cls.deterministic, device=cls.device)


class TrackerContract(Contract):
    """Trackers."""

    kind = Kind.TRACKER
    own_checks = TRACKER_CHECKS

    @staticmethod
    def read(run_folder: Path) -> Logged:
        """Returns what is kept in a run folder, as pairs of update and metrics in the order kept.

        Where nothing can be read back, e.g. from a server, it is not defined, and the checks that read are not asked.
        """
        raise NotImplementedError

    @classmethod
    def under_test(cls) -> TrackerUnderTest:
        """Returns the tracker with how to read it back."""
        return TrackerUnderTest(**cls.found(), read=None if cls.read is TrackerContract.read else cls.read)


class CallbackContract(Contract):
    """Callbacks."""

    kind = Kind.CALLBACK
    own_checks = CALLBACK_CHECKS

    features: ClassVar[str] = DEFAULT_FEATURES
    """The observation of the small run that it looks at."""
    deterministic: ClassVar[bool] = True
    """Whether a run made again has the same figures."""

    @classmethod
    def under_test(cls) -> CallbackUnderTest:
        """Returns the callback with what is declared of it."""
        return CallbackUnderTest(**cls.found(), features=feature_set(cls.features), deterministic=cls.deterministic)


class CommandContract(Contract):
    """Commands."""

    kind = Kind.COMMAND
    own_checks = COMMAND_CHECKS

    works: ClassVar[Sequence[str] | None] = None
    """Words after the command's name with which it ends well."""
    refuses: ClassVar[Sequence[str] | None] = None
    """Words that it refuses with a message, e.g. the path of nothing."""

    @classmethod
    def under_test(cls) -> CommandUnderTest:
        """Returns the command with the command lines that are declared of it."""
        choice = cls.found().get("choice")
        make = (lambda: cls.target) if choice is None else choice.load
        return CommandUnderTest(make=make, choice=choice, works=cls.works, refuses=cls.refuses)


def find_model(name: str, options: Mapping[str, Any]) -> Choice:
    """Finds an installed network and gives it options, the rest at their defaults."""
    return with_options(installed().resolve(Kind.MODEL, name), options or None)


def feature_set(features: str) -> FeatureSet:
    """Builds an observation from installed planes, named as in a config."""
    context = PlaneContext(max_plies=MAX_PLIES)
    return FeatureSet([choice.build(context) for choice in installed().resolve_features(features)])
