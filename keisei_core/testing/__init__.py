"""The public test kit: what Keisei asks of a plugin, as functions and as test classes to derive from."""

from keisei_core.testing.contract_error import ContractError
from keisei_core.testing.contracts import FeaturePlanesContract, ModelContract, feature_set
from keisei_core.testing.corpus import HARD_SFENS, corpus
from keisei_core.testing.feature_planes import FEATURE_PLANES_CHECKS, check_feature_planes
from keisei_core.testing.models import MODEL_CHECKS, check_model

__all__ = [
    "FEATURE_PLANES_CHECKS",
    "HARD_SFENS",
    "MODEL_CHECKS",
    "ContractError",
    "FeaturePlanesContract",
    "ModelContract",
    "check_feature_planes",
    "check_model",
    "corpus",
    "feature_set",
]
