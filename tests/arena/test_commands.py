"""`keisei match`, `ladder`, `games` and `export` as a user calls them."""

import json

import pytest
from rsshogi.record import Record

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


def test_network_plays_from_its_path(keisei, run_folder):
    data = json.loads(keisei("match", f"{run_folder}:temperature=1", "random", "--games", 4, "--json", *QUICK)[1])

    assert data["first"].startswith(f"{run_folder}/checkpoints/update-000001:temperature=1.0 @")


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
        (("match", "random", "random", "--sprt", "5,0"), 2, "the smaller number first"),
        (("match", "random", "random", "--max-plies", "4"), 2, "must be greater than --opening-plies (8), got 4"),
        (("games", "nowhere.jsonl"), 2, "expected a file of games"),
        (("export", "./nowhere", "out"), 4, "nothing there"),
    ],
)
def test_wrong_call_says_what_is_wrong(keisei, arguments, code, complaint):
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


def test_ladder_plays_only_what_the_store_lacks(keisei, run_folder, tmp_path):
    store = tmp_path / "ladder.jsonl"
    first = ladder(keisei, store, run_folder)
    lines = store.read_text()

    assert ladder(keisei, store, run_folder) == first
    assert store.read_text() == lines
    more = ladder(keisei, store, run_folder, games=12)
    added = [json.loads(line) for line in store.read_text().removeprefix(lines).splitlines()]
    assert [sum(match["pairs"]) for match in added] == [2, 2, 2]
    # Other openings than those already played.
    assert {match["conditions"]["seed"] for match in added} == {8}
    assert more["matches"] == first["matches"] + 3


def test_ladder_takes_matches_from_its_store_under_its_own_conditions(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    keisei("match", "alphabeta", "random", "--games", 8, "--store", store, *QUICK)
    keisei("match", "alphabeta", NOISY, "--games", 8, "--store", store, "--max-plies", 60, "--device", "cpu")
    code, out, err = keisei("ladder", "--store", store, *RUNGS, *QUICK)

    assert code == 0
    assert "1 matches in" in err
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["A2", "A0", "A1"]
    assert "?" in out.splitlines()[3]


def test_match_is_stored_once(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    arguments = ("match", "alphabeta", "random", "--games", 4, "--store", store, *QUICK)
    keisei(*arguments)
    _, _, err = keisei(*arguments)
    assert "has this match already" in err
    keisei(*arguments, "--seed", 1)

    assert [json.loads(line)["conditions"]["seed"] for line in store.read_text().splitlines()] == [0, 1]


def test_markdown_ladder_is_a_table(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    keisei("match", "alphabeta", "random", "--games", 8, "--store", store, *QUICK)
    _, out, _ = keisei("ladder", "--store", store, *RUNGS, "--markdown", *QUICK)

    assert out.splitlines()[1] == "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    assert len({line.count("|") for line in out.splitlines()}) == 1


def test_spoilt_store_is_refused(keisei, tmp_path):
    store = tmp_path / "ladder.jsonl"
    store.write_text('{"first": "a"}\n')
    code, _, err = keisei("ladder", "--store", store)

    assert code == 2
    assert "line 1: expected a match" in err
