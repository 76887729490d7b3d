"""The bundled starts keep the contract."""

import tempfile
from pathlib import Path
from typing import Any, ClassVar

from keisei_core.testing import StartContract


class TestBook(StartContract):
    name = "book"
    place: ClassVar[Any]

    @classmethod
    def setup_class(cls) -> None:
        cls.place = tempfile.TemporaryDirectory()
        path = Path(cls.place.name) / "book.txt"
        path.write_text("startpos moves 7g7f 3c3d\n4k4/9/9/9/9/9/9/9/4K4 b R 1\n")
        cls.options = {"path": str(path)}
        super().setup_class()

    @classmethod
    def teardown_class(cls) -> None:
        cls.place.cleanup()
        super().teardown_class()


class TestShuffledAsItComes(StartContract):
    name = "shuffled"


class TestShuffledEachSideApartALittleAndPlayedOn(StartContract):
    name = "shuffled"
    options = {"symmetric": False, "swaps": 2, "plies": 10}
    max_plies = 12
