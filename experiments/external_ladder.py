"""The ladder reaches outside: our players on one scale with engines that other people wrote.

    python experiments/external_ladder.py [--games 200] [--minutes 180] [--out docs/results]

Each rung plays the next one and, a fifth of these games, the next but one, all at fixed depths; networks play rungs
near them as often, by their policy and looking ahead. Neighbours come first; cells grow 40 games at a time, dear ones
10, the cheapest first, so that the table may be read early.
Pairs of games are kept in OUT/external_ladder.jsonl, a store of `keisei ladder`: stopped at any time, it goes on where
it was. external_ladder.md, written now and then, has one fit of these pairs and of OUT/ladder.jsonl, which ties the
lowest rungs to random play. Engines (external_ladder/engines.toml) that are not installed are left out, which is said;
another version of one is another player, for which an empty OUT is right.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from command import KEISEI, keisei, where

ENGINES: Final = Path(__file__).parent / "external_ladder" / "engines.toml"
UP: Final = "../../"
"""From the folder of that file, where matches are played, to that of the paths of networks."""
RUNGS: Final = (
    "random",
    "alphabeta",
    "usi:fairy-d1-s-5",
    "alphabeta:depth=2",
    "usi:fairy-d1-s-3",
    "alphabeta:depth=3",
    "usi:crazywa-d1",
    "usi:fairy-d1-s0",
    "alphabeta:depth=4",
    "usi:fairy-d1",
    "usi:gnushogi-d1",
    "usi:fairy-d3",
    "usi:gps-d4",
)
"""From weakest to strongest; the first is pinned at 0."""
REACH: Final = 2
"""Each rung plays so many of those above it, as on the ladder."""
NETWORKS: Final = ("docs/results/gate/new", "docs/results/long_run_4x64/network", "docs/results/long_run/network")
SEARCH: Final = ":simulations=128"
SEARCHES: Final = "search:network="
"""Begins the name of a network that looks ahead in the store."""
NEAR_POLICY: Final = ("usi:fairy-d1-s-5", "alphabeta:depth=2", "usi:fairy-d1-s-3", "usi:crazywa-d1")
NEAR_SEARCH: Final = ("usi:fairy-d1-s-3", "alphabeta:depth=3", "usi:crazywa-d1", "usi:fairy-d1-s0")
"""Rungs that networks play, by their policy and looking ahead."""
SECONDS: Final = {"alphabeta:depth=3": 1.0, "alphabeta:depth=4": 10.0, "usi:gps-d4": 20.0, SEARCH: 10.0}
"""Of a core that a game costs about; what is not named costs less than half of one."""
DEAR: Final = 5.0
"""Seconds from which on a cell grows slower than the others."""
SLOWER: Final = 4
"""Times by which it does."""
FEWER: Final = 5
"""Times by which players that are no neighbours on the ladder meet less often."""
CHUNK: Final = 40
"""Games by which cells grow."""
SEED: Final = 1
POINTS: Final = {"W": 1.0, "D": 0.5, "C": 0.5, "L": 0.0}
"""Of the first player, by the letters of a store."""
EXIT_INTERRUPTED: Final = 130
COMPLAINT: Final = "keisei: error: "
HEAD: Final = """\
# The ladder reaches outside

Elo above random play (0) with 95 % intervals: one fit, as `keisei ladder` makes it, of all games in
external_ladder.jsonl and ladder.jsonl. Random openings of 8 plies, each with both colours, 512 plies at most. Engines
search a fixed depth in one thread (`d1`); `s` is Fairy-Stockfish's Skill Level, 20 where it is not named.
`simulations=128` looks ahead; networks without it play their favourite move. `make external-ladder` goes on from here.

| player | Elo | 95 % | points/games against |
|---|---:|---:|---|"""

Cell = tuple[str, str]


def text_of(player: str) -> str:
    """Returns a player as `keisei match` takes it in the folder of the engines' file."""
    return f"{UP}{player}" if player.startswith(NETWORKS) else player


def short(name: str) -> str:
    """Returns a player as it is called here, by its name in the store."""
    player = name.partition(" @")[0]
    if player.startswith(SEARCHES):
        player = player.removeprefix(SEARCHES).replace(",", ":", 1)
    return player.removeprefix(UP)


def tables_of(path: Path) -> dict[str, Any]:
    """Returns the tables of engines in a file, by their names."""
    tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["engines"]
    return tables


def missing(engines: Mapping[str, Any]) -> dict[str, str]:
    """Returns the rungs whose program is not there, each with the reason."""
    programs = {rung: engines[rung.removeprefix("usi:")]["command"][0] for rung in RUNGS if rung.startswith("usi:")}
    return {rung: f"{path} is not installed" for rung, path in programs.items() if shutil.which(path) is None}


