from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from keisei_core.run.metrics import group_of
from keisei_core.testing import Logged, TrackerContract


class TestTensorBoard(TrackerContract):
    name = "tensorboard"

    @staticmethod
    def read(run_folder: Path) -> Logged:
        accumulator = EventAccumulator(str(run_folder / "tensorboard"), purge_orphaned_data=False).Reload()
        kept: list[tuple[int, dict[str, float]]] = []
        for tag in accumulator.Tags()["scalars"]:
            for place, event in enumerate(accumulator.Scalars(tag)):
                if place == len(kept):
                    kept.append((event.step, {}))
                kept[place][1][tag] = event.value
        return [(step, {name: metrics[f"{group_of(name)}/{name}"] for name in NAMES}) for step, metrics in kept]


NAMES = ("loss", "plies_per_s", "score/against random", "kl")
