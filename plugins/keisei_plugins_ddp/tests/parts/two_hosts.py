"""One of two processes on two hosts: 20 updates with a hash of the parameters after each, then updates for ever."""

import hashlib
import json
import os
import sys

import torch

from keisei_core.launching import Job
from keisei_core.plugins import read_settings
from keisei_core.run.training import Training
from keisei_plugins_ddp.backend import DDP
from keisei_plugins_ddp.launching import launch
from keisei_plugins_ddp.options import DDPOptions

OPTIONS = DDPOptions(timeout_s=8)
KEYS = {
    "run.device": "cpu",
    "run.threads": 1,
    "model.name": "baseline",
    "model.channels": 2,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "learning.minibatch": 32,
}


def work() -> int:
    backend = DDP(torch.device("cpu"), OPTIONS)
    training = Training(read_settings(None, list(KEYS.items())), backend)
    digests = []
    for _ in range(20):
        training.update()
        tensors = training.network.network.state_dict().values()
        digests.append(hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in tensors)).hexdigest())
    print(json.dumps({"digests": digests, "interface": os.environ["GLOO_SOCKET_IFNAME"]}), flush=True)
    while True:
        training.update()


if __name__ == "__main__":
    from keisei_core.errors import KeiseiError

    try:
        launch(Job(work=work, options=OPTIONS))
    except KeiseiError as error:
        sys.exit(error.exit_code)
