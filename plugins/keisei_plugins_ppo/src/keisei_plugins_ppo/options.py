"""Options of the algorithm `ppo`."""

import attrs

from keisei_core.config import above, at_least, at_most, one_of, setting


@attrs.frozen(kw_only=True)
class PPOOptions:
    """Proximal policy optimisation (Schulman et al. 2017) over alternating players."""

    epochs: int = setting(2, "passes over a segment", at_least(1), at_most(100))
    clip: float = setting(0.2, "the ratio new/old probability is clipped to 1 -/+ this", above(0), at_most(10))
    gamma: float = setting(0.997, "discount per ply", above(0), at_most(1))
    gae_lambda: float = setting(0.9, "decay of the advantage estimate per ply", at_least(0), at_most(1))
    policy_coefficient: float = setting(
        1.0, "weight of the policy loss; 0 leaves the policy to teachers and the entropy bonus", at_least(0)
    )
    value_coefficient: float = setting(0.5, "weight of the value loss at the start", at_least(0))
    final_value_coefficient: float = setting(0.5, "weight of the value loss at the end, reached linearly", at_least(0))
    replay_passes: int = setting(
        0,
        "further passes in an update, over segments drawn from those kept: V, teachers and entropy, no policy loss",
        at_least(0),
        at_most(100),
    )
    replay_window: int = setting(1, "segments kept for these passes, the newest among them", at_least(1), at_most(1024))
    entropy_coefficient: float = setting(0.005, "weight of the entropy bonus at the start", at_least(0))
    final_entropy_coefficient: float = setting(0.002, "weight of the entropy bonus at the end", at_least(0))
    target_kl: float = setting(
        0.03,
        "an update ends once the policy moved this far (nats); 0 never ends early, as teachers ask for",
        at_least(0),
    )
    advantage_scaling: str = setting(
        "rollout",
        "rollout or minibatch: advantages are centred and divided by their spread there; off leaves them",
        one_of("rollout", "minibatch", "off"),
    )
    advantage_std_floor: float = setting(0.05, "advantages are divided by their spread, but at least by this", above(0))
