"""Whom one plays against: any player, asked about one game, and what its network says of a position."""

from typing import Any, Final, Self

import attrs
import torch

from keisei_core.arena import FollowedGame, Forfeit, Limits, NetworkPlayer, Stop, think
from keisei_core.arena.participant import Participant
from keisei_core.arena.player import close
from keisei_core.evaluate import Evaluator
from keisei_core.opinion import Opinion, Standing
from keisei_core.plugins import Kind, Registry
from keisei_core.plugins.component_text import changed_options, joined
from keisei_core.plugins.players import CHECKPOINT
from keisei_core.records import short_name
from keisei_core.shogi import action_to_usi
from keisei_plugins_watch.game.course import Course

SEARCH: Final = "search"
"""The player that a network thinks with, where it is installed."""
SIMULATIONS: Final = "simulations"
HINTS: Final = 5
"""Moves of a hint at most."""
LEAST_HINTED: Final = 0.02
"""Of the probability of a move that is hinted at."""
NUMBER: Final = 1
"""Of the game, for a player that follows games."""


@attrs.frozen(kw_only=True)
class Reply:
    """What the opponent does."""

    move: str
    """In USI; empty where it gives the game away."""
    value: float | None = None
    """Expected result for the opponent as it sees it, -1 to 1; None where it has no opinion."""
    forfeit: str = ""
    """How it gives the game away, as records call it."""


@attrs.frozen(kw_only=True)
class Hint:
    """A move that the opponent would think of in your place."""

    move: str
    share: float | None
    """How likely by its policy; None where it has none."""


class Opponent:
    """A player that is built, and how strong it may be asked to play."""

    def __init__(self, name: str, player: Any, *, searches: bool) -> None:
        """Takes a player.

        Args:
            name: what people read.
            player: any player.
            searches: whether it looks ahead as far as it is asked to.
        """
        self.name, self.player, self.searches = name, player, searches
        self.evaluator: Evaluator | None = getattr(player, "evaluator", None)
        """Its network; None of a player without one."""
        self.num_earlier = player.needs.history if hasattr(player, "needs") else 0
        self._policy: Any = player
        if searches and self.evaluator is not None:
            self._policy = NetworkPlayer(self.evaluator, temperature=0.0, seed=0)

    @property
    def label(self) -> str:
        """What the page calls it: the name without the digest of its weights."""
        return self.name.partition(" @")[0].removesuffix(":")

    @classmethod
    def find(cls, text: str, registry: Registry, device: torch.device, seed: int = 0) -> Self:
        """Builds the player that a text means; a network without options may look ahead, where that is installed.

        Raises:
            KeiseiError: there is no such player, or it can't be built.
        """
        participant = Participant.find(text, registry, device)
        name, choice = short_name(participant.name), participant.choice
        options = changed_options(choice)
        if choice.name == CHECKPOINT and set(options) == {"path"} and registry.owners(Kind.PLAYER, SEARCH):
            participant = Participant.find(joined(SEARCH, {"network": options["path"]}), registry, device)
        player: Any = participant.build(seed, device)
        searches = participant.choice.name == SEARCH and hasattr(player, "think") and hasattr(player, "evaluator")
        return cls(name, player, searches=searches)

    def reply(self, course: Course, simulations: int, stop: Stop) -> Reply:
        """Chooses a move where the game stands.

        Args:
            course: the game; is only read.
            simulations: see `Setup`; nothing to a player that does not search.
            stop: ends it early, where the player can.

        Raises:
            KeiseiError: the player failed.
        """
        standing = course.standing()
        if getattr(self.player, "follows_games", False):
            return self._followed(course, standing)
        player = self.player if simulations else self._policy
        limits = Limits(simulations=simulations if self.searches and simulations else None)
        thought = think(player, standing.position, standing.past, limits, stop, lambda _: None)
        move = action_to_usi(standing.position, thought.action)
        return Reply(move=move, value=thought.info.lines[0].value)

    def _followed(self, course: Course, standing: Standing) -> Reply:
        """Asks a player that follows games."""
        game = FollowedGame(number=NUMBER, start=course.start_sfen, moves=tuple(course.moves))
        past = [standing.past] if getattr(self.player, "knows_past", False) else []
        answer = self.player.choose(standing.position, course.games.legal.copy(), *past, [game])[0]
        if isinstance(answer, Forfeit):
            return Reply(move="", forfeit=answer.kind.value)
        return Reply(move=action_to_usi(standing.position, int(answer)))

    def value(self, standing: Standing) -> float | None:
        """Returns what its network expects for the side to move, -1 to 1; None where it has none."""
        if self.evaluator is None:
            return None
        return Opinion.of(self.name, self.evaluator, standing).value

    def hints(self, standing: Standing, stop: Stop) -> list[Hint]:
        """Returns the moves that it thinks of first, the likeliest first."""
        if self.evaluator is not None:
            moves = Opinion.of(self.name, self.evaluator, standing).moves[:HINTS]
            return [Hint(move=move, share=share) for move, share in moves if share >= LEAST_HINTED]
        info = think(self.player, standing.position, standing.past, Limits(), stop, lambda _: None).info
        return [Hint(move=line.moves[0], share=None) for line in info.lines]

    def close(self) -> None:
        """Tells the player that no more will be asked."""
        close(self.player)
