"""The three commands about runs: train, resume, check. Each returns the exit code of the process."""

from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import attrs

from keisei_core.arena.participant import identity_of
from keisei_core.checkpoint import Checkpoint, CheckpointStore, serialized
from keisei_core.checkpoint.spread import spread
from keisei_core.config.document import Override
from keisei_core.distribution import DistributionBackend
from keisei_core.errors import StoppedError
from keisei_core.output import columns
from keisei_core.plugins import Settings, load_registry, read_settings
from keisei_core.plugins.players import player_text
from keisei_core.plugins.plugin_file import files_in_use, use_files
from keisei_core.plugins.provenance import (
    described_plugins,
    file_digests,
    kept_files,
    made_with,
    other_versions,
    refuse_another,
)
from keisei_core.plugins.selection import keep_to
from keisei_core.plugins.trust import refuse_unknown
from keisei_core.run.afterwards import made_of_run
from keisei_core.run.announcement import announcement, description, headline
from keisei_core.run.callbacks import Callbacks
from keisei_core.run.device import choose_device, use_threads
from keisei_core.run.environment import begun_schedules, environment, files_of, other_conditions
from keisei_core.run.folder import RunFolder, disk_errors, from_here, make_dated, refuse_taken
from keisei_core.run.loop import Loop
from keisei_core.run.match_games import Occasion
from keisei_core.run.matches import Rung, doubts, last_opponent, play_rungs, rung_table
from keisei_core.run.memory import keep_freed_memory
from keisei_core.run.processes import has_launcher, in_every_process, is_one_of_many
from keisei_core.run.progress import NoProgress, open_progress
from keisei_core.run.standing import ask_rank_0, complete_outcome, is_complete, on_rank_0, recorded_plugins
from keisei_core.run.stop import StopRequest
from keisei_core.run.taking_up import take_up
from keisei_core.run.telling import EXIT_DONE, Outcome, Telling
from keisei_core.run.tracking import Trackers
from keisei_core.run.training import Training
from keisei_core.streams import say


def train(settings: Settings, run_dir: Path | None, *, is_verbose: bool = False, is_json: bool = False) -> int:
    """Trains a player from nothing in a new run folder; see `Telling` for what it tells."""
    telling = Telling(is_verbose=is_verbose, is_json=is_json)
    if run_dir is not None:
        run_dir = run_dir.absolute()
        return in_every_process(settings, begin, settings, run_dir, telling, run_dir=run_dir)
    if not has_launcher(settings) or is_one_of_many():
        return in_every_process(settings, begin, settings, None, telling)
    made = make_dated()  # known to all processes, and to those started again
    try:
        return in_every_process(settings, begin, settings, made, telling, run_dir=made)
    finally:
        with suppress(OSError):  # nothing came of the run
            made.rmdir()


def resume(
    run_dir: Path, overrides: Sequence[Override] = (), /, *, is_verbose: bool = False, is_json: bool = False
) -> int:
    """Goes on with a run from its newest good checkpoint; see `Telling` for what it tells.

    Args:
        run_dir: its folder, whose config stays as it is.
        overrides: over that config, for this time: how processes come together is no part of what a run is.
        is_verbose: see `Telling`.
        is_json: likewise.
    """
    folder = RunFolder.existing(run_dir)
    run_dir = folder.path
    use_own_files(folder)
    with made_with(lambda: recorded_plugins(folder)):
        settings = read_settings(folder.config, overrides)
    _log(f"note: {note}" for note in settings.notes)
    telling = Telling(is_verbose=is_verbose, is_json=is_json)
    return in_every_process(settings, go_on, settings, run_dir, telling, run_dir=run_dir)


def train_or_resume(
    settings: Settings, run_dir: Path, typed: str, *, is_verbose: bool = False, is_json: bool = False
) -> int:
    """Goes on with the run in a folder, begins it where there is none; nothing is done where it is complete.

    What every process of a run can be started with again and again: rank 0 alone looks at the folder.

    Args:
        settings: of the run; those of a run that stands there must be the same.
        run_dir: its folder.
        typed: what to type where they are not.
        is_verbose: see `Telling`.
        is_json: likewise.
    """
    telling = Telling(is_verbose=is_verbose, is_json=is_json)
    run_dir = run_dir.absolute()
    return in_every_process(settings, begin_or_go_on, settings, run_dir, typed, telling, run_dir=run_dir)


