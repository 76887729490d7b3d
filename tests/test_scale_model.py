"""What benchmarks/scale_model.py predicts, on cases worked by hand; and the table of docs/scaling.md."""

import json
import math
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest
import torch

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "benchmarks"))
import scale_model  # noqa: E402
import scale_stages  # noqa: E402
from scale_formula import Link, Stages, Work, predict, ring_s, slowest  # noqa: E402

PAGE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
STAGES = Stages(act_s=0.001, learn_s=0.003, gradient_bytes=1_000_000)
LINK = Link(bytes_per_s=1_000_000, hop_s=0.01)


def test_one_process_acts_and_learns_in_turn_and_exchanges_nothing() -> None:
    one = predict(STAGES, LINK, Work(processes=1, plies=1000, steps=10))

    assert (one.act_s, one.learn_s, one.exchange_s, one.beside_s) == (1, 3, 0, 0)
    assert one.plies_per_s == 250
    assert one.share == 1


def test_two_processes_share_the_plies_and_wait_for_every_exchange() -> None:
    """500 plies each: .5 s and 1.5 s; 2 hops of half a megabyte take .5 s and .01 s each, at every of 10 steps."""
    two = predict(STAGES, LINK, Work(processes=2, plies=1000, steps=10))

    assert (two.act_s, two.learn_s) == (0.5, 1.5)
    assert two.exchange_s == pytest.approx(10 * 2 * (0.5 + 0.01))
    assert two.plies_per_s == pytest.approx(1000 / 12.2)
    assert two.share == pytest.approx(1000 / 12.2 / 500)


def test_ring_carries_an_nth_of_the_bytes_at_each_hop() -> None:
    """Of four: 6 hops of a quarter of a megabyte."""
    assert ring_s(1_000_000, 4, LINK) == pytest.approx(6 * (0.25 + 0.01))
    assert ring_s(0, 4, LINK) == pytest.approx(0.06)


def test_questions_cost_their_hops() -> None:
    asking = attrs.evolve(STAGES, talks=5)
    more = predict(asking, LINK, Work(processes=2, plies=1000, steps=10)).exchange_s

    assert more - predict(STAGES, LINK, Work(processes=2, plies=1000, steps=10)).exchange_s == pytest.approx(5 * 0.02)


def test_acting_beside_learning_hides_behind_it() -> None:
    """3 s of learning a thousand plies, 1 s of acting; where acting takes 5 s, learning hides."""
    work = Work(processes=1, plies=1000, steps=10, overlaps=True)

    assert predict(STAGES, LINK, work).plies_per_s == pytest.approx(1000 / 3)
    assert predict(attrs.evolve(STAGES, act_s=0.005), LINK, work).plies_per_s == 200


@pytest.mark.parametrize("act_s", [0.001, 0.005])
def test_one_process_that_plays_ahead_has_no_more_than_never_waiting_has(act_s: float) -> None:
    work = Work(processes=1, plies=1000, steps=10, overlaps=True)

    assert predict(attrs.evolve(STAGES, act_s=act_s), LINK, work).share == pytest.approx(1)


def test_checkpoints_and_matches_are_spread_over_updates_and_matches_over_processes() -> None:
    """A checkpoint of 2 s every 10 updates: .2 s. 60 games of .5 s by two processes every 20: .75 s."""
    stages = attrs.evolve(STAGES, checkpoint_s=2, game_s=0.5)
    work = Work(processes=2, plies=1000, steps=10, checkpoint_every=10, match_every=20, match_games=60)

    assert predict(stages, LINK, work).beside_s == pytest.approx(0.2 + 0.75)


def test_slowest_of_processes_that_do_not_vary_is_any_of_them() -> None:
    assert slowest(100, 0) == 1


def test_slowest_of_one_takes_the_mean() -> None:
    assert slowest(1, 0.3) == pytest.approx(1, abs=1e-3)
    assert slowest(1, 0.1, 0.02, 3) == pytest.approx(1.04, abs=1e-3)


def test_slowest_of_two_is_that_of_two_normal_times_where_they_vary_little() -> None:
    """The mean of the larger of two normal times is sigma over the square root of pi above theirs."""
    assert slowest(2, 0.01) == pytest.approx(1 + 0.01 / math.sqrt(math.pi), abs=2e-4)


def test_straggler_among_many_is_there_in_most_updates() -> None:
    """Without jitter: 3 where one of 100 straggles, which is so in 1 - .98^100 of the updates."""
    assert slowest(100, 0, 0.02, 3) == pytest.approx(1 + 2 * (1 - 0.98**100))
    assert slowest(100, 0.001, 0.02, 3) == pytest.approx(1 + 2 * (1 - 0.98**100), abs=0.01)


SIMULATED = {
    ("1", "4x64, an H100", "alone", 64): ("259 k", 1.00),
    ("1", "20x256, an H100", "alone", 64): ("22.5 k", 1.00),
    ("8", "4x64, an H100", "NVLink", 64): ("1.89 M", 0.91),
    ("8", "20x256, an H100", "NVLink", 64): ("166 k", 0.92),
    ("100", "4x64, an H100", "100 Gbit/s", 64): ("12.1 M", 0.47),
    ("100", "20x256, an H100", "100 Gbit/s", 64): ("966 k", 0.43),
    ("100", "20x256, an H100", "100 Gbit/s", 8): ("1.71 M", 0.76),
    ("100", "4x64, an H100", "10 Gbit/s", 64): ("6.8 M", 0.26),
    ("100", "20x256, an H100", "10 Gbit/s", 64): ("185 k", 0.08),
}
"""The same cases drawn at random 4,000 times: plies a second, and over what never waiting would make."""


