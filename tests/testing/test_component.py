"""What every installed component is asked finds what is wrong on purpose, and nothing else."""

from typing import Any

import pytest

from keisei_core.plugins import Choice, Kind, load_registry
from keisei_core.testing import COMPONENT_CHECKS, NotAskedError, UnderTest, failures

OPTIONS = """
import attrs
from keisei_core.config import setting

@attrs.frozen(kw_only=True)
class Options:
    depth: int = setting(2, "how deep")
"""
HEAVY = OPTIONS.replace("import attrs", "import attrs, numpy")
DRIFTING = OPTIONS.replace(
    'setting(2, "how deep")', 'attrs.field(default=2, converter=lambda n: n + 1, metadata={"help": "how deep"})'
)
SILENT = OPTIONS.replace('setting(2, "how deep")', "2")
BROKEN = {
    "declaring_loads_nothing_heavy": HEAVY,
    "options_read_back": DRIFTING,
    "options_say_what_they_mean": SILENT,
}


@pytest.fixture
def failing(workshop: Any) -> Any:
    """Names the checks that a model with these options breaks."""

    def run(options: str) -> list[str]:
        workshop.model("toy", options=options)
        choice: Choice = workshop.registry().resolve(Kind.MODEL, "toy")
        return list(failures(COMPONENT_CHECKS, UnderTest(make=choice.build, choice=choice)))

    return run


def test_good_component_passes_every_check(failing: Any) -> None:
    assert failing(OPTIONS) == []


def test_every_check_has_a_component_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in COMPONENT_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_component_breaks_just_its_check(failing: Any, check: str) -> None:
    assert failing(BROKEN[check]) == [check]


@pytest.mark.parametrize(
    ("field", "found"),
    [
        # Without a default there is no instance whose options could be asked for their meaning.
        ('attrs.field(metadata={"help": "how deep"})', ["options_read_back", "options_say_what_they_mean"]),
        ('attrs.field(default=2.5, metadata={"help": "how deep"})', ["options_read_back"]),
    ],
    ids=["no default", "default of another type"],
)
def test_defaults_that_no_config_could_hold_are_found(failing: Any, field: str, found: list[str]) -> None:
    assert failing(OPTIONS.replace('setting(2, "how deep")', field)) == found


@pytest.mark.parametrize("check", COMPONENT_CHECKS)
def test_target_without_a_package_is_not_asked(check: Any) -> None:
    with pytest.raises(NotAskedError, match="a target without a package"):
        check(UnderTest(make=list))


def test_component_without_options_passes() -> None:
    choice = load_registry().resolve(Kind.PLAYER, "random")

    assert failures(COMPONENT_CHECKS, UnderTest(make=choice.build, choice=choice)) == {}
