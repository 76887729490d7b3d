"""What pages are fed with: the document of a run, cut into parts, of which each page gets those that it lacks."""

import asyncio
import json
from time import monotonic
from typing import Any, Final

from keisei_core.errors import ConfigError
from keisei_plugins_report.gather.document import document_of
from keisei_plugins_report.gather.opinions import Opinions
from keisei_plugins_report.gather.run_files import RunFiles
from keisei_plugins_watch.live.course import course
from keisei_plugins_watch.live.followed_run import FollowedRun
from keisei_plugins_watch.live.run_process import RunProcess

INTERVAL_S: Final = 1.0
"""Between two looks at the files, at least."""
SHARE: Final = 20
"""A look that takes long is followed by a rest of so many times that: training has the processor."""
Change = tuple[list[str | int], Any]
"""Where in the document, and what is there."""


class Feed:
    """The document of one run, for all pages: looked at only while a page asks."""

    def __init__(self, run: FollowedRun) -> None:
        """Begins without having looked."""
        self.run = run
        self.version = 0
        """Counts changes."""
        self._files: RunFiles | None = None
        """Of which the report's part of the document was gathered."""
        self._report: dict[str, Any] = {}
        self._parts: dict[str, tuple[int, str]] = {}
        """By their places as JSON: the version that brought it, and the part as JSON."""
        self._due_s = 0.0
        self._looking = asyncio.Lock()

    async def look(self) -> None:
        """Looks at the run, unless somebody did so just now."""
        async with self._looking:
            if monotonic() < self._due_s:
                return
            began_s = monotonic()
            await asyncio.to_thread(self.refresh)
            took_s = monotonic() - began_s
            self._due_s = began_s + max(INTERVAL_S, SHARE * took_s)

    def refresh(self) -> None:
        """Looks at the run and notes which parts are others than before."""
        for place, part in _parts_of(self._gathered()):
            key, text = json.dumps(place), json.dumps(part)
            if self._parts.get(key, (0, ""))[1] != text:
                self.version += 1
                self._parts[key] = (self.version, text)

    def since(self, version: int) -> list[Change]:
        """Returns the parts that changed after a version, all of them after 0, in the order of their changes."""
        newer = sorted((changed, key, text) for key, (changed, text) in self._parts.items() if changed > version)
        return [(json.loads(key), json.loads(text)) for _, key, text in newer]

    def _gathered(self) -> dict[str, Any]:
        """Gathers the document, with what is above the report; of what can't be read the reason stands there."""
        try:
            files = self.run.look()
            if files is not self._files:
                self._report = document_of([files], [Opinions.none()])
                self._files = files
        except (ConfigError, OSError) as error:
            return {"problem": str(error)}
        process = RunProcess.of(self.run.path)
        above = course(files, self._report["runs"][0]["head"], process, is_gone=self.run.is_gone)
        return {**self._report, "course": above, "problem": ""}


def _parts_of(document: dict[str, Any]) -> list[Change]:
    """Cuts a document into the parts that change each by itself: those of its runs, and the rest."""
    rest: list[Change] = [([name], part) for name, part in document.items() if name != "runs"]
    runs: list[Change] = [
        (["runs", index, name], part)
        for index, run in enumerate(document.get("runs", ()))
        for name, part in run.items()
    ]
    return [*runs, *rest]
