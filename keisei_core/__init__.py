"""Keisei's core: extension points, positions and rules, self-play, PPO, checkpoints, matches.

Light on purpose: importing it loads neither torch nor numba. Plugins need two names from here,
`hookimpl` and `PLUGIN_API`; the declarations they return live in `keisei_core.plugins.components`.
"""

from typing import Final

import pluggy

__version__: Final = "0.1.0"

PLUGIN_API: Final = (2, 0)
"""Version of the hooks and interfaces that plugins see: same major, and a minor not above this one."""

hookimpl: Final = pluggy.HookimplMarker("keisei")
"""Marks a plugin module's function as an implementation of a Keisei hook."""

__all__ = ["PLUGIN_API", "__version__", "hookimpl"]
