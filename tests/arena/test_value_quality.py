"""How well values foretell results: by hand, beside plain Python, on the games of matches."""

import json
import math

import attrs
import numpy as np
import pytest
import torch

from keisei_core.arena import PlayerContext, RandomPlayer, play_match
from keisei_core.arena.value_quality import FIGURES, Foresight, ValueQuality, fitted_material
from keisei_core.arena.value_sample import sampled, value_quality
from keisei_core.shogi import Ending, Games, format_sfen


def test_numbers_of_four_positions_are_those_worked_by_hand():
    found = Foresight.of(np.array([0.5, -0.5, 0.0, 0.5]), np.array([1.0, -1.0, 0.0, -1.0]))

    # -ln .75 twice, for the draw -(ln .5 + ln .5) / 2, and -ln .25
    assert found.log_loss == pytest.approx((2 * math.log(4 / 3) + math.log(2) + math.log(4)) / 4)
    # deviations .375 -.625 -.125 .375 and 1.25 -.75 .25 -.75: .625 / sqrt(.6875 * 2.75)
    assert found.correlation == pytest.approx(0.625 / math.sqrt(0.6875 * 2.75))
    assert found.bins == ((-0.5, -1.0), (0.0, 0.0), (0.5, 1.0), (0.5, -1.0))


def test_certainty_that_errs_costs_no_more_than_999_to_1():
    assert Foresight.of(np.array([1.0, -1.0]), np.array([-1.0, -1.0])).log_loss == pytest.approx(
        (-math.log(0.001) - math.log(0.999)) / 2
    )


def test_values_that_never_change_have_no_correlation():
    found = Foresight.of(np.zeros(6), np.array([1.0, -1.0, 1.0, -1.0, 0.0, 1.0]))

    assert found.correlation is None
    assert found.log_loss == pytest.approx(math.log(2))
    assert "value_correlation" not in found.figures("value")


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    size = random.integers(1, 60)
    results = random.choice([-1.0, 0.0, 1.0], size, p=[0.45, 0.1, 0.45])
    balances = np.round(random.normal(scale=6, size=size) + 4 * results)
    return random.uniform(-1, 1, size).astype(np.float32), balances.astype(np.float32), results


@pytest.mark.parametrize("seed", range(30))
def test_quality_is_that_of_plain_python(seed):
    values, balances, results = drawn(seed)
    found = ValueQuality.of(values, balances, results).value

    pairs = [(float(value), result) for value, result in zip(values, results, strict=True)]
    loss = 0.0
    for value, result in pairs:
        chance = min(max((1 + value) / 2, 0.001), 0.999)
        loss -= (1 + result) / 2 * math.log(chance) + (1 - result) / 2 * math.log(1 - chance)
    assert found.log_loss == pytest.approx(loss / len(pairs))
    if found.correlation is not None:
        mean, came = (sum(numbers) / len(pairs) for numbers in zip(*pairs, strict=True))
        together = sum((value - mean) * (result - came) for value, result in pairs)
        spread = math.sqrt(sum((value - mean) ** 2 for value, _ in pairs) * sum((r - came) ** 2 for _, r in pairs))
        assert found.correlation == pytest.approx(together / spread)
    ordered, first, bins = sorted(pairs, key=lambda pair: pair[0]), 0, []
    for number in range(min(5, len(pairs))):
        size = len(pairs) // 5 + (number < len(pairs) % 5) if len(pairs) >= 5 else 1
        part, first = ordered[first : first + size], first + size
        bins.append(tuple(sum(column) / len(part) for column in zip(*part, strict=True)))
    assert np.array(found.bins) == pytest.approx(np.array(bins))


@pytest.mark.parametrize("seed", range(10))
def test_material_is_fitted_as_well_as_any_steepness_does(seed):
    _, balances, results = drawn(seed)

    def loss(fitted):
        return Foresight.of(fitted, results).log_loss

    best = min(loss(np.tanh(steepness * balances)) for steepness in np.linspace(-1, 1, 4001))
    assert loss(fitted_material(balances.astype(np.float64), results)) <= best + 1e-6