def program_at(path: str) -> dict[str, str]:
    """Says which program lies at a path: its SHA-256, and the package with its version where Debian's tools know it."""
    facts = {"program": path, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(), "package": ""}
    if shutil.which("dpkg-query"):
        owner = printed("dpkg-query", "--search", path).partition(":")[0]
        facts["package"] = printed("dpkg-query", "--show", "--showformat=${Package} ${Version}", owner) if owner else ""
    return facts


def printed(*command: str) -> str:
    """Returns what a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def cost(cell: Cell) -> float:
    """Returns about how many seconds of a core a game costs."""
    return sum(SECONDS.get(SEARCH if player.endswith(SEARCH) else player, 0.4) for player in cell)


def cells_of(rungs: Sequence[str]) -> list[Cell]:
    """Returns who plays whom: neighbours and then others, the cheapest first."""
    among = [(high, low) for n, low in enumerate(rungs) for high in rungs[n + 1 : n + 1 + REACH]]
    policy = [(network, rung) for network in NETWORKS for rung in NEAR_POLICY if rung in rungs]
    search = [(network + SEARCH, rung) for network in NETWORKS for rung in NEAR_SEARCH if rung in rungs]
    return sorted([*among, *policy, *search], key=lambda cell: (not are_neighbours(cell), cost(cell)))


def plan(cells: Sequence[Cell], most: int) -> Iterator[tuple[Cell, int]]:
    """Yields what is to be played, in order: a cell and how many games it has then."""
    for close, enough in ((True, most), (False, most // FEWER)):
        for games in range(CHUNK, SLOWER * enough + CHUNK, CHUNK):
            for cell in cells:
                before, wanted = (min(enough, number // pace(cell)) for number in (games - CHUNK, games))
                if are_neighbours(cell) == close and wanted > before:
                    yield cell, wanted


def are_neighbours(cell: Cell) -> bool:
    """Tells whether two players are rungs next to each other."""
    return all(player in RUNGS for player in cell) and RUNGS.index(cell[0]) - RUNGS.index(cell[1]) == 1


def pace(cell: Cell) -> int:
    """Returns how many times slower than others a cell grows."""
    return SLOWER if cost(cell) > DEAR else 1


class Results:
    """The pairs of games in a store, each once."""

    def __init__(self, store: Path) -> None:
        self.pairs: defaultdict[tuple[str, str], dict[tuple[int, int], str]] = defaultdict(dict)
        """By the names of the players: outcomes of pairs by seed and opening."""
        for line in store.read_text(encoding="utf-8").splitlines() if store.exists() else []:
            record = json.loads(line)
            names = short(record["first_name"]), short(record["second_name"])
            for number, outcomes in enumerate(record["pairs"].split(), record["opening"]):
                self.pairs[names].setdefault((record["seed"], number), outcomes)

    def games(self, cell: Cell) -> int:
        """Returns how many games two players have."""
        return 2 * sum(len(self.pairs.get(names, ())) for names in (cell, cell[::-1]))

    def of(self, player: str) -> Iterator[tuple[str, float, int]]:
        """Yields the opponents of a player, with his points and the number of games."""
        for (first, second), pairs in self.pairs.items():
            letters = "".join(pairs.values())
            points = sum(POINTS[letter] for letter in letters)
            if player == first:
                yield second, points, len(letters)
            elif player == second:
                yield first, len(letters) - points, len(letters)

    def players(self) -> set[str]:
        """Returns all that played."""
        return {player for names in self.pairs for player in names}


def play(cell: Cell, games: int, store: Path) -> dict[str, Any] | str:
    """Plays a cell up to so many games; returns the report of the match, or why there is none.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    settings = ("--games", str(games), "--seed", str(SEED), "--store", str(store.absolute()), "--threads", "1")
    command = [*KEISEI, "match", *map(text_of, cell), *settings, "--device", "cpu", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ENGINES.parent)
    if done.returncode == EXIT_INTERRUPTED:
        raise KeyboardInterrupt
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith(COMPLAINT)]
        return errors[0].removeprefix(COMPLAINT) if errors else f"exit code {done.returncode}"
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def faults_in(report: Mapping[str, Any]) -> dict[str, int]:
    """Returns how many games the players lost by faults of their own, by their names and kinds."""
    return {
        f"{short(report[seat])}, {kind.replace('_', ' ')}": number
        for seat, kinds in report["faults"].items()
        for kind, number in kinds.items()
        if kind != "last_words" and number
    }


