"""One component that the config chose, with its options: what a run is built from."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import attrs

from keisei_core.errors import KeiseiError, PluginError
from keisei_core.plugins.components import Component, Kind
from keisei_core.plugins.ctrl_c import is_ctrl_c
from keisei_core.plugins.guard import Guard
from keisei_core.plugins.notices import warn_once
from keisei_core.plugins.plugin import Owner

if TYPE_CHECKING:  # listings do without cattrs
    from keisei_core.config.structure import Structured

LIMIT_S: Final = 300.0
"""For the import of what a run uses, which may load large libraries from a slow disk."""


def distinct_names(choices: Sequence["Choice"]) -> list[str]:
    """Returns what each of several components of a kind is called: its plain name, unless another has the same."""
    names = [choice.name for choice in choices]
    return [choice.name if names.count(choice.name) == 1 else choice.reference for choice in choices]


@attrs.frozen
class Choice:
    """A component, where it comes from, and the options it gets."""

    kind: Kind
    component: Component
    owner: Owner
    options: Any = None
    """An instance of the component's options class; None where it has none."""

    @property
    def name(self) -> str:
        """The component's own name."""
        return self.component.name

    @property
    def reference(self) -> str:
        """`distribution:name`, which means the same whatever else is installed."""
        return f"{self.owner.distribution}:{self.name}"

    @property
    def label(self) -> str:
        """What people read: the plain name where it is Keisei's own, else `distribution:name`."""
        return self.name if self.owner.is_bundled else self.reference

    def load(self) -> Any:
        """Imports the thing itself.

        Raises:
            PluginError: it can't be imported; names the distribution, its version, the module and the cause.
        """
        return self._load(self.component.target)

    def build(self, argument: object) -> Any:
        """Imports the thing and calls it: with one argument, and with the options if it declares any.

        Args:
            argument: what the hook of its kind says comes first.

        Raises:
            PluginError: it can't be imported, or it raised while it was built.
        """
        target = self.load()
        try:
            return target(argument) if self.component.options is None else target(argument, self._given_options())
        except KeiseiError:
            raise
        except BaseException as error:
            if is_ctrl_c(error):
                raise
            raise self._failure(self.component.target, error) from error

    def _given_options(self) -> Any:
        """Returns the options; those of a choice that no config made are the defaults."""
        cls = self.load_options_class() if self.options is None else None
        return self.options if cls is None else cls()

    def load_options_class(self) -> type[Any] | None:
        """Imports the options class, None where the component has none.

        Raises:
            PluginError: it can't be imported, is no attrs class, or has an option without a default.
        """
        if self.component.options is None:
            return None
        cls = self._load(self.component.options)
        if not (isinstance(cls, type) and attrs.has(cls)):
            raise PluginError(self._complaint(self.component.options, f"options must be an attrs class, got {cls!r}"))
        if "name" in attrs.fields_dict(cls):
            raise PluginError(self._complaint(self.component.options, "an option can't be called 'name'"))
        fields = attrs.fields(cls)
        if without := [field.name for field in fields if field.init and field.default is attrs.NOTHING]:
            raise PluginError(self._complaint(self.component.options, f"no default for {', '.join(without)}"))
        return cls

    def read_options(self, table: Mapping[str, object]) -> "Structured[Any]":
        """Reads the options, those that the table does not have at their defaults; the component has some.

        Raises:
            PluginError: the class can't be imported, or is wrong by itself: an option has no default, or one that would
                not be taken if it were written down.
        """
        from keisei_core.config.structure import structure, unstructure  # loads cattrs, which listings do without

        cls = self.load_options_class()
        assert cls is not None
        assert self.component.options is not None
        try:
            default = structure(cls, {})
            written = default if default.value is None else structure(cls, unstructure(default.value))
            read = structure(cls, table)
        except Exception as error:  # an annotation or a default that means nothing
            raise self._failure(self.component.options, error) from error
        if problems := [text for _, text in (*default.problems, *written.problems)]:
            cause = f"its defaults are refused: {'; '.join(dict.fromkeys(problems))}"
            raise PluginError(self._complaint(self.component.options, cause))
        return read

    def _load(self, target: str) -> Any:
        module, _, attribute = target.partition(":")
        changes: list[str] = []
        try:
            if module in sys.modules:
                return getattr(sys.modules[module], attribute)
            what = f"{self.kind} {self.name!r} of {self.owner}"
            with Guard(LIMIT_S) as guard, guard.loading(what, self.owner.distribution) as changes:
                return getattr(import_module(module), attribute)
        except BaseException as error:
            if is_ctrl_c(error):
                raise
            raise self._failure(target, error) from error
        finally:
            if changes:
                told = f"plugin {self.owner} changed this process while {self.kind} {self.name!r} was imported"
                warn_once(f"{told}: {', '.join(changes)}; put back where possible")

    def _failure(self, target: str, error: BaseException) -> PluginError:
        return PluginError(self._complaint(target, f"{type(error).__name__}: {error}"))

    def _complaint(self, target: str, cause: str) -> str:
        where = f"; report it at {self.owner.url}" if self.owner.url else ""
        return f"{self.kind} {self.name!r} of {self.owner} can't be used: {target}: {cause}{where}"
