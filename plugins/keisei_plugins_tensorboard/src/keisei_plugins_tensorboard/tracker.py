"""The tracker: every metric as a curve over updates, and the run's config as text."""

import io
import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING

from keisei_core.config import home_path
from keisei_core.run.metrics import group_of
from keisei_plugins_tensorboard.event_file import append_event, keep_until, open_event_file
from keisei_plugins_tensorboard.options import TensorBoardOptions


class TensorBoardTracker:
    """Writes event files to RUN/tensorboard; a run that goes on continues its curves, no step twice."""

    def __init__(self, run_folder: Path, options: TensorBoardOptions) -> None:
        self.patterns = options.metrics
        folder = home_path(options.folder)
        self.folder = folder / run_folder.absolute().name if folder.is_absolute() else run_folder / folder
        self.config = run_folder / "config.toml"
        self.file: io.BufferedWriter | None = None

    def start(self, last_update: int) -> None:
        """Drops what was written beyond the update that a run goes on from, and begins a new file.

        Raises:
            OSError: the folder can't be written.
        """
        self.close()
        self.folder.mkdir(parents=True, exist_ok=True)
        keep_until(self.folder, last_update if last_update else -1)
        self.file = open_event_file(self.folder)
        if not last_update and self.config.exists():
            self._write(0, _text("config", self.config.read_text(encoding="utf-8")))

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Writes one point of every curve.

        Raises:
            OSError: the file can't be written.
        """
        chosen = {name: value for name, value in metrics.items() if self._is_wanted(name)}
        values = [Summary.Value(tag=f"{group_of(name)}/{name}", simple_value=value) for name, value in chosen.items()]
        self._write(update, *values)

    def close(self) -> None:
        """Closes the file."""
        if self.file is not None:
            self.file.close()
            self.file = None

    def _is_wanted(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.patterns)

    def _write(self, step: int, *values: Summary.Value) -> None:
        if self.file is None:
            raise RuntimeError("log must come after start and before close")
        append_event(self.file, Event(wall_time=time.time(), step=step, summary=Summary(value=values)))


def _text(tag: str, text: str) -> Summary.Value:
    """Returns text for TensorBoard, which reads Markdown: indented by four it is shown as it stands."""
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    tensor = TensorProto(dtype=DT_STRING, tensor_shape=TensorShapeProto(), string_val=[indented.encode()])
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    return Summary.Value(tag=tag, metadata=metadata, tensor=tensor)
