"""A process that runs the warm-ups whose targets it reads from stdin, line by line; it answers each in JSON.

Its argument is its niceness.
"""

import json
import os
import sys

import attrs

from keisei_core.warm.warm_ups import do


def main() -> None:
    """Reads until the end of stdin."""
    os.nice(int(sys.argv[1]))
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what a plugin prints is no answer
        for line in sys.stdin:
            answers.write(json.dumps(attrs.asdict(do(line.strip()))) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
