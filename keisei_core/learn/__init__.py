"""Learning: what an algorithm, a teacher and an optimiser must offer, and the parts that any of them stands on."""

from keisei_core.learn.algorithm import Algorithm, AlgorithmContext
from keisei_core.learn.auxiliary import Auxiliary, auxiliary_problem
from keisei_core.learn.batch import Batch
from keisei_core.learn.batches import Batches
from keisei_core.learn.health import explained_variance
from keisei_core.learn.learner import Learner
from keisei_core.learn.lessons import Lessons, MoveSets, MoveWeights, PolicyTarget, Targets
from keisei_core.learn.optimizer import Adam, Optimization, Parameters, between, scheduled
from keisei_core.learn.optimizer_state import load_optimizer_tensors, optimizer_tensors
from keisei_core.learn.report import Report
from keisei_core.learn.step import GradientSteps, Outputs
from keisei_core.learn.teacher import Study, Taught, Teacher, TeacherContext
from keisei_core.learn.teaching import Lecturer, Teaching

__all__ = [
    "Adam",
    "Algorithm",
    "AlgorithmContext",
    "Auxiliary",
    "Batch",
    "Batches",
    "GradientSteps",
    "Learner",
    "Lecturer",
    "Lessons",
    "MoveSets",
    "MoveWeights",
    "Optimization",
    "Outputs",
    "Parameters",
    "PolicyTarget",
    "Report",
    "Study",
    "Targets",
    "Taught",
    "Teacher",
    "TeacherContext",
    "Teaching",
    "auxiliary_problem",
    "between",
    "explained_variance",
    "load_optimizer_tensors",
    "optimizer_tensors",
    "scheduled",
]
