"""A run that another number of processes goes on with: its games are dealt anew, its streams begin anew, it says so."""

import hashlib
import json
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import torch

from keisei_core.checkpoint import Checkpoint
from keisei_core.distribution import Single
from keisei_core.experience.dealing import deal
from keisei_core.run import Training
from keisei_core.run.taking_up import begun_anew, take_up

GAMES = 8
KEYS: dict[str, Any] = {
    "precision__name": "fp32",
    "selfplay__pool_share": 0.5,
    "selfplay__pool_every_updates": 1,
    "selfplay__pool_size": 2,
    "selfplay__played_on": 0.25,
    "selfplay__mirror": True,
    "selfplay__midgame_share": 0.5,
    "selfplay__midgame_plies": 20,
    "tracking__sample_games": 2,
}


class One(Single):
    """One of several processes that is asked for its games and nothing else: it meets no others."""

    def __init__(self, rank: int, world_size: int) -> None:
        super().__init__(torch.device("cpu"))
        self.rank, self.world_size = rank, world_size  # type: ignore[misc]


def in_world(tiny: Any, size: int, checkpoint: Checkpoint) -> list[Training]:
    """What every process of a world has after it took up a checkpoint."""
    trainings = [Training(tiny(**KEYS), One(rank, size)) for rank in range(size)]
    for training in trainings:
        take_up(training, checkpoint, Path("r/checkpoints/update-000003"))
    return trainings


def saved(trainings: list[Training]) -> Checkpoint:
    """The checkpoint of all processes of a world."""
    parts = [training.snapshot() for training in trainings]
    return attrs.evolve(parts[0], ranks=tuple(part.ranks[0] for part in parts))


@pytest.fixture(scope="module")
def of_one(tiny: Any) -> Checkpoint:
    """The checkpoint of a process alone, in the middle of its games."""
    training = Training(tiny(**KEYS), One(0, 1))
    for _ in range(3):
        training.update()
    return saved([training])


def games_of(checkpoint: Checkpoint) -> list[str]:
    """A hash of every game with its past and its random stream, by process and row."""
    return [
        hashlib.sha256(b"".join(own.arrays[name][row].tobytes() for name in sorted(own.arrays))).hexdigest()
        for own in checkpoint.ranks
        for row in range(len(own.arrays["source.num_legal"]))
    ]


def test_one_to_two_to_one_has_the_games_and_all_that_processes_share_bit_for_bit(tiny: Any, of_one: Checkpoint):
    of_two = saved(in_world(tiny, 2, of_one))
    again = saved(in_world(tiny, 1, of_two))

    assert sorted(games_of(of_two)) == sorted(games_of(of_one))
    assert [len(own.arrays["source.num_legal"]) for own in of_two.ranks] == [4, 4]
    assert games_of(again) == games_of(of_one)
    for part in ("weights", "optimizer", "pool"):
        before, after = getattr(of_one, part), getattr(again, part)
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)
    assert again.state["counters"] == of_one.state["counters"]
    own, other = (checkpoint.ranks[0].state["source"] for checkpoint in (again, of_one))
    assert own["resignations"] == other["resignations"]
    assert [own["pool"][key] for key in ("opponent", "side")] == [other["pool"][key] for key in ("opponent", "side")]


def test_games_with_an_opponent_and_those_played_on_are_dealt_evenly(tiny: Any, of_one: Checkpoint):
    pool, shares = of_one.ranks[0].state["source"]["pool"], saved(in_world(tiny, 2, of_one)).ranks
    opponents = [own.state["source"]["pool"]["opponent"] for own in shares]

    assert len(pool["opponent"]) == 4
    assert opponents == [pool["opponent"][0::2], pool["opponent"][1::2]]
    assert any(opponent >= 0 for opponent in pool["opponent"])


def test_streams_of_processes_begin_anew_and_apart_and_the_same_every_time(tiny: Any, of_one: Checkpoint):
    def streams(checkpoint: Checkpoint) -> list[list[str]]:
        return [
            [
                own.state["source"]["stream"],
                json.dumps(own.state["source"]["pool"]["draw"]),
                json.dumps(own.state["random"]["order"]),
                json.dumps(own.state["starts"]),
            ]
            for own in checkpoint.ranks
        ]

    first, second = streams(saved(in_world(tiny, 2, of_one)))
    begun = streams(saved([Training(tiny(**KEYS), One(rank, 2)) for rank in (0, 1)]))

    for others in (second, begun[0], streams(of_one)[0]):
        assert [one == other for one, other in zip(first, others, strict=True)] == [False] * 4
    assert [first, second] == streams(saved(in_world(tiny, 2, of_one)))


def test_stream_of_networks_that_draw_begins_anew_on_every_rank(tiny: Any, of_one: Checkpoint):
    seeds = set()
    for rank in (0, 1):
        training = Training(tiny(**KEYS), One(rank, 2))
        seeds.add(torch.initial_seed())
        training.restore(of_one)
        seeds.add(torch.initial_seed())

    assert len(seeds) == 4


def test_process_that_took_up_games_of_two_trains_on_and_records_games(tiny: Any, of_one: Checkpoint):
    of_two = saved(in_world(tiny, 2, of_one))
    (training,) = in_world(tiny, 1, of_two)

    assert len(training.source.recorder.records) == 2
    metrics, _ = training.update()

    assert training.counters.update == 4
    assert np.isfinite(metrics["policy_loss"])


def test_what_becomes_of_the_run_is_said_by_rank_0(tiny: Any, of_one: Checkpoint, capsys: pytest.CaptureFixture[str]):
    in_world(tiny, 2, of_one)

    said = capsys.readouterr().err
    assert said.count("made by 1 process, goes on with 2") == 1
    assert "update-000003" in said
    assert "random streams of processes begin anew, so what follows is not what 1 would have made" in said
    assert list(begun_anew(of_one, 1)) == []


def test_state_of_an_algorithm_that_can_not_be_shared_is_told(of_one: Checkpoint):
    own = of_one.ranks[0]
    with_window = attrs.evolve(of_one, ranks=(attrs.evolve(own, state=own.state | {"algorithm": {"segments": [1]}}),))

    assert "such as a window of segments, begins anew" in list(begun_anew(with_window, 2))[1]
    assert len(list(begun_anew(of_one, 2))) == 1


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1), (2, 3), (3, 2), (1, 6)])
def test_every_game_is_dealt_once_and_back_to_its_place(before: int, after: int):
    def states(numbers: np.ndarray, world: int) -> list[Any]:
        rows = numbers.reshape(world, -1)
        data = {"pool": None, "resignations": [-1] * rows.shape[1]}
        return [({"num_legal": row, "keys": np.stack([row, row], axis=1)}, data) for row in rows]

    numbers = np.arange(12)
    hands = [deal(states(numbers, before), rank, after) for rank in range(after)]
    dealt = np.concatenate([hand.arrays["num_legal"] for hand in hands])
    back = [deal(states(dealt, after), rank, before).arrays["num_legal"] for rank in range(before)]

    assert sorted(dealt) == list(numbers)
    assert np.concatenate(back).tolist() == numbers.tolist()
    assert all((hand.arrays["keys"][:, 1] == hand.arrays["num_legal"]).all() for hand in hands)
