"""What makes the value of a trained network foretell results better, step by step, and what that is worth to a search.

    python experiments/value_steps.py [--network PATH] [--simulations 8] [--only "NAME;..."] [--games 1400] [--out DIR]

Plays games of the network against itself, by its policy or looking ahead a little, and fits the network to positions of
them, each step in its own way from the same weights: its value to a target, its policy to what it was. Measures the
value on other games. The best steps then play: with 32 simulations against the network as it was, with as many. Writes
value-steps.json and .md. Networks that are in the folder of work, made from as many positions of as many such games of
the same network, are not made again.
"""

import argparse
import copy
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import torch
from command import match_of, where
from numpy.typing import NDArray
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from keisei_core.arena import NetworkPlayer, Player, PlayerContext, export_network, find_network, play_pairs
from keisei_core.arena.value_quality import MOST_CERTAIN, ValueQuality
from keisei_core.evaluate import ActorCritic, Evaluator, MovePolicy
from keisei_core.learn import between
from keisei_core.plugins import load_registry
from keisei_core.shogi import START_SFEN, Branches, Ending, Positions, legal_mask, material, moves_of, parse_sfen
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_plugins_search.look_ahead import look_ahead
from keisei_plugins_search.options import SearchOptions
from keisei_plugins_search.player import SearchPlayer
from keisei_plugins_search.training_options import TrainingSearchOptions

GAMMA: Final = 0.997
RATE: Final = 1e-3
LOW_RATE: Final = 1e-4
MINIBATCH: Final = 512
MAX_GRAD_NORM: Final = 2.0
AVERAGED_OVER: Final = 0.98
"""Of the average of the weights, what stays of it at each step: some 50 steps count."""
SEARCH: Final = TrainingSearchOptions(simulations=16)
AT_ONCE: Final = 256
OPENING_PLIES: Final = 8
SEEDS: Final = {"fitted": 1, "held out": 2}
MATCH_SEED: Final = 1
SIMULATIONS: Final = 32
KEPT: Final = ("games", "wins", "draws", "losses", "truncated", "score", "score_low", "score_high")

Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]


@attrs.frozen(kw_only=True)
class Step:
    """A way to fit a network's value."""

    decay: float = 1.0
    """Lambda of the returns that are the target: 1 is how the game ended."""
    searched: float = 0.0
    """Share of the target that is the value found by a search of the position."""
    final_rate: float = RATE
    """Learning rate at the end, reached linearly from `RATE`."""
    passes: int = 1
    is_averaged: bool = False
    """Whether the weights are averaged exponentially over the steps."""
    head_alone: bool = False
    """Whether only the tensors of the value's head are fitted."""


STEPS: Final[Mapping[str, Step]] = {
    "lambda .9": Step(decay=0.9),
    "results": Step(),
    "results, rate lowered": Step(final_rate=LOW_RATE),
    "results, weights averaged": Step(is_averaged=True),
    "results, rate lowered, head alone": Step(final_rate=LOW_RATE, head_alone=True),
    "results, rate lowered, 3 passes": Step(final_rate=LOW_RATE, passes=3),
    "searches, rate lowered": Step(final_rate=LOW_RATE, searched=1.0),
    "half results, half searches, rate lowered": Step(final_rate=LOW_RATE, searched=0.5),
}
AS_IT_WAS: Final = "as it was"


