"""The precision of a run is settled when it begins: where its policy chose by the device, the config names the choice.

Otherwise a run that goes on elsewhere would learn in another precision without anybody having said so.
"""

import attrs

from keisei_core.plugins import Settings, load_registry
from keisei_core.plugins.components import Kind
from keisei_core.precision import DependsOnDevice, PrecisionPolicy


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
