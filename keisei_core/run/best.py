"""The best network of a run so far, by its match score."""

import attrs


@attrs.frozen(kw_only=True)
class Best:
    """A network of the run and how it scored in a match during training."""

    update: int
    """After which update it was."""
    score: float
    """0 to 1."""
    opponent: str

    def beats(self, other: "Best | None") -> bool:
        """Tells whether this is the best now: of equals the later is; scores against another opponent count no more."""
        return other is None or self.opponent != other.opponent or self.score >= other.score
