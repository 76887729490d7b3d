"""The network that comes with Keisei: exported, measured among engines from outside, and told on its card.

    python experiments/bundle.py RUN [--games 40] [--out FOLDER] [--results docs/results]
    python experiments/bundle.py [--games 0]

RUN is what `keisei export` takes: a run, whose averaged weights play where it keeps an average, RUN:best, a checkpoint.
It becomes the network in FOLDER, that of keisei-plugins-networks, in bfloat16 and within 8 MB, or nothing is changed.
Without RUN the network stays that is there. It plays rungs of the external ladder by its policy and looking ahead, and
solves puzzles; pairs of games are kept in RESULTS/bundled.jsonl, so that a stopped command goes on where it was.
RESULTS/bundled.json has the figures, of all games of the same weights that the results have, and README.md of FOLDER,
the card, tells them.
"""

import argparse
import json
import os
import shutil
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from command import keisei, where
from external_ladder import ENGINES, missing, play, ratings, short, tables_of
from long_run import POLICY, RUNGS, STORES, TASKS, identity_of, score_text, share_text
from packaging.requirements import Requirement
from puzzles import built, puzzles, solved

from keisei_core.arena import find_network
from keisei_core.arena.meeting import Results
from keisei_core.arena.score import score_of_pairs
from keisei_core.arena.store import Store
from keisei_core.card import ABOUT
from keisei_core.card.training import settings_lines, training_lines

PLUGIN: Final = Path("plugins/keisei_plugins_networks")
FOLDER: Final = PLUGIN / "src" / "keisei_plugins_networks" / "network"
CARD: Final = "README.md"
GAMES: Final = "bundled.jsonl"
"""The store of what it plays here."""
MOST_BYTES: Final = 8_000_000
DECISIVE: Final = ("features", "model", "precision")
"""Kinds of plugins without which a network can't play."""
STRENGTH: Final = "## How strong it is"
LIMITS: Final = (
    "It saw its own games alone, cut off at {max_plies} plies, and knows little of long endgames, entering kings and"
    " handicaps. By its policy it looks at one position and no further; what that misses is told by the puzzles. The"
    " opponents above search a small fixed depth: engines with the time that people give them are far stronger. Its"
    " value is the result that it expects against itself."
)
PLAYING: Final = """\
## How to play it

```sh
keisei play                                # in the browser
keisei usi keisei:                         # an engine for ShogiHome and the like
keisei match keisei: alphabeta:depth=2     # its policy
keisei match keisei:simulations=64 keisei: # its search against its policy
keisei show keisei: 7g7f 3c3d              # what it says of a position
```
"""


