"""Work that ends with an exit code, in one process that may be started again twice: python -m codes CODE... FOLDER.

Says a line for each: the code, the code that came back, how often the work was started.
"""

import sys
from pathlib import Path

from keisei_core.errors import KeiseiError
from keisei_core.launching import Job
from keisei_plugins_ray.launching import launch
from keisei_plugins_ray.options import RayOptions


def fail(code, folder):
    with (folder / str(code)).open("a") as file:
        file.write("started\n")
    error = KeiseiError("on purpose")
    error.exit_code = code
    raise error


def main():
    import codes  # by the name that a worker finds it by

    folder = Path(sys.argv[-1])
    for code in map(int, sys.argv[1:-1]):
        options = RayOptions(processes=1, max_restarts=2, place_timeout_s=120)
        try:
            launch(Job(work=codes.fail, arguments=(code, folder), options=options))
        except KeiseiError as error:
            print(code, error.exit_code, (folder / str(code)).read_text().count("started"), flush=True)


if __name__ == "__main__":
    main()
