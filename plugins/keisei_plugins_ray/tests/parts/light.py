"""A launcher whose workers do next to nothing, so that many of them can be started in a test.

    python -m light wait FOLDER OPTIONS          # until they are asked to stop; OPTIONS in JSON
    python -m light fail FOLDER OPTIONS CODE...  # with one exit code after another; says how often each was started

Ends as the command does: with its exit code, the error on stderr.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from keisei_core.errors import KeiseiError, StoppedError
from keisei_core.launching import Job
from keisei_plugins_ray import head
from keisei_plugins_ray.launching import launch
from keisei_plugins_ray.options import RayOptions

QUICK_S = 0.5
"""A head that is gone is to be noticed soon; how often it is looked for is tested elsewhere."""


def wait(folder):
    """Says that it is there, until SIGTERM; what SIGUSR1 asks for it does."""
    place = f"{os.environ['TORCHELASTIC_RESTART_COUNT']}-{os.environ['RANK']}"
    is_over = []
    signal.signal(signal.SIGTERM, lambda *_: is_over.append(True))
    signal.signal(signal.SIGUSR1, lambda *_: (folder / f"saved-{place}").touch())
    (folder / f"ready-{place}").touch()
    while not is_over:
        time.sleep(0.01)
    return StoppedError.exit_code


def fail(folder, code):
    """Raises an error of this exit code."""
    with (folder / f"started-{code}").open("a") as file:
        file.write(".")
    error = KeiseiError("on purpose")
    error.exit_code = code
    raise error


def main():
    import light  # by the name that a worker finds it by

    head.LOOK_S = QUICK_S
    name, folder = sys.argv[1], Path(sys.argv[2]).absolute()
    options = json.loads(sys.argv[3])
    device = options.pop("device", "cpu")
    if name == "wait":
        return launch(
            Job(work=light.wait, arguments=(folder,), options=RayOptions(**options), device=device, run_dir=folder)
        )
    for code in map(int, sys.argv[4:]):
        try:
            launch(Job(work=light.fail, arguments=(folder, code), options=RayOptions(**options)))
        except KeiseiError as error:
            print(code, error.exit_code, len((folder / f"started-{code}").read_text()), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeiseiError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
