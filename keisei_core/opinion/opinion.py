"""What a network says of a position, told to people and programs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

import attrs
import numpy as np
import torch

from keisei_core.arena.participant import Participant
from keisei_core.arena.thinking import Info, Limits, Line, Never, centipawns_of, think
from keisei_core.config.checks import network_keys
from keisei_core.errors import ConfigError
from keisei_core.evaluate import Evaluator
from keisei_core.opinion.position import Standing, WrittenPosition
from keisei_core.picture import Picture, board_text
from keisei_core.plugins import Kind, Registry, load_registry
from keisei_core.plugins.component_text import joined
from keisei_core.plugins.players import CHECKPOINT
from keisei_core.shogi import action_to_usi, format_sfen, legal_mask

CPU: Final = torch.device("cpu")
DRAWN: Final = 5
"""Moves that a picture shows at most."""
LEAST_DRAWN: Final = 0.02
"""Of the probability of a move that is drawn."""
SEARCH: Final = "search"
"""The player that looks ahead."""
BAR: Final = 20
"""Columns of a bar that means certainty."""


@attrs.frozen(kw_only=True)
class Opinion:
    """What is said of one position. A notebook shows it as a picture."""

    network: str
    """Where it lies, and the digest of its weights."""
    sfen: str
    last_move: str
    """In USI; empty where none is known."""
    ending: str
    """How the game has ended, as `Ending` calls it; empty where it goes on."""
    value: float
    """Expected result for the mover, -1 to 1, by the network alone; of a game that has ended its result."""
    moves: tuple[tuple[str, float], ...]
    """All legal moves in USI with their probabilities by the policy, the likeliest first; none where it has ended."""
    search: Info | None = None
    """What a search found, the best line first; None where nobody searched."""

    @classmethod
    def of(cls, network: str, evaluator: Evaluator, standing: Standing, search: Info | None = None) -> Self:
        """Asks a network.

        Args:
            network: what it is called.
            evaluator: the network.
            standing: the position, with as many earlier ones as the network needs.
            search: what was found, if anybody searched.

        Raises:
            DivergedError: the network gives nan or inf.
            PluginError: its value is nothing like a result.
        """
        value, moves = _ended(standing) if standing.ending else _asked(evaluator, standing)
        return cls(
            network=network,
            sfen=format_sfen(standing.position),
            last_move=standing.last_move,
            ending=standing.ending.name.lower() if standing.ending else "",
            value=value,
            moves=moves,
            search=search,
        )

    @property
    def mover(self) -> str:
        """Whose turn it is: Black or White."""
        return "Black" if self.sfen.split()[1] == "b" else "White"

    def picture(self, **look: Any) -> Picture:
        """Returns the position with the likeliest moves as arrows; `look`: see `Picture`."""
        drawn = [move for move in self.moves[:DRAWN] if move[1] >= LEAST_DRAWN]
        told = f"game over: {self.ending.replace('_', ' ')}" if self.ending else f"{self.mover} to move"
        caption = f"{told}, value {self.value:+.2f}"
        return Picture(self.sfen, self.last_move, drawn, **({"caption": caption} | look))

    def _repr_svg_(self) -> str:
        return self.picture().svg()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, pieces: str = "letters", most: int = 8) -> Iterator[str]:
        """Yields the lines that people read.

        Args:
            pieces: one of `PIECES`.
            most: moves that are listed.
        """
        yield f"network   {self.network}"
        yield f"position  {self.sfen}"
        yield ""
        yield board_text(self.sfen, self.last_move, pieces)
        yield ""
        if self.ending:
            yield f"the game is over: {self.ending.replace('_', ' ')}; result {self.value:+.0f} for {self.mover}"
            return
        yield f"value     {_told(self.value)} for {self.mover}, who is to move"
        if self.search is not None:
            yield from _found(self.search)
        yield ""
        yield from self._table(most)

    def _table(self, most: int) -> Iterator[str]:
        """Yields a row for each of the likeliest moves, and one for all others."""
        rows = [*self.moves[:most]]
        if others := self.moves[most:]:
            rows.append((f"{len(others)} others", sum(share for _, share in others)))
        yield "move       probability"
        for move, share in rows:
            yield f"{move:<10} {100 * share:>9.1f} %  {'#' * round(BAR * share)}".rstrip()

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data."""
        return {
            "network": self.network,
            "sfen": self.sfen,
            "last_move": self.last_move or None,
            "ending": self.ending or None,
            "value": self.value,
            "moves": [{"move": move, "probability": share} for move, share in self.moves],
            "search": None if self.search is None else _search_data(self.search),
        }