@attrs.frozen(eq=False, kw_only=True)
class Plies:
    """All plies of G games, N of them."""

    positions: Positions
    """N, ply by ply."""
    row: IntArray
    """int64 [P, G], number of a game's position at a ply after its opening; -1 where the game is over."""
    result: Float32Array
    """float32 [N], 1, 0 or -1 for the mover."""

    @classmethod
    def played(cls, network: Path, evaluator: Evaluator, num_games: int, seed: int, simulations: int) -> "Plies":
        """Plays games of a network against itself, by its policy or by a search; those cut off are left out."""
        players: list[Player] = [NetworkPlayer(evaluator, temperature=1.0, seed=2 * seed + side) for side in (0, 1)]
        if simulations:
            options = SearchOptions(network=str(network), simulations=simulations)
            players = [SearchPlayer(PlayerContext(device=evaluator.device, seed=seed), options)] * 2
        settings = {"num_games": num_games, "max_plies": 512, "opening_plies": OPENING_PLIES, "seed": seed}
        pairs = play_pairs(players[0], players[1], at_once=AT_ONCE, **settings)
        games = [game for pair in pairs for game in pair if game.ending is not Ending.MAX_PLIES]
        start = parse_sfen(START_SFEN).with_history(evaluator.features.needs.history)
        branches = Branches.of_positions(start[np.zeros(len(games), np.int64)], MAX_MAX_PLIES)
        black = np.array([(2 * game.points - 1) * (1 if game.first_is_black else -1) for game in games], np.float32)
        parts, results, rows, count = [], [], [], 0
        for ply in range(max(len(game.actions) for game in games)):
            going = np.flatnonzero([game.opening_plies <= ply < len(game.actions) for game in games])
            parts.append(branches.positions[going])
            results.append(np.where(parts[-1].side_to_move == 0, black[going], -black[going]))
            rows.append(np.full(len(games), -1, np.int64))
            rows[-1][going] = count + np.arange(len(going))
            count += len(going)
            moves = [game.actions[ply] if ply < len(game.actions) else -1 for game in games]
            branches.play(np.array(moves, np.int32))
        return cls(positions=Positions.concatenate(parts), row=np.array(rows), result=np.concatenate(results))

    def __len__(self) -> int:
        return len(self.result)

    @property
    def game(self) -> IntArray:
        """int64 [N], whose position it is."""
        found = np.zeros(len(self), np.int64)
        _, games = np.nonzero(self.row >= 0)
        found[self.row[self.row >= 0]] = games
        return found

    def returns(self, value: Float32Array, decay: float) -> Float32Array:
        """Returns lambda-returns for the mover, float32 [N].

        Args:
            value: float32 [N], V of the positions.
            decay: lambda.
        """
        found = self.result.copy()
        later = np.full(self.row.shape[1], -1, np.int64)
        for row in self.row[::-1]:
            goes_on = (row >= 0) & (later >= 0)
            now, then = row[goes_on], later[goes_on]
            found[now] = -GAMMA * ((1 - decay) * value[then] + decay * found[then])
            later = row
        return found


def fit(evaluator: Evaluator, positions: Positions, target: Float32Array, step: Step) -> ActorCritic:
    """Returns a network fitted by a step; the evaluator's own stays as it is.

    Args:
        evaluator: the network as it was.
        positions: N of them.
        target: float32 [N], what V should be.
        step: how.
    """
    network = copy.deepcopy(evaluator.network).train()
    fitted = [tensor for name, tensor in network.named_parameters() if not step.head_alone or "value" in name]
    optimizer = torch.optim.Adam(fitted, lr=RATE, eps=1e-5)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED_OVER)) if step.is_averaged else None
    orders = [np.random.default_rng(number).permutation(len(target)) for number in range(step.passes)]
    batches = [order[first : first + MINIBATCH] for order in orders for first in range(0, len(order), MINIBATCH)]
    for number, rows in enumerate(batches):
        optimizer.param_groups[0]["lr"] = between(RATE, step.final_rate, number / len(batches))
        optimizer.zero_grad(set_to_none=True)
        loss(evaluator, network, positions[rows], torch.from_numpy(target[rows])).backward()
        nn.utils.clip_grad_norm_(fitted, MAX_GRAD_NORM)
        optimizer.step()
        if average is not None:
            average.update_parameters(network)
    fitted_network: ActorCritic = network if average is None else average.module
    return fitted_network.eval()


def loss(evaluator: Evaluator, network: ActorCritic, positions: Positions, target: torch.Tensor) -> torch.Tensor:
    """Returns half the squared error of the value and the divergence of the policy from what it was."""
    planes = torch.from_numpy(evaluator.features.encode(positions))
    balance = torch.from_numpy(material(positions))
    moves = torch.from_numpy(moves_of(legal_mask(positions).astype(np.bool_)))
    with evaluator.precision.autocast():
        logits, value, _ = network(planes, balance)
        with torch.no_grad():
            before = MovePolicy.of(evaluator.network(planes, balance)[0], moves).log_probs
    after = MovePolicy.of(logits, moves).log_probs
    divergence = nn.functional.kl_div(after, before, reduction="batchmean", log_target=True)
    return (value - target).square().mean() / 2 + divergence


