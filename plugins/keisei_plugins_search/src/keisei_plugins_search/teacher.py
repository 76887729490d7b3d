"""The teacher `search`: what a search makes of policy and value, in plies searched at play or searched again.

Shape key: N plies that are learned from, G of them searched now.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import nn

from keisei_core.decide import Column
from keisei_core.experience import Segment
from keisei_core.learn import MoveWeights, Targets, Taught, TeacherContext, between
from keisei_core.shogi import Branches, legal_mask
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_plugins_search.found import COLUMNS, Found
from keisei_plugins_search.look_ahead import look_ahead
from keisei_plugins_search.nodes import Float32Array
from keisei_plugins_search.search import parts
from keisei_plugins_search.training_options import SearchTeacherOptions

AT_ONCE: Final = 256
"""Positions searched side by side, which bounds the memory that takes."""


class SearchTeacher:
    """Teaches the policies and values of searches."""

    def __init__(self, context: TeacherContext, options: SearchTeacherOptions) -> None:
        self.evaluator = context.evaluator
        self.options = options
        self.columns: tuple[Column, ...] = COLUMNS if options.played else ()

    def weight(self, progress: float) -> float:
        """Returns the weight of its loss; see `Teacher.weight`."""
        return between(self.options.weight, self.options.final_weight, progress)

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        """Gathers what was found at play, searches some of the other plies, and teaches both.

        A position searched again is searched without what stood before it in its game.
        """
        options = self.options
        if options.played:
            found = Found.of_columns(segment.columns, rows)
        else:
            found = Found.nothing(np.zeros(len(rows), np.float32))
        self._search_again(segment, rows, found, random)
        counts = found.is_searched.astype(np.float32)
        targets = Targets(
            weight=attention(found, options.surprise),
            policy=MoveWeights(action=found.action, weight=found.weight),
            value=self._value(segment, rows, found) if options.value_weight else None,
            value_weight=options.value_weight * counts,
        )
        return Taught(
            plies=targets, figures={"searched": float(found.is_searched.mean()), "surprise": mean_surprise(found)}
        )

    def _search_again(
        self, segment: Segment, rows: NDArray[np.int64], found: Found, random: np.random.Generator
    ) -> None:
        """Searches a share of the plies, as far as they were not at play, by the network as it is."""
        left = np.flatnonzero(~found.is_searched)
        wanted = min(len(left), round(self.options.again * len(rows)))
        chosen = np.sort(random.permutation(left)[:wanted]) if wanted else left[:0]
        with as_in_play(self.evaluator.network):
            for places in parts(len(chosen), self.options.simulations, AT_ONCE):
                part = chosen[places]
                positions = segment.positions_of(rows[part])
                roots = Branches.of_positions(positions, MAX_MAX_PLIES)
                findings = look_ahead(self.evaluator, roots, legal_mask(positions), self.options)
                found.put(part, findings, self.options.target)

    def _value(self, segment: Segment, rows: NDArray[np.int64], found: Found) -> Float32Array:
        """Returns what V should be, float32 [N]: the search's value, and the game's result as far as it counts.

        As in V, a result counts `discount` times as much a ply earlier, and all of it at the ply that ended the game.
        """
        result, left = (array.reshape(-1)[rows] for array in (segment.outcomes.result, segment.outcomes.plies_left))
        share = np.where(np.isfinite(result), self.options.result, 0.0)
        worth = np.nan_to_num(result) * self.options.discount ** np.maximum(left - 1, 0)
        mixed: Float32Array = ((1 - share) * found.value + share * worth).astype(np.float32)
        return mixed


def attention(found: Found, share: float) -> Float32Array:
    """Returns how much the policy of each ply counts, float32 [N]: 1 in the mean over the searched ones, else 0.

    Policy surprise weighting as KataGo has it (KataGoMethods.md): a share of the weight goes by the surprise.

    Args:
        found: of N plies.
        share: 0 to 1.
    """
    mean = mean_surprise(found)
    weight = 1 - share + share * found.surprise / mean if mean else np.ones_like(found.surprise)
    return np.where(found.is_searched, weight, 0).astype(np.float32)


def mean_surprise(found: Found) -> float:
    """Returns the mean KL(policy of the search, network's policy) over the searched plies; 0 where there are none."""
    return float(found.surprise[found.is_searched].mean()) if found.is_searched.any() else 0.0


@contextmanager
def as_in_play(network: nn.Module) -> Iterator[None]:
    """Lets a network work as it plays, and puts it back into the mode that it was in."""
    was_training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(was_training)
