"""How a wrong key or value is told to the user."""

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Returns the candidate that looks most like a word, None if none does."""
    import difflib  # only when something is wrong: a good config doesn't pay for it

    same = {candidate.lower().replace("-", "_"): candidate for candidate in candidates}
    found = difflib.get_close_matches(word.lower().replace("-", "_"), list(same), n=1, cutoff=0.6)
    return same[found[0]] if found else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Returns `; did you mean 'x'?` for the nearest candidate, or nothing."""
    candidate = nearest(word, candidates)
    return f"; did you mean {candidate!r}?" if candidate is not None else ""


def as_toml(value: object) -> str:
    """Writes a value as its author wrote it in TOML: `true`, not `True`; a table by its name only."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"[{', '.join(as_toml(item) for item in value)}]"
    if isinstance(value, (str, int, float)):
        text = repr(value)
        return text if len(text) <= 80 else f"{text[:77]}..."
    return str(value)