def values_of(evaluator: Evaluator, positions: Positions) -> Float32Array:
    """Returns V, float32 [N], -1 to 1."""
    parts = (positions[first : first + AT_ONCE] for first in range(0, len(positions), AT_ONCE))
    return np.concatenate([evaluator.value(part) for part in parts]).clip(-1, 1)


def searched(evaluator: Evaluator, positions: Positions) -> Float32Array:
    """Returns the values that searches find, float32 [N]."""
    found = []
    for first in range(0, len(positions), AT_ONCE):
        part = positions[first : first + AT_ONCE]
        roots = Branches.of_positions(part, MAX_MAX_PLIES)
        found.append(look_ahead(evaluator, roots, legal_mask(part), SEARCH).value)
    return np.concatenate(found).astype(np.float32)


def kept_array(path: Path, make: Any) -> Float32Array:
    """Returns an array of a file, made if it is not there."""
    if not path.exists():
        np.save(path, make())
    found: Float32Array = np.load(path)
    return found


def folder_name(arguments: argparse.Namespace) -> str:
    """Returns the name of the folder of what is kept: another one wherever what is kept would be something else."""
    digest = find_network(arguments.network).digest
    return f"{digest}-{arguments.games}-{arguments.positions}-{arguments.simulations}"


def fitted_networks(arguments: argparse.Namespace, evaluator: Evaluator) -> dict[str, Path]:
    """Fits what is not fitted yet; returns the exported networks by step."""
    trained = find_network(arguments.network)
    steps = {name: STEPS[name] for name in arguments.only.split(";") if name} or STEPS
    folders = {name: arguments.work / name.replace(",", "").replace(".", "").replace(" ", "-") for name in steps}
    if all(folder.exists() for folder in folders.values()):
        return folders
    plies = Plies.played(arguments.network, evaluator, arguments.games, SEEDS["fitted"], arguments.simulations)
    chosen = np.random.default_rng(0).permutation(len(plies))[: arguments.positions]
    print(f"{len(plies):,} plies of {plies.row.shape[1]} games, {len(chosen):,} to be learned", flush=True)
    values = values_of(evaluator, plies.positions)
    by_search = np.zeros(len(chosen), np.float32)
    if any(step.searched for step in steps.values()):
        by_search = kept_array(arguments.work / "searched.npy", lambda: searched(evaluator, plies.positions[chosen]))
    for name, step in steps.items():
        if folders[name].exists():
            continue
        began = time.monotonic()
        target = (1 - step.searched) * plies.returns(values, step.decay)[chosen] + step.searched * by_search
        network = fit(evaluator, plies.positions[chosen], target.astype(np.float32), step)
        weights = {key: tensor.float() for key, tensor in network.network.state_dict().items()}
        export_network(attrs.evolve(trained, weights=weights), folders[name], torch.float32)
        print(f"{name}: fitted in {time.monotonic() - began:.0f} s", flush=True)
    return folders


def measured(evaluators: Mapping[str, Evaluator], held_out: Plies) -> dict[str, dict[str, Any]]:
    """Says of each network how well its value foretells the results of games that it was not fitted to."""
    results = held_out.result.astype(np.float64)
    balances = material(held_out.positions)
    losses, found = {}, {}
    for name, evaluator in evaluators.items():
        values = values_of(evaluator, held_out.positions)
        quality = ValueQuality.of(values, balances, results)
        losses[name] = loss_by_game(values, held_out)
        gain = losses[name] - losses[AS_IT_WAS]
        error = gain.std(ddof=1) * len(gain) ** 0.5 / len(held_out)
        found[name] = {**attrs.asdict(quality.value), "gain": -gain.sum() / len(held_out), "gain_error": error}
    found["material alone"] = attrs.asdict(quality.material)
    return found


def loss_by_game(values: Float32Array, plies: Plies) -> NDArray[np.float64]:
    """Returns the log loss of the positions of each game, added up, float64 [G]: those of one game are much alike."""
    points = (1 + plies.result.astype(np.float64)) / 2
    chances = np.clip((1 + values.astype(np.float64)) / 2, 1 - MOST_CERTAIN, MOST_CERTAIN)
    return np.bincount(plies.game, -(points * np.log(chances) + (1 - points) * np.log1p(-chances)))


