"""`keisei myname RUN`; what a command needs of torch it would import when it is called."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
from keisei_core.errors import ConfigError

BARS = "▁▂▃▄▅▆▇█"


@click.command("myname")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--metric", default="entropy", show_default=True, help="A figure of metrics.jsonl.")
@click.option("--width", type=click.IntRange(1), default=40, show_default=True, help="Bars at most.")
def myname_command(run: Path, metric: str, width: int) -> None:
    """Draws one metric of RUN, a run folder, in a line of text."""
    values = list(_values(run / "metrics.jsonl", metric))
    bars = "".join(_bars(_thinned(values, width)))
    click.echo(f"{metric}  {values[0]:.3g} {bars} {values[-1]:.3g}  over {len(values)} updates")


def _values(path: Path, metric: str) -> Iterator[float]:
    """Yields a metric update by update; an error that Keisei knows becomes one line and an exit code."""
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: no such file; name the folder of a run"]) from error
    known = sorted({name for record in records for name in record})
    if metric not in known:
        raise ConfigError([f"{path}: no metric {metric!r}; there are {', '.join(known) or 'none'}"])
    yield from (record[metric] for record in records if metric in record)


def _thinned(values: list[float], width: int) -> list[float]:
    """Returns the last of each of `width` groups of values."""
    count = min(width, len(values))
    return [values[(group + 1) * len(values) // count - 1] for group in range(count)]


def _bars(values: list[float]) -> Iterator[str]:
    """Yields a bar for each value, the lowest for the least."""
    low, high = min(values), max(values)
    for value in values:
        share = (value - low) / (high - low) if high > low else 0.5
        yield BARS[round(share * (len(BARS) - 1))]
