"""What all pages of the server share: the report's own files, and how a page talks to the server."""

from importlib.resources import files

from keisei_plugins_report.page.page import ASSETS
from keisei_plugins_watch.server.static import File, files_in


def shared_files() -> dict[str, File]:
    """Returns the report's scripts and styles, uPlot among them, below `/report`, the server's own below `/server`."""
    return {
        **files_in(ASSETS / "js", "/report"),
        **files_in(ASSETS / "vendor" / "uplot", "/report"),
        "/report/page.css": File((ASSETS / "page.css").read_bytes(), "text/css"),
        **files_in(files("keisei_plugins_watch.server") / "assets", "/server"),
    }