def matches(arguments: argparse.Namespace, folders: Mapping[str, Path], chosen: Sequence[str]) -> dict[str, Any]:
    """Plays the chosen networks with a search against the network as it was, with one of as many simulations."""
    settings = "--opening-plies", str(OPENING_PLIES), "--store", str(arguments.work / "value_steps.jsonl")
    found = {}
    for name in chosen:
        texts = (f"search:network={folder},simulations={SIMULATIONS}" for folder in (folders[name], arguments.network))
        report = match_of(*texts, arguments.match_games, MATCH_SEED, *settings)
        found[name] = {field: report[field] for field in KEPT}
    return found


def page(result: Mapping[str, Any]) -> str:
    """Writes the result for people."""
    lines = [
        f"| value | correlation | log loss | gain, ± standard error | bins: value, result | {SIMULATIONS} simulations "
        "against the same before |",
        "|---|---:|---:|---:|---|---:|",
    ]
    for name, row in result["values"].items():
        gain = f"{row['gain']:+.4f} ± {row['gain_error']:.4f}" if "gain" in row else ""
        bins = ", ".join(f"{said:+.2f} {came:+.2f}" for said, came in row["bins"])
        match = result["matches"].get(name)
        score = f"{match['score']:.3f} [{match['score_low']:.3f}, {match['score_high']:.3f}]" if match else ""
        lines.append(f"| {name} | {row['correlation']:+.3f} | {row['log_loss']:.4f} | {gain} | {bins} | {score} |")
    by = f"with {result['simulations']} simulations" if result["simulations"] else "by the policy at temperature 1"
    told = f"{result['held_out_positions']:,} positions of {result['held_out_games']} games held out, played {by}"
    where_from = f"{result['machine']}, torch {result['torch']}, commit {result['commit']}"
    return "\n".join([*lines, "", f"{result['network']}; {told}. {where_from}.", ""])


def main() -> None:
    """Fits, measures and plays."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("docs/results/long_run/network"))
    parser.add_argument("--simulations", type=int, default=0, help="with which games are played; 0: by the policy (0)")
    parser.add_argument("--only", default="", help="names of steps, separated by semicolons")
    parser.add_argument("--games", type=int, default=1400, help="that positions are taken from (1400)")
    parser.add_argument("--positions", type=int, default=40_000, help="that are learned (40000)")
    parser.add_argument("--held-out", type=int, default=500, help="games that are measured on (500)")
    parser.add_argument("--play", type=int, default=2, help="networks, the best by log loss, that play matches (2)")
    parser.add_argument("--match-games", type=int, default=200, help="games of a match (200)")
    parser.add_argument("--threads", type=int, default=1, help="of torch (1)")
    parser.add_argument("--work", type=Path, default=Path("runs/value-steps"), help="folder of the networks")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results")
    arguments = parser.parse_args()
    arguments.work /= folder_name(arguments)
    for folder in (arguments.work, arguments.out):
        folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    registry, device = load_registry(), torch.device("cpu")
    folders = fitted_networks(arguments, find_network(arguments.network).evaluator(registry, device))
    folders = {AS_IT_WAS: arguments.network, **folders}
    evaluators = {name: find_network(folder).evaluator(registry, device) for name, folder in folders.items()}
    held_out = Plies.played(
        arguments.network, evaluators[AS_IT_WAS], arguments.held_out, SEEDS["held out"], arguments.simulations
    )
    values = measured(evaluators, held_out)
    chosen = sorted({*folders} - {AS_IT_WAS}, key=lambda name: values[name]["log_loss"])[: arguments.play]
    result = {
        "network": str(arguments.network),
        "simulations": arguments.simulations,
        "positions": arguments.positions,
        "held_out_positions": len(held_out),
        "held_out_games": held_out.row.shape[1],
        "values": values,
        "matches": {},
        **where(),
    }
    print(page(result), flush=True)
    result["matches"] = matches(arguments, folders, chosen)
    (arguments.out / "value-steps.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "value-steps.md").write_text(page(result), encoding="utf-8")
    print(page(result))


if __name__ == "__main__":
    main()
