"""The page for authors of planes: its package, written out as it stands, keeps the contract."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from keisei_core.testing import FeaturePlanesContract

PAGE = Path(__file__).parents[2] / "docs" / "plugins" / "features.md"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The files of the page, with the metadata that an installer makes of its pyproject.toml."""
    for path, source in re.findall(r"```\w+\n# (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source, encoding="utf-8")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    card = tmp_path / "src" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    card.mkdir()
    (card / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n")
    entries = "".join(f"{name} = {module}\n" for name, module in project["entry-points"]["keisei"].items())
    (card / "entry_points.txt").write_text(f"[keisei]\n{entries}")
    return tmp_path


def run(package: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=package,
        env=os.environ | {"PYTHONPATH": str(package / "src")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_package_of_the_page_keeps_the_contract(package: Path) -> None:
    output = run(package, "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "tests")
    num_checks = len(FeaturePlanesContract.checks())
    assert f"TestInNumpy: {num_checks} of {num_checks} checks run: {num_checks} passed" in output
    assert f"TestChanged: {num_checks} of {num_checks} checks run: {num_checks} passed" in output
    assert f"TestCompiled: {num_checks} of {num_checks} checks run: {num_checks - 1} passed, 1 not asked" in output


def test_package_of_the_page_is_listed(package: Path) -> None:
    output = run(package, "keisei_core", "plugins", "list")
    assert "pawn_files_compiled" in output
