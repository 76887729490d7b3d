"""What the page's own modules work out, beside what Keisei and rsshogi make of the same."""

import functools
import json
import re
import shutil
import subprocess

import pytest
from rsshogi.core import Board
from written_run import LOST, START

from keisei_core.records import Game, as_text
from keisei_plugins_report.gather.document import document
from keisei_plugins_report.page.page import ASSETS, program

MOVES = [
    "7g7f",
    "3c3d",
    "8h2b+",
    "3a2b",
    "B*5e",
    "2b3c",
    "5e3c+",
    "2a3c",
    "S*6f",
    "9c9d",
    "6f5e",
    "9d9e",
    "5e4d",
    "4c4d",
]


LEAST_NODE = 18
"""The page's modules are written for browsers; an older node lacks what they use."""


@functools.cache
def node_version():
    """Returns the first number of the version of node, 0 where there is none."""
    found = shutil.which("node")
    if found is None:
        return 0
    done = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=120, check=False)
    told = re.match(r"v(\d+)", done.stdout)
    return int(told[1]) if told else 0


def node(script):
    """Runs a script beside the modules of the page."""
    if node_version() < LEAST_NODE:
        pytest.skip(f"node {LEAST_NODE} or newer is not installed")
    folder = ASSETS / "js"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        cwd=str(folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_word_is_there_in_both_languages():
    done = node("import { keysOf } from './words.js'; console.log(JSON.stringify([keysOf('en'), keysOf('ja')]));")
    english, japanese = json.loads(done)

    assert english == japanese
    asked = set(re.findall(r"say\(\"([\w.]+)\"", program()))
    assert asked <= set(english)


def test_page_writes_the_kif_that_keisei_writes(run, tmp_path):
    handicap = {"sfen": "4k4/9/9/4P4/9/9/9/9/4K4 w 2G 12", "moves": ["5a4a", "5d5c", "4a4b", "5c5b+", "4b3c", "G*3d"]}
    games = [
        LOST | {"moves": MOVES, "ending": "max_plies", "winner": ""},
        LOST | handicap | {"ending": "none", "winner": ""},
    ]
    found = document([run(matches=games, games=[])], asks_network=False)["games"]
    (tmp_path / "games.json").write_text(json.dumps(found))

    script = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ kifText }} from "./notation.js";
    import {{ positionsOf }} from "./position.js";
    const games = JSON.parse(readFileSync("{tmp_path / "games.json"}"));
    console.log(JSON.stringify(games.map((game) => kifText(positionsOf(game.sfen, game.moves), game.moves, game.kif))));
    """

    assert json.loads(node(script)) == [as_text(Game.of(game), "kif") for game in games]


def test_positions_of_the_page_are_those_of_another_program():
    board = Board(START)
    for move in MOVES:
        board.push_usi(move)
    script = f"""
    import {{ parseSfen, positionsOf }} from "./position.js";
    const played = positionsOf("{START}", {json.dumps(MOVES)}).at(-1);
    console.log(JSON.stringify([played, parseSfen("{board.to_sfen()}")]));
    """
    mine, theirs = json.loads(node(script))
    for position in (mine, theirs):
        position["hands"] = {
            side: {kind: n for kind, n in held.items() if n} for side, held in position["hands"].items()
        }

    assert mine == theirs


def test_readable_moves_tell_what_a_reader_would_miss():
    script = """
    import { readable } from "./notation.js";
    import { parseSfen } from "./position.js";
    const say = (sfen, ...moves) => ["ja", "en"].map((language) => readable(parseSfen(sfen), ...moves, language));
    console.log(JSON.stringify([
      say("4k4/9/4P4/9/9/9/9/9/4K4 b G 1", "G*5b", ""), say("4k4/9/4S4/9/9/9/9/9/4K4 b - 1", "5c4b", ""),
      say("4k4/9/4S4/9/9/9/9/9/4K4 b - 1", "5c4b+", ""), say("4k4/3p5/4S4/9/9/9/9/9/4K4 b - 1", "5c6b", "6a6b"),
      say("4k4/9/9/9/9/9/4s4/9/4K4 w - 1", "5g5h", ""),
    ]));
    """

    assert json.loads(node(script)) == [
        ["☗５二金打", "☗G*5b"], ["☗４二銀不成(53)", "☗S5c-4b="], ["☗４二銀成(53)", "☗S5c-4b+"],
        ["☗同　銀不成(53)", "☗S5cx6b="], ["☖５八銀不成(57)", "☖S5g-5h="],
    ]  # fmt: skip


def test_lost_game_says_where_it_turned_or_that_nobody_saw_it_coming():
    script = """
    import { turningOf } from "./game.js";
    import { wordsOf } from "./words.js";
    const game = { lost: true, values: [0.5], moves: Array(100), turning: 40 };
    const changes = [{}, { turning: null }, { turning: 95 }, { values: [null] }, { lost: false }];
    console.log(JSON.stringify(changes.map((change) => turningOf({ ...game, ...change }, wordsOf("en")))));
    """

    assert json.loads(node(script)) == ["turned at ply 40", "behind from the start", "not seen coming", "", ""]


def test_charts_are_those_that_the_runs_have_figures_for_and_plain_ones_for_the_rest():
    runs = [
        {"columns": {"update": [1, 2], "plies": [1, 2], "kl": [0.1, 0.2], "score": [None, None], "mates": [None, 1]}},
        {"columns": {"update": [1], "plies": [1], "kl": [None], "explained_variance": [0.5]}},
    ]
    script = f"""
    import {{ chartsOf }} from "./charts.js";
    const {{ shown, others }} = chartsOf({json.dumps(runs).replace("None", "null")});
    console.log(JSON.stringify([shown.map((chart) => chart.id), others.map((chart) => chart.title)]));
    """

    assert json.loads(node(script)) == [["kl", "explained"], ["mates"]]


def test_curves_leave_out_what_says_nothing():
    columns = {"update": [1, 2, 3], "games_per_s": [0, 0, 1], "speed": [9, 50, 60], "decisive_rate": [0, 0, 1]}
    script = f"""
    import {{ shownColumn }} from "./charts.js";
    const run = {{ columns: {json.dumps(columns)} }};
    console.log(JSON.stringify([
      shownColumn(run, "speed", {{ skipFirst: true }}),
      shownColumn(run, "decisive_rate", {{ ofGames: true }}),
      shownColumn(run, "gone", {{}}),
    ]));
    """

    assert json.loads(node(script)) == [[None, 50, 60], [None, None, 1], [None, None, None]]


def test_theme_is_chosen_where_the_browser_keeps_nothing():
    script = """
    import { Look } from "./look.js";
    globalThis.location = { hash: "#theme=light" };
    Object.defineProperty(globalThis, "navigator", { value: { language: "ja-JP" }, configurable: true });
    Object.defineProperty(globalThis, "localStorage", { get() { throw new Error("blocked"); }, configurable: true });
    const told = [];
    const look = new Look(() => told.push([look.language, look.theme]));
    look.choose("theme", "dark");
    look.choose("language", "en");
    console.log(JSON.stringify(told));
    """

    assert json.loads(node(script)) == [["ja", "dark"], ["en", "dark"]]


def test_record_is_saved_as_a_file_where_the_browser_gives_no_clipboard():
    script = """
    import { Viewer } from "./viewer.js";
    const told = [];
    const copied = async (clipboard) => {
      Object.defineProperty(globalThis, "navigator", { value: { clipboard }, configurable: true });
      const viewer = { kif: () => "kif", save: () => told.push("saved"), say: (word) => word };
      await Viewer.prototype.copy.call(viewer, { set textContent(word) { told.push(word); } });
    };
    await copied(undefined);
    await copied({ writeText: async () => { throw new Error("not allowed"); } });
    await copied({ writeText: async (text) => told.push(text) });
    console.log(JSON.stringify(told));
    process.exit();
    """

    assert json.loads(node(script)) == ["saved", "saved", "kif", "board.copied"]
