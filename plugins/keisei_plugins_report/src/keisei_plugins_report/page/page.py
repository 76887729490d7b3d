"""The page as one file: frame, styles, uPlot, the program joined from its modules, and the document as JSON.

A browser takes no modules from disk, so they stand one after the other, each behind those that it imports, as a
function that returns what it exports.
"""

import json
import re
from importlib.resources import files
from typing import Any, Final

ASSETS: Final = files("keisei_plugins_report.page") / "assets"
FIRST: Final = "start"
IMPORT: Final = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT: Final = re.compile(r"^export ((?:function|class|const) (\w+))", re.MULTILINE)
MARK: Final = re.compile(r"/\*\{(\w+)\}\*/")


def page_of(document: dict[str, Any]) -> str:
    """Returns the page that shows a document.

    Args:
        document: as `keisei_plugins_report.gather.document.document` makes it.
    """
    parts = {
        "styles": _asset("vendor/uplot/uPlot.min.css") + _asset("page.css"),
        # The licence asks to be in every copy.
        "library": f"/*\n{_asset('vendor/uplot/LICENSE')}*/\n{_asset('vendor/uplot/uPlot.iife.min.js')}",
        "program": program(),
        "document": embedded(document),
    }
    return MARK.sub(lambda mark: parts[mark[1]], _asset("page.html"))


def program(first: str = FIRST) -> str:
    """Returns a module and all that it imports as one script."""
    order: list[str] = []
    _put_behind(first, order)
    return "\n".join(map(_scoped, order))


def _scoped(name: str) -> str:
    """Returns a module as a constant that holds what it exports."""
    source = _module(name)
    exported = ", ".join(found for _, found in EXPORT.findall(source))
    body = EXPORT.sub(r"\1", IMPORT.sub(r"const \1 = \2_module;", source))
    return f"const {name}_module = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def embedded(document: dict[str, Any]) -> str:
    """Returns a document as JSON that ends no element of a page, whatever names there are in it."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _put_behind(name: str, order: list[str]) -> None:
    """Puts a module behind those that it imports, each once."""
    for _, imported in IMPORT.findall(_module(name)):
        if imported not in order:
            _put_behind(imported, order)
    order.append(name)


def _module(name: str) -> str:
    return _asset(f"js/{name}.js")


def _asset(name: str) -> str:
    return ASSETS.joinpath(*name.split("/")).read_text(encoding="utf-8")
