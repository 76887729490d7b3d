"""A Ray cluster of simulated machines, all at 127.0.0.1, with its files in the folder RAY_TMPDIR.

Says its address, then does what lines on stdin ask for: `add` a machine, `kill` all but the first one as if their power
was gone. Ends with stdin.
"""

import signal
import sys
import time
from types import SimpleNamespace

import ray._private.node
from ray.cluster_utils import Cluster

MEMORY = 80 * 2**20
PATIENCE = 10
"""How many times longer than Ray's fixed 30 s the start of a machine may take where many others are busy."""


def be_patient():
    slow = {**vars(time), "monotonic": lambda: time.monotonic() / PATIENCE}
    ray._private.node.time = SimpleNamespace(**slow)


def add(cluster):
    cluster.add_node(num_cpus=1, object_store_memory=MEMORY, include_dashboard=False)


def kill(cluster):
    for machine in tuple(cluster.worker_nodes):
        cluster.remove_node(machine, allow_graceful=False)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    be_patient()
    cluster = Cluster()
    try:
        add(cluster)
        add(cluster)
        print(cluster.address, flush=True)
        for line in sys.stdin:
            {"add": add, "kill": kill}[line.strip()](cluster)
            print(len(cluster.list_all_nodes()), flush=True)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
