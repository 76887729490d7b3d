"""Settings that are each right and can't be right together."""

from collections.abc import Iterator, Mapping
from typing import Any

Found = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""(table, key, text, the (table, key) pairs that were compared)."""


def contradictions(tables: Mapping[str, Any]) -> Iterator[Found]:
    """Yields what does not fit together among the core's tables, by name."""
    selfplay, learning, evaluation = tables["selfplay"], tables["learning"], tables["evaluation"]
    tracking, teaching, run = tables["tracking"], tables["teaching"], tables["run"]
    rollout = selfplay.games * selfplay.rollout_plies
    largest = learning.minibatch * 2**learning.minibatch_doublings
    if learning.minibatch_doublings and largest > rollout:
        text = f"minibatch must double to at most a rollout's {rollout} plies (games x rollout_plies), got {largest}"
        yield (
            *("learning", "minibatch_doublings", text),
            (
                *(("learning", "minibatch_doublings"), ("learning", "minibatch")),
                *(("selfplay", "games"), ("selfplay", "rollout_plies")),
            ),
        )
    elif learning.minibatch > rollout:
        text = (
            f"minibatch must be at most a rollout's {rollout} plies (games x rollout_plies), got {learning.minibatch}"
        )
        yield (
            *("learning", "minibatch", text),
            (("learning", "minibatch"), ("selfplay", "games"), ("selfplay", "rollout_plies")),
        )
    for name, table in (("selfplay", selfplay), ("evaluation", evaluation)):
        if table.max_plies <= table.opening_plies:
            text = f"max_plies must be greater than opening_plies ({table.opening_plies}), got {table.max_plies}"
            yield name, "max_plies", text, ((name, "max_plies"), (name, "opening_plies"))
    deepest = selfplay.midgame_plies + selfplay.opening_plies
    if selfplay.midgame_share and selfplay.max_plies <= deepest:
        text = f"max_plies must be greater than midgame_plies and opening_plies ({deepest}), got {selfplay.max_plies}"
        yield (
            *("selfplay", "max_plies", text),
            (("selfplay", "max_plies"), ("selfplay", "midgame_plies"), ("selfplay", "opening_plies")),
        )
    if tracking.sample_games > selfplay.games:
        text = f"sample_games must be at most [selfplay] games ({selfplay.games}), got {tracking.sample_games}"
        yield "tracking", "sample_games", text, (("tracking", "sample_games"), ("selfplay", "games"))
    lists = (
        ("tracking", "trackers", tracking.trackers),
        ("teaching", "teachers", teaching.teachers),
        ("evaluation", "rungs", evaluation.rungs),
        ("evaluation", "optional_rungs", evaluation.optional_rungs),
        ("run", "callbacks", run.callbacks),
    )
    for name, key, entries in lists:
        if len(set(entries)) < len(entries):
            yield name, key, f"{key} must each stand once", ((name, key),)
