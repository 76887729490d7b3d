"""A config file and the command line become settings, or one error that lists everything."""

from pathlib import Path
from typing import Any

import pytest
import tomli
import tomli_w

from keisei_core.config.document import Override
from keisei_core.config.moved import GONE_FROM_PPO, MOVED_FROM_PPO
from keisei_core.config.structure import unstructure
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins import Kind, Registry, Settings, read_settings
from keisei_plugins_ppo.options import PPOOptions

HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Bundle, Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_feature_planes():
    for name in ("core46", "check", "last2ply"):
        yield Component(name=name, target=f"planes:{name}", summary="planes")
    yield Bundle(name="all", parts=("check", "last2ply"), summary="every optional one")


@hookimpl
def keisei_players():
    yield Component(name="searcher", target="a:b", summary="searches", options="{module}.options:Options")


@hookimpl
def keisei_trackers():
    yield Component(name="screen", target="a:b", summary="shows", options="{module}.options:Options")
"""
WIDE = """
import attrs

from keisei_core.config import at_least, setting


@attrs.frozen(kw_only=True)
class Options:
    width: int = setting(8, "how wide", at_least(1))
    groups: tuple[int, ...] = (1, 2)
    limit: float | None = None
"""


@pytest.fixture
def registry(workshop: Any) -> Registry:
    """The core's own plugin and PPO's, planes, a player and a tracker with options, models resnet and wide."""
    workshop.plugin(HOOKS, files={"options": WIDE})
    workshop.model("resnet")
    workshop.model("wide", options=WIDE)
    made: Registry = workshop.registry()
    return made


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to write to; named as a user would, from its own folder."""
    monkeypatch.chdir(tmp_path)
    return Path("keisei.toml")


