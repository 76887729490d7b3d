"""What is asked of a distribution backend, in worlds of real processes."""

import math
import signal
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from threading import current_thread, main_thread
from typing import Any, Final

import attrs

from keisei_core.errors import ConfigError, KeiseiError
from keisei_core.plugins import Choice
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.part import (
    EXIT_CODE,
    LEFT,
    ON_PURPOSE,
    be_steered,
    die,
    do_everything,
    expected_gradient,
    fail,
)
from keisei_core.testing.steering import steering
from keisei_core.testing.under_test import UnderTest
from keisei_core.testing.world import Seen, World, see

TOLERANCE: Final = 1e-6
"""Of gradients, whose sums are taken in another order."""


@attrs.frozen(kw_only=True)
class DistributionUnderTest(UnderTest):
    """A backend and the worlds that its author says it can make."""

    worlds: Mapping[int, World]
    """By number of processes."""
    restarted: World | None = None
    """One of several processes that all start again once after one of them failed; None where none are."""
    device: str = "cpu"
    limit_s: float = 120.0
    """Seconds within which a world must have come and gone, also where one of its processes fails."""

    @cached_property
    def seen(self) -> dict[int, Seen]:
        """What came of calling everything in every world."""
        ask_only_if(bool(self.worlds), "no world declared")
        return {size: see(world, do_everything, self.device, self.limit_s) for size, world in self.worlds.items()}

    @cached_property
    def failed(self) -> Seen:
        """What came of a world in which one process raised."""
        return self._ended_badly(fail)

    @cached_property
    def killed(self) -> Seen:
        """What came of a world in which one process was killed."""
        return self._ended_badly(die)

    @cached_property
    def steered(self) -> Seen:
        """What came of signals to a world; to the one that is started again where there is one, after that."""
        ask_only_if(current_thread() is main_thread(), "signals can only be sent from the main thread")
        several = [world for size, world in self.worlds.items() if size > 1]
        ask_only_if(bool(self.restarted or several), "no world of more than one process")
        world, dies = self.restarted or several[0], self.restarted is not None
        limit_s = self.limit_s * (1 + dies)
        return see(world, be_steered, self.device, limit_s, dies, beside=partial(steering, size=world.size))

    def _ended_badly(self, work: Callable[..., int]) -> Seen:
        several = [size for size in self.worlds if size > 1]
        ask_only_if(bool(several), "no world of more than one process")
        return see(self.worlds[several[0]], work, self.device, self.limit_s)

    def each(self, key: str) -> Iterator[tuple[str, int, int, Any]]:
        """Yields what each process wrote down under a key, with where it was, its rank, and the size of its world."""
        for size, seen in self.seen.items():
            _require_world(size, seen)
            for rank, found in enumerate(seen.ranks):
                yield f"rank {rank} of {size}", rank, size, found[key]


def world_of(choice: Choice, size: int) -> World:
    """Returns how an installed backend makes a world with the options that its choice has."""
    cls = choice.load_options_class()
    options = cls() if cls is not None and choice.options is None else choice.options
    return World(size=size, make=choice.build, launch=getattr(choice.load(), "launch", None), options=options)


def check_every_process_takes_part(under_test: DistributionUnderTest) -> None:
    """Each process knows its place, and all of them are gone afterwards."""
    for size, seen in under_test.seen.items():
        _require_world(size, seen)
        places = [(found["rank"], found["world_size"]) for found in seen.ranks]
        expected = [(rank, size) for rank in range(size)]
        require(places == expected, f"(rank, world_size) must be {expected}, got {places}")
        local = [found["local_world_size"] for found in seen.ranks]
        require(local == [size] * size, f"local_world_size must be {size} on one machine, got {local}")
        require(not any(found["attempt"] for found in seen.ranks), "attempt must be 0 at the first start")
        pids = {found["pid"] for found in seen.ranks}
        require(len(pids) == size, f"expected {size} processes, got {len(pids)}")
        require(not seen.survivors, f"all processes must have ended, {len(seen.survivors)} have not")


