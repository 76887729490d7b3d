"""Networks brought back from disk play as they did when they were saved."""

import json
from pathlib import Path

import attrs
import pytest
import torch

from keisei_core.arena import export
from keisei_core.arena.export import export_network
from keisei_core.arena.trained_network import find_network
from keisei_core.checkpoint import CheckpointStore, read_checkpoint, write_checkpoint
from keisei_core.errors import CheckpointError, ConfigError, PluginError
from keisei_core.plugins import load_registry
from keisei_core.shogi import Games

CPU = torch.device("cpu")


def outputs(evaluator):
    games = Games(8, seed=3)
    for _ in range(6):
        games.step(games.sample())
    return evaluator.raw(games.positions)


def differ(one, other) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(outputs(one), outputs(other), strict=True))


def test_network_of_a_run_is_that_of_its_checkpoint(run_folder, training):
    for path in (run_folder, run_folder / "checkpoints" / "update-000001"):
        network = find_network(path)
        assert network.path.name == "update-000001"
        assert differ(network.evaluator(load_registry(), CPU), training.evaluator) == 0


def test_network_does_without_what_its_run_played_learned_and_tracked_by(run_folder, training):
    network = find_network(run_folder)
    config = dict(network.state["config"])
    for table, keys in {
        "selfplay": {"games": 9_999, "starts": ["gone-start"]},
        "learning": {"minibatch": 99_999},
        "tracking": {"trackers": ["gone-tracker"], "sample_games": 9_999},
    }.items():
        config[table] = config[table] | keys
    strange = attrs.evolve(network, state={**network.state, "config": config})

    assert differ(strange.evaluator(load_registry(), CPU), training.evaluator) == 0


def test_newest_good_checkpoint_of_a_run_is_taken(run_folder, training):
    newest = CheckpointStore(run_folder / "checkpoints", keep=3).save(2, training.checkpoint())
    weights = newest / "weights.safetensors"
    assert find_network(run_folder).path == newest

    weights.write_bytes(weights.read_bytes()[:-1] + b"\0\0")
    problems = []
    assert find_network(run_folder, problems.append).path.name == "update-000001"
    assert "update-000002" in problems[0]


@pytest.fixture
def run_with_a_best(run_folder, training) -> Path:
    """A run of two checkpoints, the first of which is the best."""
    store = CheckpointStore(run_folder / "checkpoints", keep=3)
    checkpoint = training.checkpoint()
    checkpoint.state["best"] = {"update": 1, "score": 0.6, "opponent": "random", "figure": "score"}
    weights = {name: tensor + 1 for name, tensor in checkpoint.weights.items()}
    store.save(2, attrs.evolve(checkpoint, weights=weights))
    return run_folder


def test_best_of_a_run_is_the_checkpoint_that_its_newest_one_names(run_with_a_best):
    best, newest = find_network(Path(f"{run_with_a_best}:best")), find_network(run_with_a_best)

    assert (best.path.name, newest.path.name) == ("update-000001", "update-000002")
    assert best.digest != newest.digest


def test_best_of_a_run_is_a_player_and_is_exported(run_with_a_best, keisei, tmp_path):
    text = f"{run_with_a_best}:best"
    code, out, _ = keisei("match", f"{text},temperature=1", text, "--games", 2, "--max-plies", 20, "--device", "cpu")
    assert code == 0
    assert out.splitlines()[0].startswith(f"first    {run_with_a_best}/checkpoints/update-000001:temperature=1.0 @")
    assert keisei("export", text, tmp_path / "out", "--dtype", "fp32")[0] == 0

    assert find_network(tmp_path / "out").digest == find_network(Path(text)).digest


def test_path_that_ends_like_the_best_is_a_path_where_it_is_one(run_folder):
    other = run_folder.rename(f"{run_folder}:best")

    assert find_network(other).path.name == "update-000001"


def test_best_is_asked_of_what_has_none(run_folder, tmp_path):
    with pytest.raises(CheckpointError, match=r"has no best network; .* without :best the newest plays"):
        find_network(Path(f"{run_folder}:best"))
    with pytest.raises(CheckpointError, match="expected a run folder in front of :best"):
        find_network(Path(f"{run_folder}/checkpoints/update-000001:best"))
    with pytest.raises(CheckpointError, match="expected a run folder in front of :best"):
        find_network(tmp_path / "nowhere:best")


def test_exported_network_plays_alike(run_folder, training, tmp_path):
    network = find_network(run_folder)
    for name, dtype in (("full", torch.float32), ("half", torch.bfloat16)):
        export_network(network, tmp_path / name, dtype)
    full, half = find_network(tmp_path / "full"), find_network(tmp_path / "half")

    assert differ(full.evaluator(load_registry(), CPU), training.evaluator) == 0
    assert 0 < differ(half.evaluator(load_registry(), CPU), training.evaluator) < 0.02
    assert full.digest == network.digest != half.digest
    sizes = [(tmp_path / name / "weights.safetensors").stat().st_size for name in ("full", "half")]
    assert sizes[1] < 0.6 * sizes[0]


