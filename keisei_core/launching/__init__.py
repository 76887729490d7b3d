"""What backends of distribution share that start the processes of a run themselves; loads no torch."""

from keisei_core.launching.forwarding import blocking, forwarding
from keisei_core.launching.job import Job, Launcher, write_job
from keisei_core.launching.outcome import FOLDER, Outcome, end_now
from keisei_core.launching.part import is_lost_connection, take_part
from keisei_core.launching.place import Place
from keisei_core.launching.restarts import Restarts
from keisei_core.launching.worker import Worker, worker_words

__all__ = [
    "FOLDER",
    "Job",
    "Launcher",
    "Outcome",
    "Place",
    "Restarts",
    "Worker",
    "blocking",
    "end_now",
    "forwarding",
    "is_lost_connection",
    "take_part",
    "worker_words",
    "write_job",
]