def check_device_is_of_the_kind_asked_for(under_test: DistributionUnderTest) -> None:
    """Each process computes on the kind of device that the config chose."""
    for where, _, _, device in under_test.each("device"):
        kind = device.partition(":")[0]
        require(kind == under_test.device, f"device of {where} must be {under_test.device}, got {device}")


def check_sum_reaches_every_process(under_test: DistributionUnderTest) -> None:
    """Every process gets the sum over all, in float64 where it was given float64."""
    for where, _, size, total in under_test.each("sum"):
        expected = [size * (size + 1) / 2, size / 4]
        require(total == expected, f"sum on {where} must be {expected}, got {total}")


def check_sum_leaves_its_input_alone(under_test: DistributionUnderTest) -> None:
    """What a process gives stays its own."""
    for where, rank, _, summand in under_test.each("summand"):
        require(summand == [rank + 1.0, 0.25], f"sum must not change what {where} gave, it became {summand}")


def check_any_is_the_same_everywhere(under_test: DistributionUnderTest) -> None:
    """A yes of any process is everybody's yes."""
    for where, _, _, answers in under_test.each("any"):
        expected = [False, True, True, True]
        asked = "any, asked with a yes of nobody, the last, the first and all,"
        require(answers == expected, f"{asked} must be {expected} on {where}, got {answers}")


def check_gather_is_in_the_order_of_ranks(under_test: DistributionUnderTest) -> None:
    """Rank 0 gets data of any length from every rank, the others get nothing."""
    for where, rank, size, gathered in under_test.each("gathered"):
        expected = [(bytes([other]) * (other + 1)).hex() for other in range(size)] if rank == 0 else []
        require(gathered == expected, f"gather on {where} must give {expected}, got {gathered}")


def check_broadcast_is_that_of_rank_0(under_test: DistributionUnderTest) -> None:
    """Every process gets what rank 0 gave."""
    for where, _, _, data in under_test.each("broadcast"):
        require(data == "from 0", f"broadcast on {where} must give b'from 0', got {data!r}")


def check_barrier_waits_for_the_last(under_test: DistributionUnderTest) -> None:
    """No process goes on before the last one has come."""
    for where, _, _, met in under_test.each("met"):
        require(met, f"barrier must wait for every process, {where} went on before the last had come")


def check_gradients_equal_those_of_one_process(under_test: DistributionUnderTest) -> None:
    """With a share of the examples each, every process has the gradient of one process with all of them."""
    expected = expected_gradient(under_test.device)
    for where, _, _, gradient in under_test.each("gradient"):
        same = len(gradient) == len(expected) and all(
            math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
            for one, other in zip(expected, gradient, strict=True)
        )
        require(same, f"gradients on {where} must be {expected}, got {gradient}; wrap leaves the mean over processes")


def check_buffers_are_settled(under_test: DistributionUnderTest) -> None:
    """Running statistics are the same everywhere afterwards: those of one of the processes, or their mean."""
    for size, seen in under_test.seen.items():
        _require_world(size, seen)
        settled = [found["settled"] for found in seen.ranks]
        same = all(statistics == settled[0] for statistics in settled)
        require(same, f"settle must make buffers equal on {size} processes, got {settled}")


def check_exit_code_comes_back(under_test: DistributionUnderTest) -> None:
    """The launcher returns what the work returned."""
    _ask_of_launchers(under_test)
    for size, seen in under_test.seen.items():
        _require_world(size, seen)
        require(seen.code == EXIT_CODE, f"a world of {size} must end with the work's {EXIT_CODE}, got {seen.code}")


def check_failing_process_ends_all(under_test: DistributionUnderTest) -> None:
    """Where one process raises, the others that wait for it end too, and the launcher raises."""
    _require_ended(under_test.failed, "one process raised")


