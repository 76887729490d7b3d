"""What a checkpoint was made with and what is installed now: what is gone is told with a remedy."""

from typing import Any

import pytest

from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins import read_settings
from keisei_core.plugins.provenance import made_with, other_versions, what_to_install


def rows(*owners: tuple[str, str]) -> list[dict[str, str]]:
    return [{"kind": "model", "name": "toy", "distribution": name, "version": version} for name, version in owners]


def test_plugin_that_is_gone_is_told_with_what_to_install(workshop: Any) -> None:
    registry = workshop.registry()
    recorded = rows(("keisei", "0.1.0"), ("keisei-plugins-toy", "1.2.3"))

    with pytest.raises(PluginError) as caught, made_with(lambda: recorded, registry):
        read_settings(None, [("model.name", "toy")], registry)

    first = str(caught.value).splitlines()[0]
    told = "made with keisei-plugins-toy 1.2.3 (model toy), which is not installed; "
    assert first == f"{told}pip install keisei-plugins-toy==1.2.3"
    assert "unknown model 'toy'" in str(caught.value)


@pytest.mark.parametrize(
    ("distribution", "version"),
    [
        ("x' ; touch OWNED ; echo '", "1"),
        ("--index-url=https://example.org", "1"),
        ("-r", "1"),
        ("x @ https://example.org/x.whl", "1"),
        ("x; touch OWNED", "1"),
        ("x\n", "1"),
        ("\x1b]0;OWNED\x07", "1"),
        ("toy", "1 ; touch OWNED"),
        ("toy", "1' ; touch OWNED ; '"),
        ("toy", "$(touch OWNED)"),
        ("", ""),
    ],
)
def test_what_is_no_package_is_never_a_command_to_type(workshop: Any, distribution: str, version: str) -> None:
    (told,) = what_to_install(rows((distribution, version)), workshop.registry())

    assert "pip" not in told
    assert told.endswith("; no package has such a name or version: ask whoever made the checkpoint")
    assert told.isprintable()


def test_version_is_written_as_pip_reads_it(workshop: Any) -> None:
    (told,) = what_to_install(rows(("a.B_c-d", "1.0+local\n")), workshop.registry())

    assert told.endswith("; pip install a.B_c-d==1.0+local")


def test_error_that_has_nothing_to_do_with_it_stays_as_it_is(workshop: Any) -> None:
    workshop.model("toy")
    registry = workshop.registry()

    with (
        pytest.raises(ConfigError, match="seed must be at least 0"),
        made_with(lambda: rows(("keisei-plugins-toy", "1.2.3")), registry),
    ):
        read_settings(None, [("run.seed", -1), ("model.name", "toy")], registry)


def test_good_config_never_asks_what_was_recorded(workshop: Any) -> None:
    with made_with(lambda: 1 / 0, workshop.registry()):  # type: ignore[arg-type, return-value]
        pass


def test_other_version_is_a_note(workshop: Any) -> None:
    workshop.model("toy")

    recorded = rows(("keisei-plugins-toy", "1.0"), ("Keisei_Plugins.toy", "1.2.3"), ("keisei-plugins-gone", "1"))

    assert list(other_versions(recorded, workshop.registry())) == [
        "made with keisei-plugins-toy 1.0 (model toy), goes on with 1.2.3"
    ]
