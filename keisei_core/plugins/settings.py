"""A whole resolved config: the core's tables, and each chosen component with its options."""

from typing import Any

import attrs

from keisei_core.config.tables import (
    CORE_TABLES,
    DEFAULT_NAMES,
    CheckpointTable,
    EvaluationTable,
    InputTable,
    LearningTable,
    PluginsTable,
    RunTable,
    SelfPlayTable,
    TeachingTable,
    TrackingTable,
    ValueTable,
)
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.config_tables import Tables, as_document


@attrs.frozen(kw_only=True)
class Settings:
    """Everything a run is made from; equal settings make equal runs."""

    run: RunTable
    input: InputTable
    """`features` is spelled out: bundles such as `all` are taken apart."""
    selfplay: SelfPlayTable
    value: ValueTable
    learning: LearningTable
    teaching: TeachingTable
    evaluation: EvaluationTable
    checkpoint: CheckpointTable
    tracking: TrackingTable
    plugins: PluginsTable
    features: tuple[Choice, ...]
    """In the order of their channels."""
    model: Choice
    starts: tuple[str | Choice, ...]
    """Where games start, in the order written: an SFEN or the name of a position as text, else the component."""
    decider: Choice
    algorithm: Choice
    optimizer: Choice
    teachers: tuple[Choice, ...]
    precision: Choice
    distribution: Choice
    opponent: Choice
    rungs: tuple[Choice, ...]
    """Players of the table at the end, in its order."""
    optional_rungs: tuple[Choice, ...]
    """Those that follow where they can be built."""
    trackers: tuple[Choice, ...]
    callbacks: tuple[Choice, ...]
    tables: Tables = attrs.field(factory=dict)
    """Those of plugins, whoever of the run wants them."""
    notes: tuple[str, ...] = attrs.field(default=(), eq=False)
    """What the user should know though it is no error, e.g. options that were left out; a line each."""

    def to_document(self) -> dict[str, Any]:
        """Returns the TOML tables with every key written out; reading them gives equal settings."""
        from keisei_core.config.structure import unstructure  # loads cattrs, which `plugins list` does without

        document = {name: unstructure(getattr(self, name)) for name in CORE_TABLES}
        for table in DEFAULT_NAMES:
            choice: Choice = getattr(self, table)
            document[table] = {"name": choice.reference, **_options(choice)}
        inner = (
            ("input", self.features),
            ("teaching", self.teachers),
            ("evaluation", (self.opponent,)),
            ("tracking", self.trackers),
            ("run", self.callbacks),
        )
        for table, choices in inner:
            document[table] |= {choice.reference: _options(choice) for choice in choices if choice.options is not None}
        return document | dict(as_document(self.tables))

    def choices(self) -> tuple[Choice, ...]:
        """Returns every component of the run, in the order of the data's path."""
        seen = (*self.features, self.model, *(start for start in self.starts if isinstance(start, Choice)))
        learning = (self.decider, self.algorithm, self.optimizer, *self.teachers)
        players = (self.opponent, *self.rungs, *self.optional_rungs)
        watchers = (*self.trackers, *self.callbacks)
        return (*seen, *learning, self.precision, self.distribution, *players, *watchers)


def _options(choice: Choice) -> dict[str, Any]:
    from keisei_core.config.structure import unstructure

    return {} if choice.options is None else unstructure(choice.options)
