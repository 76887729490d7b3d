"""The files of a run, as a run leaves them."""

import json

START = "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1"
LOST = {
    "update": 4, "match": "rung", "game": 0, "first": "black", "black": "mine update-000004", "white": "random",
    "sfen": START, "opening_plies": 2, "moves": ["7g7f", "3c3d", "8h2b+", "3a2b"], "ending": "resignation",
    "winner": "white", "values": [None, None, 0.25, None],
}  # fmt: skip
WON = {**LOST, "game": 1, "first": "white", "black": "random", "white": "mine update-000004"}
SELFPLAY = {
    "update": 3, "sfen": START, "moves": ["2g2f", "8c8d", "2f2e"], "ending": "max_plies", "winner": "",
}  # fmt: skip
RUNG = {
    "opponent": "random", "wins": 3, "draws": 0, "losses": 1, "truncated": 0, "games": 4, "score": 0.75, "low": 0.3,
    "high": 0.95, "pairs": [0, 0, 1, 0, 1], "decided": 0.75,
}  # fmt: skip
HEALTHY = {
    "plies_per_s": 100.0, "games_per_s": 1.0, "act_s": 1.0, "environment_s": 0.5, "learn_s": 2.0, "kl": 0.01,
    "explained_variance": 0.5, "relative_entropy": 0.8, "decisive_rate": 0.9, "truncation_rate": 0.1,
    "advantage_std": 0.2, "mean_game_plies": 100.0, "repetition_rate": 0.0, "resignation_rate": None,
}  # fmt: skip


def metrics(update: int, **changes: float | None) -> dict[str, float | None]:
    return {
        "update": update,
        "plies": 64 * update,
        "games": update,
        "elapsed_s": 5.0 * update,
        "core_s": 9.0 * update,
        **HEALTHY,
        **changes,
    }


def lines(rows: object) -> str:
    assert isinstance(rows, list)
    return "".join(json.dumps(row) + "\n" for row in rows)
