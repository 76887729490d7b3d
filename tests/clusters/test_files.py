"""The files of docs/examples/clusters fit the schemas of what reads them, and state Keisei's own exit codes."""

import copy
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubeflow_trainer_api import models

from keisei_core.cli.config_command import settings_of
from keisei_core.cli.runs import run
from keisei_core.errors import DistributionError, StoppedError
from keisei_core.launching.restarts import NOT_AGAIN

ROOT = Path(__file__).parents[2]
FILES = ROOT / "docs" / "examples" / "clusters"
SCRIPTS = ["slurm.sh", "slurm_ray.sh"]
PAGE = (ROOT / "docs" / "distributed.md").read_text(encoding="utf-8")
SHELLCHECK = shutil.which("shellcheck", path=Path(sys.executable).parent)
MODELS = {
    "Job": models.IoK8sApiBatchV1Job,
    "JobSet": models.JobsetV1alpha2JobSet,
    "Service": models.IoK8sApiCoreV1Service,
    "TrainJob": models.TrainerV1alpha1TrainJob,
    "TrainingRuntime": models.TrainerV1alpha1TrainingRuntime,
}
MANIFESTS = [
    pytest.param(document, id=f"{path.stem}-{document['kind']}")
    for path in sorted(FILES.glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]


def within(value: Any, key: str) -> Iterator[Any]:
    """Yields whatever stands under a key, at any depth."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from within(part, key)


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((FILES / name).read_text()))


COMMANDS = [
    pytest.param(command, id=f"{path.stem}") for path in sorted(FILES.glob("*.yaml"))
    for document in documents(path.name) for command in within(document, "command")
]  # fmt: skip


def understood(document: dict[str, Any]) -> dict[str, Any]:
    """Returns what the model of a kind makes of a manifest: keys that it doesn't know are left out."""
    found: dict[str, Any] = MODELS[document["kind"]].from_dict(copy.deepcopy(document)).to_dict()
    return found


@pytest.mark.parametrize("document", MANIFESTS)
def test_manifest_fits_the_schema_of_its_kind(document: dict[str, Any]) -> None:
    assert understood(document) == document


def test_manifest_with_a_misspelt_key_or_a_wrong_type_does_not_fit_its_schema() -> None:
    (misspelt,), (wrong,) = documents("jobset.yaml"), documents("jobset.yaml")
    misspelt["spec"]["replicatedJobs"][0]["template"]["spec"]["backofLimit"] = 0
    wrong["spec"]["failurePolicy"]["maxRestarts"] = "20"

    assert understood(misspelt) != misspelt
    with pytest.raises(ValueError, match="maxRestarts"):
        understood(wrong)


def test_every_policy_of_pods_states_keiseis_exit_codes() -> None:
    policies = [
        policy for path in FILES.glob("*.yaml") for document in documents(path.name)
        for policy in within(document, "podFailurePolicy")
    ]  # fmt: skip
    rules = [{rule["action"]: rule["onExitCodes"]["values"] for rule in policy["rules"]} for policy in policies]

    assert rules == [{"FailJob": sorted(NOT_AGAIN), "Ignore": [StoppedError.exit_code]}] * 3


def test_set_fails_where_a_job_fails_by_its_policy() -> None:
    policies = [
        *within(documents("jobset.yaml"), "failurePolicy"),
        *within(documents("trainjob.yaml"), "failurePolicy"),
    ]

    assert [rule["action"] for policy in policies for rule in policy["rules"]] == ["FailJobSet"] * 2
    assert [rule["onJobFailureReasons"] for policy in policies for rule in policy["rules"]] == [
        ["PodFailurePolicy"]
    ] * 2


@pytest.mark.parametrize(
    ("name", "first"), [("jobset.yaml", "keisei-rank-0-0.keisei"), ("job.yaml", "keisei-0.keisei")]
)
def test_pods_are_as_many_as_processes_and_know_the_first_by_its_name(name: str, first: str) -> None:
    document = documents(name)[-1]
    job = next(part for part in within(document, "spec") if "completions" in part)
    variables = {entry["name"]: entry["value"] for entry in next(within(document, "env"))}

    assert job["parallelism"] == job["completions"] == int(variables["WORLD_SIZE"])
    assert variables["MASTER_ADDR"] == first
    assert first.endswith(f".{document['metadata']['name']}")
    assert [service["metadata"]["name"] for service in documents(name)[:-1]] == list(within(document, "subdomain"))


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_a_pod_is_sound_shell_and_a_line_that_keisei_takes(command: list[str]) -> None:
    *shell, line = command
    words = line.partition("keisei run ")[2].replace("/etc/keisei", str(ROOT)).split()
    with run.make_context("run", words) as context:
        distribution = settings_of(context, ROOT / "keisei.toml").distribution

    assert shell == ["sh", "-c"]
    assert checked(line, "--shell=sh") == ""
    assert (context.params["may_resume"], context.params["run_dir"]) == (True, Path("/runs/1"))
    assert (distribution.name, distribution.options.join_timeout_s) == ("ddp", 600)


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_is_sound_shell(script: str) -> None:
    assert checked((FILES / script).read_text()) == ""
    assert "SC2086" in checked("#!/bin/bash\nrm $1\n")


def test_script_for_ray_has_a_line_that_keisei_takes() -> None:
    pytest.importorskip("keisei_plugins_ray")
    line = (FILES / "slurm_ray.sh").read_text().partition("keisei run ")[2].partition("\ncode=")[0]
    words = shlex.split(line.replace("\\\n", "").replace("keisei.toml", str(ROOT / "keisei.toml")))
    with run.make_context("run", words) as context:
        settings = settings_of(context, ROOT / "keisei.toml")

    assert (context.params["may_resume"], context.params["run_dir"]) == (True, Path("$KEISEI_RUN"))
    assert (settings.distribution.name, settings.distribution.options.address) == ("ray", "auto")
    assert settings.run.threads == 8


def checked(text: str, *options: str) -> str:
    """Returns what shellcheck has to say of a script."""
    assert SHELLCHECK
    command = [SHELLCHECK, *options, "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60).stdout


def make_up(folder: Path, **programs: str) -> None:
    """Writes programs of one line of shell each."""
    for name, line in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)


@pytest.fixture(params=SCRIPTS)
def batch(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Runs a script where its step ends with an exit code; tells whether the job went back into the queue."""
    step = 'if [ $STEP = 0 ]; then mkdir "$HOME/runs/7" && touch "$HOME/runs/7/result.json"; fi; exit $STEP'
    make_up(tmp_path, srun=step, scontrol='[ "$1" = show ] && echo node1 || touch "$QUEUE"', ray="")

    def end(code: int, losses: int = 0) -> bool:
        queue, home = tmp_path / f"queue-{code}-{losses}", tmp_path / f"home-{code}-{losses}"
        if losses:
            (home / "runs").mkdir(parents=True)
            (home / "runs" / "7.losses").write_text("6\n" * losses)
        own = {"STEP": code, "QUEUE": queue, "SLURM_JOB_ID": 7, "HOME": home}
        environment = {"PATH": f"{tmp_path}:{os.defpath}", "SLURM_JOB_NODELIST": "node1"}
        environment |= {name: str(value) for name, value in own.items()}
        done = subprocess.run(["bash", FILES / request.param], env=environment, check=False, timeout=60)
        assert done.returncode == code
        return queue.exists()

    return end


def test_script_puts_its_job_back_where_that_can_help_and_nowhere_else(batch: Any) -> None:
    lost = [DistributionError.exit_code, 128 + 9, 128 + 15]

    assert [code for code in (0, 1, 126, 127, *sorted(NOT_AGAIN)) if batch(code)] == []
    assert [batch(code) for code in lost] == [True] * 3
    assert [batch(code, losses=19) for code in lost] == [True] * 3
    assert [batch(code, losses=20) for code in lost] == [False] * 3
    assert batch(StoppedError.exit_code, losses=1000)


def test_start_of_ray_that_came_to_nothing_is_a_loss(tmp_path: Path) -> None:
    """Where `ray start` fails, `ray symmetric-run` ends with 0, and there is no result."""
    make_up(tmp_path, srun="exit 0", scontrol="echo node1", ray="")
    variables = {"PATH": f"{tmp_path}:{os.defpath}", "HOME": str(tmp_path), "SLURM_JOB_ID": "7"}

    done = subprocess.run(["bash", FILES / "slurm_ray.sh"], env=variables, check=False, timeout=60)

    assert done.returncode == DistributionError.exit_code
    assert (tmp_path / "runs" / "7.losses").read_text() == f"{DistributionError.exit_code}\n"


@pytest.mark.parametrize(("name", "kind"), [("slurm.sh", "sh"), ("slurm_ray.sh", "sh"), ("jobset.yaml", "yaml")])
def test_page_shows_the_file(name: str, kind: str) -> None:
    assert f"```{kind}\n{(FILES / name).read_text().rstrip()}\n```" in PAGE


def test_page_leads_to_every_file() -> None:
    assert [path.name for path in FILES.iterdir() if f"(examples/clusters/{path.name})" not in PAGE] == []
