"""What may be told of an update under a name."""

import math


def is_figure(name: object, value: object) -> bool:
    """Tells whether a number can go into metrics: a finite one, under a name in lower case letters, digits and `_`."""
    named = isinstance(name, str) and name.isidentifier() and name == name.lower()
    return named and isinstance(value, int | float) and math.isfinite(value)
