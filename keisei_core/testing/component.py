"""What is asked of every installed component: a light declaration, and options that can be written down.

A target that is tried without its package is not asked this.
"""

import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from typing import Final

import attrs
import tomli_w

from keisei_core.config.structure import structure, unstructure
from keisei_core.plugins import Choice
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ask_only_if, require
from keisei_core.testing.under_test import UnderTest

GROUP: Final = "keisei"
HEAVY: Final = ("numba", "numpy", "torch")
IMPORT_TIMEOUT_S: Final = 120


def check_declaring_loads_nothing_heavy(under_test: UnderTest) -> None:
    """Neither the hooks nor the options load torch, numba or numpy: listing plugins must stay quick."""
    choice = _choice(under_test)
    ask_only_if(not choice.owner.sha256, "a file that is asked for by name")
    entries = distribution(choice.owner.distribution).entry_points.select(group=GROUP)
    modules = [entry.module for entry in entries]
    modules += [choice.component.options.partition(":")[0]] if choice.component.options else []
    script = (
        f"import importlib, sys\nsys.path[:] = {sys.path!r}\nfor name in {modules!r}: importlib.import_module(name)\n"
    )
    script += f"print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=IMPORT_TIMEOUT_S)
    require(done.returncode == 0, f"hooks and options must be importable, got {done.stderr.strip()}")
    loaded = done.stdout.splitlines()[-1]
    require(loaded == "[]", f"{', '.join(modules)} must load neither torch nor numba nor numpy, they load {loaded}")


def check_options_read_back(under_test: UnderTest) -> None:
    """Every option has a default, and the defaults written to TOML and read again are the same."""
    cls = _choice(under_test).load_options_class()
    if cls is None:
        return
    default = structure(cls, {})
    require(default.value is not None and not default.problems, f"every option needs a default: {default.problems}")
    text = tomli_w.dumps(unstructure(default.value))
    again = structure(cls, tomllib.loads(text))
    problems = "; ".join(problem for _, problem in again.problems)
    require(not again.problems, f"default options must be good when they are written out, got: {problems}")
    require(again.value == default.value, f"options must read back as {default.value!r}, got {again.value!r}")


def check_options_say_what_they_mean(under_test: UnderTest) -> None:
    """Every option has a line that `keisei plugins show` prints."""
    cls = _choice(under_test).load_options_class()
    fields = () if cls is None else attrs.fields(cls)
    silent = [field.name for field in fields if not str(field.metadata.get("help", "")).strip()]
    require(not silent, f"options must say what they mean, these do not: {silent}; write setting(default, 'meaning')")


COMPONENT_CHECKS: Final[tuple[Check, ...]] = (
    check_declaring_loads_nothing_heavy,
    check_options_read_back,
    check_options_say_what_they_mean,
)


def _choice(under_test: UnderTest) -> Choice:
    choice = under_test.choice
    ask_only_if(choice is not None, "a target without a package")
    assert choice is not None
    return choice
