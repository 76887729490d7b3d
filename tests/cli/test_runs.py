"""`run`, `check` and `resume`: flags over the file, exit codes, and nothing left behind by a bad config."""

import signal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

WIDE_OPTIONS = """
import attrs


@attrs.frozen(kw_only=True)
class Options:
    tower_width: int = 8
    depth: int = 3
    seed: int = 0
"""


def test_run_without_a_file_takes_keisei_toml_of_the_folder(keisei: Any, runs: Any) -> None:
    assert keisei("run") == (0, "", "")

    name, settings, run_dir = runs.calls[0]
    assert (name, settings.model.options.depth, settings.run.seed, run_dir) == ("train", 4, 1, None)


def test_run_without_a_file_in_an_empty_folder_says_what_to_do(keisei: Any, runs: Any) -> None:
    Path("keisei.toml").unlink()

    code, out, err = keisei("run")

    assert (code, out, runs.calls) == (2, "", [])
    told = "no such file in this folder; name a config: keisei run CONFIG, or write one: keisei init"
    assert err == f"keisei: error: keisei.toml: {told}\n"


def test_run_names_the_file_that_is_missing(keisei: Any) -> None:
    assert keisei("run", "other.toml") == (2, "", "keisei: error: other.toml: no such file\n")


def test_exit_code_of_a_run_is_passed_on(keisei: Any, runs: Any) -> None:
    runs.code = 75

    assert keisei("run")[0] == 75
    assert keisei("check")[0] == 75
    assert keisei("resume", "somewhere")[0] == 75


@pytest.mark.parametrize("words", [("run",), ("run", "--from", "old"), ("resume", "runs/first")])
def test_flags_of_telling_reach_the_run(keisei: Any, runs: Any, words: tuple[str, ...]) -> None:
    keisei(*words, "--verbose", "--json")
    assert runs.telling == {"is_verbose": True, "is_json": True}

    keisei(*words)
    assert runs.telling == {"is_verbose": False, "is_json": False}


def test_run_dir_and_resume_take_a_folder(keisei: Any, runs: Any) -> None:
    keisei("run", "--run-dir", "runs/first")
    keisei("resume", "runs/first")

    assert runs.calls[0][2] == Path("runs/first")
    assert runs.calls[1] == ("resume", Path("runs/first"))


def test_run_or_resume_hands_on_what_to_type_and_looks_at_no_folder(keisei: Any, runs: Any, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "config.toml").write_text("not even TOML")  # not this process's to look at

    assert keisei("run", "--depth", "5", "--run-dir", str(tmp_path / "r"), "--or-resume")[0] == 0

    name, settings, run_dir, typed = runs.calls[0]
    assert (name, settings.model.options.depth, run_dir) == ("train_or_resume", 5, tmp_path / "r")
    assert typed.endswith(f"keisei run keisei.toml --set model.depth=5 --from {tmp_path / 'r'} --migrate")


@pytest.mark.parametrize("words", [("--or-resume",), ("--or-resume", "--run-dir", "r", "--from", "old")])
def test_run_or_resume_without_a_folder_or_from_another_run_is_refused(
    keisei: Any, runs: Any, words: tuple[str, ...]
) -> None:
    code, _, err = keisei("run", *words)

    assert (code, runs.calls) == (2, [])
    assert "--or-resume needs --run-dir DIR" in err


