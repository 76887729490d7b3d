"""`keisei plugins list`: every plugin with its status, as a table and as data."""

import json
from typing import Any

import pytest


def rows(out: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split(maxsplit=4) for line in out.splitlines()}


def test_table_shows_what_each_plugin_provides(keisei: Any) -> None:
    code, out, err = keisei("plugins", "list")

    table = rows(out)
    assert (code, err) == (0, "")
    assert table["PLUGIN"] == ["PLUGIN", "VERSION", "API", "STATUS", "PROVIDES"]
    assert table["keisei-plugins-planes"][1:] == ["1.2.3", "2.0", "ok", "features: plain, fancy"]
    own = "precision: fp32; distribution: single; player: random, checkpoint; tracker: jsonl"
    assert table["keisei"][4] == f"decider: policy; optimizer: adam; {own}"


def test_failing_plugin_shows_its_cause_and_stops_nothing(
    keisei: Any, workshop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.plugin("import no_such_thing", distribution="keisei-plugins-broken", entry="broken")
    workshop.plugin("KEISEI_PLUGIN_API = (9, 0)", distribution="keisei-plugins-new", entry="new")
    monkeypatch.setenv("KEISEI_DISABLE_PLUGINS", "toy")

    code, out, _ = keisei("plugins", "list")

    table = rows(out)
    assert code == 0
    broken = ["1.2.3", "-", "broken", "ModuleNotFoundError: No module named 'no_such_thing'"]
    assert table["keisei-plugins-broken"][1:] == broken
    assert table["keisei-plugins-new"][2:4] == ["9.0", "incompatible"]
    assert table["keisei-plugins-toy"][2:] == ["-", "disabled"]
    assert "1 broken" in out.splitlines()[-1]
    assert "1 incompatible" in out.splitlines()[-1]


def test_name_of_two_owners_is_marked(keisei: Any, workshop: Any) -> None:
    workshop.model("toy", distribution="keisei-plugins-copy")

    _, out, _ = keisei("plugins", "list")

    assert rows(out)["keisei-plugins-copy"][4] == "model: toy (conflict)"


def test_kind_keeps_that_kind_and_what_failed(keisei: Any, workshop: Any) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-broken", entry="broken")

    _, out, _ = keisei("plugins", "list", "--kind", "tracker")

    names = [line.split()[0] for line in out.splitlines()[1:-1]]
    assert names == ["keisei", "keisei-plugins-broken"]
    assert rows(out)["keisei"][4] == "tracker: jsonl"


def test_unknown_kind_is_refused_with_those_there_are(keisei: Any) -> None:
    code, _, err = keisei("plugins", "list", "--kind", "models")

    assert code == 2
    assert "'models' is not one of features, model, start, decider, algorithm, optimizer, teacher, precision, " in err


def test_verbose_adds_place_summary_and_traceback(keisei: Any, workshop: Any) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-broken", entry="broken")

    _, out, _ = keisei("plugins", "list", "--verbose")

    assert "    model toy: a toy" in out
    assert "    https://example.org/keisei-plugins-toy" in out
    assert "ZeroDivisionError: division by zero\n" in out
    assert "hooks.py" in out


def test_json_has_the_same_and_more(keisei: Any, workshop: Any) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-broken", entry="broken")

    code, out, _ = keisei("plugins", "list", "--json")

    data = json.loads(out)
    plugins = {plugin["name"]: plugin for plugin in data["plugins"]}
    assert (code, data["schema"], data["core"]["api"]) == (0, 1, "2.0")
    toy = plugins["keisei-plugins-toy"]
    assert (toy["version"], toy["api"], toy["status"], toy["error"]) == ("1.2.3", "2.0", "ok", None)
    assert [(part["kind"], part["name"], part["conflict"]) for part in toy["components"]] == [("model", "toy", False)]
    assert plugins["keisei-plugins-broken"]["error"] == "ZeroDivisionError: division by zero"
    assert plugins["keisei-plugins-broken"]["api"] is None
