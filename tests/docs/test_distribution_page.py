"""The backend on the page is the one that `keisei plugins new` writes, which its own tests install and run."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plugins" / "distribution.md").read_text(encoding="utf-8")
TEMPLATE = ROOT / "keisei_core" / "templates" / "distribution"
FILES = sorted(path.relative_to(TEMPLATE) for path in TEMPLATE.rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "test_myname.py"], ids=str)
def test_page_shows_the_file_that_a_new_plugin_has(path: Path) -> None:
    source = (TEMPLATE / path).read_text(encoding="utf-8").replace("myname", "ring").replace("Myname", "Ring")
    name = str(path).replace("myname", "ring")
    assert f"```python\n# {name}\n{source.rstrip()}\n```" in PAGE