def problems(*arguments: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_settings(*arguments)
    return list(caught.value.problems)


def test_no_file_gives_every_default(registry: Registry) -> None:
    settings = read_settings(None, (), registry)

    chosen = [(choice.kind.value, choice.name) for choice in settings.choices()]
    assert chosen == [
        ("features", "core46"),
        ("model", "resnet"),
        ("decider", "policy"),
        ("algorithm", "ppo"),
        ("optimizer", "adam"),
        ("precision", "fp32"),
        ("distribution", "single"),
        ("player", "random"),
        ("tracker", "jsonl"),
    ]
    assert (settings.model.options.depth, settings.precision.options) == (2, None)


EVERYTHING_WRONG = """
stray = 1
[optimizer]
learning_rte = 0.1
[algorithm]
epochs = true
clip = nan
[learning]
minibatch = -3
[run]
minibatch = 9
[polo]
x = 1
[input]
features = "core46+chek+core46"
[model]
name = "resnt"
[precision]
name = "mixed"
[distribution]
name = 3
[evaluation]
opponent = "randm"
games = 7
[evaluation.alphabeta]
depth = 1
[tracking]
trackers = ["jsonl", "tensorboard"]
[plugins]
disable = "toy"
"""


def test_everything_wrong_is_told_at_once_with_its_place(registry: Registry, config: Path) -> None:
    config.write_text(EVERYTHING_WRONG)

    found = problems(config, [Override("selfplay.gams", 3, "--set selfplay.gams=3")], registry)

    expected = [
        "keisei.toml: 'stray' stands outside of any table",
        "keisei.toml: [optimizer] unknown key 'learning_rte'; did you mean 'learning_rate'? (the optimizer is 'adam' ",
        "keisei.toml: [algorithm] epochs must be an integer, got true",
        "keisei.toml: [algorithm] clip must be a finite number, got nan",
        "keisei.toml: [learning] minibatch must be at least 1, got -3",
        "keisei.toml: [run] unknown key 'minibatch'; it belongs in [learning]",
        "keisei.toml: unknown table [polo]",
        "keisei.toml: [input] unknown feature planes 'chek'; did you mean 'check'? available: ",
        "keisei.toml: [input] feature planes 'core46' stand twice",
        "keisei.toml: [model] unknown model 'resnt'; did you mean 'resnet'? available: ",
        "keisei.toml: [precision] unknown precision 'mixed'; available: fp32 (keisei ",
        "keisei.toml: [distribution] name must be a string, got 3",
        "keisei.toml: [evaluation] unknown player 'randm'; did you mean 'random'?",
        "keisei.toml: [evaluation] games must be an even number, got 7",
        "keisei.toml: [evaluation] no player 'alphabeta' to have options",
        "keisei.toml: [tracking] unknown tracker 'tensorboard'; available: ",
        "keisei.toml: [plugins] disable must be a list, got 'toy'",
        "--set selfplay.gams=3: [selfplay] unknown key 'gams'; did you mean 'games'?",
    ]
    for text in expected:
        assert [problem for problem in found if problem.startswith(text)], text
    assert len(found) == len(expected)


@pytest.mark.parametrize(("key", "place"), MOVED_FROM_PPO.items())
def test_key_of_an_old_ppo_table_is_told_where_it_stands(
    key: str, place: tuple[str, str], registry: Registry, config: Path
) -> None:
    config.write_text(f"[ppo]\n{key} = 1\n")

    (problem,) = problems(config, (), registry)

    table, name = place
    assert problem.startswith(f"keisei.toml: [ppo] there is no [ppo]: {key} stands in [{table}] as {name}")
    assert problem.endswith('(with [teaching] teachers = ["tactics"])') is (table == "teaching.tactics")


@pytest.mark.parametrize("key", MOVED_FROM_PPO)
def test_place_that_is_told_for_a_key_of_an_old_ppo_table_is_one(key: str) -> None:
    table, name = MOVED_FROM_PPO[key]
    teachers = [("teaching.teachers", ["tactics"])] if table == "teaching.tactics" else []
    document = read_settings(None, teachers).to_document()

    value = document["teaching"]["keisei-plugins-teachers:tactics"][name] if teachers else document[table][name]

    assert read_settings(None, [*teachers, (f"{table}.{name}", value)]).to_document() == document


def test_keys_of_an_old_ppo_table_are_told_all_at_once(registry: Registry, config: Path) -> None:
    config.write_text("[ppo]\nclip = 0.1\nfinal_shaping = 0.0\nclop = 1\n")

    assert problems(config, [("ppo.gamma", 0.9)], registry) == [
        "keisei.toml: [ppo] there is no [ppo]: clip stands in [algorithm] as clip",
        f"keisei.toml: [ppo] there is no [ppo]: final_shaping {GONE_FROM_PPO['final_shaping']}",
        "keisei.toml: [ppo] there is no [ppo], nor 'clop'",
        "--set ppo.gamma=0.9: [ppo] there is no [ppo]: gamma stands in [algorithm] as gamma",
    ]


def test_tables_that_are_none_are_told(registry: Registry, config: Path) -> None:
    config.write_text("learning = 3\nmodel = 'resnet'\nmodl = {}\nseed = 2\n")

    assert problems(config, (), registry) == [
        "keisei.toml: [learning] must be a table, got 3",
        "keisei.toml: [model] must be a table, got 'resnet'",
        "keisei.toml: unknown table [modl]; did you mean [model]?",
        "keisei.toml: 'seed' stands outside of any table; it belongs in [run]",
    ]


def test_wrong_option_is_told_and_one_of_another_model_named(registry: Registry, config: Path) -> None:
    config.write_text("[model]\nname = 'resnet'\ndepth = 0\nwidth = 3\nratoi = 1\n")

    resnet = "(the model is 'resnet' of keisei-plugins-resnet 1.2.3)"
    assert problems(config, (), registry) == [
        f"keisei.toml: [model] unknown key 'width'; it is an option of 'wide' {resnet}",
        f"keisei.toml: [model] unknown key 'ratoi'; did you mean 'ratio'? {resnet}",
        "keisei.toml: [model] depth must be at least 1, got 0",
    ]


def test_option_of_a_component_without_options_is_refused(registry: Registry, config: Path) -> None:
    config.write_text("[precision]\nname = 'fp32'\nscale = 2\n")

    (problem,) = problems(config, (), registry)

    assert problem.startswith("keisei.toml: [precision] unknown key 'scale' (the precision is 'fp32' of keisei ")


def test_contradiction_is_told_only_where_both_values_are_right(registry: Registry, config: Path) -> None:
    config.write_text("[selfplay]\ngames = 4\nrollout_plies = 4\n[tracking]\nsample_games = 2\n")
    assert problems(config, (), registry) == [
        "keisei.toml: [learning] minibatch must be at most a rollout's 16 plies (games x rollout_plies), got 512"
    ]

    config.write_text(
        "[selfplay]\ngames = 4\nrollout_plies = 4\n[learning]\nminibatch = '8'\n[tracking]\nsample_games = 2\n"
    )
    assert problems(config, (), registry) == ["keisei.toml: [learning] minibatch must be an integer, got '8'"]


def test_command_line_wins_over_the_file(registry: Registry, config: Path) -> None:
    config.write_text("[run]\nseed = 1\nthreads = 2\n[model]\ndepth = 5\n")

    settings = read_settings(config, [("run.seed", "7"), ("model.ratio", "0.25")], registry)

    assert (settings.run.seed, settings.run.threads) == (7, 2)
    assert (settings.model.options.depth, settings.model.options.ratio) == (5, 0.25)


def test_another_model_on_the_command_line_leaves_the_files_options_out(registry: Registry, config: Path) -> None:
    config.write_text("[model]\nname = 'resnet'\ndepth = 5\n")

    settings = read_settings(config, [("model.name", "wide"), ("model.width", 3)], registry)

    assert (settings.model.name, settings.model.options.width) == ("wide", 3)
    assert settings.notes == (
        "keisei.toml: [model] depth: left out, options of 'resnet'; the command line chose 'wide'",
    )


def test_same_model_on_the_command_line_keeps_the_files_options(registry: Registry, config: Path) -> None:
    config.write_text("[model]\ndepth = 5\n")

    settings = read_settings(config, [("model.name", "resnet")], registry)

    assert (settings.model.options.depth, settings.notes) == (5, ())


def rich_config() -> str:
    return """
[run]
seed = 3
device = "cpu"
[input]
features = "core46+all"
[model]
name = "keisei-plugins-wide:wide"
width = 2
groups = [3]
[evaluation]
opponent = "searcher"
[evaluation.searcher]
width = 4
[tracking]
trackers = ["jsonl", "screen"]
[tracking.screen]
limit = 2
[optimizer]
learning_rate = 1
[algorithm]
clip = 1
"""


def test_document_of_settings_reads_back_to_equal_settings(registry: Registry, config: Path) -> None:
    config.write_text(rich_config())
    settings = read_settings(config, (), registry)

    document = settings.to_document()
    config.write_text(tomli_w.dumps(document))

    assert read_settings(config, (), registry) == settings
    assert tomli.loads(config.read_text()) == document


def test_document_spells_everything_out(registry: Registry, config: Path) -> None:
    config.write_text(rich_config())

    document = read_settings(config, (), registry).to_document()

    planes = ("core46", "check", "last2ply")
    assert document["input"] == {"features": "+".join(f"keisei-plugins-toy:{name}" for name in planes)}
    assert document["model"] == {"name": "keisei-plugins-wide:wide", "width": 2, "groups": [3]}
    assert document["precision"] == {"name": "keisei:fp32"}
    assert document["evaluation"][document["evaluation"]["opponent"]] == {"width": 4, "groups": [1, 2]}
    assert document["tracking"][document["tracking"]["trackers"][-1]]["limit"] == 2.0
    assert document["optimizer"]["learning_rate"] == 1.0
    assert document["algorithm"] == {"name": "keisei-plugins-ppo:ppo", **unstructure(PPOOptions(clip=1.0))}
    assert document["decider"] == {"name": "keisei:policy"}


def test_wrong_option_of_a_player_is_told_with_its_table(registry: Registry, config: Path) -> None:
    config.write_text("[evaluation]\nopponent = 'searcher'\n[evaluation.searcher]\nwidth = 0\n")

    assert problems(config, (), registry) == ["keisei.toml: [evaluation.searcher] width must be at least 1, got 0"]


def test_options_of_a_player_that_does_not_play_are_a_note(registry: Registry, config: Path) -> None:
    config.write_text("[evaluation.searcher]\nwidth = 2\n")

    settings = read_settings(config, (), registry)

    assert settings.notes == ("keisei.toml: [evaluation] options of 'searcher' have no effect: it is not chosen",)


def test_disabled_plugin_takes_no_part(registry: Registry, config: Path) -> None:
    config.write_text("[model]\nname = 'wide'\n[plugins]\ndisable = ['wide', 'gone']\n")

    (problem,) = problems(config, (), registry)

    assert problem.startswith("keisei.toml: [model] unknown model 'wide'; available: resnet")
    assert "disabled: keisei-plugins-wide:wide" in problem


def test_disabling_what_is_not_installed_is_a_note(registry: Registry, config: Path) -> None:
    config.write_text("[plugins]\ndisable = ['gone']\n")

    assert read_settings(config, (), registry).notes == ("keisei.toml: [plugins] no plugin 'gone' is installed",)


def broken_registry(workshop: Any) -> Registry:
    workshop.plugin(HOOKS, files={"options": WIDE})
    workshop.plugin("1 / 0", distribution="keisei-plugins-resnet", entry="resnet")
    made: Registry = workshop.registry()
    return made


def test_broken_plugin_that_is_used_is_a_plugin_error(workshop: Any) -> None:
    with pytest.raises(
        PluginError,
        match=r"unknown model 'resnet'.*\n  not loaded: keisei-plugins-resnet:resnet 1.2.3 .* is broken: Zero",
    ):
        read_settings(None, (), broken_registry(workshop))


def test_broken_plugin_and_a_bad_config_are_told_together(workshop: Any) -> None:
    found = problems(None, [("run.seed", "-1")], broken_registry(workshop))

    assert found[0] == "--set run.seed=-1: [run] seed must be at least 0, got -1"
    assert "not loaded: keisei-plugins-resnet:resnet" in found[1]


def test_broken_plugin_that_is_not_used_stops_nothing(workshop: Any, registry: Registry) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-broken", entry="broken")

    assert isinstance(read_settings(None, (), workshop.registry()), Settings)


def test_options_class_with_an_unknown_type_is_the_plugins_defect(workshop: Any) -> None:
    workshop.plugin(HOOKS, files={"options": WIDE})
    workshop.model("resnet", options="import attrs\n@attrs.frozen\nclass Options:\n    depth: 'Nowhere' = 1\n")

    with pytest.raises(PluginError, match=r"keisei-plugins-resnet 1.2.3 can't be used: .* unknown type in an annot"):
        read_settings(None, [("model.depth", 2)], workshop.registry())


def test_options_that_do_not_import_are_the_plugins_defect(workshop: Any) -> None:
    workshop.plugin(HOOKS, files={"options": WIDE})
    workshop.model("resnet", options="1 / 0")

    with pytest.raises(
        PluginError, match=r"^defaults: \[model\] model 'resnet' of keisei-plugins-resnet 1.2.3 can't be used"
    ):
        read_settings(None, [("model.depth", 2)], workshop.registry())


@pytest.mark.parametrize(
    ("field", "cause"),
    [
        ("a: int", "no default for a"),
        ("a: int = attrs.field()", "no default for a"),
        ("c: int = 'seven'", "its defaults are refused: c must be an integer, got 'seven'"),
        ("c: complex = 1j", "its defaults are refused: c "),
        ("c: float = float('nan')", "its defaults are refused: c must be a finite number"),
    ],
)
@pytest.mark.parametrize("given", [[], [("model.a", 1)]], ids=["nothing-given", "one-given"])
def test_options_without_good_defaults_are_the_plugins_defect(
    workshop: Any, field: str, cause: str, given: list[tuple[str, object]]
) -> None:
    workshop.plugin(HOOKS, files={"options": WIDE})
    workshop.model("resnet", options=f"import attrs\n@attrs.frozen(kw_only=True)\nclass Options:\n    {field}\n")

    with pytest.raises(PluginError) as caught:
        read_settings(None, given, registry=workshop.registry())
    assert "of keisei-plugins-resnet 1.2.3 can't be used" in str(caught.value)
    assert cause in str(caught.value)


def test_defaults_that_are_refused_are_the_plugins_defect(workshop: Any) -> None:
    workshop.plugin(HOOKS, files={"options": WIDE})
    workshop.model("resnet", options=WIDE.replace("setting(8", "setting('x'"))

    with pytest.raises(PluginError, match=r"of keisei-plugins-resnet 1.2.3 can't be used: .*its defaults are refused"):
        read_settings(None, (), workshop.registry())


def test_player_called_like_a_key_has_its_options_in_the_table_of_its_full_name(workshop: Any) -> None:
    workshop.plugin(HOOKS.replace('"searcher"', '"games"'), files={"options": WIDE})
    workshop.model("resnet")
    registry = workshop.registry()
    (owner,) = {choice.owner.distribution for choice in registry.choices(Kind.PLAYER) if choice.name == "games"}

    chosen = [("evaluation.opponent", "games")]
    *_, problem = problems(None, [*chosen, ("evaluation.games", {"width": 3})], registry)
    assert "is called like a key of [evaluation]" in problem
    assert problem.endswith(f"call its table '{owner}:games'")

    settings = read_settings(None, chosen, registry)
    written = settings.to_document()["evaluation"]
    assert isinstance(written["games"], int)
    assert written[f"{owner}:games"] == {"width": 8, "groups": [1, 2]}


PLANES_WITH_OPTIONS = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_feature_planes():
    yield Component(name="far", target="a:b", summary="planes", options="{module}.options:Options")
"""


def test_planes_read_options_from_the_table_of_their_name(registry: Registry, workshop: Any) -> None:
    workshop.plugin(PLANES_WITH_OPTIONS, distribution="keisei-plugins-far", entry="far", files={"options": WIDE})
    registry = workshop.registry()

    given = [("input.features", "core46+far"), ("input.far.width", 3)]
    settings = read_settings(None, given, registry)

    assert settings.features[1].options.width == 3
    assert settings.features[0].options is None
    assert settings.to_document()["input"] == {
        "features": "keisei-plugins-toy:core46+keisei-plugins-far:far",
        "keisei-plugins-far:far": {"width": 3, "groups": [1, 2]},
    }
    assert "must be at least 1, got 0" in problems(None, [*given[:1], ("input.far.width", 0)], registry)[0]
    assert "unknown key 'width'" in problems(None, [("input.core46.width", 1)], registry)[0]
    assert "no features 'fra' to have options; did you mean" in problems(None, [("input.fra.width", 1)], registry)[0]


@pytest.mark.parametrize("chosen", [[], [("model.name", "resnet")]])
def test_bundled_name_means_the_bundled_component_whoever_else_has_it(
    workshop: Any, chosen: list[tuple[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.plugin(HOOKS, files={"options": WIDE})
    for distribution in ("keisei-plugins-resnet", "keisei-plugins-stranger"):
        workshop.model("resnet", distribution=distribution)

    settings = [read_settings(None, chosen, registry=workshop.registry()) for _ in range(2)]

    assert {one.to_document()["model"]["name"] for one in settings} == {"keisei-plugins-resnet:resnet"}
    assert capsys.readouterr().err == (
        "keisei: warning: model 'resnet' means that of keisei-plugins-resnet 1.2.3; "
        "keisei-plugins-stranger 1.2.3 has one too: write keisei-plugins-stranger:resnet\n"
    )


def test_stranger_with_a_bundled_name_is_had_by_its_distribution(
    workshop: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.plugin(HOOKS, files={"options": WIDE})
    for distribution in ("keisei-plugins-resnet", "keisei-plugins-stranger"):
        workshop.model("resnet", distribution=distribution)
    chosen = [("model.name", "keisei-plugins-stranger:resnet")]

    settings = read_settings(None, chosen, registry=workshop.registry())

    assert settings.model.owner.distribution == "keisei-plugins-stranger"
    assert capsys.readouterr().err == ""


def test_written_config_means_the_same_after_another_package_took_its_names(workshop: Any, tmp_path: Path) -> None:
    workshop.plugin(HOOKS, files={"options": WIDE}, distribution="keisei-plugins-first")
    workshop.model("resnet", distribution="keisei-plugins-resnet")
    chosen = [("evaluation.opponent", "searcher:width=3"), ("evaluation.rungs", ["random", "searcher:width=2"])]
    before = read_settings(None, chosen, registry=workshop.registry())
    written = tmp_path / "config.toml"
    written.write_text(tomli_w.dumps(before.to_document()))

    workshop.plugin(HOOKS, files={"options": WIDE}, distribution="keisei-plugins-second")

    assert read_settings(written, registry=workshop.registry()) == before
    with pytest.raises(PluginError, match="provided by keisei-plugins-first"):  # what the plain names would have met
        read_settings(None, chosen, registry=workshop.registry())


def test_option_by_the_plain_name_reaches_a_table_with_the_full_one(workshop: Any, tmp_path: Path) -> None:
    workshop.plugin(HOOKS, files={"options": WIDE}, distribution="keisei-plugins-first")
    workshop.model("resnet", distribution="keisei-plugins-resnet")
    registry = workshop.registry()
    written = tmp_path / "config.toml"
    chosen = [("evaluation.opponent", "searcher"), ("evaluation.searcher.width", 4)]
    written.write_text(tomli_w.dumps(read_settings(None, chosen, registry).to_document()))

    plain = read_settings(written, [("evaluation.searcher.width", 5)], registry)
    full = read_settings(written, [("evaluation.keisei-plugins-first:searcher.width", 6)], registry)

    assert (plain.opponent.options.width, full.opponent.options.width) == (5, 6)
    assert plain.notes == full.notes == ()
