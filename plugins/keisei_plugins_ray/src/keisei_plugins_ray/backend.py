"""The distribution backend: in a process it is `ddp`'s, only where processes come from differs; imports no ray."""

from keisei_plugins_ddp.backend import DDP
from keisei_plugins_ray.launching import launch


class RayDDP(DDP):
    """One process's part in a group that Ray placed."""

    launch = staticmethod(launch)
