"""Running work in every process of a group: as one of its workers, or by starting them on a cluster.

Ray is imported by the process that starts the others alone: a worker talks to it as little as under `ddp`.
"""

import math
import os
from importlib.util import find_spec
from typing import Final

from keisei_core.errors import ConfigError, PluginError
from keisei_core.launching import Job, Outcome, Place, Restarts, forwarding, take_part
from keisei_core.shogi.cores import usable_cores
from keisei_plugins_ray.demand import Demand
from keisei_plugins_ray.options import RayOptions
from keisei_plugins_ray.signals import Signals

ADDRESS: Final = "RAY_ADDRESS"
"""Environment variable of Ray's, which names a cluster where the config doesn't."""
OWN: Final = "local"
"""What Ray calls a cluster of this machine alone; Ray itself would start one that others reach."""
CLIENT: Final = "ray://"
"""How addresses begin through which a process talks to a cluster that it is no part of."""


def launch(job: Job) -> int:
    """Runs a job's work in every process of the group and returns the exit code.

    In a process that a launcher started, that is here; elsewhere workers are started on the cluster.

    Raises:
        ConfigError: the address is of a kind that a run can't use.
        DistributionError: no cluster, no room there, or a process failed, froze, never joined or couldn't be started.
        PluginError: Ray is not installed.
        KeiseiError: what the work itself raised, in the worker that failed first.
    """
    if Place.from_environment() is not None:
        return take_part(job.work, job.arguments)
    if find_spec("ray") is None:
        raise PluginError("distribution 'ray' of keisei-plugins-ray needs Ray: pip install 'ray>=2.52', or write ddp")
    return start_workers(job)


def start_workers(job: Job) -> int:
    """Joins or starts a cluster, starts the workers there and waits for them; returns the exit code."""
    from keisei_plugins_ray.cluster import cluster

    options: RayOptions = job.options
    address, signals = address_of(options), Signals()
    outcomes: dict[tuple[int, int], Outcome] = {}
    restarts = Restarts(options.processes, options.max_restarts, lambda rank, attempt: outcomes.get((rank, attempt)))
    num_gpus = 0 if address else own_gpus()
    with forwarding(restarts, signals.tell, signals.end), cluster(address, own_cpus(job, num_gpus), num_gpus):
        from keisei_plugins_ray.watch import Watch  # loads Ray, which reads what `cluster` put into the environment

        return Watch(job, restarts, signals, outcomes, is_alone=not address).to_the_end()


def address_of(options: RayOptions) -> str:
    """Returns where the cluster is to be found; empty where one of this machine alone is to be started.

    As with Ray itself, RAY_ADDRESS comes before `auto`.

    Raises:
        ConfigError: it is an address of Ray's client.
    """
    named = options.address if options.address not in ("", "auto") else os.environ.get(ADDRESS) or options.address
    if named.startswith(CLIENT):
        problem = (
            f"[distribution] address, or {ADDRESS}, must be HOST:PORT of a cluster's head or auto, got {named!r}; a "
            "run has to be started on one of the cluster's machines: write the head's own address there (port 6379)"
        )
        raise ConfigError([problem])
    return "" if named == OWN else named


def own_cpus(job: Job, num_gpus: int) -> int:
    """Returns the CPUs of a cluster of this machine alone: its cores, or more where the config's processes need more.

    What a user wrote of processes, threads and CPUs is kept, as under `ddp`, whatever the machine has.
    """
    machine = {"CPU": float(usable_cores()), "GPU": float(num_gpus)}
    demand = Demand.of(job, [machine], is_alone=True)
    return max(usable_cores(), math.ceil(demand.num_processes * demand.cpus))


def own_gpus() -> int:
    """Returns the GPUs of such a cluster: those that torch can use here, which is imported by the backend anyway."""
    from torch import cuda

    return cuda.device_count() if cuda.is_available() else 0
