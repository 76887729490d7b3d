"""What the backend does alone, and between two real processes."""

import os
import socket
import subprocess
import sys

import torch
from torch import nn

from keisei_plugins_myname.backend import MynameBackend
from keisei_plugins_myname.options import MynameOptions

PROCESS = """
import torch
from torch import nn
from keisei_plugins_myname.backend import MynameBackend
from keisei_plugins_myname.options import MynameOptions

backend = MynameBackend(torch.device("cpu"), MynameOptions(timeout_s=60))
rank = backend.rank
network = nn.Linear(1, 1, bias=False)
nn.init.ones_(network.weight)
wrapped = backend.wrap(network)
wrapped(torch.tensor([[float(rank)]])).sum().backward()
print(
    float(backend.sum(torch.tensor([rank + 1.0]))),
    backend.any(rank == 1),
    float(network.weight.grad),
    backend.gather(bytes([rank])),
    backend.broadcast(bytes([rank + 5])),
    flush=True,  # gloo's threads may end a process that leaves the group before Python writes what it keeps
)
backend.close()
"""


def test_process_that_is_alone_waits_for_nobody() -> None:
    backend = MynameBackend(torch.device("cpu"), MynameOptions())
    network = nn.Linear(1, 1)

    assert (backend.rank, backend.world_size) == (0, 1)
    assert backend.wrap(network) is network
    assert float(backend.sum(torch.tensor([3.0]))) == 3.0
    assert not backend.any(False)
    assert (backend.gather(b"a"), backend.broadcast(b"b")) == ([b"a"], b"b")
    backend.close()


def test_two_processes_share_sums_answers_gradients_and_bytes() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1]), "WORLD_SIZE": "2"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS],
            env=os.environ | place | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    first, second = (process.communicate(timeout=120)[0].strip() for process in processes)

    assert first == "3.0 True 0.5 [b'\\x00', b'\\x01'] b'\\x05'"
    assert second == "3.0 True 0.5 [] b'\\x05'"
