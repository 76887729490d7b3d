"""Packages installed as pip installs them, without its two processes for each: hatchling's wheel, unpacked."""

from collections.abc import Iterable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from hatchling.build import build_wheel


def install(sources: Iterable[Path], site: Path) -> None:
    """Builds a wheel of each folder with a `pyproject.toml` by its declared backend, and unpacks it.

    Args:
        sources: the folders; hatchling is their backend.
        site: where modules and metadata go, as `pip install --target` puts them.
    """
    for source in sources:
        with TemporaryDirectory() as dist, chdir(source), ZipFile(Path(dist) / build_wheel(dist)) as wheel:
            wheel.extractall(site)
