"""Every command that takes a checkpoint refuses a damaged or wrong one: exit 4, one line, file, reason, remedy."""

import pickle

import pytest

from keisei_core.cli import main

COMMANDS = {
    "match": ("match", "{checkpoint}", "random", "--games", "2"),
    "match as opponent": ("match", "random", "{checkpoint}", "--games", "2"),
    "ladder": ("ladder", "{checkpoint}", "--store", "{new}.jsonl"),
    "export": ("export", "{checkpoint}", "{new}"),
    "benchmark": ("benchmark", "{checkpoint}"),
    "migrate": ("migrate", "{checkpoint}", "--to", "{config}", "--run-dir", "{new}"),
    "run --from": ("run", "{config}", "--from", "{checkpoint}", "--run-dir", "{new}"),
}


def cut(checkpoint):
    path = checkpoint / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    return checkpoint, path


def flipped(checkpoint):
    path = checkpoint / "state.json"
    blob = bytearray(path.read_bytes())
    blob[len(blob) // 2] ^= 1
    path.write_bytes(blob)
    return checkpoint, path


def without_manifest(checkpoint):
    (checkpoint / "manifest.json").unlink()
    return checkpoint, checkpoint


def pickled(checkpoint):
    path = checkpoint.parent / "model.pt"
    path.write_bytes(pickle.dumps({"weights": [1.0]}))
    return path, path


@pytest.mark.parametrize("damage", [cut, flipped, without_manifest, pickled], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("command", COMMANDS)
def test_damaged_checkpoint_given_to_a_command_ends_with_4(run, tmp_path, capfd, command, damage, request, found):
    if damage is not cut:
        request.getfixturevalue("only_in_full")
    given, named = damage(run / "checkpoints" / "update-000004")
    new = tmp_path / "new"
    words = [word.format(checkpoint=given, config=run / "config.toml", new=new) for word in COMMANDS[command]]

    code = main(words)

    said = [line for line in capfd.readouterr().err.splitlines() if "error" in line.lower()]
    assert code == 4, said
    assert len(said) == 1, said
    assert said[0].startswith(f"keisei: error: {named}: ")
    assert "; " in said[0], said
    assert not new.exists()
    found(f"`keisei {command}` given a checkpoint: {damage.__name__.replace('_', ' ')}", "exit 4 in one line")
