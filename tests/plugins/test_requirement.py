"""`[plugins] require` names what a run can't do without: told at the start, with what to install."""

from typing import Any

import pytest

from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins import read_settings
from keisei_core.plugins.requirement import check_required


@pytest.mark.parametrize(
    "text", ["keisei-plugins-toy", "Keisei_Plugins.Toy >= 1.2", "keisei-plugins-toy<2,>1", "keisei-plugins-toy==1.2.3"]
)
def test_plugin_that_is_there_satisfies(workshop: Any, text: str) -> None:
    workshop.model("toy")

    check_required(text, workshop.registry())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keisei-plugins-absent", r"no such plugin is installed \(.*\); pip install keisei-plugins-absent"),
        ("absent @ https://example.org/a.whl", r"no such plugin is installed \(.*\); pip install absent$"),
        ("keisei-plugins-toy>=2", "but keisei-plugins-toy 1.2.3 is installed; pip install 'keisei-plugins-toy>=2'"),
    ],
)
def test_plugin_that_is_not_there_says_what_to_install(workshop: Any, text: str, message: str) -> None:
    workshop.model("toy")

    with pytest.raises(PluginError, match=message):
        check_required(text, workshop.registry())


def test_required_plugin_must_load(workshop: Any) -> None:
    module = workshop.plugin("1 / 0")

    with pytest.raises(PluginError, match=rf"toy 1.2.3 \({module}.hooks\) is broken: ZeroDivisionError"):
        check_required("keisei-plugins-toy", workshop.registry())
    with pytest.raises(PluginError, match=r"but keisei-plugins-toy 1.2.3 is disabled"):
        check_required("keisei-plugins-toy", workshop.registry(["toy"]))


def test_version_that_is_none_satisfies_no_limit(workshop: Any) -> None:
    workshop.plugin("KEISEI_PLUGIN_API = (2, 0)", version="latest")

    check_required("keisei-plugins-toy", workshop.registry())
    with pytest.raises(PluginError, match="toy latest is installed"):
        check_required("keisei-plugins-toy>=0.1", workshop.registry())


def test_config_tells_of_every_requirement_at_once(workshop: Any) -> None:
    workshop.model("resnet")
    registry = workshop.registry()

    with pytest.raises(ConfigError) as caught:
        read_settings(None, [("plugins.require", ["foo>=", "keisei-plugins-b"])], registry)

    text = str(caught.value)
    assert "[plugins] require: expected a requirement such as keisei-plugins-foo>=0.2, got 'foo>='" in text
    assert "pip install keisei-plugins-b" in text
