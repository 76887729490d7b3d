"""Compiling the network: the same function under the same names, for any number of positions; and no compiler."""

import json
import os
import subprocess
import sys

import pytest
import torch

from keisei_core.config.tables import ValueTable
from keisei_core.evaluate import ActorCritic, compile_network
from keisei_core.observe import Channel
from keisei_core.precision import Fp32

# The compiler gets a block of the operations that networks are made of, each of which takes it seconds; the residual
# network is made into programs that torch runs itself.
CHILD = """
import functools
import json
import sys

import torch
from torch._dynamo.utils import counters

from keisei_core.config.tables import ValueTable
from keisei_core.evaluate import ActorCritic, compile_network
from keisei_core.observe import Channel
from keisei_core.precision import Fp32
from keisei_plugins_resnet.network import ResNet
from keisei_plugins_resnet.options import ResNetOptions


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm = torch.nn.Conv2d(2, 16, 3, padding=1), torch.nn.GroupNorm(1, 16)
        self.policy, self.value = torch.nn.Conv2d(16, 27, 1), torch.nn.Linear(16, 1)

    def forward(self, planes):
        squares = self.stem(planes)
        squares = squares + torch.relu(self.norm(squares))
        return self.policy(squares).flatten(1), torch.tanh(self.value(squares.mean(dim=(2, 3)))).squeeze(1)


torch.set_num_threads(1)
torch.manual_seed(0)
cpu = torch.device("cpu")
channels = Channel("a", 1.0), Channel("b", 0.5)
if sys.argv[1] == "block":
    made = Block()
else:
    options = ResNetOptions(tower_depth=1, tower_width=16)
    made, torch.compile = ResNet(2, options), functools.partial(torch.compile, backend="aot_eager")
network = ActorCritic(made, channels, ValueTable())
network.to(memory_format=torch.channels_last)
for parameter in network.parameters():
    torch.nn.init.normal_(parameter, std=0.1)
names, strides = list(network.state_dict()), [one.stride() for one in network.parameters()]
before = torch.get_rng_state()
compilation = compile_network(network, Fp32(cpu), cpu, num_games=32, minibatch=48)
same_stream = torch.equal(before, torch.get_rng_state())
no_gradients = all(parameter.grad is None for parameter in network.parameters())
programs = counters["stats"]["unique_graphs"]
errors = []
for number in (32, 48, 17, 5, 1):
    for grows in (False, True):
        network.train(grows)
        with torch.inference_mode(not grows):
            planes = torch.randint(0, 2, (number, 2, 9, 9), dtype=torch.uint8)
            given = planes, 20 * torch.randn(number)
            got, expected = network(*given)[:2], type(network).forward(network, *given)[:2]
        errors += [float((one - other).abs().max()) for one, other in zip(got, expected, strict=True)]
        if grows and number > 16:
            gradients = []
            for logits, value in (got, expected):
                network.zero_grad()
                (logits.square().mean() + value.sum()).backward()
                gradients.append([parameter.grad.clone() for parameter in network.parameters()])
            errors += [float((one - other).abs().max()) for one, other in zip(*gradients, strict=True)]
print(json.dumps({
    "problem": compilation.problem,
    "text": str(compilation),
    "seconds": [compilation.act_s, compilation.learn_s],
    "same_names": names == list(network.state_dict()),
    "same_layout": strides == [one.stride() for one in network.parameters()],
    "same_stream": same_stream,
    "no_gradients": no_gradients,
    "programs": programs,
    "more_programs": counters["stats"]["unique_graphs"] - programs,
    "error": max(errors),
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What a process of its own sees, with a compiler, without one, and where none is needed."""
    found = {}
    for name, changed in {"compiler": {}, "none": {"CXX": "/nowhere/g++"}, "residual network": {}}.items():
        cache = {"TORCHINDUCTOR_CACHE_DIR": str(tmp_path_factory.mktemp(name))} if changed else {}
        environment = os.environ | cache | changed | {"TORCHINDUCTOR_COMPILE_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", CHILD, "resnet" if name == "residual network" else "block"],
            env=environment, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found[name] = json.loads(done.stdout)
    return found


def needs_a_compiler(found: dict[str, object]) -> dict[str, object]:
    if found["problem"]:
        pytest.skip(f"no compiler here: {found['problem']}")
    return found


@pytest.mark.parametrize("which", ["compiler", "residual network"])
def test_compiled_network_is_the_same_function_for_any_number_of_positions(seen, which):
    assert needs_a_compiler(seen[which])["error"] < 1e-5


@pytest.mark.parametrize("which", ["compiler", "residual network"])
def test_one_program_acts_and_one_learns_whatever_the_number_of_positions(seen, which):
    found = needs_a_compiler(seen[which])

    assert (found["programs"], found["more_programs"]) == (2, 0)


@pytest.mark.parametrize("which", ["compiler", "none", "residual network"])
def test_compiling_changes_neither_names_nor_layout_nor_random_streams_nor_gradients(seen, which):
    kept = ("same_names", "same_layout", "same_stream", "no_gradients")

    assert all(seen[which][name] for name in kept)


class Counting(torch.nn.Module):
    """Keeps running statistics."""

    def __init__(self):
        super().__init__()
        self.norm = torch.nn.BatchNorm2d(1)

    def forward(self, planes):
        features = self.norm(planes).flatten(1)
        return features.repeat(1, 27), features[:, 0]


def test_compiling_leaves_running_statistics_as_they_were(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda forward: forward)
    network, cpu = ActorCritic(Counting(), (Channel("a", 1.0),), ValueTable()), torch.device("cpu")

    compilation = compile_network(network, Fp32(cpu), cpu, num_games=32, minibatch=32)

    assert not compilation.problem
    assert network.network.norm.num_batches_tracked == 0
    assert network.network.norm.running_var == 1


def test_compile_time_is_shown(seen):
    found = needs_a_compiler(seen["compiler"])

    assert min(found["seconds"]) > 0
    assert found["text"] == "took {:.1f} s for acting and {:.1f} s for learning".format(*found["seconds"])


def test_without_a_compiler_the_network_runs_as_it_is_and_the_reason_is_told(seen):
    found = seen["none"]

    assert found["error"] == 0
    assert found["text"].startswith("not done, the network runs as it is: ")
    assert "No working C++ compiler found" in found["problem"]
    assert "/nowhere/g++" in found["problem"]
