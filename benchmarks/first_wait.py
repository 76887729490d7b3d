"""How long the first `keisei run` of a machine takes until its first update is done, beside one with kernels kept.

    python benchmarks/first_wait.py [CONFIG] [--rounds 3] [--json]

Runs the command with an empty folder for kernels and with the same one again, in turn, and stops each after its first
update. README.md beside this file explains the keys.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

from keisei_core.run.machine import commit, processor
from keisei_core.shogi.cores import usable_cores

LONGEST_S: Final = 600
LOOK_S: Final = 0.02
"""Between two looks at the run's folder."""


def seconds_to_update(config: str, folder: Path, kernels: Path) -> float:
    """Starts a run and returns after how long its first update was written down; stops it then."""
    log, metrics = folder / "log", folder / "run" / "metrics.jsonl"
    started = time.perf_counter()
    with log.open("w") as output:
        command = [str(Path(sys.executable).with_name("keisei")), "run", config, "--run-dir", str(folder / "run")]
        environment = os.environ | {"NUMBA_CACHE_DIR": str(kernels)}
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        while not (metrics.is_file() and metrics.stat().st_size):
            if process.poll() is not None or time.perf_counter() - started > LONGEST_S:
                raise SystemExit(f"expected a run that comes to its first update, got:\n{log.read_text()}")
            time.sleep(LOOK_S)
        return time.perf_counter() - started
    finally:
        process.terminate()
        process.wait()


def measure(config: str, rounds: int) -> dict[str, Any]:
    """Returns the seconds of each run, and the median of what kernels add."""
    times: dict[str, list[float]] = {"empty": [], "kept": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            for kind, seconds in times.items():
                folder = Path(name) / kind
                folder.mkdir()
                seconds.append(seconds_to_update(config, folder, Path(name) / "kernels"))
            # What the first run left to compile is not compiled in the second: it takes what is kept.
    return {"seconds": times, "wait_s": median(map(float.__sub__, times["empty"], times["kept"]))}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="keisei.toml")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    found = measure(arguments.config, arguments.rounds)
    about = {"cores": usable_cores(), "machine": processor(), "commit": commit(), "load": os.getloadavg()[0]}
    if arguments.json:
        print(json.dumps(found | about))
        return
    for kind, seconds in found["seconds"].items():
        print(f"kernels {kind}: " + ", ".join(f"{second:.1f}" for second in seconds) + " s to the first update's end")
    print(f"wait of the first run: {found['wait_s']:.1f} s; {about}")


if __name__ == "__main__":
    main()
