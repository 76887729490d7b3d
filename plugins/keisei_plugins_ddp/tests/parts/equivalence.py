"""One of two processes, each with half of the games of one process that has them all; rank 0 prints what it found."""

import hashlib
import json
import sys
from typing import Any

import attrs
import numpy as np
import torch

from keisei_core.arena import Score
from keisei_core.distribution import Single
from keisei_core.experience import Segment
from keisei_core.learn import Batch
from keisei_core.learn.step import Outputs
from keisei_core.plugins import Settings, read_settings
from keisei_core.run import own_matches
from keisei_core.run.training import Training
from keisei_core.shogi import Positions
from keisei_plugins_ddp.backend import DDP
from keisei_plugins_ddp.options import DDPOptions
from keisei_plugins_ppo.loss import ppo_loss

CPU = torch.device("cpu")
KEYS = {
    "run.plies": 4096,
    "run.device": "cpu",
    "run.threads": 1,
    "model.name": "baseline",
    "model.channels": 2,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 12,
    "evaluation.max_plies": 300,
    "evaluation.temperature": 0.0,
    "learning.minibatch": 32,
}

NEAR_MATE = "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1"
TAUGHT = {
    "teaching.teachers": ["tactics"],
    "teaching.tactics.weight": 1.0,
    "teaching.tactics.final_weight": 1.0,
    "teaching.tactics.side_mates": 0.25,
    "algorithm.target_kl": 0,
    "algorithm.advantage_scaling": "minibatch",
}
"""Where games start beside mates there are some to teach; at the standard start there are none."""


def settings(**changes: object) -> Settings:
    keys = KEYS | {name.replace("__", "."): value for name, value in changes.items()}
    return read_settings(None, list(keys.items()))


def part_of(segment: Segment, rank: int, world_size: int) -> Segment:
    """Takes a rank's games out of a segment."""
    num_plies, num_games = segment.action.shape
    games = np.arange(num_games).reshape(world_size, -1)[rank]
    rows = (np.arange(num_plies)[:, None] * num_games + games).reshape(-1)
    own_cut = np.isin(segment.cut_rows % num_games, games)
    ply, game = np.divmod(segment.cut_rows[own_cut], num_games)
    arrays = {name: getattr(segment, name)[:, games] for name in ("learned", "action", "ending")}
    return attrs.evolve(
        segment,
        positions=segment.positions[rows],
        columns={name: np.ascontiguousarray(array[:, games]) for name, array in segment.columns.items()},
        after=segment.after[games],
        cut=segment.cut[np.flatnonzero(own_cut)],
        cut_rows=ply * len(games) + (game - games[0]),
        **{name: np.ascontiguousarray(array) for name, array in arrays.items()},
    )


def gradients(training: Training, segment: Segment) -> dict[str, torch.Tensor]:
    """Returns the gradients of one minibatch of the whole segment."""
    ppo, steps, options = training.learner.algorithm, training.learner.steps, training.settings.algorithm.options
    advantage, target = ppo.advantage_and_target(segment)
    batch = training.learner.batches.batch(segment, np.arange(segment.num_plies))
    outputs = steps.evaluate(batch)
    loss, _ = ppo_loss(
        outputs,
        advantage=batch.of(ppo.normalized(advantage, segment.learned)),
        target=batch.of(target),
        old_log_prob=batch.column("log_prob"),
        is_drawn=batch.column("is_drawn"),
        clip=options.clip,
        policy_coefficient=options.policy_coefficient,
        value_coefficient=options.value_coefficient,
        entropy_coefficient=options.entropy_coefficient,
    )
    (loss + outputs.beside).backward()
    return {name: parameter.grad.clone() for name, parameter in training.network.named_parameters()}


def rows_and_steps(training: Training, segment: Segment) -> tuple[int, int]:
    """Returns the rows of the last minibatch of an update and its number of steps."""
    rows, evaluate = [], training.learner.steps.evaluate

    def counted(batch: Batch) -> Outputs:
        rows.append(len(batch.planes))
        return evaluate(batch)

    training.learner.steps.evaluate = counted
    report = training.learner.update(segment, 0.0)
    return rows[-1], report.num_steps


class Lowest:
    """Plays the legal action with the lowest number: it draws nothing."""

    def choose(self, positions: Positions, legal: np.ndarray) -> np.ndarray:
        return legal.argmax(axis=1).astype(np.int32)