def test_value_worse_than_material_is_said():
    balances, results = np.array([8, -8, 5, -5, 3, -3] * 20, np.float32), np.array([1.0, -1, 1, -1, -1, 1] * 20)
    good, bad = (ValueQuality.of(sign * results * 0.8, balances, results) for sign in (1, -1))

    assert not good.is_worse_than_material
    assert bad.is_worse_than_material
    assert "correlation -" in bad.text()
    assert bad.text().endswith("120 positions; the value is worse than material alone")
    assert "worse" not in good.text()
    assert set(good.figures()) == FIGURES


@pytest.fixture(scope="module")
def finished():
    """Games of two players who play at random, some of them cut off."""
    games = []
    play_match(
        RandomPlayer(PlayerContext(seed=1, device=torch.device("cpu"))),
        RandomPlayer(PlayerContext(seed=2, device=torch.device("cpu"))),
        num_games=20,
        max_plies=400,
        opening_plies=6,
        seed=3,
        watch=lambda pair, _: games.extend(pair),
    )
    return games


def decided(games):
    return [game for game in games if game.ending is not Ending.MAX_PLIES]


def test_positions_are_all_in_which_players_moved_with_what_came_for_the_mover(finished):
    games = decided(finished)
    positions, results = sampled(games, num_earlier=0, most=10_000)
    found = sorted((format_sfen(positions, row), float(results[row])) for row in range(len(positions)))

    expected = []
    for game in games:
        board, met = Games(1, max_plies=600), []
        for ply, action in enumerate(game.actions):
            if ply >= game.opening_plies:
                met.append((format_sfen(board.positions, 0), int(board.positions.side_to_move[0])))
            board.step(np.array([action], np.int32), reset=False)
        last_mover, reward = met[-1][1], float(board.reward[0])
        expected += [(sfen, reward if side == last_mover else -reward) for sfen, side in met]
    assert len(games) > 5
    assert found == sorted(expected)


def test_sample_is_bounded_and_the_same_again(finished):
    games = decided(finished)
    one, results = sampled(games, num_earlier=2, most=50)
    again, same = sampled(games, num_earlier=2, most=50)

    assert (len(one), one.num_earlier) == (50, 2)
    assert all(np.array_equal(array, again.arrays()[name]) for name, array in one.arrays().items())
    assert np.array_equal(results, same)


def test_games_cut_off_have_nothing_to_tell(training, finished):
    cut = [game for game in finished if game.ending is Ending.MAX_PLIES]

    assert cut
    assert value_quality(training.evaluator, cut) is None
    assert value_quality(training.evaluator, []) is None


def test_network_in_another_batch_or_beside_games_cut_off_is_judged_alike(training, finished, monkeypatch):
    whole = value_quality(training.evaluator, finished)
    monkeypatch.setattr("keisei_core.arena.value_sample.BATCH", 7)
    parts = value_quality(training.evaluator, decided(finished))

    assert (whole.positions, whole.material) == (parts.positions, parts.material)
    assert whole.value.log_loss == pytest.approx(parts.value.log_loss, abs=1e-5)


def test_run_judges_its_value_by_the_games_of_its_latest_match(training, finished, monkeypatch):
    def play(*_, watch, **__):
        watch(tuple(finished[:2]))
        watch(tuple(finished[2:4]))
        return {0: "WW", 1: "WW"}

    monkeypatch.setattr("keisei_core.run.own_matches.play_some", play)
    monkeypatch.setattr(training.matches, "_games", [])
    assert training.matches.value_quality() is None
    training.matches.play(4)
    training.matches.play(4)
    assert training.matches.value_quality() == value_quality(training.evaluator, finished[:4])


def test_match_tells_how_good_the_values_of_its_networks_are(keisei, run_folder):
    arguments = ("match", run_folder, "random", "--games", 8, "--max-plies", 400, "--device", "cpu", "--threads", 1)
    data = json.loads(keisei(*arguments, "--json")[1])
    lines = [line for line in keisei(*arguments)[1].splitlines() if line.startswith("value")]

    assert data["value"]["second"] is None
    assert set(data["value"]["first"]) == {field.name for field in attrs.fields(ValueQuality)} | {
        "is_worse_than_material"
    }
    assert len(lines) == 1
    assert lines[0].startswith("value    first: correlation ")
