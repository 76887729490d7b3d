"""The licence of the weights, as their owner names it."""

from collections.abc import Mapping
from typing import Final

UNKNOWN: Final = "unknown"
"""Nobody has named one."""
KNOWN: Final = frozenset(
    {"apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "isc", "zlib", "unlicense", "wtfpl", "mpl-2.0", "openrail"}
    | {"gpl-2.0", "gpl-3.0", "lgpl-2.1", "lgpl-3.0", "agpl-3.0", "eupl-1.1", "eupl-1.2", "cc0-1.0", "pddl"}
    | {f"cc-by{terms}-4.0" for terms in ("", "-sa", "-nd", "-nc", "-nc-sa", "-nc-nd")}
    | {UNKNOWN}
)
"""Names that Hugging Face takes in the front matter of a card, among others; small letters."""


def licence_keys(licence: str) -> Mapping[str, str]:
    """Returns the keys of the front matter: one of another name is `other`, with its name beside."""
    return {"license": licence} if licence in KNOWN else {"license": "other", "license_name": licence}