def check_error_of_the_work_comes_back(under_test: DistributionUnderTest) -> None:
    """The launcher raises an error with the message and the exit code of what the work raised."""
    _ask_of_launchers(under_test)
    error = under_test.failed.error
    told = isinstance(error, KeiseiError) and error.exit_code == ConfigError.exit_code and ON_PURPOSE in str(error)
    require(told, f"launch must raise the work's own {ConfigError([ON_PURPOSE])!r}, got {error!r}")


def check_killed_process_ends_all(under_test: DistributionUnderTest) -> None:
    """Where one process is killed without a word, the others end too, and the launcher raises."""
    _require_ended(under_test.killed, "one process was killed")


def check_killed_process_starts_all_again(under_test: DistributionUnderTest) -> None:
    """After one process was killed all start again, know how often, and find the folder as it was left."""
    ask_only_if(under_test.restarted is not None, "starts nothing again")
    assert under_test.restarted is not None
    size, seen = under_test.restarted.size, under_test.steered
    _require_world(size, seen)
    attempts = [found["attempt"] for found in seen.ranks]
    require(attempts == [1] * size, f"attempt must be {[1] * size} after one restart, got {attempts}")
    expected = [[f"{LEFT}{rank}" for rank in range(size)]] * size
    left = [found["left"] for found in seen.ranks]
    require(left == expected, f"what the first start left must be found, {expected}, got {left}")


def check_signals_reach_the_work(under_test: DistributionUnderTest) -> None:
    """SIGUSR1 and SIGTERM to the launcher come to every process, in which the work then ends as it likes."""
    _ask_of_launchers(under_test)
    seen = under_test.steered
    if seen.error is not None:
        raise ContractError(f"launch must end as the work does after SIGTERM, got {seen.error!r}") from seen.error
    for number in (signal.SIGUSR1, signal.SIGTERM):
        reached = [found[number.name] for found in seen.ranks]
        require(bool(reached) and all(reached), f"{number.name} must reach every process, by rank it did: {reached}")
    require(seen.code == EXIT_CODE, f"launch must return the work's {EXIT_CODE} after SIGTERM, got {seen.code}")
    require(not seen.survivors, f"all processes must have ended, {len(seen.survivors)} have not")


DISTRIBUTION_CHECKS: Final[tuple[Check, ...]] = (
    check_every_process_takes_part,
    check_device_is_of_the_kind_asked_for,
    check_sum_reaches_every_process,
    check_sum_leaves_its_input_alone,
    check_any_is_the_same_everywhere,
    check_gather_is_in_the_order_of_ranks,
    check_broadcast_is_that_of_rank_0,
    check_barrier_waits_for_the_last,
    check_gradients_equal_those_of_one_process,
    check_buffers_are_settled,
    check_exit_code_comes_back,
    check_failing_process_ends_all,
    check_error_of_the_work_comes_back,
    check_killed_process_ends_all,
    check_killed_process_starts_all_again,
    check_signals_reach_the_work,
)


def _ask_of_launchers(under_test: DistributionUnderTest) -> None:
    starts = any(world.launch is not None for world in under_test.worlds.values())
    ask_only_if(starts, "starts no processes itself")


def _require_world(size: int, seen: Seen) -> None:
    if seen.error is not None:
        raise ContractError(f"a world of {size} must come and go, got {seen.error!r}") from seen.error
    require(len(seen.ranks) == size, f"expected {size} processes to do the work, got {len(seen.ranks)}")


def _require_ended(seen: Seen, what: str) -> None:
    require(seen.error is not None or bool(seen.code), f"launch must raise where {what}, it returned {seen.code}")
    require(not isinstance(seen.error, TimeoutError), f"all must end where {what}: {seen.error}")
    require(not seen.survivors, f"all must end where {what}, {len(seen.survivors)} lived on")
