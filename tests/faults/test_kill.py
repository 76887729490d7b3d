"""SIGKILL at any instant: the run resumes from a whole checkpoint, loses one interval at most, stays the same run."""

import shutil
import time

NAIVE = """
import shutil, time
from keisei_core.checkpoint import manifest, serial, store

def in_place(folder, checkpoint):
    for path in folder.parent.glob('update-*'):
        shutil.rmtree(path)
    folder.mkdir()
    blobs = serial.serialized(checkpoint)
    blobs[manifest.MANIFEST] = manifest.Manifest.of(blobs).to_bytes()
    for name, blob in blobs.items():
        (folder / name).write_bytes(blob)
        time.sleep(0.05)

store.write_checkpoint = in_place
"""
"""Makes a process write a checkpoint where the last one stands, without renaming."""


def test_run_killed_at_random_instants_always_resumes_as_the_same_run(place, rng, times, found):
    num_kills, furthest, begun_again = times(2, 30), 0, 0
    seen: dict[int, object] = {}
    config = place.config(match_every=7, keep=2)
    for number in range(num_kills):
        begun = (place.folder / "r" / "config.toml").exists()
        process = place.start(*(("resume", "r") if begun else ("run", config, "--run-dir", "r")))
        logged = place.num_updates()
        if number % 3:  # else in the start as well
            place.wait_for(lambda logged=logged: place.num_updates() not in (0, logged), process)
        time.sleep(rng.uniform(0, 3 if number % 3 else 8))
        assert process.poll() is None, place.said(process)
        process.kill()
        process.wait(timeout=60)
        if not (place.folder / "r" / "checkpoints" / "update-000000").exists() and not place.num_updates():
            begun_again += 1
            continue
        # Every update is saved: one interval is one update.
        assert place.newest() >= max(furthest, place.num_updates() - 1)
        furthest = place.newest()
        seen |= place.digests()

    process = place.start("resume", "r")
    place.wait_for(lambda: place.newest() > furthest, process)
    assert f"from update-{furthest:06d}" in place.said(process)
    process.kill()
    whole = place.begin("whole", after=furthest, match_every=7, keep=100_000)
    whole.kill()
    whole.wait(timeout=60)
    reference = place.digests("whole")
    compared = [update for update in seen if update in reference]
    assert compared
    assert all(seen[update] == reference[update] for update in compared)
    found(
        f"{num_kills} times SIGKILL, after 0 to 8 s of a process's life, then `keisei resume`",
        f"always resumed, never more than one update lost, {begun_again} times before the first checkpoint; "
        f"{len(compared)} checkpoints up to update {furthest} equal to those of a run never killed, by SHA-256",
    )


def test_run_that_plays_ahead_goes_on_as_the_same_run_after_a_kill(place, rng, times, found):
    ahead = {"lag": 2, "keep": 100_000}
    process, num_kills, last = place.begin(**ahead), times(1, 10), 0
    for _ in range(num_kills):
        time.sleep(rng.uniform(0, 1))
        process.kill()
        process.wait(timeout=60)
        last = place.newest()
        process = place.start("resume", "r")
        place.wait_for(lambda last=last: place.newest() > last + 2, process)  # what was held is learned from by then
    process.kill()
    process.wait(timeout=60)
    seen = place.digests()
    place.begin("whole", after=last + 3, **ahead).kill()
    reference = place.digests("whole")

    assert {last + 1, last + 2} <= seen.keys() & reference.keys()
    assert all(seen[update] == reference[update] for update in seen.keys() & reference.keys())
    found(
        f"{num_kills} times SIGKILL while a run with lag = 2 plays and learns at once, then `keisei resume`",
        f"checkpoints up to update {last + 2} equal to those of a run never killed, by SHA-256",
    )


def test_checkpoint_written_in_place_is_lost_by_a_kill(place, found):
    """The control: what the rename prevents."""
    process = place.begin(script=NAIVE)
    root = place.folder / "r" / "checkpoints"

    place.wait_for(
        lambda: any(not (folder / "manifest.json").exists() for folder in root.iterdir()),
        process,
    )
    process.kill()
    process.wait(timeout=60)
    code, said = place.finish("resume", "r")

    assert code == 4, said
    assert "none is left to go on from; start again with" in said
    found("control: the same with a writer that does not rename", "exit 4: no good checkpoint is left")
    shutil.rmtree(place.folder / "r")
