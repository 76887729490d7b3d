"""What Keisei asks of a command: each check of the public kit is a test here."""

import json
import tempfile
from pathlib import Path

from keisei_core.testing import CommandContract


class TestMyname(CommandContract):
    name = "myname"
    refuses = ("no/such/run",)

    @classmethod
    def setup_class(cls) -> None:
        """Makes what a run leaves behind."""
        cls.place = tempfile.TemporaryDirectory()
        lines = [json.dumps({"update": update, "entropy": 4.0 - update}) for update in range(3)]
        (Path(cls.place.name) / "metrics.jsonl").write_text("\n".join(lines))
        cls.works = (cls.place.name,)
        super().setup_class()

    @classmethod
    def teardown_class(cls) -> None:
        cls.place.cleanup()
        super().teardown_class()
