"""What a run asks of a cluster; imports no ray."""

from collections.abc import Mapping, Sequence

import attrs

from keisei_core.launching import Job
from keisei_plugins_ray.options import RayOptions


@attrs.frozen(kw_only=True)
class Demand:
    """What the processes of a run ask of a cluster."""

    num_processes: int
    cpus: float
    gpus: float
    """0 where the run is on CPUs."""
    strategy: str
    """How they are spread over machines, in Ray's words."""

    @classmethod
    def of(cls, job: Job, machines: Sequence[Mapping[str, float]], *, is_alone: bool) -> "Demand":
        """Works out what a job asks for.

        Args:
            job: with its options.
            machines: what each machine of the cluster has, by Ray's names.
            is_alone: whether the cluster is there for this run alone, which then takes all of it.
        """
        options: RayOptions = job.options
        has_gpus = any(machine.get("GPU") for machine in machines)
        gpus = options.gpus if job.device == "cuda" or (job.device == "auto" and has_gpus) else 0.0
        whole = sum(machine.get("CPU", 0) for machine in machines)
        share = whole // options.processes if is_alone and options.processes else 1
        cpus = options.cpus or job.threads or max(share, 1)
        fitting = sum(fitting_on(machine, cpus, gpus) for machine in machines)
        return cls(num_processes=options.processes or max(fitting, 1), cpus=cpus, gpus=gpus, strategy=options.strategy)

    @property
    def each(self) -> dict[str, float]:
        """What one process asks for, by Ray's names."""
        return {"CPU": self.cpus} | ({"GPU": self.gpus} if self.gpus else {})

    def fits(self, resources: Mapping[str, float]) -> bool:
        """Tells whether a machine with these resources is large enough for rank 0, and for all that must be with it."""
        here = self.num_processes if self.strategy == "STRICT_PACK" else 1
        return all(resources.get(name, 0) >= here * amount for name, amount in self.each.items())

    def __str__(self) -> str:
        plural = "es" if self.num_processes > 1 else ""
        return f"{self.num_processes} process{plural} with {amounts(self.each)} each ({self.strategy})"


def fitting_on(machine: Mapping[str, float], cpus: float, gpus: float) -> int:
    """Returns how many processes a machine's GPUs take, its CPUs where none are asked for.

    No process has its CPUs on two machines, or its part of a GPU on two GPUs.
    """
    return int(machine.get("GPU", 0)) * int(1 / gpus) if gpus else int(machine.get("CPU", 0) / cpus)


def amounts(resources: Mapping[str, float]) -> str:
    """Writes numbers of CPUs and GPUs for people."""
    return ", ".join(f"{resources.get(name, 0):g} {name}" for name in ("CPU", "GPU") if name in resources) or "nothing"
