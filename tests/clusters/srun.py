"""In the place of SLURM's srun: starts a command as one task on each host, and ends with the highest exit code.

    python srun.py FOLDER COMMAND...

FOLDER/hosts.json has what each host puts in front of a command; FOLDER/rank-N.pid and rank-N.code tell of the tasks.
"""

import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    folder, words = Path(sys.argv[1]), sys.argv[2:]
    tasks = []
    for rank, prefix in enumerate(json.loads((folder / "hosts.json").read_text())):
        own = {"SLURM_PROCID": str(rank), "SLURM_LOCALID": "0"}
        task = subprocess.Popen([*prefix, *words], env=os.environ | own)
        (folder / f"rank-{rank}.pid").write_text(str(task.pid))
        tasks.append(task)
    codes = [task.wait() for task in tasks]
    codes = [code if code >= 0 else 128 - code for code in codes]
    for rank, code in enumerate(codes):
        (folder / f"rank-{rank}.code").write_text(str(code))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