def _ended(standing: Standing) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Returns the result for the mover of a game that has ended, and no moves."""
    return 1 - 2 * standing.ending.points, ()


def _asked(evaluator: Evaluator, standing: Standing) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Returns the value and the policy."""
    evaluator.network.eval()
    evaluator.watch()
    position = standing.position
    legal = legal_mask(position)
    log_probs, value = evaluator.policy_and_value(position, legal)
    evaluator.require_values()
    evaluator.require_logits()
    shares = log_probs[0].exp().double().cpu().numpy()
    actions = sorted(map(int, np.flatnonzero(legal[0])), key=lambda action: -shares[action])
    return float(value[0]), tuple((action_to_usi(position, action), float(shares[action])) for action in actions)


def opinion_of(
    path: Path | str,
    position: str = "startpos",
    *,
    simulations: int = 0,
    lines: int = 8,
    registry: Registry | None = None,
) -> Opinion:
    """Asks the network at a path for its opinion.

    Args:
        path: a run folder, `RUN:best`, a checkpoint or an export.
        position: see `WrittenPosition.parse`.
        simulations: of a search; 0 asks the network alone.
        lines: of play that a search tells of.
        registry: of plugins; all that are installed if not given.

    Raises:
        SfenError, ConfigError: the position is none, or no player that is installed searches.
        CheckpointError: no good network is there.
        PluginError: it was made from a plugin that is not installed.
    """
    written, registry = WrittenPosition.parse(position), registry or load_registry()
    if simulations and not registry.owners(Kind.PLAYER, SEARCH):
        told = f"nobody is installed who looks ahead by {simulations} simulations"
        raise ConfigError([f"{told}; pip install keisei-plugins-search, or ask the network alone"])
    options = {"path": path, **({"simulations": simulations} if simulations else {})}
    participant = Participant.find(joined(CHECKPOINT, options), registry, CPU)
    player: Any = participant.build(0, CPU)
    standing = written.stand(player.needs.history)
    search = None
    if simulations and not standing.ending:
        limits = Limits(simulations=simulations, lines=lines)
        search = think(player, standing.position, standing.past, limits, Never(), lambda _: None).info
    return Opinion.of(_called(participant), player.evaluator, standing, search)


def _called(participant: Participant) -> str:
    """Returns where a player's network lies, a run's newest checkpoint of this moment, and its digest."""
    options: Any = participant.choice.options
    _, at, digest = participant.name.rpartition(" @")
    return f"{getattr(options, network_keys(type(options))[0])}{at}{digest}"


def _told(value: float) -> str:
    """Writes a value with what it means in points and in centipawns."""
    return f"{value:+.3f} ({50 * (1 + value):.0f} % of the points, {centipawns_of(value):+d} centipawns)"


def _found(info: Info) -> Iterator[str]:
    """Yields what a search found: its value, and its best lines."""
    best = info.lines[0]
    if best.value is not None:
        yield f"searched  {_told(best.value)}, {info.nodes} simulations"
    yield ""
    yield "move    visits   value  line"
    for line in info.lines:
        yield f"{line.moves[0]:<6}  {line.visits:>6}  {_worth(line):>6}  {' '.join(line.moves)}"


def _worth(line: Line) -> str:
    """Writes a line's value, or in how many plies it is proven to end."""
    if line.mate is not None:
        return f"#{line.mate}"
    return "" if line.value is None else f"{line.value:+.2f}"


def _search_data(info: Info) -> dict[str, Any]:
    lines = [attrs.asdict(line) | {"moves": list(line.moves)} for line in info.lines]
    return {"value": info.lines[0].value, "simulations": info.nodes, "lines": lines}
