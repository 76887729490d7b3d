"""The keys that `[decider] name = "myname"` understands; imports nothing heavy."""

import attrs

from keisei_core.config import above, at_least, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How much is left to chance, and for how long."""

    temperature: float = setting(1.5, "the policy's logits are divided by this at a game's first ply", above(0))
    plies: int = setting(30, "plies after which the temperature has come to 1, linearly", at_least(1))
