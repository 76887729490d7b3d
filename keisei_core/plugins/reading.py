"""Reads a document into settings, and gathers every problem on the way before it gives up."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import attrs

from keisei_core.config.contradictions import contradictions
from keisei_core.config.document import Document, Override, parse_value
from keisei_core.config.moved import where_now
from keisei_core.config.tables import CORE_TABLES, DEFAULT_NAMES, DEFAULT_OWNERS, PluginsTable
from keisei_core.config.wording import as_toml, did_you_mean, nearest
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.component_text import renamed
from keisei_core.plugins.components import Kind
from keisei_core.plugins.config_tables import declared_tables, read_table, with_tables
from keisei_core.plugins.players import full_player, player_choice, spelled_out
from keisei_core.plugins.registry import Registry, load_registry
from keisei_core.plugins.selection import is_named
from keisei_core.plugins.settings import Settings
from keisei_core.plugins.starts import start_of

T = TypeVar("T")
Paths = dict[str, tuple[str, ...]]
"""Where each option of a component is written: its path of keys in the document."""

_KINDS: Mapping[str, Kind] = {
    "model": Kind.MODEL,
    "decider": Kind.DECIDER,
    "algorithm": Kind.ALGORITHM,
    "optimizer": Kind.OPTIMIZER,
    "precision": Kind.PRECISION,
    "distribution": Kind.DISTRIBUTION,
}
_INNER_KINDS: Mapping[str, Kind] = {
    "input": Kind.FEATURES,
    "teaching": Kind.TEACHER,
    "evaluation": Kind.PLAYER,
    "tracking": Kind.TRACKER,
    "run": Kind.CALLBACK,
}
_RUNGS = ("rungs", "optional_rungs")


def read_settings(
    path: Path | None, overrides: Iterable[Override | tuple[str, object]] = (), registry: Registry | None = None
) -> Settings:
    """Reads a config file and the command line's values over it.

    Args:
        path: None takes every default.
        overrides: an `Override`, or a pair of `table.key` and a value (text is read as TOML).
        registry: where names are looked up; None loads what is installed.

    Raises:
        ConfigError: everything that is wrong with the file and the values, all at once.
        PluginError: the config itself is good, but a plugin that it uses fails.
    """
    document = Document.read(path, [_override(item) for item in overrides])
    return Reading(document, load_registry() if registry is None else registry).settings()


def _override(item: Override | tuple[str, object]) -> Override:
    """Takes a pair as what `--set` would have made of it."""
    if isinstance(item, Override):
        return item
    key, value = item
    return Override(key, parse_value(value) if isinstance(value, str) else value, f"--set {key}={value}")


class Reading:
    """One pass over a document; use once."""

    def __init__(self, document: Document, registry: Registry) -> None:
        self.document = document
        self.registry = registry
        self.problems: list[str] = list(document.problems)
        self.failures: list[str] = []
        self.notes: list[str] = []
        self.tables: dict[str, dict[str, Any]] = {}
        """Those of plugins, entries by name."""

    def settings(self) -> Settings:
        """Reads everything; raises as `read_settings` says."""
        self._spell_out_opponent()
        self._read_tables_of_plugins()
        self._check_table_names()
        core, wrong = self._core_tables()
        self._select(core["plugins"])
        self._check_required(core["plugins"].require)
        for table, key, text, compared in contradictions(core):
            if not wrong.intersection(compared):
                self._say((table, key), text)
        chosen: dict[str, Any] = {table: self._named_table(table) for table in DEFAULT_NAMES}
        parts = self._parts(core)
        for table, choices in self._with_inner_tables(parts).items():
            self._check_inner_tables(table, [choice.reference for choice in choices])
        self._raise_problems()
        return Settings(**self._in_full(core, parts), **chosen, **parts, tables=self.tables, notes=tuple(self.notes))

    def _parts(self, core: Mapping[str, Any]) -> dict[str, Any]:
        """Finds the components that keys of the core's tables name, by the fields of `Settings`."""
        opponent = self._listed("evaluation", "opponent", Kind.PLAYER, core["evaluation"].opponent)
        rungs = {key: [self._rung(key, text) for text in getattr(core["evaluation"], key)] for key in _RUNGS}
        starts = [self._start(text) for text in core["selfplay"].starts]
        teachers = [self._listed("teaching", "teachers", Kind.TEACHER, name) for name in core["teaching"].teachers]
        trackers = [self._listed("tracking", "trackers", Kind.TRACKER, name) for name in core["tracking"].trackers]
        callbacks = [self._listed("run", "callbacks", Kind.CALLBACK, name) for name in core["run"].callbacks]
        lists: dict[str, list[Any]] = {**rungs, "starts": starts, "teachers": teachers}
        lists |= {"trackers": trackers, "callbacks": callbacks}
        found = {name: tuple(choice for choice in choices if choice) for name, choices in lists.items()}
        return {"features": self._features(core["input"].features), "opponent": opponent, **found}

    def _with_inner_tables(self, parts: Mapping[str, Any]) -> dict[str, list[Choice]]:
        """Returns the chosen components that may have a table of options inside one of the core's, by that table."""
        opponent = [parts["opponent"]] if parts["opponent"] else []
        own = {"input": parts["features"], "teaching": parts["teachers"], "evaluation": opponent}
        own |= {"tracking": parts["trackers"], "run": parts["callbacks"]}
        return {table: list(choices) for table, choices in own.items()}

    def _in_full(self, core: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the core's tables with every component named by `distribution:name`.

        What is installed later, or lies in the working folder by then, changes nothing about such a config.
        """
        named = {key: tuple(choice.reference for choice in parts[key]) for key in ("teachers", "trackers", "callbacks")}
        rungs = {
            key: tuple(full_player(*each, self.registry) for each in zip(texts, parts[key], strict=True))
            for key, texts in ((key, getattr(core["evaluation"], key)) for key in _RUNGS)
        }
        starts = (
            start if isinstance(start, str) else renamed(text, Kind.START, start.reference)
            for text, start in zip(core["selfplay"].starts, parts["starts"], strict=True)
        )
        full: dict[str, dict[str, Any]] = {
            "input": {"features": "+".join(choice.reference for choice in parts["features"])},
            "selfplay": {"starts": tuple(starts)},
            "teaching": {"teachers": named["teachers"]},
            "evaluation": {"opponent": parts["opponent"].reference, **rungs},
            "tracking": {"trackers": named["trackers"]},
            "run": {"callbacks": named["callbacks"]},
        }
        return {name: attrs.evolve(table, **full.get(name, {})) for name, table in core.items()}

    def _spell_out_opponent(self) -> None:
        """Moves options that stand behind the opponent's name into the table of its name; a path is a checkpoint's."""
        table, path = self._table("evaluation"), ("evaluation", "opponent")
        text = table.get("opponent")
        if not isinstance(text, str):
            return
        spelled = self._attempt(path, lambda: spelled_out(text, self.registry))
        if spelled is None:  # told once: nobody is looked for under such a name
            self._replace_evaluation({key: value for key, value in table.items() if key != "opponent"})
            return
        name, options = spelled
        beside = table.get(name, {})
        if not options or not isinstance(beside, dict):
            return
        if twice := sorted(options.keys() & beside.keys()):
            self._say(path, f"{', '.join(twice)} of {text!r} also stand in [evaluation.{name}]; write them once")
        self._replace_evaluation({**table, "opponent": name, name: {**beside, **options}})

    def _replace_evaluation(self, table: dict[str, Any]) -> None:
        self.document = attrs.evolve(self.document, merged={**self.document.merged, "evaluation": table})

    def _say(self, path: tuple[str, ...], text: str) -> None:
        """Keeps a problem with the value at a path of keys."""
        self.problems.append(self.document.line(path, text))

    def _attempt(self, path: tuple[str, ...], action: Callable[[], T]) -> T | None:
        """Asks the registry, and keeps what it complains about."""
        try:
            return action()
        except ConfigError as error:
            for problem in error.problems:
                self._say(path, problem)
        except PluginError as error:
            self.failures.append(self.document.line(path, str(error)))
        return None

    def _raise_problems(self) -> None:
        """Ends the reading if anything was wrong; a defect of the config goes before one of a plugin."""
        if self.problems:
            raise ConfigError([*self.problems, *self.failures])
        if self.failures:
            raise PluginError("\n".join(self.failures))

    def _table(self, name: str) -> dict[str, Any]:
        """Returns a table's keys, none where it is absent or no table."""
        value = self.document.merged.get(name, {})
        return dict(value) if isinstance(value, dict) else {}

    def _read_tables_of_plugins(self) -> None:
        """Reads the tables that an installed player wants; looks for them only where there is one nobody else has."""
        strange = set(self.document.merged) - {*CORE_TABLES, *DEFAULT_NAMES}
        for name, cls in (declared_tables(self.registry) if strange else {}).items():
            if name in strange:
                self.tables[name], problems = read_table(name, self._table(name), cls)
                for path, text in problems:
                    self._say(path, text)

    def _check_table_names(self) -> None:
        """Refuses unknown tables, and keys that stand outside of any."""
        known = [*CORE_TABLES, *DEFAULT_NAMES, *self.tables]
        for name, value in self.document.merged.items():
            source = self.document.origin(name)
            if name in known:
                if not isinstance(value, dict):
                    self.problems.append(f"{source}: [{name}] must be a table, got {as_toml(value)}")
            elif name == "ppo" and isinstance(value, dict):
                self._say_where_ppo_went(value)
            elif isinstance(value, dict):
                self.problems.append(f"{source}: unknown table [{name}]{_did_you_mean_table(name, known)}")
            else:
                homes = _homes(name)
                hint = f"; it belongs in [{homes[0]}]" if homes else ""
                self.problems.append(f"{source}: {name!r} stands outside of any table{hint}")

    def _say_where_ppo_went(self, table: Mapping[str, object]) -> None:
        """Tells an old config where each key of its `[ppo]` stands."""
        for key in table:
            told = where_now(key)
            self._say(("ppo", key), f"there is no [ppo]: {key} {told}" if told else f"there is no [ppo], nor {key!r}")

    def _core_tables(self) -> tuple[dict[str, Any], set[tuple[str, str]]]:
        """Reads the core's own tables; also returns the (table, key) pairs that were wrong."""
        from keisei_core.config.structure import structure  # loads cattrs, which `plugins list` does without

        core, wrong = {}, set()
        for name, cls in CORE_TABLES.items():
            inner = self._inner_tables(name)
            read = structure(cls, {key: value for key, value in self._table(name).items() if key not in inner})
            for key, text in read.problems:
                self._say((name, key), text if key in attrs.fields_dict(cls) else _with_home(name, key, text))
                wrong.add((name, key))
            core[name] = read.value
        return core, wrong

    def _inner_tables(self, name: str) -> list[str]:
        """Returns the tables inside [input], [run] and others of the kind: each the options of one component."""
        keys = attrs.fields_dict(CORE_TABLES[name])
        tables = [key for key, value in self._table(name).items() if isinstance(value, dict) and key not in keys]
        return tables if name in _INNER_KINDS else []

    def _meant(self, kind: Kind, reference: object) -> str:
        """Returns the `distribution:name` that a name means; the name itself where it means nothing, or two things."""
        with suppress(ConfigError, PluginError):
            return self.registry.find(kind, str(reference)).reference
        return str(reference)

    def _check_inner_tables(self, name: str, chosen: Collection[str]) -> None:
        """Refuses options of what is not installed, and tells of those that have no effect."""
        kind = _INNER_KINDS[name]
        installed = [choice.name for choice in self.registry.choices(kind)]
        for key in self._inner_tables(name):
            if self._meant(kind, key) in chosen:
                continue
            if key.rpartition(":")[2] in installed:
                text = f"options of {key!r} have no effect: it is not chosen"
                self.notes.append(self.document.line((name, key), text))
            else:
                candidate = nearest(key, installed)
                hint = f"; did you mean [{name}.{candidate}]?" if candidate else ""
                self._say((name, key), f"no {kind} {key!r} to have options{hint}")

    def _select(self, table: PluginsTable) -> None:
        """Takes the plugins out that the config leaves out."""
        for key, names in (("disable", table.disable), ("only", table.only)):
            for name in names:
                if not any(is_named(plugin, [name]) for plugin in self.registry.plugins):
                    self.notes.append(self.document.line(("plugins", key), f"no plugin {name!r} is installed"))
        self.registry = self.registry.without(table.disable, table.only)

    def _check_required(self, requirements: tuple[str, ...]) -> None:
        """Refuses to go on without the plugins that the config requires."""
        if requirements:
            from keisei_core.plugins.requirement import check_required  # few configs need it

            for text in requirements:
                self._attempt(("plugins", "require"), partial(check_required, text, self.registry))

    def _features(self, text: str) -> tuple[Choice, ...]:
        choices = self._attempt(("input", "features"), lambda: self.registry.resolve_features(text)) or ()
        with_options = [self._with_inner_table("input", "features", choice) for choice in choices]
        return tuple(choice for choice in with_options if choice is not None)

    def _named_table(self, table: str) -> Choice | None:
        """Reads a table with a component's name and its options."""
        written = self._table(table)
        name = written.pop("name", None)
        if name is None:
            name = DEFAULT_NAMES[table]
        if not isinstance(name, str):
            self._say((table, "name"), f"name must be a string, got {as_toml(name)}")
            return None
        options: Paths = {key: (table, key) for key in written}
        if (table, "name") in self.document.origins:
            options = self._own_options(table, name, options)
        choice = self._attempt((table, "name"), lambda: self.registry.resolve(_KINDS[table], name))
        return choice and self._with_options((table, "name"), choice, written, options)

    def _own_options(self, table: str, name: str, options: Paths) -> Paths:
        """Leaves out the file's options where the command line names another component than the file."""
        in_file = self.document.file.get(table, {})
        file_name = in_file.get("name", DEFAULT_NAMES[table]) if isinstance(in_file, dict) else name
        if file_name == name or self._meant(_KINDS[table], file_name) == self._meant(_KINDS[table], name):
            return options
        kept = {key: path for key, path in options.items() if path in self.document.origins}
        left_out = [key for key in options if key not in kept]
        if left_out:
            text = (
                f"[{table}] {', '.join(left_out)}: left out, options of {file_name!r}; the command line chose {name!r}"
            )
            self.notes.append(f"{self.document.source}: {text}")
        return kept

    def _listed(self, table: str, key: str, kind: Kind, name: str) -> Choice | None:
        """Reads a component named by a key of a core table; its options are in the table `[table.name]`."""
        is_default = key not in self._table(table) and name in DEFAULT_OWNERS  # nobody meant another's, or need be told
        reference = f"{DEFAULT_OWNERS[name]}:{name}" if is_default else name
        choice = self._attempt((table, key), lambda: self.registry.resolve(kind, reference))
        return choice and self._with_inner_table(table, key, choice)

    def _rung(self, key: str, text: str) -> Choice | None:
        """Reads a player with the options behind its name; a table of its name is the opponent's alone."""
        return self._attempt(("evaluation", key), lambda: player_choice(text, self.registry, self.tables))

    def _start(self, text: str) -> str | Choice | None:
        """Reads where games start, with the options behind the name."""
        return self._attempt(("selfplay", "starts"), lambda: start_of(text, self.registry))

    def _with_inner_table(self, table: str, key: str, choice: Choice) -> Choice | None:
        """Reads the options of a component that a key of a core table names, from the tables that mean it."""
        inner = [name for name in self._inner_tables(table) if self._meant(choice.kind, name) == choice.reference]
        under_name = self._table(table).get(choice.name)
        if isinstance(under_name, dict) and choice.name in attrs.fields_dict(CORE_TABLES[table]):
            text = f"{choice.kind} {choice.name!r} of {choice.owner} is called like a key of [{table}]"
            self._say((table, choice.name), f"{text}; call its table {choice.reference!r}")
        paths = [(table, name, option) for name in inner for option in self._table(table)[name]]
        # Of two tables that mean the same component, what was typed wins, and then the one with the plain name.
        paths.sort(key=lambda path: (path in self.document.origins, ":" not in path[1]))
        written = {option: self._table(table)[name][option] for _, name, option in paths}
        return self._with_options((table, key), choice, written, {path[2]: path for path in paths})

    def _with_options(
        self, chosen_by: tuple[str, ...], choice: Choice, written: Mapping[str, object], paths: Paths
    ) -> Choice | None:
        """Reads a component's options, those keys of a table that have a path; `chosen_by` is the key of its name."""
        keys = {key: written[key] for key in paths}
        if choice.component.options is None:
            for key in keys:
                self._say(paths[key], self._unknown_option(choice, key, ()))
            return choice
        read = self._attempt(chosen_by, lambda: choice.read_options(keys))
        if read is None:
            return choice
        known = option_names(choice)
        for key, text in read.problems:
            is_unknown = key in keys and key not in known
            self._say(paths.get(key, chosen_by), self._unknown_option(choice, key, known) if is_unknown else text)
        return self._attempt(chosen_by, lambda: with_tables(attrs.evolve(choice, options=read.value), self.tables))

    def _unknown_option(self, choice: Choice, key: str, known: Collection[str]) -> str:
        """Says whose option a key would be, or which one was meant."""
        others = [other.name for other in self.registry.choices(choice.kind) if key in option_names(other)]
        hint = f"; it is an option of {' and '.join(map(repr, others))}" if others else did_you_mean(key, known)
        return f"unknown key {key!r}{hint} (the {choice.kind} is {choice.name!r} of {choice.owner})"


def option_names(choice: Choice) -> frozenset[str]:
    """Returns the names of a component's options; none if they can't be loaded."""
    try:
        cls = choice.load_options_class()
    except PluginError:
        return frozenset()
    return frozenset(attrs.fields_dict(cls)) if cls is not None else frozenset()


def _did_you_mean_table(name: str, known: list[str]) -> str:
    candidate = nearest(name, known)
    return f"; did you mean [{candidate}]?" if candidate else ""


def _homes(key: str) -> list[str]:
    """Returns the core tables that have a key of this name."""
    return [name for name, cls in CORE_TABLES.items() if key in attrs.fields_dict(cls)]


def _with_home(table: str, key: str, text: str) -> str:
    """Adds where an unknown key belongs, if another table has it."""
    homes = [home for home in _homes(key) if home != table]
    return f"unknown key {key!r}; it belongs in [{homes[0]}]" if homes else text
