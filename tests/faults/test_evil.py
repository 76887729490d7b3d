"""Checkpoints made to run code when they are loaded: they never do."""

import ast
import json
import pickle
import zipfile
from pathlib import Path

import pytest
import safetensors.numpy

import keisei_core
from keisei_core.checkpoint import read_checkpoint
from keisei_core.checkpoint.manifest import MANIFEST, FileRecord
from keisei_core.cli import main
from keisei_core.errors import CheckpointError

FILES = ("weights.safetensors", "optimizer.safetensors", "state.json", "rank-0.safetensors", "rank-0.json")
MORE = ("pool.safetensors", "data.pkl", "weights.pt", "state.pickle")
LOADERS = {"pickle", "cPickle", "dill", "shelve", "marshal", "joblib", "cloudpickle"}


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return (open, (str(self.path), "w"))


def payloads(trace: Path, folder: Path) -> dict[str, bytes]:
    """A pickle as such, and within the archive that torch.load opens."""
    archive = folder / "archive"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("archive/data.pkl", pickle.dumps(Evil(trace), protocol=2))
        zipped.writestr("archive/version", "3\n")
    return {"pickle": pickle.dumps(Evil(trace)), "torch archive": archive.read_bytes()}


def put(folder: Path, name: str, blob: bytes) -> None:
    """Puts a file into a checkpoint with the manifest as its writer would have made it."""
    (folder / name).write_bytes(blob)
    manifest = json.loads((folder / MANIFEST).read_text())
    record = FileRecord.of(blob)
    manifest["files"][name] = {"bytes": record.num_bytes, "sha256": record.sha256}
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("name", [*FILES, *MORE])
def test_evil_pickle_under_any_name_is_refused_and_never_runs(run, tmp_path, name, found):
    trace, folder = tmp_path / "ran", run / "checkpoints" / "update-000004"
    for kind, blob in payloads(trace, tmp_path).items():
        put(folder, name, blob)

        with pytest.raises(CheckpointError) as caught:
            read_checkpoint(folder)

        assert not trace.exists()
        assert "weights_only" not in str(caught.value)
        found(f"{kind} as {name}, with a fitting SHA-256", "refused, did not run")


def test_evil_manifest_is_refused_and_never_runs(run, tmp_path, found):
    trace, folder = tmp_path / "ran", run / "checkpoints" / "update-000004"
    for kind, blob in payloads(trace, tmp_path).items():
        (folder / MANIFEST).write_bytes(blob)

        with pytest.raises(CheckpointError, match="is damaged"):
            read_checkpoint(folder)

        assert not trace.exists()
        found(f"{kind} as {MANIFEST}", "refused, did not run")


def test_resume_with_an_evil_checkpoint_takes_an_older_one(run, tmp_path, capfd):
    trace = tmp_path / "ran"
    put(run / "checkpoints" / "update-000004", "weights.safetensors", payloads(trace, tmp_path)["pickle"])

    assert main(["resume", str(run)]) == 0

    assert "update-000004 holds what is not a checkpoint" in capfd.readouterr().err
    assert not trace.exists()


def test_evil_file_in_place_of_a_folder_is_refused_and_never_runs(tmp_path):
    trace, path = tmp_path / "ran", tmp_path / "model.pt"
    path.write_bytes(payloads(trace, tmp_path)["torch archive"])

    with pytest.raises(CheckpointError, match=r"expected a checkpoint folder, got a file; .* never opened"):
        read_checkpoint(path)
    assert not trace.exists()


def test_evil_pickle_runs_where_it_is_unpickled(tmp_path, found):
    """The control: the payload works."""
    trace = tmp_path / "ran"

    pickle.loads(payloads(trace, tmp_path)["pickle"]).close()

    assert trace.exists()
    found("control: the same pickle given to pickle.loads", "ran")


@pytest.mark.parametrize(
    "name", ["../outside.json", "/etc/hostname", "rank-0/../x.json", "Weights.safetensors", "weights.safetensors\x00"]
)
def test_file_name_that_leads_elsewhere_is_refused(run, name):
    folder = run / "checkpoints" / "update-000004"
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name] = manifest["files"].pop("state.json")
    (folder / MANIFEST).write_text(json.dumps(manifest))

    with pytest.raises(CheckpointError, match="expected file names such as"):
        read_checkpoint(folder)


@pytest.mark.parametrize(
    "blob",
    [
        b"[" * 100_000,
        b'{"x": NaN}',
        b"[]",
        b"1" * 10_000,
        b"\xff\xfe",
        b'{"x": "' + b"\\ud800" * 3,
    ],
)
def test_hostile_json_is_refused(run, blob):
    folder = run / "checkpoints" / "update-000004"
    put(folder, "state.json", blob)

    with pytest.raises(CheckpointError, match="holds what is not a checkpoint"):
        read_checkpoint(folder)


def test_small_file_that_declares_a_huge_tensor_is_refused(run):
    folder = run / "checkpoints" / "update-000004"
    header = json.dumps({"w": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    put(folder, "weights.safetensors", len(header).to_bytes(8, "little") + header)

    with pytest.raises(CheckpointError, match="holds what is not a checkpoint"):
        read_checkpoint(folder)


def test_games_that_would_write_beside_an_array_are_refused(run, capfd, found):
    folder = run / "checkpoints" / "update-000004"
    games = safetensors.numpy.load((folder / "rank-0.safetensors").read_bytes())
    games["source.first_ply"][:] = 2**15
    put(folder, "rank-0.safetensors", safetensors.numpy.save(games))

    assert main(["resume", str(run)]) == 4

    said = capfd.readouterr().err.splitlines()[-1]
    assert f"{folder}: " in said
    assert "expected games in progress, got numbers of plies that no game has" in said
    found("a game that began 32,768 plies in, with a fitting SHA-256", "exit 4, no kernel saw it")


def test_core_imports_nothing_that_unpickles():
    root = Path(keisei_core.__file__).parent
    for path in root.rglob("*.py"):
        if any(path.is_relative_to(root / area) for area in ("testing", "launching")):
            continue  # these hand work to processes that they start themselves
        for node in ast.walk(ast.parse(path.read_text())):
            names = {alias.name.split(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0]}
            assert not names & LOADERS, path
            is_loading = isinstance(node, ast.Attribute) and node.attr == "load" and isinstance(node.value, ast.Name)
            assert not (is_loading and node.value.id in {"torch", "np", "numpy"}), path
