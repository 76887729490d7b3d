"""`keisei migrate`, `run --from` and changed flags on `resume`: what reaches the run, and what is refused before."""

import shlex
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def old_run() -> Path:
    """Makes a run folder with a config beside keisei.toml."""
    folder = Path("runs/old")
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(Path("keisei.toml").read_text())
    return folder


def test_migrate_takes_checkpoint_config_and_flags(keisei: Any, runs: Any) -> None:
    flags = ("--depth", "5", "--dry-run", "--match", "40", "--json", "--run-dir", "new", "--new-games")

    assert keisei("migrate", "runs/old", "--to", "keisei.toml", *flags) == (0, "", "")

    name, settings, source, run_dir, wishes = runs.calls[0]
    assert (name, source, run_dir) == ("migrate", Path("runs/old"), Path("new"))
    assert wishes == {"is_dry": True, "num_games": 40, "is_json": True, "with_new_games": True}
    assert settings.model.options.depth == 5


@pytest.mark.parametrize("games", ["3", "-2"])
def test_migrate_refuses_games_that_are_no_pairs(keisei: Any, runs: Any, games: str) -> None:
    code, _, err = keisei("migrate", "runs/old", "--to", "keisei.toml", "--match", games)

    assert (code, runs.calls) == (2, [])
    assert f"expected an even number of games, got {games}" in err


def test_migrate_without_config_is_refused(keisei: Any) -> None:
    code, _, err = keisei("migrate", "runs/old")

    assert code == 2
    assert "Missing option '--to'" in err


@pytest.mark.parametrize("is_migrating", [False, True])
def test_run_from_a_checkpoint_says_what_to_type(keisei: Any, runs: Any, is_migrating: bool) -> None:
    flags = ["--depth", "5", "--input-features", "fancy+plain", *(["--migrate"] if is_migrating else [])]

    assert keisei("run", "--from", "runs/old", "--run-dir", "new", *flags) == (0, "", "")

    name, _, source, run_dir, allowed, command = runs.calls[0]
    assert (name, source, run_dir, allowed) == ("train_from", Path("runs/old"), Path("new"), is_migrating)
    assert command == "keisei migrate runs/old --to keisei.toml --set input.features=fancy+plain --set model.depth=5"


def test_run_does_not_migrate_from_nothing(keisei: Any, runs: Any) -> None:
    code, _, err = keisei("run", "--migrate")

    assert (code, runs.calls) == (2, [])
    assert "--migrate needs --from CHECKPOINT" in err


def test_changed_resume_is_refused_with_difference_and_commands(keisei: Any, runs: Any, old_run: Path) -> None:
    code, out, err = keisei("resume", "runs/old", "--depth", "5", "--input-features", "fancy")

    assert (code, out, runs.calls) == (4, "", [])
    assert err == (
        "keisei: error: runs/old: a run keeps its config, this would be another one "
        "(input.features keisei-plugins-planes:plain -> keisei-plugins-planes:fancy; model.depth 4 -> 5); "
        "type: keisei migrate runs/old --to runs/old/config.toml --set input.features=fancy --set model.depth=5, "
        "or at once: keisei resume runs/old --set input.features=fancy --set model.depth=5 --migrate\n"
    )


def test_typed_command_of_a_refusal_does_it(keisei: Any, runs: Any, old_run: Path) -> None:
    _, _, err = keisei("resume", "runs/old", "--set", 'plugins.disable=["a b", "c"]')
    typed = shlex.split(err.partition("at once: keisei ")[2])

    assert keisei(*typed)[0] == 0

    assert runs.settings.plugins.disable == ("a b", "c")


def test_run_into_a_run_of_another_config_is_refused_with_difference_and_commands(
    keisei: Any, runs: Any, old_run: Path
) -> None:
    code, out, err = keisei("run", "keisei.toml", "--depth", "5", "--run-dir", "runs/old")

    assert (code, out, runs.calls) == (2, "", [])
    assert err == (
        "keisei: error: runs/old: holds a run of another config (model.depth 4 -> 5); "
        "type: keisei migrate runs/old --to keisei.toml --set model.depth=5, "
        "or at once: keisei run keisei.toml --set model.depth=5 --from runs/old --migrate\n"
    )


def test_flags_that_change_nothing_resume_as_ever(keisei: Any, runs: Any, old_run: Path) -> None:
    assert keisei("resume", "runs/old", "--depth", "4") == (0, "", "")

    assert runs.calls == [("resume", Path("runs/old"))]


def test_flags_of_a_resume_reach_it_and_leave_the_config_as_it_is(keisei: Any, runs: Any, old_run: Path) -> None:
    before = (old_run / "config.toml").read_bytes()

    assert keisei("resume", "runs/old", "--set", "distribution.name=single") == (0, "", "")

    assert runs.calls == [("resume", Path("runs/old"))]
    assert [(each.key, each.value) for each in runs.given] == [("distribution.name", "single")]
    assert (old_run / "config.toml").read_bytes() == before


def test_resume_with_migrate_goes_on_in_a_new_folder(keisei: Any, runs: Any, old_run: Path) -> None:
    assert keisei("resume", "runs/old", "--depth", "5", "--migrate", "--run-dir", "new") == (0, "", "")

    name, settings, source, run_dir, allowed, _ = runs.calls[0]
    assert (name, source, run_dir, allowed) == ("train_from", old_run, Path("new"), True)
    assert settings.model.options.depth == 5


def test_resume_without_migrate_takes_no_new_folder(keisei: Any, runs: Any, old_run: Path) -> None:
    code, _, err = keisei("resume", "runs/old", "--run-dir", "new")

    assert (code, runs.calls) == (2, [])
    assert "--run-dir needs --migrate" in err


def test_flags_without_a_run_are_refused(keisei: Any, runs: Any) -> None:
    code, _, err = keisei("resume", "runs/none", "--depth", "5")

    assert (code, runs.calls) == (2, [])
    assert err.startswith("keisei: error: runs/none: expected a run folder with config.toml in it")
