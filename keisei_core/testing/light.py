"""The checks that `keisei plugins check` runs: quick, and without anything that an author would have to declare."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from keisei_core.migration import Networks
from keisei_core.plugins import Choice, Kind
from keisei_core.testing import (
    algorithms,
    callbacks,
    commands,
    deciders,
    distribution,
    feature_planes,
    migrators,
    models,
    optimizers,
    players,
    precision,
    sample,
    starts,
    teachers,
    trackers,
    trial,
)
from keisei_core.testing.check import Check, Finding, Outcome, name_of, perform
from keisei_core.testing.component import COMPONENT_CHECKS
from keisei_core.testing.contract import installed
from keisei_core.testing.contract_error import NotAskedError, ask_only_if
from keisei_core.testing.contracts import DEFAULT_FEATURES, feature_set, find_model
from keisei_core.testing.model_under_test import ModelUnderTest
from keisei_core.testing.under_test import UnderTest

LIGHT_CHECKS: Final[Mapping[Kind, tuple[Check, ...]]] = {
    Kind.FEATURES: (
        feature_planes.check_channels_are_declared,
        feature_planes.check_any_number_of_positions,
        feature_planes.check_hard_positions,
        feature_planes.check_values_fit_a_byte,
        feature_planes.check_seen_values_are_finite,
        feature_planes.check_every_element_is_written,
        feature_planes.check_neighbours_are_left_alone,
        feature_planes.check_same_positions_give_same_planes,
        feature_planes.check_input_is_left_alone,
    ),
    Kind.MODEL: (
        models.check_shapes,
        models.check_outputs_are_finite,
        models.check_shared_state_is_left_alone,
        models.check_batch_size_makes_no_difference,
        models.check_train_mode_makes_no_difference,
    ),
    Kind.START: (
        starts.check_any_number,
        starts.check_positions_are_possible,
        starts.check_positions_can_be_played_on,
        starts.check_draws_are_fresh,
        starts.check_other_random_streams_are_left_alone,
    ),
    Kind.DECIDER: (
        deciders.check_columns_are_declared,
        deciders.check_actions_are_legal,
        deciders.check_columns_are_given,
        deciders.check_games_are_left_alone,
        deciders.check_no_gradient_is_recorded,
        deciders.check_network_is_left_alone,
    ),
    Kind.ALGORITHM: (
        algorithms.check_network_changes,
        algorithms.check_figures_are_finite,
        algorithms.check_steps_are_counted,
        algorithms.check_segment_is_left_alone,
        algorithms.check_state_is_arrays_and_plain_data,
        algorithms.check_stop_is_asked,
    ),
    Kind.OPTIMIZER: (
        optimizers.check_rates_are_positive,
        optimizers.check_every_parameter_is_stepped,
        optimizers.check_rate_of_groups_is_obeyed,
        optimizers.check_state_is_tensors_and_numbers,
        optimizers.check_state_round_trip,
    ),
    Kind.TEACHER: (
        teachers.check_columns_are_declared,
        teachers.check_weight_is_never_negative,
        teachers.check_targets_can_be_learned,
        teachers.check_same_stream_gives_same_lessons,
        teachers.check_segment_is_left_alone,
        teachers.check_other_random_streams_are_left_alone,
    ),
    Kind.PRECISION: (
        precision.check_norm_is_that_of_the_gradient,
        precision.check_gradient_is_clipped,
        precision.check_overflow_is_skipped,
        precision.check_skipped_step_is_told,
        precision.check_state_is_plain_numbers,
        precision.check_state_round_trip,
    ),
    Kind.DISTRIBUTION: (
        distribution.check_every_process_takes_part,
        distribution.check_sum_reaches_every_process,
        distribution.check_any_is_the_same_everywhere,
        distribution.check_gather_is_in_the_order_of_ranks,
        distribution.check_broadcast_is_that_of_rank_0,
        distribution.check_gradients_equal_those_of_one_process,
    ),
    Kind.MIGRATOR: (migrators.check_nothing_is_offered_at_the_goal, migrators.check_strange_forms_are_declined),
    Kind.PLAYER: (
        players.check_any_batch,
        players.check_choices_are_legal,
        players.check_questions_are_left_alone,
        players.check_other_random_streams_are_left_alone,
    ),
    Kind.TRACKER: (
        trackers.check_any_metrics_are_taken,
        trackers.check_metrics_are_left_alone,
        trackers.check_only_the_run_folder_is_written,
        trackers.check_failure_never_stops_a_run,
    ),
    Kind.CALLBACK: (
        callbacks.check_figures_are_numbers,
        callbacks.check_run_is_left_alone,
        callbacks.check_only_the_run_folder_is_written,
        callbacks.check_failure_never_stops_a_run,
    ),
    Kind.COMMAND: (
        commands.check_target_is_a_click_command,
        commands.check_name_is_free,
        commands.check_help_says_what_it_does,
        commands.check_help_loads_nothing_heavy,
        commands.check_unknown_option_is_refused,
    ),
}


def light_checks(choice: Choice) -> list[tuple[str, Callable[[], Finding]]]:
    """Returns the quick checks of an installed component with its options, or with the defaults where it has none.

    Each is a name and a function to call, which raises where the contract is not kept: a `ContractError` that says
    what is wrong, a `PluginError` where the component can't be built, or whatever the plugin's own code raised.
    """
    checks = (*COMPONENT_CHECKS, *LIGHT_CHECKS[choice.kind])
    return [(name_of(check), partial(_perform, check, choice)) for check in checks]


def _perform(check: Check, choice: Choice) -> Finding:
    try:
        under_test = _MAKERS[choice.kind](make=choice.build, choice=choice)
    except NotAskedError as reason:
        return Finding(name_of(check), Outcome.NOT_ASKED, str(reason))
    return perform(check, under_test)


def _model(**found: Any) -> ModelUnderTest:
    return ModelUnderTest(**found, features=feature_set(DEFAULT_FEATURES))


def _algorithm(**found: Any) -> algorithms.AlgorithmUnderTest:
    """An algorithm that needs another decider than the core's is not asked: nobody says which."""
    under_test = algorithms.AlgorithmUnderTest(**found)
    problems = under_test.begin().missing()
    ask_only_if(not problems, "; ".join(problems))
    return under_test


