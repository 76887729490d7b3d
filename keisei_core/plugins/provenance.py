"""The plugins that a checkpoint was made with, beside those that are installed now, and its files beside those kept."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from packaging.version import InvalidVersion, Version

from keisei_core.errors import CheckpointError, ConfigError, PluginError
from keisei_core.plugins.bundled import canonical
from keisei_core.plugins.plugin_file import FOLDER, VERSION_LENGTH, PluginFile, files_in_use
from keisei_core.plugins.registry import Registry, load_registry
from keisei_core.plugins.trust import refuse_unknown
from keisei_core.shown import command_line, shown

Row = Mapping[str, str]
"""kind, name, distribution, version: one part of a run and where it came from, as checkpoints record it; of a file its
sha256 as well."""

DISTRIBUTION: Final = re.compile("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
"""Names that packages may have (PEP 508)."""
OF_NETWORK: Final = ("features", "model", "precision")
"""Kinds that a network is made of."""
DESCRIPTIONS: Final = ("environment.json", "network.json")
"""Of a run and of an export: `plugins` in them are rows."""


@contextmanager
def made_with(recorded: Callable[[], Iterable[Row]], registry: Registry | None = None) -> Iterator[None]:
    """Says what to install where a config can't be read because a plugin is gone that a checkpoint was made with.

    Args:
        recorded: returns the checkpoint's rows; asked only where something is wrong.
        registry: the plugins of this process; None loads what is installed.

    Raises:
        PluginError: in the place of the error inside, with what to install before it.
    """
    try:
        yield
    except (ConfigError, PluginError) as error:
        missing = list(what_to_install(recorded(), load_registry() if registry is None else registry))
        if not missing:
            raise
        raise PluginError("\n".join([*missing, str(error)])) from error


def what_to_install(recorded: Iterable[Row], registry: Registry) -> Iterator[str]:
    """Yields a line for every distribution and file that a checkpoint was made with and that is not there."""
    recorded = tuple(recorded)
    installed = {canonical(plugin.owner.distribution) for plugin in registry.plugins}
    digests = file_digests(recorded)
    for (distribution, version), parts in _by_owner(recorded).items():
        if canonical(distribution) in installed:
            continue
        told = shown(f"made with {distribution} {version} ({', '.join(parts)})")
        if distribution in digests:
            name = command_line("--plugin", distribution)
            where = f"put it back into the folder {FOLDER} of its run, or name it: {name}"
            yield f"{told}, a file that is not there any more (SHA-256 {shown(digests[distribution])}); {where}"
        else:
            yield f"{told}, which is not installed; {_installing(distribution, version)}"


def _installing(distribution: str, version: str) -> str:
    """Says what to type to install a package; nothing for what only looks like one: a checkpoint says what it likes."""
    try:
        if DISTRIBUTION.fullmatch(distribution):
            return command_line("pip", "install", f"{distribution}=={Version(version)}")
    except InvalidVersion:
        pass
    return "no package has such a name or version: ask whoever made the checkpoint"


def other_versions(recorded: Iterable[Row], registry: Registry) -> Iterator[str]:
    """Yields a line for every distribution that is installed in another version than a checkpoint was made with."""
    installed = {canonical(plugin.owner.distribution): plugin.owner.version for plugin in registry.plugins}
    for (distribution, version), parts in _by_owner(recorded).items():
        now = installed.get(canonical(distribution), version)
        if now != version:
            yield shown(f"made with {distribution} {version} ({', '.join(parts)}), goes on with {now}")


def file_digests(recorded: Iterable[Row]) -> dict[str, str]:
    """Returns the SHA-256 of every file that a checkpoint was made with, by the file's name."""
    return {row["distribution"]: row["sha256"] for row in recorded if "sha256" in row}


def kept_files(recorded: Iterable[Row], path: Path) -> tuple[PluginFile, ...]:
    """Reads the files that a checkpoint was made with, as its run or export keeps them.

    Args:
        recorded: the checkpoint's rows.
        path: a run folder, a checkpoint in one, or an export. What is not kept there is left out.

    Raises:
        CheckpointError: one is not what the checkpoint was made with.
    """
    home = path if (path / FOLDER).is_dir() else path.parent.parent
    files = []
    for name, digest in file_digests(recorded).items():
        place = home / FOLDER / Path(name).name
        if place.is_file():
            files.append(PluginFile.read(place))
            refuse_another(files[-1], digest, home)
    return tuple(files)


def with_own_files(
    registry: Registry, recorded: Iterable[Row], path: Path, *, kinds: Collection[str] | None = None
) -> Registry:
    """Returns a registry with the very files that a checkpoint was made with, as far as they are kept.

    Args:
        registry: may have the files, or others of their names.
        recorded: the checkpoint's rows.
        path: see `kept_files`.
        kinds: a file that only other kinds came from is left out, e.g. a teacher's where a network is to play; None
            for all.

    Raises:
        CheckpointError: a file that is kept is not what the checkpoint was made with.
        PluginError: it does not load, or was never used here (see `refuse_unknown`).
    """
    needed = {row["sha256"] for row in recorded if "sha256" in row and (kinds is None or row["kind"] in kinds)}
    loaded = {plugin.owner.sha256 for plugin in registry.plugins}
    rows = [row for row in recorded if row.get("sha256") in needed - loaded]
    return registry.with_files(refuse_unknown(kept_files(rows, path)))


def files_kept_at(path: Path) -> tuple[PluginFile, ...]:
    """Reads the files of a run folder, of a checkpoint in one, or of an export, that this process does not use already.

    What they are made with is read from the run's description, so that no checkpoint has to be opened.

    Raises:
        CheckpointError: one is not what the run was made with.
        PluginError: one was never used here (see `refuse_unknown`).
    """
    home = path if (path / FOLDER).is_dir() else path.parent.parent
    used = {file.name for file in files_in_use()}
    rows = [row for row in described_plugins(home) if row["distribution"] not in used]
    return refuse_unknown(kept_files(rows, home))


def described_plugins(home: Path) -> tuple[Row, ...]:
    """Returns the rows in the description of a run or an export; none where it has none."""
    for name in DESCRIPTIONS:
        with suppress(OSError, ValueError, LookupError, TypeError):
            rows = json.loads((home / name).read_text(encoding="utf-8"))["plugins"]
            return tuple({str(key): str(value) for key, value in row.items()} for row in rows)
    return ()


def refuse_another(file: PluginFile, digest: str, home: Path) -> None:
    """Refuses a file that is not the one a run was made with.

    Raises:
        CheckpointError: its SHA-256 is another; with how to start a run with it.
    """
    if file.sha256 != digest:
        wanted, got = digest[:VERSION_LENGTH], file.sha256[:VERSION_LENGTH]
        reason = f"is not the file that {shown(home)} was made with (SHA-256 {wanted}..., got {got}...)"
        start = command_line("keisei", "run", home / "config.toml", "--plugin", file.path, "--from", home)
        raise CheckpointError(file.path, reason, f"put that one back, or start a run with this one, type: {start}")


def _by_owner(recorded: Iterable[Row]) -> dict[tuple[str, str], list[str]]:
    """Groups the parts by distribution and version."""
    parts: dict[tuple[str, str], list[str]] = {}
    for row in recorded:
        parts.setdefault((row["distribution"], row["version"]), []).append(f"{row['kind']} {row['name']}")
    return parts
