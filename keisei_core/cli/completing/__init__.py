"""What may be typed next, for bash, zsh and fish."""

from keisei_core.cli.completing.places import networks, places
from keisei_core.cli.completing.values import Completer, devices, features, keys, kinds, known, names, players

__all__ = ["Completer", "devices", "features", "keys", "kinds", "known", "names", "networks", "places", "players"]