def bundle(source: str, out: Path) -> None:
    """Puts the network of a run into the place of that in a folder; nothing where it has the same weights.

    Raises:
        SystemExit: it can't be exported, is too large, or asks for plugins that the package does not.
    """
    beside = out.with_name(f"{out.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    keisei("export", source, str(beside), "--license", "MIT", "--no-card")
    problem = problem_of(beside, out)
    if problem or (out.exists() and find_network(out).digest == find_network(beside).digest):
        shutil.rmtree(beside)
        if problem:
            raise SystemExit(problem)
        return
    shutil.rmtree(out, ignore_errors=True)
    beside.rename(out)


def problem_of(network: Path, out: Path) -> str:
    """Says why an export can't be bundled; nothing where it can."""
    size = size_of(network)
    if size > MOST_BYTES:
        return f"{size:,} bytes are more than {MOST_BYTES:,}; bundle a smaller network"
    package = next((folder for folder in out.absolute().parents if (folder / "pyproject.toml").is_file()), None)
    if package is None:
        return ""
    asked = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    rows = json.loads((network / "network.json").read_text(encoding="utf-8"))["plugins"]
    needed = {row["distribution"] for row in rows if row["kind"] in DECISIVE}
    lacking = needed - {Requirement(text).name for text in asked}
    return f"it asks for {', '.join(sorted(lacking))}; name that in {package / 'pyproject.toml'}" if lacking else ""


def size_of(network: Path) -> int:
    """Returns the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in network.iterdir())


def measure(out: Path, results: Path, games: int) -> dict[str, Any]:
    """Plays and solves what is lacking; returns the figures of the network as they stand."""
    digest, figures = find_network(out).digest, results / "bundled.json"
    held = json.loads(figures.read_text(encoding="utf-8")) if figures.exists() else {}
    players = held["players"] if held.get("digest") == digest else {}
    left_out = missing(tables_of(ENGINES))
    path = "keisei:" if out.resolve() == FOLDER.resolve() else os.path.relpath(out, ENGINES.parent)
    for player, rungs in RUNGS.items():
        text = path if player == POLICY else f"{path.removesuffix(':')}:{player}"
        for rung in rungs if games else ():
            if rung not in left_out:
                print(f"{player} against {rung}: {told(play((text, rung), games, results / GAMES))}", flush=True)
        options = "" if player == POLICY else f":{player}"
        solutions = players.get(player, {}).get("puzzles") or solved(built(f"{out}{options}"), puzzles())
        players[player] = {**figures_of(f"{out}{options}", results), "puzzles": solutions}
        written = {"digest": digest, "bytes": size_of(out), "players": players, **where()}
        figures.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return players


def told(report: Mapping[str, Any] | str) -> str:
    """Says what came of a match.

    Raises:
        SystemExit: it could not be played.
    """
    if isinstance(report, str):
        raise SystemExit(report)
    return score_text(report)


def figures_of(text: str, results: Path) -> dict[str, Any]:
    """Returns a player's Elo, and its scores in all games that are kept."""
    identity, stores = identity_of(text), [results / name for name in (*STORES, GAMES)]
    rated = {row["identity"]: row for row in ratings(stores)}
    elo = {key: rated.get(identity, {}).get(key) for key in ("elo", "elo_low", "elo_high")}
    return {**elo, "matches": matches_of(identity, together(stores))}


def matches_of(identity: str, held: Results) -> dict[str, dict[str, Any]]:
    """Returns a player's scores against each opponent, the highest first; games under all conditions are added up."""
    pairs: defaultdict[str, list[str]] = defaultdict(list)
    for meeting, _ in held.meetings():
        if identity in (meeting.first, meeting.second) and not meeting.sprt:
            seen = meeting if meeting.first == identity else meeting.turned()
            pairs[short(held.names[seen.second])] += held.of(seen).values()
    found = {opponent: score_of_pairs(outcomes).to_data() for opponent, outcomes in pairs.items()}
    return dict(sorted(found.items(), key=lambda match: -match[1]["score"]))


def together(stores: Sequence[Path]) -> Results:
    """Returns the pairs of several stores."""
    held = Results()
    for store in stores:
        found = Store(store).results()
        held.names |= found.names
        for meeting, pairs in found.meetings():
            held.add(meeting, pairs)
    return held


def strength_lines(players: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yields what the card says of strength, all of it figures of the results."""
    yield "Among engines from outside and Keisei's own alphabeta, on the scale of docs/results/external_ladder.md"
    yield "(random play 0; 95 % intervals):"
    yield ""
    yield "| | Elo above random play |"
    yield "|---|---|"
    for name, found in players.items():
        if found["elo"] is not None:
            yield f"| {name} | {found['elo']:,.0f} [{found['elo_low']:,.0f}, {found['elo_high']:,.0f}] |"
    yield ""
    rungs = list(dict.fromkeys(rung for found in players.values() for rung in found["matches"]))
    yield f"| score against | {' | '.join(players)} |"
    yield f"|---|{'---|' * len(players)}"
    for rung in rungs:
        yield f"| `{rung}` | {' | '.join(score_text(found['matches'].get(rung)) for found in players.values())} |"
    yield ""
    yield f"| puzzles | {' | '.join(players)} |"
    yield f"|---|{'---|' * len(players)}"
    for name, keys in TASKS.items():
        yield f"| {name} | {' | '.join(share_text(found['puzzles'], *keys) for found in players.values())} |"
    yield ""
    yield "Every opening is played with both colours; opponents search a fixed depth in one thread (`d1`: one ply; `s`:"
    yield "a skill below the full one). Puzzles: positions of games of alphabeta depth 1 (experiments/puzzles.py)."


def card_of(out: Path, players: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the card: that which is there with new figures where it is of the same weights, else a new one."""
    card, digest = out / CARD, find_network(out).digest
    held = card.read_text(encoding="utf-8") if card.exists() else ""
    text = held if f"`{digest}`" in held else "\n".join(new_card(out)) + "\n"
    before, _, rest = text.partition(f"{STRENGTH}\n")
    behind = rest.partition("\n## ")[2]
    return "\n".join([f"{before}{STRENGTH}", "", *strength_lines(players), "", f"## {behind}"])


def new_card(out: Path) -> Iterator[str]:
    """Yields a card whose figures of strength are still to come."""
    network = find_network(out)
    config, about = network.state["config"], network.state[ABOUT]
    options = ", ".join(f"{key} {value}" for key, value in sorted(config["model"].items()) if key != "name")
    parameters = sum(tensor.numel() for tensor in network.weights.values())
    seed = dict(about["settings"] or ()).get("run.seed", 0)
    yield "# The network `keisei:`"
    yield ""
    taught = f", taught by `{about['teachers']}` besides" if about["teachers"] else ""
    yield f"A network for Shogi that learned by self-play{taught}. It comes with Keisei and plays by its policy, or"
    yield "with the search of keisei-plugins-search."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| network | `{config['model']['name']}`: {options}; {parameters:,} parameters |"
    yield f"| sees | `{config['input']['features']}` |"
    yield "| gives | a policy over 2,187 moves, and the result that the side to move expects |"
    size = (out / "weights.safetensors").stat().st_size
    yield f"| on disk | bfloat16, {size / 1e6:.2f} MB, [safetensors](https://github.com/huggingface/safetensors) |"
    yield f"| digest of the weights | `{network.digest}`, under which its results are kept |"
    yield "| licence | MIT, as Keisei's |"
    yield ""
    yield "## How it was trained"
    yield ""
    yield from training_lines(about)
    yield f"| seed | {seed} |"
    yield from settings_lines(about)
    yield ""
    yield STRENGTH
    yield ""
    yield "## What it does not know"
    yield ""
    yield LIMITS.format(max_plies=config["selfplay"]["max_plies"])
    yield ""
    yield PLAYING.rstrip()


def main() -> None:
    """Bundles, measures and writes the card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "source", nargs="?", metavar="RUN", help="what is bundled; the network that is there by default"
    )
    parser.add_argument("--games", type=int, default=40, help="against a rung; 0 plays none (40)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the network")
    parser.add_argument("--results", type=Path, default=Path("docs/results"), help="folder of the results")
    arguments = parser.parse_args()
    if arguments.source:
        bundle(arguments.source, arguments.out)
    players = measure(arguments.out, arguments.results, arguments.games)
    (arguments.out / CARD).write_text(card_of(arguments.out, players), encoding="utf-8")


if __name__ == "__main__":
    main()
