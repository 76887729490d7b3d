"""What every check gets: how to make the thing under test, and where it comes from."""

from collections.abc import Callable
from typing import Any

import attrs

from keisei_core.plugins import Choice


@attrs.frozen(kw_only=True)
class UnderTest:
    """A component with its options; each extension point adds what its author declares."""

    make: Callable[..., Any]
    """Calls the component's target: with the argument that its hook says, and with its options."""
    choice: Choice | None = None
    """Where an installed plugin provides it; None for a target that is given by itself."""