@pytest.mark.parametrize("name", ["new", "new/deep", "empty", "linked"])
def test_export_goes_into_a_new_or_empty_folder(run_folder, tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "target").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "target")

    export_network(find_network(run_folder), tmp_path / name)

    assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["network.json", "weights.safetensors"]
    assert find_network(tmp_path / name).weights


def test_export_goes_into_the_empty_working_folder(run_folder, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    network = find_network(run_folder)
    monkeypatch.chdir(tmp_path / "here")

    export_network(network, Path("."))

    assert sorted(path.name for path in Path().iterdir()) == ["network.json", "weights.safetensors"]


@pytest.mark.parametrize("name", ["new", "empty"])
@pytest.mark.parametrize(("which", "error"), [(0, OSError(28, "No space left on device")), (1, KeyboardInterrupt())])
def test_export_that_breaks_off_leaves_nothing(run_folder, tmp_path, monkeypatch, name, which, error):
    (tmp_path / "empty").mkdir()
    network, calls = find_network(run_folder), []

    def write(path, blob):
        calls.append(path)
        if len(calls) > which:
            raise error
        path.write_bytes(blob)

    monkeypatch.setattr(export, "write_durably", write)

    with pytest.raises((ConfigError, KeyboardInterrupt), match=r"^$|can't be written: No space left .*; nothing was"):
        export_network(network, tmp_path / name)
    assert list((tmp_path / "empty").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"run", "empty"}


def test_place_that_cannot_be_written_is_told_without_a_traceback(keisei, run_folder):
    code, _, err = keisei("export", run_folder, "/proc/nope/e")

    assert code == 2
    assert err == "keisei: error: /proc/nope/e: can't be written: No such file or directory; nothing was exported\n"


def test_export_is_never_written_over(run_folder, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()

    with pytest.raises(CheckpointError, match="never written over"):
        export_network(find_network(run_folder), tmp_path / "taken")


def test_exported_network_may_be_exported_again(run_folder, tmp_path):
    export_network(find_network(run_folder), tmp_path / "one")
    export_network(find_network(tmp_path / "one"), tmp_path / "two")

    assert find_network(tmp_path / "one").digest == find_network(tmp_path / "two").digest


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda folder: (folder / "weights.safetensors").write_bytes(b"?"), "differs from its SHA-256"),
        (lambda folder: (folder / "network.json").write_text("{"), "is not an exported network"),
        (lambda folder: (folder / "network.json").write_text('{"format": 99}'), "export format 2 or older, got 99"),
        (lambda folder: (folder / "weights.safetensors").unlink(), "is not an exported network"),
    ],
)
def test_damaged_export_is_refused(run_folder, tmp_path, spoil, complaint):
    export_network(find_network(run_folder), tmp_path / "out")
    spoil(tmp_path / "out")

    with pytest.raises(CheckpointError, match=complaint):
        find_network(tmp_path / "out")


def test_network_whose_plugin_is_gone_says_what_to_install(run_folder):
    network = find_network(run_folder)
    network.state["config"]["model"] = {"name": "gone"}
    network.state["plugins"].append(
        {"kind": "model", "name": "gone", "distribution": "keisei-plugins-gone", "version": "1.2.3"}
    )

    with pytest.raises(PluginError, match=r"made with keisei-plugins-gone 1.2.3 .*pip install keisei-plugins-gone=="):
        network.evaluator(load_registry(), CPU)


def test_network_over_other_planes_is_refused(run_folder, tmp_path):
    export_network(find_network(run_folder), tmp_path / "out")
    described = json.loads((tmp_path / "out" / "network.json").read_text())
    described["channels"].pop()
    (tmp_path / "out" / "network.json").write_text(json.dumps(described))

    with pytest.raises(CheckpointError, match="was trained on the planes"):
        find_network(tmp_path / "out").evaluator(load_registry(), CPU)


@pytest.mark.parametrize(("name", "complaint"), [("nothing", "got nothing there"), ("file", "got a file")])
def test_path_without_a_network_is_refused(tmp_path, name, complaint):
    (tmp_path / "file").touch()

    with pytest.raises(CheckpointError, match=complaint):
        find_network(tmp_path / name)


@pytest.mark.parametrize(("key", "reason"), [("config", "tells no config"), ("channels", "tells no channels")])
def test_checkpoint_that_verifies_but_does_not_describe_its_network_is_refused(run_folder, tmp_path, key, reason):
    checkpoint = read_checkpoint(find_network(run_folder).path)
    state = {name: value for name, value in checkpoint.state.items() if name != key}
    write_checkpoint(tmp_path / "odd", attrs.evolve(checkpoint, state=state))

    with pytest.raises(CheckpointError, match=reason):
        find_network(tmp_path / "odd")