def ratings(stores: Sequence[Path]) -> list[dict[str, Any]]:
    """Returns the rows of the ladder that all stores make together."""
    with tempfile.TemporaryDirectory() as folder:
        together = Path(folder) / "store.jsonl"
        together.write_text("".join(path.read_text(encoding="utf-8") for path in stores if path.exists()))
        rows: list[dict[str, Any]] = json.loads(keisei("ladder", "--store", str(together), "--json"))["players"]
    return rows


def page(rows: Sequence[Mapping[str, Any]], results: Results, notes: Mapping[str, Any]) -> str:
    """Writes the table in Markdown, the strongest first."""
    lines = HEAD.splitlines()
    shown = results.players()
    for row in rows:
        name = short(row["player"])
        if name in shown and row["elo"] is not None:
            met = sorted(results.of(name), key=lambda cell: -cell[1] / cell[2])
            told = ", ".join(f"{other} {points:g}/{games}" for other, points, games in met)
            lines.append(f"| {name} | {row['elo']:.0f} | {row['elo_low']:.0f} to {row['elo_high']:.0f} | {told} |")
    played = sorted(map(results.games, results.pairs))
    lines += [
        "",
        f"Games a cell: {played[0]} to {played[-1]}; the aim is 200 between neighbours and 40 elsewhere.",
        "",
        *programs(notes),
        "",
    ]
    return "\n".join(lines)


def programs(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yields the lines about engines and machine."""
    yield "| engine | package | SHA-256 of the program | asked |"
    yield "|---|---|---|---|"
    for name, engine in notes["engines"].items():
        options = ", ".join(f"{key} {value}" for key, value in engine["options"].items())
        asked = "; ".join(filter(None, (f"go {engine['go']}", options)))
        yield f"| {name} | {engine['package'] or engine['program']} | `{engine['sha256'][:16]}` | {asked} |"
    yield ""
    yield from (f"Left out: {rung}, {reason}." for rung, reason in notes["left_out"].items())
    for (first, second), reason in notes["failed"].items():
        yield f"Not played: {first} against {second}, {reason}."
    if notes["played"]:
        told = ", ".join(f"{what} {number}" for what, number in notes["faults"].items()) or "none"
        yield f"Games of the last {notes['played']} matches lost by illegal moves, silence or death: {told}."
    yield f"{notes['machine']}, torch {notes['torch']}, commit {notes['commit']}."


def facts(rungs: Sequence[str], engines: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Returns what is known of the engines among the rungs, by their names."""
    names = [rung.removeprefix("usi:") for rung in rungs if rung.startswith("usi:")]
    return {name: {"options": {}, **engines[name], **program_at(engines[name]["command"][0])} for name in names}


def play_all(cells: Sequence[Cell], most: int, end: float, store: Path, notes: dict[str, Any]) -> Iterator[int]:
    """Plays all that is lacking until the time is over; yields how many games cells have now and then."""
    reached = 0
    for cell, games in plan(cells, most):
        if time.monotonic() > end:
            return
        if cell in notes["failed"] or Results(store).games(cell) >= games:
            continue
        if games > reached:
            reached = games
            yield games
        report = play(cell, games, store)
        if isinstance(report, str):
            notes["failed"][cell] = report
        else:
            notes["faults"].update(faults_in(report))
            notes["played"] += 1
        told = report if isinstance(report, str) else f"{report['score']:.3f} over {report['games']} games"
        print(f"{' against '.join(cell)}: {told}", flush=True)


def write(out: Path, store: Path, notes: Mapping[str, Any]) -> None:
    """Writes the page as the games stand; none before there is a game."""
    results = Results(store)
    if not results.pairs:
        return
    rows = ratings([out / "ladder.jsonl", store])
    (out / "external_ladder.md").write_text(page(rows, results, notes), encoding="utf-8")


def main() -> None:
    """Plays and writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--games", type=int, default=200, help="between neighbours, a fifth elsewhere (200)")
    parser.add_argument("--minutes", type=float, default=180, help="no match begins after so long (180)")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results (docs/results)")
    arguments = parser.parse_args()
    store, end = arguments.out / "external_ladder.jsonl", time.monotonic() + 60 * arguments.minutes
    arguments.out.mkdir(parents=True, exist_ok=True)
    engines = tables_of(ENGINES)
    left_out = missing(engines)
    rungs = [rung for rung in RUNGS if rung not in left_out]
    notes: dict[str, Any] = {"engines": facts(rungs, engines), "left_out": left_out, **where()}
    notes |= {"failed": {}, "faults": Counter(), "played": 0}
    try:
        for _ in play_all(cells_of(rungs), arguments.games, end, store, notes):
            write(arguments.out, store, notes)
    finally:
        write(arguments.out, store, notes)


if __name__ == "__main__":
    main()
