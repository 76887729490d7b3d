"""A Ray cluster of simulated machines, all at 127.0.0.1, with its files in the folder RAY_TMPDIR.

Each has a CPU; all but the first, where commands are, have a GPU too that nobody uses. Says its address, then does what
lines on stdin ask for: `add` a machine, `kill` all but the first one as if their power was gone, `behead` it: what all
machines know each other by is gone. Ends with stdin.
"""

import signal
import socket
import sys
import time
from contextlib import ExitStack
from types import SimpleNamespace

import ray._private.node
from ray.cluster_utils import Cluster

MEMORY = 80 * 2**20
PATIENCE = 20
"""How many times longer than Ray's fixed 30 s the start of a machine may take where many others are busy."""


def be_patient():
    slow = {**vars(time), "monotonic": lambda: time.monotonic() / PATIENCE}
    ray._private.node.time = SimpleNamespace(**slow)


AGENTS = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
"""Where ports are given, nobody waits for files in which they are told: 15 s, then the machine ends itself."""


def free_ports(number):
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [probe.getsockname()[1] for probe in probes]


def add(cluster):
    ports = dict(zip(AGENTS, free_ports(len(AGENTS)), strict=True))
    num_gpus = 0 if cluster.head_node is None else 1
    cluster.add_node(num_cpus=1, num_gpus=num_gpus, object_store_memory=MEMORY, include_dashboard=False, **ports)


def kill(cluster):
    for machine in tuple(cluster.worker_nodes):
        cluster.remove_node(machine, allow_graceful=False)


def behead(cluster):
    cluster.head_node.kill_gcs_server()


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    be_patient()
    cluster = Cluster()
    try:
        add(cluster)
        add(cluster)
        print(cluster.address, flush=True)
        for line in sys.stdin:
            {"add": add, "kill": kill, "behead": behead}[line.strip()](cluster)
            print(len(cluster.list_all_nodes()), flush=True)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
