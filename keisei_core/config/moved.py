"""Keys that stood in `[ppo]` before algorithm, optimiser and teachers were parts of their own, and where they stand.

Used where an old config is refused, and where an old checkpoint's config is brought on.
"""

from collections.abc import Mapping
from typing import Final

TACTICS: Final = "teaching.tactics"

MOVED_FROM_PPO: Final[Mapping[str, tuple[str, str]]] = {
    "learning_rate": ("optimizer", "learning_rate"),
    "final_learning_rate": ("optimizer", "final_learning_rate"),
    "adam_epsilon": ("optimizer", "epsilon"),
    "minibatch": ("learning", "minibatch"),
    "max_grad_norm": ("learning", "max_grad_norm"),
    "max_skipped_steps": ("learning", "max_skipped_steps"),
    "epochs": ("algorithm", "epochs"),
    "clip": ("algorithm", "clip"),
    "gamma": ("algorithm", "gamma"),
    "gae_lambda": ("algorithm", "gae_lambda"),
    "value_coefficient": ("algorithm", "value_coefficient"),
    "entropy_coefficient": ("algorithm", "entropy_coefficient"),
    "final_entropy_coefficient": ("algorithm", "final_entropy_coefficient"),
    "target_kl": ("algorithm", "target_kl"),
    "advantage_scaling": ("algorithm", "advantage_scaling"),
    "advantage_std_floor": ("algorithm", "advantage_std_floor"),
    "shaping": ("value", "material"),
    "shaping_scale": ("value", "scale"),
    "tactics": (TACTICS, "weight"),
    "tactics_margin": (TACTICS, "margin"),
    "mate_weight": (TACTICS, "mate_weight"),
    "side_mates": (TACTICS, "side_mates"),
}
"""Key of `[ppo]` -> (table, key)."""
GONE_FROM_PPO: Final[Mapping[str, str]] = {
    "final_shaping": "is gone: material is where the value starts from, not a reward that could be annealed",
}


def where_now(key: str) -> str:
    """Says where a key of `[ppo]` stands, as the end of a sentence; nothing if it never stood there."""
    if key in GONE_FROM_PPO:
        return GONE_FROM_PPO[key]
    if key not in MOVED_FROM_PPO:
        return ""
    table, name = MOVED_FROM_PPO[key]
    names = ' (with [teaching] teachers = ["tactics"])' if table == TACTICS else ""
    return f"stands in [{table}] as {name}{names}"
