"""What a trained network plays in: the precision of its training, float32 where the machine emulates that."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from keisei_core.arena import Player, find_network
from keisei_core.arena.contest import Contest
from keisei_core.arena.participant import Participant
from keisei_core.checkpoint import write_checkpoint
from keisei_core.errors import ConfigError
from keisei_core.plugins import load_registry
from keisei_core.plugins.notices import forget_notices
from keisei_core.run import Training
from keisei_core.shogi import Games

CPU = torch.device("cpu")
WITH, WITHOUT = ("avx512_bf16",), ("avx2",)
Machine = Callable[[tuple[str, ...]], None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Lets the CPU have some instructions only."""
    forget_notices()
    return lambda names: monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(names, True))


@pytest.fixture
def trained(training: Callable[..., Training], machine: Machine, tmp_path: Path) -> Callable[[str], Path]:
    """Writes a checkpoint of a run in a precision, begun on a machine that computes in bfloat16."""

    def make(precision: str) -> Path:
        machine(WITH)
        checkpoint = training(precision).checkpoint()
        assert checkpoint is not None
        write_checkpoint(tmp_path / precision, checkpoint)
        return tmp_path / precision

    return make


def dtype_in_play(player: Player) -> torch.dtype:
    """Lets a player choose and returns what a convolution of its network gave."""
    network = player.evaluator.network  # type: ignore[attr-defined]
    seen: set[torch.dtype] = set()
    convolution = next(module for module in network.modules() if isinstance(module, nn.Conv2d))
    hook = convolution.register_forward_hook(lambda *given: seen.add(given[-1].dtype))
    games = Games(2, max_plies=40, seed=1)
    player.choose(games.positions, games.legal)
    hook.remove()
    (dtype,) = seen
    return dtype


@pytest.mark.parametrize("player", ["checkpoint:path={}", "search:network={},simulations=4"])
@pytest.mark.parametrize(
    ("instructions", "precision", "dtype"),
    [
        (WITH, "", torch.bfloat16),
        (WITHOUT, "", torch.float32),
        (WITHOUT, ",precision=bf16", torch.bfloat16),
        (WITH, ",precision=fp32", torch.float32),
    ],
    ids=["well", "emulated", "emulated-forced", "well-forced"],
)
def test_network_of_bfloat16_plays_in_what_the_machine_does_well_unless_forced(
    trained: Callable[[str], Path], machine: Machine, player: str, instructions: tuple[str, ...], precision: str,
    dtype: torch.dtype,
) -> None:  # fmt: skip
    path = trained("bf16")
    machine(instructions)

    found = Participant.find(player.format(path) + precision, load_registry(), CPU)

    assert dtype_in_play(found.build(0, CPU)) == dtype
    assert found.precision == {torch.bfloat16: "bf16", torch.float32: "fp32"}[dtype]


def test_another_precision_than_that_of_the_training_is_said_in_one_line(
    trained: Callable[[str], Path], machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    network = find_network(trained("bf16"))
    network.evaluator(load_registry(), CPU)
    assert capsys.readouterr().err == ""
    machine(WITHOUT)

    for _ in range(2):
        network.evaluator(load_registry(), CPU)

    assert capsys.readouterr().err == (
        f"keisei: warning: {network.path} plays in fp32: this machine emulates bf16, the precision of its training; "
        "precision=bf16 forces it\n"
    )


def test_records_of_two_machines_are_told_apart(trained: Callable[[str], Path], machine: Machine) -> None:
    path = trained("bf16")
    identities = {}
    for name, instructions, options in (
        ("trained on", WITH, ""), ("another", WITHOUT, ""), ("forced", WITHOUT, ":precision=bf16"),
        ("forced the other way", WITH, ":precision=fp32"),
    ):  # fmt: skip
        machine(instructions)
        identities[name] = Participant.find(f"{path}{options}", load_registry(), CPU).identity

    assert identities["trained on"] == identities["forced"] == f"@{find_network(path).digest}"
    assert identities["another"] == identities["forced the other way"] == f"{identities['trained on']} in fp32"


def test_match_tells_what_each_network_computed_in(trained: Callable[[str], Path], machine: Machine) -> None:
    path = trained("bf16")
    machine(WITHOUT)
    contest = Contest(games=2, seed=0, max_plies=6, opening_plies=2, at_once=2, device=CPU)

    report = contest.play(*contest.participants([str(path), "random"]))

    assert report.to_data()["precisions"] == ["fp32", None]
    assert " in fp32" in report.first


@pytest.mark.parametrize("chosen_by", ["mixed", "auto"])
@pytest.mark.parametrize(("instructions", "note"), [(WITH, ""), (WITHOUT, " in fp32")])
def test_network_of_a_precision_that_was_chosen_plays_on_every_machine_as_one_of_that_precision(
    trained: Callable[[str], Path], machine: Machine, instructions: tuple[str, ...], note: str, chosen_by: str
) -> None:
    path = trained(chosen_by)
    machine(instructions)

    found = Participant.find(str(path), load_registry(), CPU)

    found.build(0, CPU)
    assert found.identity == f"@{find_network(path).digest}{note}"


@pytest.mark.parametrize(
    ("chosen_by", "instructions", "settled"),
    [
        ("auto", WITH, "keisei-plugins-amp:bf16"),
        ("auto", WITHOUT, "keisei:fp32"),
        ("mixed", WITH, "keisei-plugins-amp:bf16"),
    ],
)
def test_config_of_a_run_names_what_was_chosen_so_that_it_goes_on_in_that_everywhere(
    training: Callable[..., Training], machine: Machine, chosen_by: str, instructions: tuple[str, ...], settled: str
) -> None:
    machine(instructions)
    begun = training(chosen_by)

    assert begun.settings.to_document()["precision"] == {"name": settled}
    assert begun.snapshot().state["config"]["precision"] == {"name": settled}


def test_precision_that_nobody_provides_is_refused(trained: Callable[[str], Path]) -> None:
    network = find_network(trained("bf16"))

    with pytest.raises(ConfigError, match="unknown precision 'bf17'; did you mean 'bf16'"):
        network.evaluator(load_registry(), CPU, "bf17")


def test_training_keeps_its_precision_where_it_is_emulated_and_says_so_and_its_matches_do_not(
    training: Callable[..., Training], machine: Machine
) -> None:
    machine(WITHOUT)
    emulated = training("bf16")

    assert emulated.precision.description == "bfloat16, emulated by this CPU: slow"
    assert emulated.evaluator.precision is emulated.precision
    assert emulated.player_evaluator.precision.description == "float32"
    (note,) = emulated.notes
    assert "emulates bf16" in note
    assert "keisei resume RUN --set precision.name=fp32 --migrate" in note


def test_training_plays_its_matches_as_it_acts_where_the_machine_does_it_well(
    training: Callable[..., Training], machine: Machine
) -> None:
    machine(WITH)
    learned = training("bf16")

    assert learned.player_evaluator is learned.evaluator
    assert learned.notes == ()