def match_and_share(training: Training) -> tuple[dict[int, str], Score]:
    """Plays a match against a player without a random stream; returns the pairs that this process played, and all."""
    played, keep = {}, own_matches.play_some

    def noted(*players: Any, **conditions: Any) -> dict[int, str]:
        played.update(keep(players[0], Lowest(), **conditions))
        return played

    own_matches.play_some = noted
    score = training.matches.play(12)
    own_matches.play_some = keep
    return played, score


def differences(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> float:
    return max(float((ours[name] - theirs[name]).abs().max()) for name in ours)


def digest(training: Training) -> bytes:
    """Returns a hash of every parameter and buffer."""
    tensors = training.network.network.state_dict().values()
    return hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in tensors)).hexdigest().encode()


def is_same_everywhere(backend: DDP, data: bytes) -> bool:
    """Tells on rank 0 whether every process has the same."""
    return len(set(backend.gather(data))) <= 1


def main() -> None:
    backend = DDP(CPU, DDPOptions(timeout_s=60))
    rank, found = backend.rank, {}
    alone = Training(settings(), Single(CPU))
    segment, _ = alone.source.next()
    together = Training(settings(), backend)
    whole = gradients(alone, segment)
    found["gradient_difference"] = differences(whole, gradients(together, part_of(segment, rank, 2)))
    found["gradient_size"] = max(float(gradient.abs().max()) for gradient in whole.values())
    found["equal_before_updates"] = is_same_everywhere(backend, digest(together))
    found["games_differ"] = not is_same_everywhere(backend, together.source.games.positions.board.tobytes())
    found["equal_after_updates"] = []
    for _ in range(20):
        together.update()
        found["games_differ"] &= not is_same_everywhere(backend, together.source.games.positions.board.tobytes())
        found["equal_after_updates"].append(is_same_everywhere(backend, digest(together)))
    found["moved"] = digest(together) != digest(alone)

    alone.network.network.load_state_dict(together.network.network.state_dict())
    played, score = match_and_share(together)
    found["pairs_played"] = [json.loads(data) for data in backend.gather(json.dumps(played).encode())]
    found["equal_scores"] = is_same_everywhere(backend, json.dumps(attrs.asdict(score)).encode())
    whole_match, whole_score = match_and_share(alone)
    found["pairs_of_one"], found["score_is_that_of_one"] = whole_match, score == whole_score

    wary = Training(settings(algorithm__target_kl=1e-12), backend)
    metrics, _ = wary.update()
    found["steps_under_kl"] = backend.gather(str(metrics["gradient_steps"]).encode()) and metrics["gradient_steps"]
    found["equal_after_kl"] = is_same_everywhere(
        backend, json.dumps([metrics["gradient_steps"], metrics["kl"]]).encode()
    )

    apart = Training(settings(**TAUGHT, selfplay__starts=["startpos" if rank else NEAR_MATE]), backend)
    segment, _ = apart.source.next()
    rows, steps = rows_and_steps(apart, segment)
    found["rows_taught_apart"] = [int(data) for data in backend.gather(str(rows).encode())]
    found["steps_taught_apart"] = [int(data) for data in backend.gather(str(steps).encode())]
    found["equal_after_taught_apart"] = is_same_everywhere(backend, digest(apart))

    poisoned = Training(settings(), backend)
    segment, _ = poisoned.source.next()
    log_prob = segment.columns["log_prob"]
    log_prob[:] = np.nan if rank == 1 else log_prob
    before = digest(poisoned)
    report = poisoned.learner.update(segment, 0.0)
    found["skipped"] = [int(number) for number in backend.gather(str(report.num_skipped).encode())]
    found["poison_changed_nothing"] = digest(poisoned) == before

    statistics = torch.nn.BatchNorm1d(3)
    statistics.running_mean += rank
    backend.settle(statistics)
    found["equal_statistics"] = is_same_everywhere(backend, statistics.running_mean.numpy().tobytes())
    found["stop_of_one"] = backend.any(rank == 1)
    found["stop_of_none"] = backend.any(False)
    found["gathered"] = [len(data) for data in backend.gather(b"x" * (rank + 3))]
    found["broadcast"] = backend.broadcast(b"from 0" if rank == 0 else b"").decode()
    found["empty"] = [data.decode() for data in backend.gather(b"")] + [backend.broadcast(b"").decode()]
    backend.close()
    if rank == 0:
        json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
