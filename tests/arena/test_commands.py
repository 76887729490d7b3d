"""`keisei match`, `ladder`, `games` and `export` as a user calls them."""

import io
import json
import signal
import sys

import pytest
from rsshogi.record import Record

from keisei_core.arena.watcher import Watcher
from keisei_core.errors import ConfigError
from keisei_core.shogi import START_SFEN

QUICK = ("--max-plies", 120, "--device", "cpu", "--threads", 1)
NOISY = "alphabeta:random_moves=0.9"


def test_match_prints_score_elo_and_pairs(keisei):
    code, out, _ = keisei("match", "alphabeta", "random", "--games", 20, *QUICK)

    assert code == 0
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert lines["first"] == "alphabeta"
    assert lines["games"].startswith("20: W ")
    assert {"score", "elo", "pairs", "endings"} <= set(lines)


def test_match_is_the_same_under_a_seed(keisei):
    def play(seed):
        data = json.loads(keisei("match", NOISY, "random", "--games", 30, "--seed", seed, "--json", *QUICK)[1])
        return {key: value for key, value in data.items() if key not in ("seconds", "conditions")}

    one, again, other = play(1), play(1), play(2)
    assert one == again != other
    assert one["games"] == one["wins"] + one["draws"] + one["losses"] + one["truncated"] == 30
    assert sum(one["pairs"]) == 15


def test_sprt_ends_a_match_early(keisei):
    arguments = ("match", "alphabeta", "random", "--games", 400, "--sprt", "0,70", "--at-once", 40, "--json", *QUICK)
    data = json.loads(keisei(*arguments)[1])

    assert data["sprt"]["verdict"] == "stronger"
    assert data["sprt"]["llr"] >= data["sprt"]["llr_high"]
    assert data["games"] < 100


def test_every_game_can_be_read_afterwards(keisei, tmp_path):
    games = tmp_path / "games.jsonl"
    keisei("match", "alphabeta", "random", "--games", 6, "--games-to", games, *QUICK)

    _, listing, _ = keisei("games", games)
    assert len(listing.splitlines()) == 6
    for number, line in enumerate(games.read_text().splitlines()):
        record = json.loads(line)
        assert record["sfen"] == START_SFEN
        assert {record["black"], record["white"]} == {"alphabeta", "random"}
        kif, csa, usi = (
            keisei("games", games, "--game", number, "--format", form)[1] for form in ("kif", "csa", "usi")
        )
        for read in (Record.from_kif_str(kif), Record.from_csa_str(csa), Record.from_usi_position(usi.strip())):
            assert [entry.move.to_usi() for entry in read.moves] == record["moves"]
        if record["ending"] == "mate":
            assert Record.from_kif_str(kif).result.is_black_win() == (record["winner"] == "black")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp932", "utf-8"])
def test_game_for_a_terminal_of_another_encoding_is_escaped_and_it_says_so(keisei, tmp_path, monkeypatch, encoding):
    game = {"sfen": START_SFEN, "moves": ["7g7f"], "ending": "unfinished", "winner": "", "black": "é", "white": "歩"}
    (tmp_path / "g.jsonl").write_text(json.dumps(game))
    stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    monkeypatch.setattr(sys, "stdout", stdout)

    code, _, err = keisei("games", tmp_path / "g.jsonl", "--game", 0)

    written = stdout.buffer.getvalue().decode(encoding)
    escaped = {"ascii": "\\u6b69", "latin-1": "\\u6b69", "cp932": "\\xe9"}.get(encoding)
    assert code == 0
    assert (escaped or "歩") in written
    assert ("PYTHONIOENCODING=utf-8" in err) == (escaped is not None)


def test_network_plays_from_its_path_and_its_games_tell_no_folder_but_what_it_thought(keisei, run_folder, tmp_path):
    match = ("match", f"{run_folder}:temperature=1", "random", "--games", 4, "--json", "--games-to", tmp_path / "games")
    data = json.loads(keisei(*match, *QUICK)[1])

    assert data["first"].startswith(f"{run_folder}/checkpoints/update-000001:temperature=1.0 @")
    name = data["first"].removeprefix(f"{run_folder}/checkpoints/")
    for line in (tmp_path / "games").read_text().splitlines():
        game = json.loads(line)
        assert game[game["first"]] == f"run {name}"
        told = {ply % 2 for ply, value in enumerate(game["values"]) if value is not None}
        assert told == {0 if game["first"] == "black" else 1}


def test_export_as_json_names_its_files(keisei, run_folder, tmp_path):
    told = json.loads(keisei("export", run_folder, tmp_path / "out", "--json")[1])

    assert (told["folder"], told["dtype"]) == (str(tmp_path / "out"), "bf16")
    assert told["file_bytes"] == {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}


