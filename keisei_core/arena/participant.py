"""A player who takes part in a match under a name by which his results are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

import attrs
import numpy as np
import torch

from keisei_core.arena.player import Identity, Player, PlayerContext
from keisei_core.arena.trained_network import TrainedNetwork, find_network
from keisei_core.config.checks import network_keys
from keisei_core.errors import KeiseiError
from keisei_core.plugins import Choice, Registry
from keisei_core.plugins.component_text import changed_options, joined
from keisei_core.plugins.players import CHECKPOINT, player_choice, player_text

CPU: Final = torch.device("cpu")


@attrs.frozen
class Participant:
    """A player that can be built anew for every match."""

    choice: Choice
    name: str
    """The player as text, and for one with a network the digest of its weights."""
    identity: str
    """What its results are kept under: of a network the digest of its weights, wherever they lie, of a player with an
    `Identity` its digest, of another one its name and the version of its package; with the options that are not at
    their defaults. A network that plays in another precision than that of its training is another player."""
    precision: str = ""
    """What its network plays in on this machine; empty of a player without one, or with one that can't be built."""

    @classmethod
    def find(cls, text: str, registry: Registry, device: torch.device = CPU) -> Self:
        """Finds what a text means; a run folder is pinned to its newest checkpoint of this moment.

        Args:
            text: as users write players.
            registry: where names are looked up.
            device: where the player will compute.

        Raises:
            KeiseiError: see `player_choice` and `find_network`.
        """
        choice = player_choice(text, registry)
        options, digests, precision = changed_options(choice), [], ""
        for key in network_keys(type(choice.options)) if choice.options is not None else ():
            if path := options.pop(key, ""):
                network = find_network(Path(path))
                precision, note = precision_of(network, registry, device, str(options.pop("precision", "")))
                digests.append(f"@{network.digest}{note}")
                choice = attrs.evolve(choice, options=attrs.evolve(choice.options, **{key: network.text}))
        name = " ".join((player_text(choice), *digests))
        if choice.name == CHECKPOINT and choice.owner.distribution == "keisei" and digests:
            return cls(choice, name, joined(digests[0], options), precision)
        if (own := identity_of(choice)) is not None:
            return cls(choice, f"{name} @{own.digest}", f"{choice.reference} @{own.digest}", precision)
        identity = f"{joined(' '.join((choice.name, *digests)), options)} of {choice.owner}"
        return cls(choice, name, identity, precision)

    def build(self, seed: int, device: torch.device) -> Player:
        """Builds the player.

        Raises:
            KeiseiError: it can't be built; told with the player's name.
        """
        try:
            player: Player = self.choice.build(PlayerContext(seed=seed, device=device))
        except KeiseiError as error:
            error.add_note(f"the player is {self.name}")
            raise
        return player


def identity_of(choice: Choice) -> Identity | None:
    """Returns who a player is, as it says itself; None of one that says nothing.

    Raises:
        KeiseiError: it can't be found out.
    """
    identify: Callable[[Any], Identity] | None = getattr(choice.load(), "identity", None)
    return None if identify is None else identify(choice.options)


def precision_of(network: TrainedNetwork, registry: Registry, device: torch.device, wanted: str) -> tuple[str, str]:
    """Returns the precision that a network plays in, and what its player's record says of it.

    One that can't be built has none: its results may be known all the same, and who builds it is told why.
    """
    try:
        playing = network.play_precision(registry, device, wanted)
    except KeiseiError:
        return "", f" in {wanted}" if wanted else ""
    return playing.name, playing.note


def seeds(*words: int, count: int) -> list[int]:
    """Derives seeds for the players of a match, and for its openings, from one or more numbers."""
    return [int(word) for word in np.random.SeedSequence(words).generate_state(count)]
