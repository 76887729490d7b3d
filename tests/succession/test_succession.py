"""Whole migrations of a real run's checkpoint: what is written, what goes on, what is refused, and that nothing old
changes."""

import hashlib
import json
import math
import shlex
import shutil
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest
import torch

from keisei_core.checkpoint import read_checkpoint, serialized, write_checkpoint
from keisei_core.checkpoint.manifest import FileRecord
from keisei_core.cli import main
from keisei_core.config.moved import MOVED_FROM_PPO
from keisei_core.distribution import Single
from keisei_core.observe import Needs
from keisei_core.run import Training, train
from keisei_core.succession.successor import _precision

NETWORK = ["--set", "model.tower_width=16", "--set", "model.tower_depth=2", "--input-features", "core46+check"]


def digest(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory, tiny):
    """The folder of a finished run of 4 updates, 8 channels and one block, over core46+last2ply."""
    folder = tmp_path_factory.mktemp("old") / "run"
    settings = tiny(
        input__features="core46+last2ply",
        run__plies=256,
        selfplay__pool_share=0.5,
        selfplay__pool_size=3,
        selfplay__pool_every_updates=1,
        learning__averaging=0.9,
    )
    assert train(settings, folder) == 0
    return folder


@pytest.fixture
def old(trained, tmp_path, monkeypatch):
    """A copy of that run, in the folder where commands are typed."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(trained, "old")
    return Path("old")


def newest(run: Path) -> Path:
    return max((run / "checkpoints").iterdir())


def keisei(capsys, *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(words)
    return (code, *capsys.readouterr())


def test_migrated_run_goes_on_where_the_old_one_was(old, capsys):
    before = digest(old)

    code, out, _ = keisei(capsys, "migrate", "old", "--to", "old/config.toml", *NETWORK, "--run-dir", "new")

    assert code == 0
    assert digest(old) == before
    assert out.splitlines()[-1] == "written; go on with: keisei resume new"
    checkpoint = read_checkpoint(newest(Path("new")))
    assert checkpoint.state["counters"]["update"] == 4
    assert checkpoint.ranks[0].arrays.keys() == read_checkpoint(newest(old)).ranks[0].arrays.keys()
    more = ["--set", "run.plies=512", "--migrate", "--run-dir", "longer"]
    assert keisei(capsys, "resume", "new", *more)[0] == 0
    lines = [json.loads(line) for line in Path("longer/metrics.jsonl").read_text().splitlines()]
    assert [line["update"] for line in lines] == [5, 6, 7, 8]
    assert all(math.isfinite(line[name]) for line in lines for name in ("policy_loss", "value_loss", "gradient_norm"))


def test_report_tells_every_tensor_and_the_measured_difference(old, capsys):
    words = ["migrate", "old", "--to", "old/config.toml", *NETWORK, "--dry-run", "--json", "--match", "4"]

    code, out, _ = keisei(capsys, *words)

    report = json.loads(out)
    assert code == 0
    assert [step["migrator"] for step in report["steps"]] == ["widen", "deepen", "planes"]
    stem = report["tensors"][0]
    assert (stem["name"], stem["old_shape"], stem["new_shape"]) == ("stem.0.0.weight", [8, 50, 3, 3], [16, 47, 3, 3])
    assert (stem["kept"], stem["new"], stem["lost"]) == (8 * 46 * 9, 16 * 47 * 9 - 8 * 46 * 9, 8 * 4 * 9)
    fresh = [tensor for tensor in report["tensors"] if tensor["old_shape"] is None]
    assert {tensor["name"].split(".")[1] for tensor in fresh} == {"1"}
    assert report["fidelity"]["logits"] < 1e-5
    assert report["fidelity"]["value"] < 1e-5
    assert report["fidelity"]["logits_seeing"] > report["fidelity"]["logits"]
    assert report["match"]["games"] == 4
    assert report["match"]["low"] <= report["match"]["score"] <= report["match"]["high"]
    assert report["run"] is None


def test_dry_run_writes_nothing(old, capsys):
    before = digest(Path())

    code, out, _ = keisei(capsys, "migrate", "old", "--to", "old/config.toml", *NETWORK, "--dry-run")

    assert code == 0
    assert "stem.0.0.weight" in out
    assert digest(Path()) == before


def test_text_report_tells_the_score_with_its_interval(old, capsys):
    code, out, _ = keisei(capsys, "migrate", "old", "--to", "old/config.toml", *NETWORK, "--dry-run", "--match", "4")

    assert code == 0
    assert "migrated against original: score 0." in out
    assert "over 4 games" in out


def test_kept_moments_are_used_and_counted_on(old, capsys, tiny):
    keisei(capsys, "migrate", "old", "--to", "old/config.toml", "--set", "input.features=core46", "--run-dir", "new")
    checkpoint = read_checkpoint(newest(Path("new")))
    settings = tiny(input__features="core46")
    steps = read_checkpoint(newest(old)).optimizer["stem.0.0.weight:step"]

    runs = []
    for with_moments in (True, False):
        training = Training(settings, Single(torch.device("cpu")))
        if not with_moments:
            checkpoint.optimizer.clear()
        training.restore(checkpoint)
        training.update()
        runs.append(training)

    kept, dropped = (run.checkpoint() for run in runs)
    assert kept.optimizer["stem.0.0.weight:step"] > steps > 4
    assert not torch.equal(kept.weights["stem.0.0.weight"], dropped.weights["stem.0.0.weight"])


def test_same_network_with_other_settings_is_no_migration_of_tensors(old, capsys):
    changes = ["--set", "optimizer.learning_rate=1e-4", "--set", "run.games=500", "--set", "run.compile=true"]

    code, out, _ = keisei(capsys, "migrate", "old", "--to", "old/config.toml", *changes, "--run-dir", "new")

    assert code == 0
    assert "of the same network and planes" in out
    for name in ("weights.safetensors", "optimizer.safetensors", "rank-0.safetensors", "rank-0.json"):
        assert (newest(old) / name).read_bytes() == (newest(Path("new")) / name).read_bytes()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("selfplay.games=4", "[selfplay] games 8 -> 4"),
        ("selfplay.max_plies=50", "[selfplay] max_plies 40 -> 50"),
        ("run.seed=3", "[run] seed 0 -> 3"),
    ],
)
def test_games_start_anew_where_they_are_other_games(old, capsys, change, why):
    words = ["--set", change, "--set", "run.plies=512", "--migrate", "--run-dir", "new"]

    code, _, err = keisei(capsys, "resume", "old", *words)

    assert code == 0, err
    assert f"games in progress and random streams start anew: {why}" in err
    assert '"update": 5' in Path("new/metrics.jsonl").read_text() or "games" in change


def test_games_start_anew_for_planes_that_need_their_past_and_go_on_without_it(old, capsys):
    words = ["--set", "run.plies=320", "--set", 'input.features="core46+history"', "--migrate", "--run-dir", "new"]
    code, _, err = keisei(capsys, "resume", "old", *words)
    assert code == 0, err
    assert "start anew: the run needs 7 earlier positions, not 0" in err

    words = ["--set", "run.plies=384", "--set", 'input.features="core46"', "--migrate", "--run-dir", "back"]
    code, _, err = keisei(capsys, "resume", "new", *words)
    assert code == 0, err
    assert "games in progress and random streams go on" in err


def test_games_start_anew_for_a_teacher_that_needs_their_past(old, capsys, monkeypatch):
    monkeypatch.setattr("keisei_plugins_teachers.tactics.Tactics.needs", Needs(history=3), raising=False)
    words = ["--set", "run.plies=320", "--set", 'teaching.teachers=["tactics"]', "--migrate", "--run-dir", "new"]

    code, _, err = keisei(capsys, "resume", "old", *words)

    assert code == 0, err
    assert "start anew: the run needs 3 earlier positions, not 0" in err


def test_updates_are_counted_in_the_new_size(old, capsys):
    words = ["migrate", "old", "--to", "old/config.toml", "--set", "selfplay.rollout_plies=16", "--run-dir", "new"]

    assert keisei(capsys, *words)[0] == 0

    counters = read_checkpoint(newest(Path("new"))).state["counters"]
    assert (counters["update"], counters["plies"]) == (2, 256)
    assert newest(Path("new")).name == "update-000002"


def test_all_games_start_anew_where_that_is_wished(old, capsys):
    words = ["migrate", "old", "--to", "old/config.toml", "--run-dir", "new"]

    assert "start anew" in keisei(capsys, *words, "--new-games")[1]

    assert read_checkpoint(newest(Path("new"))).ranks == ()
    assert keisei(capsys, "resume", "new")[0] == 0


def test_checkpoint_with_games_of_another_number_does_not_fit(old, capsys):
    folder = newest(old)
    checkpoint = read_checkpoint(folder)
    write_checkpoint(folder, attrs.evolve(checkpoint, ranks=checkpoint.ranks * 2))

    code, _, err = keisei(capsys, "resume", "old")

    assert code == 4
    assert "must be uint8 [8, 81], got uint8 [16, 81]; load it into as many games" in err


@pytest.mark.parametrize(
    "words", [["migrate", "old", "--to", "old/config.toml"], ["run", "old/config.toml", "--from", "old"]]
)
def test_one_process_of_several_migrates_nothing(old, capsys, monkeypatch, words):
    monkeypatch.setenv("WORLD_SIZE", "2")

    code, _, err = keisei(capsys, *words, "--run-dir", "new")

    assert code == 2
    assert "migrated by one process, got 2; type `keisei migrate` in one first" in err
    assert not Path("new").exists()


def test_folder_that_could_not_be_filled_is_no_run(old, capsys, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("keisei_core.succession.heir.CheckpointStore.save", fail)

    code, _, err = keisei(capsys, "migrate", "old", "--to", "old/config.toml", *NETWORK, "--run-dir", "new")

    assert code == 7
    assert "No space left on device" in err
    assert not Path("new/config.toml").exists()


def test_edited_config_is_refused_with_what_to_type_and_that_works(old, capsys):
    config = old / "config.toml"
    config.write_text(config.read_text().replace("tower_width = 8", "tower_width = 16"))

    code, _, err = keisei(capsys, "resume", "old")

    assert code == 4
    assert "update-000004: does not fit the config of its run: model.tower_width 8 -> 16; type: keisei migrate" in err
    typed = shlex.split(err.partition("type: keisei ")[2].partition(", or")[0])
    assert keisei(capsys, *typed, "--run-dir", "new")[0] == 0
    assert keisei(capsys, "resume", "new")[0] == 0
    typed = shlex.split(err.partition("or: keisei ")[2])
    assert keisei(capsys, *typed, "--run-dir", "newer")[0] == 0


def test_run_from_another_network_is_refused_with_what_to_type_and_leaves_nothing(old, capsys):
    shutil.copy("old/config.toml", "wide.toml")

    code, _, err = keisei(capsys, "run", "wide.toml", "--tower-width", "16", "--from", "old", "--run-dir", "new")

    assert code == 4
    assert "has to be migrated to what the config asks for (model.tower_width 8 -> 16)" in err
    assert "type: keisei migrate old --to wide.toml --set model.tower_width=16, or add --migrate" in err
    assert not Path("new").exists()


def test_run_from_the_same_network_needs_no_migration(old, capsys):
    words = ["--from", str(newest(old)), "--set", "run.plies=512", "--run-dir", "new"]

    assert keisei(capsys, "run", "old/config.toml", *words)[0] == 0

    assert read_checkpoint(newest(Path("new"))).state["counters"]["update"] == 8


@pytest.mark.parametrize("is_migrating", [True, False])
def test_other_model_is_refused_with_reason_and_what_can_be_done(old, capsys, is_migrating):
    words = ["run", "old/config.toml", "--model", "baseline", "--from", "old", *(["--migrate"] if is_migrating else [])]

    code, _, err = keisei(capsys, *words)

    assert code == 4
    assert "can't be brought to what the config asks for (model resnet -> baseline)" in err
    assert 'teachers = ["distill"]' in err
    assert 'or keep [model] name = "resnet"' in err


def test_run_folder_that_is_taken_is_refused_before_anything_is_done(old, capsys):
    code, _, err = keisei(capsys, "migrate", "old", "--to", "old/config.toml", "--run-dir", "old")

    assert code == 2
    assert "exists already and is never written over" in err


def test_damaged_newest_checkpoint_is_passed_over(old, capsys):
    good = newest(old).with_name("update-000002")
    (newest(old) / "weights.safetensors").write_bytes(b"nothing")

    code, out, err = keisei(capsys, "migrate", "old", "--to", "old/config.toml", "--dry-run")

    assert code == 0
    assert out.startswith(f"{good}, of the same network")
    assert "update-000002 is taken instead" in err


@pytest.mark.parametrize("what", ["old/config.toml", "nowhere", "old/checkpoints/update-000009"])
def test_what_is_no_checkpoint_exits_4(old, capsys, what):
    code, _, err = keisei(capsys, "migrate", what, "--to", "old/config.toml", "--dry-run")

    assert code == 4
    assert err.startswith(f"keisei: error: {what}: expected a checkpoint")


def as_format_1(folder: Path) -> None:
    """Rewrites a checkpoint as the first format had it: one process, no files of its own."""
    checkpoint = read_checkpoint(folder)
    (own,) = checkpoint.ranks
    games = {name.removeprefix("source."): array for name, array in own.arrays.items()}
    blobs = serialized(attrs.evolve(checkpoint, pool={}, ranks=(attrs.evolve(own, arrays=games),)))
    source, config = own.state["source"], checkpoint.state["config"]
    random = own.state["random"] | {"act": source["stream"]}
    state = checkpoint.state | {"random": random, "records": source["records"], "config": config}
    for later in ("best", "pool_updates"):
        del state[later]
    config["ppo"] = {
        key: config[table][name] for key, (table, name) in MOVED_FROM_PPO.items() if name in config.get(table, {})
    }
    for later in ("decider", "algorithm", "optimizer", "learning", "teaching", "value"):
        del config[later]
    for later in ("pool_share", "pool_size", "pool_every_updates", "midgame_share", "midgame_plies"):
        del state["config"]["selfplay"][later]
    games = blobs.pop("rank-0.safetensors")
    (folder / "rank-0.safetensors").unlink()
    (folder / "rank-0.json").unlink()
    del blobs["rank-0.json"]
    blobs |= {"games.safetensors": games, "state.json": json.dumps(state).encode()}
    records = {name: FileRecord.of(blob) for name, blob in blobs.items()}
    files = {name: {"sha256": record.sha256, "bytes": record.num_bytes} for name, record in records.items()}
    for name, blob in (*blobs.items(), ("manifest.json", json.dumps({"format": 1, "files": files}).encode())):
        (folder / name).write_bytes(blob)


def test_first_format_goes_on_as_it_would_have(old, capsys, tiny):
    shutil.copytree(old, "same")
    for folder in (old / "checkpoints").iterdir():
        as_format_1(folder)
    code, _, err = keisei(capsys, "resume", "old")
    assert code == 4
    assert "expected checkpoint format 3, got 1" in err
    assert f"keisei migrate {old.absolute()}/checkpoints/update-000004 --to CONFIG" in err

    words = ["migrate", "old", "--to", "old/config.toml", "--set", "selfplay.pool_share=0.0", "--run-dir", "new"]
    words += ["--set", "selfplay.pool_size=8"]
    code, out, _ = keisei(capsys, *words)

    assert code == 0
    assert "format 1 -> 2" in out
    assert "games in progress and random streams go on" in out
    before, after = read_checkpoint(newest(Path("same"))), read_checkpoint(newest(Path("new")))
    assert serialized(before)["weights.safetensors"] == serialized(after)["weights.safetensors"]
    own, was = after.ranks[0].state, before.ranks[0].state
    assert own["starts"].keys() == was["starts"].keys()  # a stream that old formats did not have
    del was["source"]["resignations"]  # which old formats did not have either
    assert own | {"starts": None} == was | {"starts": None, "source": was["source"] | {"pool": None}}
    assert all((before.ranks[0].arrays[name] == array).all() for name, array in after.ranks[0].arrays.items())
    assert keisei(capsys, "resume", "new")[0] == 0


def test_file_of_weights_alone_starts_a_run(old, capsys):
    shutil.copy(newest(old) / "weights.safetensors", "bare.safetensors")

    words = ["migrate", "bare.safetensors", "--to", "old/config.toml", "--input-features", "core46+last2ply+check"]
    code, out, _ = keisei(capsys, *words, "--run-dir", "new")

    assert code == 0
    assert "50 planes have no names" in out
    assert "not compared with the original" in out
    checkpoint = read_checkpoint(newest(Path("new")))
    assert checkpoint.weights["stem.0.0.weight"].shape == (8, 51, 3, 3)
    assert checkpoint.state["counters"]["update"] == 0
    assert keisei(capsys, "resume", "new")[0] == 0


def test_exported_network_starts_a_run(old, capsys):
    assert keisei(capsys, "export", "old", "mine", "--dtype", "fp32")[0] == 0

    words = ["migrate", "mine", "--to", "old/config.toml", *NETWORK, "--run-dir", "new", "--json"]
    code, out, said = keisei(capsys, *words)

    assert code == 0, said
    report = json.loads(out)
    assert [step["migrator"] for step in report["steps"]] == ["format", "widen", "deepen", "planes"]
    assert report["fidelity"]["logits"] < 1e-5
    assert read_checkpoint(newest(Path("new"))).state["counters"]["update"] == 0
    assert keisei(capsys, "resume", "new")[0] == 0


def test_planes_that_are_not_installed_any_more_can_be_dropped(old, capsys):
    folder = newest(old)
    checkpoint = read_checkpoint(folder)
    checkpoint.state["channels"][-1]["name"] = "gone"
    checkpoint.state["config"]["input"]["features"] = "core46+lost"
    write_checkpoint(folder, checkpoint)

    words = ["migrate", str(folder), "--to", "old/config.toml", "--input-features", "core46", "--run-dir", "new"]
    code, out, _ = keisei(capsys, *words)

    assert code == 0
    assert "drop last_origin, last_destination, previous_origin, gone" in out
    assert "not compared with the original" in out
    assert "unknown feature planes 'lost'" in out
    assert keisei(capsys, "resume", "new")[0] == 0


def test_migrator_that_breaks_the_function_is_found_out(old, capsys, monkeypatch):
    from keisei_plugins_migrators import deepen

    def noisy(old, new):
        return {name: tensor for name, tensor in new.weights.items() if name not in old.weights}

    monkeypatch.setattr(deepen, "_appended", noisy)

    words = ["migrate", "old", "--to", "old/config.toml", "--tower-depth", "2", "--run-dir", "new"]
    code, _, err = keisei(capsys, *words)

    assert code == 4
    assert "does not keep its function" in err
    assert "a fault of the migrators deepen" in err
    assert not Path("new").exists()


def test_pickle_is_no_checkpoint(old, capsys):
    torch.save({"weights": torch.zeros(1)}, "evil.safetensors")

    code, _, err = keisei(capsys, "migrate", "evil.safetensors", "--to", "old/config.toml")

    assert code == 4
    assert "evil.safetensors: expected safetensors" in err


def test_earlier_opponents_come_along(old, capsys):
    before = read_checkpoint(newest(old))

    assert keisei(capsys, "migrate", "old", "--to", "old/config.toml", *NETWORK, "--run-dir", "new")[0] == 0

    after = read_checkpoint(newest(Path("new")))
    assert after.state["pool_updates"] == before.state["pool_updates"]
    assert {key.partition(":")[0] for key in after.pool} == {"0", "1", "2"}
    for key, tensor in after.pool.items():
        assert tensor.shape == after.weights[key.partition(":")[2]].shape


def test_average_of_the_weights_comes_along_or_begins_anew(old, capsys):
    words = ("migrate", "old", "--to", "old/config.toml", *NETWORK)
    before = read_checkpoint(newest(old))

    assert keisei(capsys, *words, "--run-dir", "new")[0] == 0
    assert keisei(capsys, *words, "--set", "learning.averaging=0.0", "--run-dir", "plain")[0] == 0

    after = read_checkpoint(newest(Path("new")))
    assert {name: tensor.shape for name, tensor in after.average.items()} == {
        name: tensor.shape for name, tensor in after.weights.items()
    }
    assert torch.equal(after.average["policy.bias"], before.average["policy.bias"])
    assert not torch.equal(after.average["policy.bias"], after.weights["policy.bias"])
    assert read_checkpoint(newest(Path("plain"))).average == {}


def test_smaller_pool_takes_the_newest_opponents_with_other_games(old, capsys):
    words = ["--set", "selfplay.pool_size=1", "--set", "run.plies=512", "--migrate", "--run-dir", "new"]
    before = read_checkpoint(newest(old))

    assert keisei(capsys, "migrate", "old", "--to", "old/config.toml", *words[:2], "--run-dir", "small")[0] == 0

    after = read_checkpoint(newest(Path("small")))
    newest_slot = before.state["pool_updates"].index(max(before.state["pool_updates"]))
    assert after.state["pool_updates"] == [max(before.state["pool_updates"])]
    assert torch.equal(after.pool["0:policy.bias"], before.pool[f"{newest_slot}:policy.bias"])
    assert keisei(capsys, "resume", "old", *words)[0] == 0


def test_checkpoint_whose_state_says_nothing_is_refused(old, capsys):
    folder = newest(old)
    checkpoint = read_checkpoint(folder)
    del checkpoint.state["plugins"]
    write_checkpoint(folder, checkpoint)

    code, _, err = keisei(capsys, "migrate", str(folder), "--to", "old/config.toml")

    assert code == 4
    assert "expected a checkpoint" in err


@pytest.mark.parametrize(
    ("name", "blob"),
    [
        ("rank-0.safetensors", b"no tensors"),
        ("pool.safetensors", b"no tensors"),
        ("state.json", None),
        ("rank-0.json", None),
    ],
)
def test_checkpoint_whose_files_hold_something_else_is_refused_in_one_line(old, capsys, name, blob):
    folder = newest(old)
    manifest = json.loads((folder / "manifest.json").read_text())
    if name == "state.json":
        blob = json.dumps(json.loads((folder / name).read_text()) | {"counters": {"moves": 3}}).encode()
    if blob is None:
        del manifest["files"][name]
    else:
        (folder / name).write_bytes(blob)
        record = FileRecord.of(blob)
        manifest["files"][name] = {"bytes": record.num_bytes, "sha256": record.sha256}
    (folder / "manifest.json").write_text(json.dumps(manifest))

    code, _, err = keisei(capsys, "migrate", str(folder), "--to", "old/config.toml", "--run-dir", "new")

    assert code == 4
    assert err.startswith(f"keisei: error: {folder}: holds what is not a checkpoint (")
    assert err.count("\n") == 1
    assert not Path("new").exists()


def test_state_of_another_policy_behind_the_same_name_starts_anew(tiny):
    settings = tiny(precision__name="fp16")
    made_by = {"kind": "precision", "name": "fp16", "distribution": "keisei-plugins-amp", "version": "0.1.0"}
    old_state = {"plugins": [made_by], "precision": {"scale": 8.0, "growth_tracker": 3}}

    kept, told = _precision(old_state, settings)
    fresh, why = _precision(old_state | {"precision": {}}, settings)

    assert (kept, told) == (old_state["precision"], "")
    assert (fresh["scale"], why) == (
        65_536.0,
        "precision keisei-plugins-amp:fp16 -> keisei-plugins-amp:fp16: its state starts anew",
    )


def test_state_of_a_precision_is_made_where_the_run_computes(tiny, monkeypatch):
    gpu = torch.device("cuda")
    monkeypatch.setattr("keisei_core.succession.successor.choose_device", lambda table: gpu)
    settings = tiny()
    seen = []
    policy = SimpleNamespace(state_dict=dict)
    choice = SimpleNamespace(reference="mixed", build=lambda device: seen.append(device) or policy)

    _precision({}, SimpleNamespace(precision=choice, run=settings.run))

    assert seen == [gpu]


def test_new_folder_tells_where_it_came_from(old, capsys):
    keisei(capsys, "migrate", "old", "--to", "old/config.toml", *NETWORK, "--run-dir", "new")

    assert json.loads(Path("new/migration.json").read_text())["source"] == "old/checkpoints/update-000004"
    assert Path("new/environment.json").is_file()
    planes = "keisei-plugins-features:core46+keisei-plugins-features:check"
    assert f'features = "{planes}"' in Path("new/config.toml").read_text()