def use_own_files(folder: RunFolder) -> None:
    """Lets this process load the files that a run was made with, from its folder or as `--plugin` names them.

    Raises:
        CheckpointError: one was changed, or another is named.
        PluginError: one came with the folder and was never used here.
    """
    if not (folder.plugins.is_dir() or files_in_use()):
        return
    rows = recorded_plugins(folder) or described_plugins(folder.path)
    digests = file_digests(rows)
    for file in files_in_use():
        if file.name in digests:
            refuse_another(file, digests.pop(file.name), folder.path)
    kept = kept_files([row for row in rows if row["distribution"] in digests], folder.path)
    use_files(refuse_unknown(kept))


def check(settings: Settings, *, is_json: bool = False) -> int:
    """Builds everything that a run would use, tries each part once, and says what would run. Writes nothing."""
    return in_every_process(settings, try_out, settings, Telling(is_json=is_json))


def begin(settings: Settings, run_dir: Path | None, telling: Telling) -> int:
    """Trains from nothing, in one process of the run; rank 0 alone has the folder."""
    with closing(build_backend(settings)) as backend:
        if run_dir is not None and backend.attempt:
            return _begin_again(settings, run_dir, backend, telling)
        if run_dir is not None:
            on_rank_0(partial(refuse_taken, run_dir), backend)
        training = build(settings, backend)
        folder = on_rank_0(partial(RunFolder.create, run_dir), backend) or RunFolder(run_dir or Path())
        with closing(folder):
            if backend.rank == 0:
                _introduce(training, folder, telling)
            return _run(training, folder, telling)


def begin_or_go_on(settings: Settings, run_dir: Path, typed: str, telling: Telling) -> int:
    """Begins, goes on, or ends at once, as rank 0 finds the folder; in one process of the run."""
    folder = RunFolder(run_dir)
    with closing(build_backend(settings)) as backend:
        if ask_rank_0(lambda: is_complete(settings, folder, backend.device, typed), backend):
            if backend.rank == 0:
                _log([f"{from_here(run_dir)} is complete; how it went is in {folder.result.name} there"])
                outcome = complete_outcome(folder)
                telling.answer(outcome.shown_lines, outcome.to_data())
            return EXIT_DONE
        return _begin_again(settings, run_dir, backend, telling)


def go_on(settings: Settings, run_dir: Path, telling: Telling) -> int:
    """Goes on from the newest good checkpoint, in one process of the run; from nothing if killed before the first."""
    with closing(build_backend(settings)) as backend:
        if ask_rank_0(lambda: RunFolder(run_dir).has_not_begun, backend):
            if backend.rank == 0:
                _log([f"note: {from_here(run_dir)} was ended before its first checkpoint: it begins again"])
            return _begin_again(settings, run_dir, backend, telling)
        return _go_on(settings, run_dir, backend, telling)


def try_out(settings: Settings, telling: Telling) -> int:
    """Tries each part of a run once, in one process of the run."""
    with closing(build_backend(settings)) as backend:
        training = build(settings, backend)
        if backend.rank == 0:
            _log(announcement(training))
        tiny = Training(tiny_settings(settings, backend.world_size), backend)
        started = perf_counter()
        tiny.update()
        took = perf_counter() - started
        if (checkpoint := tiny.checkpoint()) is not None:
            serialized(checkpoint)
        for opponent in (settings.opponent, *(rung for _, rung in tiny.matches.rungs)):
            if backend.rank == 0 and (identity := identity_of(opponent)) is not None:
                _log([f"opponent       {player_text(opponent)}: {identity.about}"])
            tiny.matches.play(2, opponent=opponent)
        if backend.rank == 0 and settings.callbacks:
            _try_callbacks(tiny)
        if backend.rank == 0:
            line = (
                f"ok: one update of {tiny.plies_per_update} plies took {took:.1f} s; "
                f"the run would make {training.num_updates} updates of {training.plies_per_update:,} plies"
            )
            tried = {"tried_plies": tiny.plies_per_update, "tried_s": took}
            telling.answer((line,), {"schema": 1, **description(training), **tried})
    return EXIT_DONE


