"""Declares networks to Keisei; imports nothing heavy."""

from typing import Final

KEISEI_PLUGIN_API: Final = (2, 0)
KEISEI_NETWORKS: Final = {"keisei": "network"}
