"""What backends of distribution share that start the processes of a run themselves; loads no torch."""

from keisei_core.launching.job import write_job
from keisei_core.launching.outcome import Outcome, end_now
from keisei_core.launching.part import is_lost_connection, take_part
from keisei_core.launching.place import Place

__all__ = ["Outcome", "Place", "end_now", "is_lost_connection", "take_part", "write_job"]