def _try_callbacks(training: Training) -> None:
    """Lets every callback look at an update, in a folder that is gone afterwards; one that fails is told of."""
    with TemporaryDirectory(prefix="keisei-check-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        callbacks = Callbacks(training.settings.callbacks, training.callback_context(folder), lambda line: _log([line]))
        callbacks.after_update(training.view(folder), {})


def build_backend(settings: Settings) -> DistributionBackend:
    """Builds the distribution backend on the configured device; each process gets its share of the threads.

    What the config leaves out is not loaded from here on.
    """
    keep_to(settings.plugins.disable, settings.plugins.only)
    backend: DistributionBackend = settings.distribution.build(choose_device(settings.run))
    use_threads(settings.run, backend.local_world_size)
    keep_freed_memory()
    return backend


def build(settings: Settings, backend: DistributionBackend) -> Training:
    """Builds a training; before there is a folder for them, finds out that trackers and callbacks can be imported."""
    for choice in (*settings.trackers, *settings.callbacks):
        choice.load()
    training = Training(settings, backend)
    if backend.rank == 0:
        _log(f"warning: {note}" for note in training.notes)
        _log(f"note: the rung {text} is left out: {why}" for text, why in training.matches.left_out.items())
    return training


def tiny_settings(settings: Settings, num_processes: int = 1) -> Settings:
    """Returns the same settings with a rollout of a few games and plies for each process."""
    games, plies = min(settings.selfplay.games, 8 * num_processes), min(settings.selfplay.rollout_plies, 4)
    return attrs.evolve(
        settings,
        selfplay=attrs.evolve(settings.selfplay, games=games, rollout_plies=plies),
        learning=attrs.evolve(settings.learning, minibatch=min(settings.learning.minibatch, games * plies)),
    )


def _introduce(training: Training, folder: RunFolder, telling: Telling) -> None:
    """Writes down and shows what is going to run."""
    folder.keep_files(files_of(training.settings))
    folder.write_config(training.settings.to_document())
    folder.write_json(folder.environment, environment(training.settings, training.device))
    everything = list(announcement(training))
    folder.write_lines(folder.announcement, everything)
    _log(everything if telling.is_verbose else headline(training))
    _log([f"run folder     {from_here(folder.path)}"])
    if not telling.is_verbose:
        _log([f"more           {folder.announcement.name} there or --verbose: planes, layers, settings"])


def _begin_again(settings: Settings, run_dir: Path, backend: DistributionBackend, telling: Telling) -> int:
    """Goes on after a process failed; trains from nothing where the run had not come to its first checkpoint."""
    if not ask_rank_0(lambda: RunFolder(run_dir).has_not_begun, backend):
        return _go_on(settings, run_dir, backend, telling)
    training = build(settings, backend)
    folder = on_rank_0(partial(_held, run_dir), backend) or RunFolder(run_dir)
    with closing(folder):
        if backend.rank == 0:
            _introduce(training, folder, telling)
        return _run(training, folder, telling)


def _go_on(settings: Settings, run_dir: Path, backend: DistributionBackend, telling: Telling) -> int:
    """Goes on from the newest good checkpoint, which rank 0 alone reads."""
    is_reader = backend.rank == 0
    folder = on_rank_0(lambda: RunFolder.existing(run_dir).hold(), backend) or RunFolder(run_dir)
    with closing(folder):
        path, found = on_rank_0(partial(_newest, settings, folder), backend) or (run_dir, None)
        checkpoint = spread(found, backend)
        training = build(settings, backend)
        if is_reader and telling.is_verbose:
            _log(announcement(training))
        take_up(training, checkpoint, path)
        if is_reader:
            folder.keep_files(files_of(settings))
            others = other_versions(checkpoint.state.get("plugins", ()), load_registry())
            _log(f"note: {path.name}: {line}" for line in others)
            _log(f"note: {path.name}: {line}" for line in other_conditions(checkpoint.state.get("versions", {})))
            schedules = begun_schedules(checkpoint.state["config"], settings.to_document())
            _log(f"note: {path.name}: {line}" for line in schedules)
            _log([f"resuming {from_here(run_dir)} from {path.name}, {training.counters.plies:,} plies played"])
        return _run(training, folder, telling)


def _held(run_dir: Path) -> RunFolder:
    """Returns a folder, made where there is none, that other processes are kept out of."""
    with disk_errors(run_dir):
        run_dir.mkdir(parents=True, exist_ok=True)
    return RunFolder(run_dir).hold()


def _newest(settings: Settings, folder: RunFolder) -> tuple[Path, Checkpoint]:
    store = CheckpointStore(folder.checkpoints, settings.checkpoint.keep)
    return store.newest(lambda problem: _log([f"warning: {problem}"]))


def _run(training: Training, folder: RunFolder, telling: Telling) -> int:
    """Runs the loop, then the matches at the end; the result goes to stdout. Rank 0 alone shows and writes anything."""
    is_writer, stop = training.backend.rank == 0, StopRequest()
    asked = stop.is_requested
    with closing(open_progress(asked) if is_writer else NoProgress()) as progress:
        trackers = Trackers(training.settings.trackers if is_writer else (), folder.path, progress.say, asked)
        chosen = training.settings.callbacks if is_writer else ()
        callbacks = Callbacks(chosen, training.callback_context(folder.path), progress.say, asked)
        loop = Loop(training, folder, trackers, progress, stop, callbacks)
        with closing(loop), closing(trackers), stop:
            outcome = _outcome(loop)
    if is_writer:
        telling.answer(outcome.shown_lines, outcome.to_data())
    return outcome.exit_code


def _outcome(loop: Loop) -> Outcome:
    """Runs the loop and plays the matches at the end, on every process."""
    training, folder, say = loop.training, loop.folder, loop.progress.say
    is_trained = loop.run()
    outcome = Outcome(
        folder=folder.path,
        counters=training.counters,
        saved_update=loop.saved_update or 0,
        is_trained=is_trained,
    )
    if not is_trained:
        say(f"stopped at update {loop.saved_update}, saved; go on with: {outcome.resume}")
        return outcome
    say(f"training complete after {training.counters.elapsed_s:.0f} s; playing the last match")
    try:
        result, lines = _measured(loop)
    except StoppedError:
        left = "the last match and the rungs are" if training.matches.rungs else "the last match is"
        say(f"training is complete and saved; {left} left to: {outcome.resume}")
        return outcome
    made: dict[str, Path] = {}
    if training.backend.rank == 0:
        with disk_errors(folder.path):
            loop.match_games.write()
        folder.write_json(folder.result, result)
        loop.callbacks.at_end(result)
        made = made_of_run(folder.path, load_registry(), say, loop.stop.is_requested)
    return attrs.evolve(outcome, result=result, lines=lines, made=made)


def _measured(loop: Loop) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Plays the matches at the end; returns how they went as data and in lines.

    Raises:
        StoppedError: asked to stop on some process.
    """
    training, say = loop.training, loop.progress.say
    loop.progress.finish(training.matches.num_final_games)
    score = loop.match(Occasion.LAST, training.settings.evaluation.final_games)
    quality = training.matches.value_quality()
    rungs = play_rungs(training.settings, training.matches.rungs, partial(loop.match, Occasion.RUNG), score, say)
    if quality is not None:
        say(f"value: {quality.text()}")
    value = None if quality is None else quality.to_data()
    for doubt in doubts(rungs):
        say(f"{doubt}; raise [evaluation] max_plies")
    last = Rung(last_opponent(training.settings, score, rungs), score)
    result = {**last.to_data(), "value": value, "rungs": [rung.to_data() for rung in rungs]}
    return result, (loop.against(score), *([rung_table(rungs).text(columns())] if rungs else []))


def _log(lines: Iterable[str]) -> None:
    """Writes to stderr; where nobody reads it any more the command goes on unheard."""
    for line in lines:
        say(line)