@pytest.mark.parametrize(
    ("flags", "read", "value"),
    [
        (["--input-features", "fancy+plain"], lambda s: [one.name for one in s.features], ["fancy", "plain"]),
        (["--input_features=fancy"], lambda s: s.input.features, "keisei-plugins-planes:fancy"),
        (["--depth", "9"], lambda s: s.model.options.depth, 9),
        (["--deep-heads"], lambda s: s.model.options.deep_heads, True),
        (["--no_deep_heads"], lambda s: s.model.options.deep_heads, False),
        (["--deep_heads"], lambda s: s.model.options.deep_heads, True),
        (["--ratio", "1"], lambda s: s.model.options.ratio, 1.0),
        (["--seed", "5"], lambda s: s.run.seed, 5),
        (["--device", "cpu"], lambda s: s.run.device, "cpu"),
        (["--set", "optimizer.learning_rate=3e-4"], lambda s: s.optimizer.options.learning_rate, 3e-4),
        (["--set=run.device=cpu"], lambda s: s.run.device, "cpu"),
        (["--set", "model.depth=6", "--set", "run.seed=2"], lambda s: (s.model.options.depth, s.run.seed), (6, 2)),
        (["--seed", "5", "--seed", "6"], lambda s: s.run.seed, 6),
        (["--set", "run.seed=5", "--seed", "6"], lambda s: s.run.seed, 6),
        (["--seed", "6", "--set", "run.seed=5"], lambda s: s.run.seed, 5),
    ],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_flag_wins_over_the_file(keisei: Any, runs: Any, command: str, flags: list[str], read: Any, value: Any) -> None:
    assert keisei(command, "keisei.toml", *flags) == (0, "", "")

    assert read(runs.settings) == value


def test_flags_of_every_installed_model_are_there(keisei: Any, workshop: Any, runs: Any) -> None:
    workshop.model("wide", options=WIDE_OPTIONS)

    assert keisei("run", "--model", "wide", "--tower_width", "5", "--depth=7")[0] == 0

    assert (runs.settings.model.options.tower_width, runs.settings.model.options.depth) == (5, 7)


def test_help_tells_a_shared_flag_with_both_models_and_no_flag_twice(keisei: Any, workshop: Any) -> None:
    workshop.model("wide", options=WIDE_OPTIONS)

    code, out, _ = keisei("run", "--help")

    assert code == 0
    assert "Options of the models toy, wide:\n  --depth INTEGER  how deep\n" in out
    assert "Options of the model wide:\n  --tower-width INTEGER  tower width\n" in out
    assert out.count("--depth") == 1
    assert out.count("--seed INTEGER") == 1
    assert "--deep-heads / --no-deep-heads" in out


def test_flag_for_an_option_the_model_lacks_says_which_has_it(keisei: Any, workshop: Any) -> None:
    workshop.model("wide", options=WIDE_OPTIONS)

    code, _, err = keisei("run", "--tower-width", "5")

    assert code == 2
    assert err == (
        "keisei: error: --tower-width: [model] unknown key 'tower_width'; it is an option of 'wide' "
        "(the model is 'toy' of keisei-plugins-toy 1.2.3)\n"
    )


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ("--mixed-precision", "--mixed-precision: [precision] unknown precision 'mixed'"),
        ("--mixed_precision", "--mixed-precision: [precision] unknown precision 'mixed'"),
        ("--ddp", "--ddp: [distribution] unknown distribution 'ddp'"),
        ("--model=tyo", "--model: [model] unknown model 'tyo'; did you mean 'toy'?"),
        ("--depth=x", "--depth: [model] depth must be an integer, got 'x'"),
        ("--seed=true", "--seed: [run] seed must be an integer, got true"),
        ("--set=algorithm.clip=nan", "--set algorithm.clip=nan: [algorithm] clip must be a finite number, got nan"),
        ("--set=algorithm.clpi=1", "--set algorithm.clpi=1: [algorithm] unknown key 'clpi'; did you mean 'clip'? "),
        ("--set=ppo.clip=1", "--set ppo.clip=1: [ppo] there is no [ppo]: clip stands in [algorithm] as clip"),
        ("--set=modle.depth=1", "--set modle.depth=1: unknown table [modle]; did you mean [model]?"),
        ("--set=minibatch=1", "--set minibatch=1: 'minibatch' stands outside of any table; it belongs in [learning]"),
        ("--set=clip", "--set clip: expected table.key=value, got 'clip'"),
    ],
)
def test_bad_value_on_the_command_line_is_told_with_its_flag(keisei: Any, runs: Any, flag: str, text: str) -> None:
    code, out, err = keisei("run", flag)

    assert (code, out, runs.calls) == (2, "", [])
    assert err.startswith(f"keisei: error: {text}")


def test_unknown_flag_gets_the_nearest_one(keisei: Any) -> None:
    code, _, err = keisei("run", "--dept", "3")

    assert code == 2
    assert "No such option" in err
    assert "--depth" in err


def test_bad_config_lists_all_and_leaves_nothing_behind(keisei: Any, runs: Any) -> None:
    Path("bad.toml").write_text("[run]\nseed = -1\nplys = 3\n[algorithm]\nclip = inf\n")
    before = sorted(Path().iterdir())

    code, out, err = keisei("run", "bad.toml", "--input-features", "plain", "--model", "toy", "--run-dir", "new")

    assert (code, out, runs.calls) == (2, "", [])
    assert err.splitlines() == [
        "keisei: error: bad.toml: [run] unknown key 'plys'; did you mean 'plies'?",
        "keisei: error: bad.toml: [run] seed must be at least 0, got -1",
        "keisei: error: bad.toml: [algorithm] clip must be a finite number, got inf",
    ]
    assert sorted(Path().iterdir()) == before


