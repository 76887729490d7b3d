"""Several trackers at once; a broken one never stops a run."""

from types import SimpleNamespace

import pytest

from keisei_core.errors import PluginError
from keisei_core.plugins import Owner
from keisei_core.run.tracking import Trackers


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


class Leaving(Recording):
    def start(self, last_update):
        raise SystemExit(3)


def choice(name, tracker):
    """A stand-in for a chosen component."""
    return SimpleNamespace(reference=name, owner=Owner("keisei-plugins-x", "1.0", "https://x"), build=lambda _: tracker)


@pytest.mark.parametrize(
    ("bad", "calls", "cause"),
    [(Failing, ["start", "log"], "OSError: no network"), (Leaving, [], "SystemExit: 3")],
)
def test_tracker_that_fails_is_told_of_once_and_the_others_go_on(tmp_path, bad, calls, cause):
    good, bad, warnings = Recording(), bad(), []
    trackers = Trackers([choice("bad", bad), choice("good", good)], tmp_path, warnings.append)

    trackers.start(5)
    trackers.log(6, {"kl": 0.5})
    trackers.log(7, {"kl": 0.5})
    trackers.close()

    assert [call[0] for call in good.calls] == ["start", "log", "log", "close"]
    assert [call[0] for call in bad.calls] == calls
    assert warnings == [
        f"warning: tracker bad of keisei-plugins-x 1.0 failed and takes no further part ({cause}); "
        "report it at https://x"
    ]


def test_tracker_that_can_not_be_built_is_told_of_and_the_others_go_on(tmp_path):
    def build(_):
        raise PluginError("tracker 'bad' can't be used: no network")

    good, warnings = Recording(), []
    bad = SimpleNamespace(reference="bad", owner=Owner("keisei-plugins-x", "1.0"), build=build)

    trackers = Trackers([bad, choice("good", good)], tmp_path, warnings.append)
    trackers.log(1, {})

    assert len(warnings) == 1
    assert "no network" in warnings[0]
    assert [call[0] for call in good.calls] == ["log"]