def _callback(**found: Any) -> callbacks.CallbackUnderTest:
    return callbacks.CallbackUnderTest(**found, features=feature_set(DEFAULT_FEATURES))


def _alone(make: Any, choice: Choice) -> distribution.DistributionUnderTest:
    """A backend that starts processes is not asked to: that would take longer than all else."""
    starts_processes = getattr(choice.load(), "launch", None) is not None
    worlds = {} if starts_processes else {1: distribution.world_of(choice, 1)}
    return distribution.DistributionUnderTest(make=make, choice=choice, worlds=worlds)


def _at_the_goal(make: Any, choice: Choice) -> trial.MigratorUnderTest:
    """A migrator for a network that is installed, as it comes."""
    model = next(installed().choices(Kind.MODEL), None)
    ask_only_if(model is not None, "no network is installed")
    assert model is not None
    goal = sample.Sample(model=f"{model.owner.distribution}:{model.name}")
    return trial.MigratorUnderTest(
        make=make,
        choice=choice,
        edges=sample.Edges(offered=((goal, goal),)),
        find_model=find_model,
        find_features=feature_set,
        networks=Networks(installed(), sample.channels_of([goal], feature_set)),
    )


def _command(make: Any, choice: Choice) -> commands.CommandUnderTest:
    """A command is not built from anything."""
    return commands.CommandUnderTest(make=choice.load, choice=choice)


_MAKERS: Final[Mapping[Kind, Callable[..., UnderTest]]] = {
    Kind.FEATURES: feature_planes.PlanesUnderTest,
    Kind.MODEL: _model,
    Kind.START: starts.StartUnderTest,
    Kind.DECIDER: deciders.DeciderUnderTest,
    Kind.ALGORITHM: _algorithm,
    Kind.OPTIMIZER: optimizers.OptimizerUnderTest,
    Kind.TEACHER: teachers.TeacherUnderTest,
    Kind.PRECISION: precision.PrecisionUnderTest,
    Kind.DISTRIBUTION: _alone,
    Kind.MIGRATOR: _at_the_goal,
    Kind.PLAYER: players.PlayerUnderTest,
    Kind.TRACKER: trackers.TrackerUnderTest,
    Kind.CALLBACK: _callback,
    Kind.COMMAND: _command,
}
