"""Every situation, in the order of the table."""

from typing import Final

from keisei_plugins_usi.conformance.situation import Situation
from keisei_plugins_usi.conformance.situations.clock import CLOCK
from keisei_plugins_usi.conformance.situations.ending import ENDING
from keisei_plugins_usi.conformance.situations.handshake import HANDSHAKE
from keisei_plugins_usi.conformance.situations.information import INFORMATION
from keisei_plugins_usi.conformance.situations.options import OPTIONS
from keisei_plugins_usi.conformance.situations.output import OUTPUT
from keisei_plugins_usi.conformance.situations.pondering import PONDERING
from keisei_plugins_usi.conformance.situations.positions_told import POSITIONS_TOLD
from keisei_plugins_usi.conformance.situations.searching import SEARCHING

SITUATIONS: Final[tuple[Situation, ...]] = (
    *HANDSHAKE,
    *OPTIONS,
    *POSITIONS_TOLD,
    *CLOCK,
    *SEARCHING,
    *PONDERING,
    *ENDING,
    *INFORMATION,
    *OUTPUT,
)
