"""One of two processes; rank 1 says that it is there, lives on and never comes to where rank 0 waits.

stuck.py exchange|barrier TIMEOUT_S JOIN_TIMEOUT_S
"""

import os
import sys
import time

import torch

from keisei_core.errors import KeiseiError
from keisei_core.launching import Job
from keisei_plugins_ddp.backend import DDP
from keisei_plugins_ddp.launching import launch
from keisei_plugins_ddp.options import DDPOptions

PLACE = sys.argv[1]
OPTIONS = DDPOptions(timeout_s=float(sys.argv[2]), join_timeout_s=float(sys.argv[3]))


def work() -> int:
    backend = DDP(torch.device("cpu"), OPTIONS)
    os.write(1, b"here\n")
    try:
        while backend.rank == 1:
            time.sleep(1)
        if PLACE == "barrier":
            backend.barrier()
        else:
            backend.any(False)
    finally:
        backend.close()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(launch(Job(work=work, options=OPTIONS)))
    except KeiseiError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
