"""Which precision a device gets, and what is said where it does none well."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import tomli_w
import torch

from keisei_core.cli import main
from keisei_core.errors import ConfigError
from keisei_core.precision import DependsOnDevice
from keisei_core.run import Training
from keisei_core.run.folder import RunFolder
from keisei_plugins_amp.auto import auto
from keisei_plugins_amp.bf16 import Bf16
from keisei_plugins_amp.devices import bf16_instructions
from keisei_plugins_amp.fp16 import Fp16
from keisei_plugins_amp.mixed import mixed
from keisei_plugins_amp.options import LossScaleOptions

CPU, GPU = torch.device("cpu"), torch.device("cuda")
OPTIONS = LossScaleOptions()
CONFIG = """
run = { threads = 1, device = "cpu" }
model = { tower_depth = 1, tower_width = 8 }
evaluation = { max_plies = 20 }
"""
needs_bf16 = pytest.mark.skipif(not bf16_instructions(CPU), reason="this CPU has no bfloat16 instructions")


@pytest.fixture
def cpu_with(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Lets the CPU have some instructions only."""

    def having(*names: str) -> None:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(names, True))

    return SimpleNamespace(instructions=having)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Pretends that there is a GPU that does, or does not, compute in bfloat16."""

    def doing(bf16: bool) -> None:
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: bf16 or including_emulation)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Example 9000")
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        # Else a scaler for a GPU that is not there warns and turns itself off.
        monkeypatch.setattr(torch.cuda.amp.common, "amp_definitely_not_available", lambda: False)

    return SimpleNamespace(doing=doing)


@pytest.mark.parametrize("name", ["avx512_bf16", "amx_bf16", "bf16"])
def test_mixed_is_bfloat16_on_a_cpu_with_the_instructions_and_says_so(cpu_with: SimpleNamespace, name: str) -> None:
    cpu_with.instructions(name)

    policy = mixed(CPU, OPTIONS)

    assert isinstance(policy, Bf16)
    assert policy.description == f"bfloat16 by {name.upper().replace('_', '-')}"


def test_mixed_on_a_cpu_without_the_instructions_is_refused_with_what_to_write(cpu_with: SimpleNamespace) -> None:
    cpu_with.instructions("avx2")

    with pytest.raises(ConfigError, match=r"\[precision\] name: this CPU has no bfloat16 .*write fp32, or bf16 to try"):
        mixed(CPU, OPTIONS)


@pytest.mark.parametrize(
    ("instructions", "name", "description", "dtype"),
    [
        ("amx_bf16", "bf16", "bfloat16 by AMX-BF16 (auto)", torch.bfloat16),
        ("avx2", "fp32", "float32: this device has no instructions for bfloat16 (auto)", torch.float32),
    ],
)
def test_auto_is_what_the_cpu_does_well_and_says_so(
    cpu_with: SimpleNamespace, instructions: str, name: str, description: str, dtype: torch.dtype
) -> None:
    cpu_with.instructions(instructions)

    policy = auto(CPU)

    assert isinstance(policy, DependsOnDevice)
    assert (policy.name, policy.is_emulated, policy.description) == (name, False, description)
    with policy.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype


@pytest.mark.parametrize(("bf16", "name"), [(True, "bf16"), (False, "fp32")])
def test_auto_is_what_the_gpu_does_well(gpu: SimpleNamespace, bf16: bool, name: str) -> None:
    gpu.doing(bf16=bf16)

    assert auto(GPU).name == name  # type: ignore[attr-defined]


def test_bfloat16_asked_for_by_name_runs_on_every_cpu_and_says_that_it_is_slow(cpu_with: SimpleNamespace) -> None:
    cpu_with.instructions("avx2")

    assert Bf16(CPU).description == "bfloat16, emulated by this CPU: slow"


def test_mixed_is_bfloat16_on_a_gpu_that_computes_in_it(gpu: SimpleNamespace) -> None:
    gpu.doing(bf16=True)

    policy = mixed(GPU, OPTIONS)

    assert isinstance(policy, Bf16)
    assert policy.description == "bfloat16 by Example 9000"


def test_mixed_is_float16_on_a_gpu_that_would_emulate_bfloat16(gpu: SimpleNamespace) -> None:
    gpu.doing(bf16=False)

    policy = mixed(GPU, OPTIONS)

    assert isinstance(policy, Fp16)
    assert policy.description == "float16, loss scaled"
    assert policy.scaler.is_enabled()


def test_bfloat16_on_a_gpu_that_would_emulate_it_is_refused(gpu: SimpleNamespace) -> None:
    gpu.doing(bf16=False)

    with pytest.raises(ConfigError, match="Example 9000 does not compute in bfloat16; write fp16 or fp32"):
        Bf16(GPU)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"initial_scale": 0.0}, "must be greater than 0"),
        ({"growth_interval": 0}, "must be at least 1"),
        ({"growth_factor": 1.0}, "must be greater than 1"),
        ({"backoff_factor": 1.0}, "must be at most 0.99"),
    ],
)
def test_option_out_of_range_is_refused(values: dict[str, float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        LossScaleOptions(**values)  # type: ignore[arg-type]


def test_declaring_the_policies_loads_no_torch() -> None:
    code = "import sys, keisei_plugins_amp.hooks, keisei_plugins_amp.options; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "precision.name=bf16"], "precision      bf16: bfloat16"),
        (
            ["--set", "precision.name=fp16"],
            "precision      fp16: float16, loss scaled, emulated by this CPU: very slow",
        ),
        pytest.param(["--mixed-precision"], "precision      bf16: bfloat16 by ", marks=needs_bf16),
    ],
)
def test_check_plays_an_update_and_says_what_it_computes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    (tmp_path / "keisei.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)

    code = main(["check", *words])

    out, err = capsys.readouterr()
    assert code == 0, err
    assert out.startswith("ok: one update")
    assert said in err


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, training: Callable[..., Training]) -> SimpleNamespace:
    """A config that leaves the precision to the device, a run of it, and what was begun there again."""
    folder, config, calls = tmp_path / "run", tmp_path / "keisei.toml", list[str]()
    settled = training("auto").settings.to_document()
    folder.mkdir()
    RunFolder(folder).write_config(settled)
    config.write_text(tomli_w.dumps(settled | {"precision": {"name": "auto"}}))
    monkeypatch.setattr("keisei_core.cli.runs.begin_compiling", lambda: None)
    for name in ("train", "resume"):
        monkeypatch.setattr(f"keisei_core.run.{name}", lambda *_, name=name, **telling: calls.append(name) or 0)
    return SimpleNamespace(folder=str(folder), config=str(config), calls=calls)


def test_run_that_settled_its_precision_is_one_of_the_same_config(begun: SimpleNamespace) -> None:
    assert main(["run", begun.config, "--run-dir", begun.folder]) == 0
    assert main(["resume", begun.folder, "--set", "precision.name=auto"]) == 0

    assert begun.calls == ["train", "resume"]


def test_run_in_another_precision_is_one_of_another_config(
    begun: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", begun.config, "--run-dir", begun.folder, "--set", "precision.name=fp16"]) == 2
    assert "; precision.name " in capsys.readouterr().err