def test_broken_plugin_that_is_used_exits_3(keisei: Any, workshop: Any) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-wide", entry="wide")

    code, _, err = keisei("run", "--model", "wide")

    assert code == 3
    assert "not loaded: keisei-plugins-wide:wide 1.2.3 (" in err
    assert ".hooks) is broken: ZeroDivisionError: division by zero" in err


def test_broken_plugin_that_is_not_used_is_one_warning(keisei: Any, workshop: Any, runs: Any) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-wide", entry="wide")

    code, _, err = keisei("run")

    assert (code, len(runs.calls)) == (0, 1)
    assert err == (
        "keisei: warning: plugin keisei-plugins-wide 1.2.3 is broken and takes no part: "
        "ZeroDivisionError: division by zero; see: keisei plugins list --verbose\n"
    )


def test_options_left_out_are_noted(keisei: Any, workshop: Any) -> None:
    workshop.model("wide", options=WIDE_OPTIONS)

    code, _, err = keisei("run", "--model", "wide")

    assert code == 0
    assert err.startswith(
        "keisei: note: keisei.toml: [model] depth: left out, options of 'toy'; the command line chose 'wide'\n"
    )


def test_option_called_like_a_flag_of_the_core_is_told(keisei: Any, runs: Any, workshop: Any) -> None:
    workshop.model("wide", options=WIDE_OPTIONS)

    code, _, err = keisei("run", "--model", "wide", "--seed", "5", "--set", "model.seed=6")

    assert (code, runs.settings.run.seed, runs.settings.model.options.seed) == (0, 5, 6)
    assert err.splitlines()[-1] == (
        "keisei: note: --seed is not the option 'seed' of model 'wide' of keisei-plugins-wide 1.2.3, "
        "which is set by --set model.seed=VALUE"
    )


def test_plugin_disabled_in_the_file_is_not_imported(keisei: Any, workshop: Any, tmp_path: Path) -> None:
    mark = tmp_path / "imported"
    workshop.plugin(f"open({str(mark)!r}, 'w').close()", distribution="keisei-plugins-slow", entry="slow")
    Path("quiet.toml").write_text(Path("keisei.toml").read_text() + "[plugins]\ndisable = ['slow']\n")

    assert keisei("run", "quiet.toml") == (0, "", "")
    assert not mark.exists()

    keisei("run", "keisei.toml")
    assert mark.exists()


def test_error_of_a_run_becomes_one_line_and_its_exit_code(keisei: Any) -> None:
    assert keisei("resume", "diverging") == (5, "", "keisei: error: loss is nan\n")


def test_debug_shows_the_traceback(keisei: Any) -> None:
    code, _, err = keisei("resume", "--debug", "diverging")

    assert code == 5
    assert err.startswith("Traceback")
    assert err.endswith("keisei: error: loss is nan\n")


def test_wish_to_save_that_comes_before_a_run_knows_of_it_does_not_end_it(
    keisei: Any, runs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resume(*_: Any, **__: Any) -> int:
        assert signal.getsignal(signal.SIGUSR1) != signal.SIG_DFL  # which would end this process
        signal.raise_signal(signal.SIGUSR1)
        return 75

    monkeypatch.setattr(runs, "resume", resume)

    assert keisei("resume", "somewhere")[0] == 75
    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL


def test_ctrl_c_outside_of_a_run_exits_130(keisei: Any) -> None:
    assert keisei("resume", "interrupted")[0] == 130


def test_unexpected_error_is_not_hidden(keisei: Any, runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "train", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError, match="division by zero"):
        keisei("run")


RAISING = "class Thing:\n    def forward(self):\n        raise ValueError('deep down')\n"


def test_exception_inside_a_plugin_shows_traceback_and_owner_and_exits_3(
    keisei: Any, workshop: Any, runs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = workshop.model("deep", thing=RAISING)
    monkeypatch.setattr(runs, "train", lambda *_, **__: import_module(f"{module}.thing").Thing().forward())

    code, _, err = keisei("run", "--model", "deep")

    assert code == 3
    assert 'thing.py", line 3, in forward' in err
    assert err.splitlines()[-2] == "ValueError: deep down"
    assert err.splitlines()[-1].startswith("raised in plugin keisei-plugins-deep 1.2.3 (")
    assert err.splitlines()[-1].endswith("report it at https://example.org/keisei-plugins-deep")


def test_exception_of_the_core_is_not_taken_for_a_plugins(
    keisei: Any, runs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "train", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        keisei("run")
