"""Several trackers at once; a broken one never stops a run."""

from types import SimpleNamespace

from keisei_core.run.trackers import Trackers


class Recording:
    def __init__(self):
        self.calls = []

    def start(self, last_update):
        self.calls.append(("start", last_update))

    def log(self, update, metrics):
        self.calls.append(("log", update, dict(metrics)))

    def close(self):
        self.calls.append(("close",))


class Failing(Recording):
    def log(self, update, metrics):
        super().log(update, metrics)
        raise OSError("no network")


def test_tracker_that_fails_is_told_of_once_and_the_others_go_on(tmp_path):
    good, bad, warnings = Recording(), Failing(), []
    choices = [
        SimpleNamespace(reference=name, build=lambda _, tracker=tracker: tracker)
        for name, tracker in (("bad", bad), ("good", good))
    ]
    trackers = Trackers(choices, tmp_path, warnings.append)

    trackers.start(5)
    trackers.log(6, {"kl": 0.5})
    trackers.log(7, {"kl": 0.5})
    trackers.close()

    assert [call[0] for call in good.calls] == ["start", "log", "log", "close"]
    assert [call[0] for call in bad.calls] == ["start", "log"]
    assert len(warnings) == 1
    assert "tracker bad failed and takes no further part (OSError: no network)" in warnings[0]
