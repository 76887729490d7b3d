"""The keys that `[model] name = "resnet"` understands; imports no torch."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class ResNetOptions:
    """Shape of the residual tower; the input's channels follow from the chosen planes."""

    tower_depth: int = setting(3, "residual blocks of the tower", at_least(1), at_most(100))
    tower_width: int = setting(32, "channels of every block", at_least(1), at_most(1024))
    se_ratio: float = setting(
        0.25, "squeeze-and-excitation bottleneck as a share of the width; 0 turns it off", at_least(0), at_most(1)
    )