def test_predictions_are_those_of_a_simulation_that_draws_every_time() -> None:
    figures = tomllib.loads(scale_model.FIGURES.read_text(encoding="utf-8"))
    found = {row[:4]: (row[4], float(row[5])) for row in scale_model.rows(figures)}

    for case, (speed, share) in SIMULATED.items():
        assert value(found[case][0]) == pytest.approx(value(speed), rel=0.012)
        assert found[case][1] == pytest.approx(share, abs=0.011)


def value(text: str) -> float:
    """Reads a speed as tables have it."""
    number, _, unit = text.partition(" ")
    return float(number) * {"": 1, "k": 1e3, "M": 1e6}[unit]


def test_stages_of_a_file_are_speeds() -> None:
    stages = scale_model.stages_of({"act_per_s": 4, "learn_per_s": 2, "gradient_bytes": 8}, 0.1)

    assert (stages.act_s, stages.learn_s, stages.act_jitter, stages.learn_jitter) == (0.25, 0.5, 0.1, 0.05)


def test_stages_are_measured_in_one_process_with_the_share_of_several(tiny: Any) -> None:
    settings = tiny(evaluation__games=2, evaluation__max_plies=8)
    one = scale_stages.measured(settings, 2, 2)
    table = tomllib.loads(f"{scale_stages.as_toml(one)}\n")["stages"]

    assert one.plies == settings.selfplay.games // 2 * settings.selfplay.rollout_plies
    assert one.steps >= 1
    assert one.stages.talks >= one.steps
    assert one.stages.gradient_bytes % 4 == 0
    for stages in (one.stages, scale_model.stages_of(next(iter(table.values())))):
        assert min(stages.act_s, stages.learn_s, stages.checkpoint_s, stages.game_s) > 0
        assert stages.learn_s == pytest.approx(one.stages.learn_s, rel=1e-3)


def test_torch_gets_its_threads_back_after_stages_were_measured_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    monkeypatch.setattr(torch, "set_num_threads", told.append)

    with scale_stages.one_thread():
        assert told == [1]
    assert told == [1, 7]


def test_exchange_is_a_sum_over_two_threads_at_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ones, doubled by every sum in both threads; whatever interface the environment names for gloo is not asked."""
    made: list[torch.Tensor] = []
    monkeypatch.setattr(torch, "zeros", lambda num: made.append(torch.ones(num)) or made[-1])
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "nowhere0")

    took_s = scale_stages.exchange_s(100)

    assert took_s > 0
    assert [tensor.tolist() for tensor in made] == [[2.0**scale_stages.EXCHANGES] * 100] * 2


def test_link_follows_from_exchanges_of_a_few_bytes_and_of_a_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hop takes half of a small exchange, 1 ms of 2; the rest of the large one is the megabyte's, .1 s."""
    monkeypatch.setattr(scale_stages, "exchange_s", {1: 0.002, 250_000: 0.102}.__getitem__)

    link = scale_stages.link_between_threads(1_000_000)

    assert (link.bytes_per_s, link.hop_s) == (pytest.approx(10_000_000), 0.001)


def test_prediction_is_compared_with_runs_of_one_and_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone 250 plies a second as predicted; two were to make 1,000 in 2 s, exchanges apart, and make 400 a second."""
    runs: list[tuple[int, str, int]] = []

    def run(config: Path, assignments: list[str], keys: dict[str, Any], cores: list[int]) -> float:
        runs.append((len(cores), keys["distribution.name"], keys["run.plies"]))
        return 250.0 if len(cores) == 1 else 400.0

    def stages(settings: object, world_size: int, updates: int) -> scale_stages.Measured:
        return scale_stages.Measured(stages=STAGES, plies=1000 // world_size, steps=10)

    monkeypatch.setattr(scale_stages, "measured", stages)
    monkeypatch.setattr(scale_stages, "plies_per_s", run)
    monkeypatch.setattr(scale_stages, "link_between_threads", lambda num_bytes: Link(bytes_per_s=math.inf, hop_s=0))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, cores: None)
    found = scale_stages.compared(ROOT / "keisei.toml", [], 2, 6)

    assert found["1"] == {"predicted": 250, "measured": 250, "error": 0}
    assert found["2"] == {"predicted": 500, "measured": 400, "error": 0.25}
    assert not found["is_met"]
    assert runs == [(1, "single", 8000), (2, "ddp", 8000)] * 2
    assert "MISSED" in scale_stages.text_of(found)
    assert json.loads(json.dumps(found))["stages"]["2"]["gradient_bytes"] == 1_000_000


def test_page_has_the_table_that_the_command_prints() -> None:
    figures = tomllib.loads(scale_model.FIGURES.read_text(encoding="utf-8"))

    assert scale_model.table([scale_model.COLUMNS, *scale_model.rows(figures)]) in PAGE