def test_exported_network_plays_the_same_match(keisei, run_folder, tmp_path):
    assert keisei("export", run_folder, tmp_path / "out", "--dtype", "fp32")[0] == 0
    results = [
        json.loads(keisei("match", player, "random", "--games", 10, "--json", *QUICK)[1])
        for player in (run_folder, tmp_path / "out")
    ]

    assert results[0]["pairs"] == results[1]["pairs"]
    assert results[0]["mean_plies"] == results[1]["mean_plies"]


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("match", "alphabeta", "alphabet"), 2, "did you mean 'alphabeta'?"),
        (("match", "alphabeta:depth=99", "random"), 2, "depth must be at most 8, got 99"),
        (("match", "./nowhere", "random"), 4, "nothing there"),
        (("match", "random", "random", "--games", "7"), 2, "must be even"),
        (("match", "random", "random", "--sprt", "5"), 2, "expected two numbers"),
        (("match", "random", "random", "--sprt", "5,0"), 2, "elo1 must be greater than elo0 (5.0), got 0.0"),
        (("match", "random", "random", "--sprt", "0,10000"), 2, "elo1 must be from -2000 to 2000, got 10000"),
        (("match", "random", "random", "--sprt", "0,inf"), 2, "elo1 must be from -2000 to 2000, got inf"),
        (("match", "random", "random", "--sprt=-inf,0"), 2, "elo0 must be from -2000 to 2000, got -inf"),
        (("match", "random", "random", "--sprt", "nan,0"), 2, "elo0 must be from -2000 to 2000, got nan"),
        (("match", "random", "random", "--sprt", "0,5", "--alpha", "nan"), 2, "'alpha' must be > 0: nan"),
        (("match", "random", "random", "--overwrite"), 2, "--games-to, which is not given"),
        (("match", "random", "random", "--store", "a", "--games-to", "./a"), 2, "are the same file, a; name two"),
        (("match", "random", "random", "--store", "/proc/nope/s.jsonl"), 2, "/proc/nope/s.jsonl: can't be written"),
        (("match", "random", "random", "--store", "/dev/full"), 2, "/dev/full: expected a file, got something else"),
        (("match", "random", "random", "--games-to", "/proc/nope"), 2, "/proc/nope: can't be written"),
        (("ladder", "random", "--store", "/proc/nope/s.jsonl"), 2, "/proc/nope/s.jsonl: can't be written"),
        (("match", "random", "random", "--max-plies", "4"), 2, "must be greater than --opening-plies (8), got 4"),
        (("games", "nowhere.jsonl"), 2, "expected a file of games"),
        (("export", "./nowhere", "out"), 4, "nothing there"),
    ],
)
def test_wrong_call_says_what_is_wrong_before_the_first_game(keisei, monkeypatch, arguments, code, complaint):
    monkeypatch.setattr("keisei_core.arena.contest.play_match", lambda *_, **__: pytest.fail("played"))
    found, _, err = keisei(*arguments)

    assert found == code
    assert complaint in err


RUNGS = ("--anchor", "random", "--anchor", NOISY, "--anchor", "alphabeta")


