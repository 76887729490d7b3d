"""The distributions that come with Keisei: a name that one of them has is theirs, whoever else declares it."""

import re
from typing import Final

BUNDLED: Final = frozenset(
    {
        "keisei",
        "keisei-plugins-amp",
        "keisei-plugins-baseline",
        "keisei-plugins-callbacks",
        "keisei-plugins-ddp",
        "keisei-plugins-features",
        "keisei-plugins-migrators",
        "keisei-plugins-muon",
        "keisei-plugins-networks",
        "keisei-plugins-players",
        "keisei-plugins-ppo",
        "keisei-plugins-ray",
        "keisei-plugins-report",
        "keisei-plugins-resnet",
        "keisei-plugins-search",
        "keisei-plugins-starts",
        "keisei-plugins-teachers",
        "keisei-plugins-tensorboard",
        "keisei-plugins-trackio",
        "keisei-plugins-usi",
        "keisei-plugins-watch",
        "keisei-plugins-zero",
    }
)
"""By their names as package indexes compare them; no two of them have a name in common."""


def canonical(name: str) -> str:
    """Returns a distribution's name in the one spelling that package indexes compare by."""
    return re.sub(r"[-_.]+", "-", name).lower()
