"""The teacher `search`: what of the searches it teaches, how much each ply counts, and what is searched again."""

import numpy as np
import pytest

from keisei_core.decide import DeciderContext
from keisei_core.experience import Segment
from keisei_core.learn import Taught, TeacherContext
from keisei_core.shogi import Branches, legal_mask
from keisei_core.testing.small_run import NUM_GAMES, SmallRun
from keisei_plugins_search.decider import SearchDecider
from keisei_plugins_search.found import COLUMNS, Found
from keisei_plugins_search.look_ahead import look_ahead
from keisei_plugins_search.policy_targets import improved_policy
from keisei_plugins_search.teacher import SearchTeacher, attention
from keisei_plugins_search.training_options import SearchDeciderOptions, SearchTeacherOptions


@pytest.fixture(scope="module")
def run() -> SmallRun:
    run = SmallRun()
    run.network.eval()
    return run


@pytest.fixture(scope="module")
def segment(run) -> Segment:
    options = SearchDeciderOptions(share=0.5, simulations=6)
    decider = SearchDecider(DeciderContext(num_games=NUM_GAMES, device=run.device), options)
    return run.play(decider, COLUMNS)


def everything(segment: Segment) -> np.ndarray:
    return np.arange(segment.num_plies)


def teach(run: SmallRun, segment: Segment, rows: np.ndarray, **options: object) -> Taught:
    teacher = SearchTeacher(TeacherContext(device=run.device, evaluator=run.evaluator), SearchTeacherOptions(**options))
    return teacher.teach(segment, rows, np.random.default_rng(1))


def test_plies_searched_at_play_are_taught_as_they_were_found(run, segment):
    rows = np.random.default_rng(5).permutation(segment.num_plies)[:50]
    taught = teach(run, segment, rows, surprise=0.0)

    searched = segment.columns["is_searched"].reshape(-1)[rows]
    assert 0 < searched.sum() < len(rows)
    np.testing.assert_array_equal(taught.plies.weight, searched)
    np.testing.assert_array_equal(taught.plies.value_weight, 0.5 * searched)
    np.testing.assert_array_equal(taught.plies.value, segment.columns["search_value"].reshape(-1)[rows])
    np.testing.assert_array_equal(
        taught.plies.policy.action, segment.columns["search_action"].reshape(segment.num_plies, -1)[rows]
    )
    assert taught.figures["searched"] == searched.mean()


def test_weight_goes_by_surprise_and_is_1_in_the_mean():
    found = Found.nothing(np.zeros(5, np.float32))
    found.is_searched[:4], found.surprise[:4] = True, (0.0, 0.1, 0.2, 0.5)

    half, all_of_it = attention(found, 0.5), attention(found, 1.0)

    np.testing.assert_allclose(half, [0.5, 0.75, 1.0, 1.75, 0.0])
    np.testing.assert_allclose(all_of_it, [0.0, 0.5, 1.0, 2.5, 0.0])
    np.testing.assert_array_equal(attention(found, 0.0), [1, 1, 1, 1, 0])


def test_where_nothing_surprises_all_plies_count_the_same():
    found = Found.nothing(np.zeros(3, np.float32))
    found.is_searched[:2] = True

    np.testing.assert_array_equal(attention(found, 1.0), [1, 1, 0])


def test_share_searched_again_is_of_the_plies_that_were_not(run, segment):
    rows = everything(segment)
    again = teach(run, segment, rows, again=0.25, simulations=3)

    before, now = segment.columns["is_searched"].reshape(-1), again.plies.weight > 0
    assert now[before].all()
    assert (now & ~before).sum() == round(0.25 * len(rows))
    assert again.figures["searched"] == now.mean()


def test_ply_searched_again_is_worth_what_a_search_of_its_position_says(run, segment):
    rows = everything(segment)[40:60]
    taught = teach(run, segment, rows, played=False, again=1.0, simulations=5, surprise=0.0).plies

    positions = segment.positions_of(rows)
    findings = look_ahead(
        run.evaluator, Branches.of_positions(positions, 512), legal_mask(positions), SearchTeacherOptions(simulations=5)
    )
    np.testing.assert_allclose(taught.value, findings.value, atol=1e-5)
    np.testing.assert_allclose(taught.policy.weight, improved_policy(findings, "completed", 24).weight, atol=2e-3)


def test_without_a_decider_that_searches_no_columns_are_asked_for(run):
    context = TeacherContext(device=run.device, evaluator=run.evaluator)

    assert SearchTeacher(context, SearchTeacherOptions(played=False, again=0.5)).columns == ()
    assert SearchTeacher(context, SearchTeacherOptions()).columns == COLUMNS


def test_result_counts_in_the_value_discounted_as_far_as_it_is_known(run, segment):
    rows = everything(segment)
    value = teach(run, segment, rows, result=0.25, discount=0.9).plies.value

    result, found = segment.outcomes.result.reshape(-1), segment.columns["search_value"].reshape(-1)
    known = np.isfinite(result)
    assert 0 < known.sum() < len(known)
    later = segment.outcomes.plies_left.reshape(-1)[known] - 1
    assert later.min() == 0 < later.max()
    worth = np.array([one * 0.9**plies for one, plies in zip(result[known], later, strict=True)])
    np.testing.assert_allclose(value[known], 0.75 * found[known] + 0.25 * worth, rtol=1e-5)
    np.testing.assert_array_equal(value[~known], found[~known])


def test_value_weight_of_zero_teaches_no_values(run, segment):
    assert teach(run, segment, everything(segment), value_weight=0.0).plies.value is None