def ladder(keisei, store, *players, games=8):
    arguments = ("ladder", *players, "--store", store, *RUNGS, "--anchor-games", 20, "--games", games, *QUICK)
    code, out, err = keisei(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_ladder_rates_networks_between_fixed_anchors(keisei, run_folder, tmp_path):
    store = tmp_path / "ladder.jsonl"
    data = ladder(keisei, store, run_folder)

    rows = {row["player"]: row for row in data["players"]}
    assert rows["random"]["elo"] == 0
    assert rows["random"]["elo_low"] == rows["random"]["elo_high"] == 0
    assert 0 < rows[NOISY]["elo"] < rows["alphabeta"]["elo"]
    (network,) = (row for row in data["players"] if not row["is_anchor"])
    assert network["player"].startswith(str(run_folder))
    assert network["elo_low"] < network["elo"] < network["elo_high"]
    assert set(network["scores"]) == {"random", NOISY, "alphabeta"}
    assert network["games"] == 24


def test_ladder_with_nothing_played_says_what_to_do_and_how_much_that_plays(keisei, tmp_path):
    code, out, err = keisei("ladder", "--store", tmp_path / "none.jsonl", "--anchor-games", 10, "--games", 6)

    assert code == 0
    assert out.count("?") == 7  # of eight anchors the first is pinned
    assert f"note: nothing is in {tmp_path / 'none.jsonl'} yet; keisei ladder RUN plays 130 games of the anchors" in err
    assert "and 48 of RUN against them" in err


def test_match_in_which_no_game_ends_says_that_its_score_is_no_sign(keisei):
    out = keisei("match", "random", "random", "--games", 2, "--max-plies", 10)[1]

    assert "warning  none of the 2 games ended before it was cut off: 0.50 is no sign of equal strength" in out


def test_ladder_plays_only_what_the_store_lacks(keisei, run_folder, tmp_path):
    store = tmp_path / "ladder.jsonl"
    first = ladder(keisei, store, run_folder)
    lines = store.read_text()

    assert ladder(keisei, store, run_folder) == first
    assert store.read_text() == lines
    more = ladder(keisei, store, run_folder, games=12)
    added = [json.loads(line) for line in store.read_text().removeprefix(lines).splitlines()]
    # Other openings than those already played.
    assert [(line["seed"], line["opening"], len(line["pairs"].split())) for line in added] == [(0, 4, 2)] * 3
    assert more["pairs"] == first["pairs"] + 6


def test_ladder_counts_a_network_once_wherever_it_lies(keisei, run_folder, tmp_path):
    store = tmp_path / "ladder.jsonl"
    ladder(keisei, store, run_folder)
    lines = store.read_text()
    keisei("export", run_folder, tmp_path / "out", "--dtype", "fp32")
    data = ladder(keisei, store, tmp_path / "out")

    assert store.read_text() == lines
    (network,) = (row for row in data["players"] if not row["is_anchor"])
    assert network["player"].startswith(f"{tmp_path / 'out'} @")


def test_ladder_takes_matches_from_its_store_under_its_own_conditions(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    keisei("match", "alphabeta", "random", "--games", 8, "--store", store, *QUICK)
    keisei("match", "alphabeta", NOISY, "--games", 8, "--store", store, "--max-plies", 60, "--device", "cpu")
    code, out, err = keisei("ladder", "--store", store, *RUNGS, *QUICK)

    assert code == 0
    assert "4 pairs in" in err
    assert "other conditions" in err
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["A2", "A0", "A1"]
    assert "?" in out.splitlines()[3]


def test_ladder_tells_cut_games_apart(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    keisei("match", NOISY, "random", "--games", 20, "--store", store, "--max-plies", 60, "--device", "cpu")
    cut = sum(line.count("C") for line in json.loads(store.read_text())["pairs"])
    data = json.loads(keisei("ladder", "--store", store, *RUNGS, "--max-plies", 60, "--device", "cpu", "--json")[1])

    assert cut > 0
    assert {row["player"]: row["truncated"] for row in data["players"]} == {"random": cut, NOISY: cut, "alphabeta": 0}


@pytest.mark.parametrize("form", ["--json", "--markdown", None])
def test_player_above_all_anchors_carries_a_warning(keisei, tmp_path, form):
    store = tmp_path / "ladder.jsonl"
    keisei("match", "alphabeta", "random", "--games", 20, "--store", store, *QUICK)
    flags = ("--anchor", "random", *((form,) if form else ()), *QUICK)
    _, out, _ = keisei("ladder", "--store", store, *flags)

    assert "rated above the strongest anchor (random): alphabeta" in out
    if form == "--json":
        assert [row["is_above_anchors"] for row in json.loads(out)["players"]] == [True, False]
    _, out, _ = keisei("ladder", "--store", store, *flags, "--anchor", "alphabeta")
    assert "rated above" not in out


def stored(store):
    """Returns what the lines of a store are about."""
    lines = [json.loads(line) for line in store.read_text().splitlines()]
    return [(line["seed"], line["sprt"], line["opening"], len(line["pairs"].split())) for line in lines]


def test_match_plays_only_the_pairs_that_its_store_lacks(keisei, tmp_path):
    store, arguments = tmp_path / "ladder.jsonl", ("match", "alphabeta", "random", "--json", *QUICK)
    flags = ("--store", store, "--games")
    first = json.loads(keisei(*arguments, *flags, 4, "--at-once", 2)[1])
    again = json.loads(keisei(*arguments, *flags, 4, "--at-once", 4)[1])
    more = json.loads(keisei(*arguments, *flags, 10, "--games-to", tmp_path / "games")[1])
    keisei(*arguments, *flags, 4, "--seed", 1)

    assert stored(store) == [(0, False, 0, 2), (0, False, 2, 3), (1, False, 0, 2)]
    assert again["pairs"] == first["pairs"]
    assert (first["stored_games"], again["stored_games"], more["stored_games"]) == (0, 4, 4)
    assert again["mean_plies"] is None
    assert (again["games"], more["games"]) == (4, 10)
    played = [json.loads(line)["game"] for line in (tmp_path / "games").read_text().splitlines()]
    assert played == [4, 5, 6, 7, 8, 9]


def test_match_whose_games_are_all_stored_shows_its_result(keisei, tmp_path):
    arguments = ("match", "alphabeta", "random", "--games", 4, "--store", tmp_path / "ladder.jsonl", *QUICK)
    first, again = (keisei(*arguments)[1] for _ in range(2))

    assert "stored   4 of these games, not played again" in again
    assert first.splitlines()[:5] == again.splitlines()[:5]


def test_same_match_the_other_way_round_is_played_once(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    one, other = (
        json.loads(keisei("match", *pair, "--games", 4, "--store", store, "--json", *QUICK)[1])
        for pair in (("alphabeta", "random"), ("random", "alphabeta"))
    )

    assert stored(store) == [(0, False, 0, 2)]
    assert other["pairs"] == one["pairs"][::-1]
    assert other["wins"] == one["losses"]


def test_match_under_a_sequential_test_is_kept_apart(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    arguments = ("match", "alphabeta", "random", "--games", 400, "--at-once", 40, "--store", store, *QUICK)
    tested = json.loads(keisei(*arguments, "--sprt", "0,70", "--json")[1])
    num_pairs = tested["games"] // 2
    data = json.loads(keisei("ladder", "--store", store, *RUNGS, "--json", *QUICK)[1])

    assert stored(store) == [(0, True, 0, num_pairs)]
    assert (data["pairs"], data["pairs_left_out_sprt"]) == (0, num_pairs)
    assert {row["games"] for row in data["players"]} == {0}
    assert "played under a sequential test" in keisei("ladder", "--store", store, *RUNGS, *QUICK)[2]
    # The same test is decided by what is stored; a fair match begins at its first pair.
    assert json.loads(keisei(*arguments, "--sprt", "0,70", "--json")[1])["stored_games"] == tested["games"]
    keisei("match", "alphabeta", "random", "--games", 4, "--store", store, *QUICK)
    assert stored(store)[1:] == [(0, False, 0, 2)]


def test_result_is_shown_where_the_store_fails_afterwards(keisei, tmp_path, monkeypatch):
    store = tmp_path / "ladder.jsonl"

    def fail(*_):
        raise ConfigError([f"{store}: can't be written: No space left on device"])

    monkeypatch.setattr("keisei_core.arena.store.Store.append", fail)
    code, out, err = keisei("match", "alphabeta", "random", "--games", 4, "--store", store, *QUICK)

    assert code == 2
    assert "score " in out
    assert "No space left" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_match_shows_and_stores_what_was_played(keisei, tmp_path, monkeypatch, number):
    store = tmp_path / "ladder.jsonl"
    see, arguments = Watcher.see, ("match", "alphabeta", "random", "--at-once", 4, "--store", store, *QUICK)

    def interrupted(watcher, pair, tally):
        see(watcher, pair, tally)
        if len(watcher.played) == 3:
            signal.raise_signal(number)

    with monkeypatch.context() as changed:
        changed.setattr(Watcher, "see", interrupted)
        code, out, _ = keisei(*arguments, "--games", 20)

    assert code == 130
    assert "games    6: W " in out
    assert json.loads(keisei(*arguments, "--games", 20, "--json")[1])["stored_games"] == 6
    assert stored(store) == [(0, False, 0, 3), (0, False, 3, 7)]


def test_player_that_interrupts_of_its_own_accord_is_no_ctrl_c(keisei, monkeypatch):
    see = Watcher.see

    def interrupted(watcher, pair, tally):
        see(watcher, pair, tally)
        raise KeyboardInterrupt

    monkeypatch.setattr(Watcher, "see", interrupted)
    code, out, _ = keisei("match", "alphabeta", "random", "--at-once", 4, "--games", 20, *QUICK)

    assert (code, out) == (3, "")


def test_games_are_never_written_over_unasked(keisei, tmp_path):
    games = tmp_path / "games.jsonl"
    arguments = ("match", "random", "random", "--games", 2, "--games-to", games, *QUICK)
    assert keisei(*arguments)[0] == 0
    before = games.read_text()
    code, out, err = keisei(*arguments, "--seed", 1)

    assert (code, out) == (2, "")
    assert "has something in it; name another file, or write over it with --overwrite" in err
    assert games.read_text() == before
    assert keisei(*arguments, "--seed", 1, "--overwrite")[0] == 0
    assert games.read_text() != before


def test_match_goes_on_where_its_games_find_no_room(keisei):
    code, out, err = keisei("match", "random", "random", "--games", 100, "--games-to", "/dev/full", *QUICK)

    assert code == 2
    assert "games    100: W " in out
    assert "warning: /dev/full: can't be written: No space left on device; games are missing in it; the match" in err
    assert err.endswith("error: /dev/full: can't be written: No space left on device; games are missing in it\n")


def test_markdown_ladder_is_a_table(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    keisei("match", "alphabeta", "random", "--games", 8, "--store", store, *QUICK)
    _, out, _ = keisei("ladder", "--store", store, *RUNGS, "--markdown", *QUICK)

    assert out.splitlines()[1] == "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    assert len({line.count("|") for line in out.splitlines()}) == 1
