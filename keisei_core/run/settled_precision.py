"""The precision of a run is settled when it begins: where its policy chose by the device, the config names the choice.

Otherwise a run that goes on elsewhere would learn in another precision without anybody having said so.
"""

import attrs

from keisei_core.distribution import DistributionBackend
from keisei_core.errors import ConfigError
from keisei_core.plugins import Settings, load_registry
from keisei_core.plugins.components import Kind
from keisei_core.precision import DependsOnDevice, PrecisionPolicy
from keisei_core.run.matches import from_rank_0


def settled(settings: Settings, policy: PrecisionPolicy) -> Settings:
    """Returns settings whose precision means what a policy built from them computes in, on every device.

    Raises:
        ConfigError: nobody provides what the policy says that it chose.
    """
    choice = settings.precision
    if not isinstance(policy, DependsOnDevice) or policy.name == choice.name:
        return settings
    chosen = load_registry().resolve(Kind.PRECISION, policy.name)
    has_same_options = chosen.component.options == choice.component.options
    return attrs.evolve(
        settings, precision=attrs.evolve(chosen, options=choice.options if has_same_options else chosen.options)
    )


def require_same_choice(settings: Settings, policy: PrecisionPolicy, backend: DistributionBackend) -> None:
    """Refuses processes of which one computes in another precision than the others; every process calls it.

    Args:
        settings: settled.
        policy: built from them on this process.
        backend: of the processes.

    Raises:
        ConfigError: raised on all of them.
    """
    if backend.world_size == 1 or not isinstance(policy, DependsOnDevice):
        return
    name = settings.precision.name
    if backend.any(from_rank_0(lambda: name, backend) != name):
        raise ConfigError(["[precision] name: the processes' devices do not all do the same well; write bf16 or fp32"])
