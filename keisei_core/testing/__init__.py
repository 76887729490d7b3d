"""The public test kit: what Keisei asks of a plugin, as functions and as test classes to derive from."""

from keisei_core.shogi.hard_positions import HARD_SFENS
from keisei_core.testing.algorithms import ALGORITHM_CHECKS, AlgorithmUnderTest
from keisei_core.testing.callbacks import CALLBACK_CHECKS, CallbackUnderTest
from keisei_core.testing.check import Check, Finding, Outcome, failures, run_checks
from keisei_core.testing.commands import COMMAND_CHECKS, CommandUnderTest
from keisei_core.testing.component import COMPONENT_CHECKS
from keisei_core.testing.contract import Contract
from keisei_core.testing.contract_error import ContractError, NotAskedError
from keisei_core.testing.contracts import (
    AlgorithmContract,
    CallbackContract,
    CommandContract,
    DeciderContract,
    DistributionContract,
    FeaturePlanesContract,
    MigratorContract,
    ModelContract,
    OptimizerContract,
    PlayerContract,
    PrecisionContract,
    StartContract,
    TeacherContract,
    TrackerContract,
    feature_set,
)
from keisei_core.testing.corpus import corpus
from keisei_core.testing.deciders import DECIDER_CHECKS, DeciderUnderTest
from keisei_core.testing.distribution import DISTRIBUTION_CHECKS, DistributionUnderTest
from keisei_core.testing.feature_planes import FEATURE_PLANES_CHECKS, PlanesUnderTest
from keisei_core.testing.light import light_checks
from keisei_core.testing.migrators import MIGRATOR_CHECKS
from keisei_core.testing.model_under_test import ModelUnderTest
from keisei_core.testing.models import MODEL_CHECKS
from keisei_core.testing.optimizers import OPTIMIZER_CHECKS, OptimizerUnderTest
from keisei_core.testing.players import PLAYER_CHECKS, PlayerUnderTest
from keisei_core.testing.precision import PRECISION_CHECKS, PrecisionUnderTest
from keisei_core.testing.pretended_gpu import pretended_gpu
from keisei_core.testing.pretended_tensor import MixedDevicesError, Waits
from keisei_core.testing.sample import Edges, Sample
from keisei_core.testing.starts import START_CHECKS, StartUnderTest
from keisei_core.testing.teachers import TEACHER_CHECKS, TeacherUnderTest
from keisei_core.testing.trackers import TRACKER_CHECKS, Logged, TrackerUnderTest
from keisei_core.testing.trial import MigratorUnderTest
from keisei_core.testing.under_test import UnderTest
from keisei_core.testing.world import World

__all__ = [
    "ALGORITHM_CHECKS",
    "CALLBACK_CHECKS",
    "COMMAND_CHECKS",
    "COMPONENT_CHECKS",
    "DECIDER_CHECKS",
    "DISTRIBUTION_CHECKS",
    "FEATURE_PLANES_CHECKS",
    "HARD_SFENS",
    "MIGRATOR_CHECKS",
    "MODEL_CHECKS",
    "OPTIMIZER_CHECKS",
    "PLAYER_CHECKS",
    "PRECISION_CHECKS",
    "START_CHECKS",
    "TEACHER_CHECKS",
    "TRACKER_CHECKS",
    "AlgorithmContract",
    "AlgorithmUnderTest",
    "CallbackContract",
    "CallbackUnderTest",
    "Check",
    "CommandContract",
    "CommandUnderTest",
    "Contract",
    "ContractError",
    "DeciderContract",
    "DeciderUnderTest",
    "DistributionContract",
    "DistributionUnderTest",
    "Edges",
    "FeaturePlanesContract",
    "Finding",
    "Logged",
    "MigratorContract",
    "MigratorUnderTest",
    "MixedDevicesError",
    "ModelContract",
    "ModelUnderTest",
    "NotAskedError",
    "OptimizerContract",
    "OptimizerUnderTest",
    "Outcome",
    "PlanesUnderTest",
    "PlayerContract",
    "PlayerUnderTest",
    "PrecisionContract",
    "PrecisionUnderTest",
    "Sample",
    "StartContract",
    "StartUnderTest",
    "TeacherContract",
    "TeacherUnderTest",
    "TrackerContract",
    "TrackerUnderTest",
    "UnderTest",
    "Waits",
    "World",
    "corpus",
    "failures",
    "feature_set",
    "light_checks",
    "pretended_gpu",
    "run_checks",
]
