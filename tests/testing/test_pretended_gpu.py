"""A pretended GPU refuses what a real one would, and computes what the CPU computes."""

import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from keisei_core.testing import MixedDevicesError, Waits, pretended_gpu

CPU_ROWS = torch.zeros(4, 3)


def small_network() -> nn.Module:
    torch.manual_seed(1)
    layers = (nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(200, 2))
    return nn.Sequential(*layers)


def trained(device: torch.device | str) -> tuple[list[torch.Tensor], torch.Tensor]:
    network = small_network().to(device).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), foreach=False)
    boards = torch.linspace(-1, 1, 600).reshape(8, 3, 5, 5).to(device)
    for _ in range(3):
        optimizer.zero_grad()
        F.mse_loss(network(boards), torch.ones(8, 2, device=device)).backward()
        optimizer.step()
    with torch.inference_mode():
        outputs = network(boards[2:])[1:]
    return [parameter.detach().cpu() for parameter in network.parameters()], outputs.cpu()


def test_network_trained_there_is_that_of_the_cpu_but_for_rounding():
    expected, outputs = trained("cpu")
    with pretended_gpu() as gpu:
        found, its_outputs = trained(gpu)

    # Not bit for bit: torch normalises channels last on a CPU alone.
    for one, other in zip([*expected, outputs], [*found, its_outputs], strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    "mix",
    [
        pytest.param(lambda rows: rows + CPU_ROWS, id="sum"),
        pytest.param(lambda rows: rows @ CPU_ROWS.T, id="product"),
        pytest.param(lambda rows: torch.cat([rows, CPU_ROWS]), id="list"),
        pytest.param(lambda rows: rows[torch.tensor([0, 1])], id="index"),
        pytest.param(lambda rows: rows.gather(1, torch.zeros(4, 1, dtype=torch.int64)), id="gather"),
        pytest.param(lambda rows: rows.clone().add_(CPU_ROWS), id="in place"),
        pytest.param(lambda rows: torch.add(CPU_ROWS, 1, out=rows.clone()), id="into"),
        pytest.param(lambda rows: nn.Linear(3, 2)(rows), id="weights"),
        pytest.param(lambda rows: torch.rand(3, device=rows.device, generator=torch.Generator()), id="stream"),
        pytest.param(lambda rows: rows.bernoulli_(generator=torch.Generator()), id="stream of a method"),
        pytest.param(lambda rows: torch.rand(3, generator=torch.Generator(device=rows.device)), id="its stream"),
    ],
)
def test_operation_on_both_devices_is_refused(mix):
    with pretended_gpu() as gpu, pytest.raises(MixedDevicesError, match=r"expected (tensors of one device|a random)"):
        mix(torch.ones(4, 3, device=gpu))


def test_gradient_that_comes_from_the_cpu_is_refused():
    with pretended_gpu() as gpu:
        weights = nn.Parameter(torch.ones(3, device=gpu))
        loss = (weights * 2).sum()
        weights.register_hook(lambda gradient: gradient + torch.zeros(3))

        with pytest.raises(MixedDevicesError, match="cuda"):
            loss.backward()


def test_numbers_copies_and_single_numbers_may_meet():
    with pretended_gpu() as gpu:
        rows = torch.from_numpy(np.ones((4, 3), np.float32)).pin_memory().to("cuda", non_blocking=True)
        total = (rows + torch.tensor(1.0) + 1).sum() + torch.tensor([2.0, 3.0], device=gpu).sum()
        back = torch.empty(4, 3).copy_(rows)

        assert (rows.device, rows.is_cuda, rows[0].device) == (gpu, True, gpu)
        assert float(total) == 41.0
        assert np.array_equal(rows.cpu().numpy(), back.numpy())
        assert rows.tolist() == back.tolist()


def test_contents_are_not_to_be_had_without_a_copy():
    with pretended_gpu() as gpu, pytest.raises(RuntimeError, match="not supported"):
        torch.ones(3, device=gpu).numpy()


def test_copy_of_a_network_and_its_moves_stay_there():
    with pretended_gpu() as gpu:
        network = copy.deepcopy(small_network().cuda())
        network.load_state_dict(small_network().state_dict())

        assert {parameter.device for parameter in network.parameters()} == {gpu}
        assert {parameter.device.type for parameter in network.cpu().parameters()} == {"cpu"}


def test_threads_that_begin_there_see_the_gpu():
    with pretended_gpu() as gpu, ThreadPoolExecutor(1) as worker:
        rows = worker.submit(lambda: torch.from_numpy(np.ones(3, np.float32)).to(gpu)).result()

        assert rows.device == gpu
        assert worker.submit(lambda: float(rows.sum())).result() == 3
        with pytest.raises(MixedDevicesError):
            worker.submit(lambda: rows + torch.ones(3)).result()


def test_graph_does_again_what_it_recorded_on_the_same_memory():
    with pretended_gpu() as gpu:
        rows, stream = torch.ones(2, 3, device=gpu), torch.Generator(device=gpu).manual_seed(1)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            doubled = (rows * 2).add_(1)[1]
            drawn = torch.rand(3, device=gpu, generator=stream)
        first = drawn.tolist()
        rows.fill_(5)
        unchanged = doubled.tolist()
        graph.replay()

        assert (unchanged, doubled.tolist()) == ([3.0] * 3, [11.0] * 3)
        assert drawn.tolist() != first
        with torch.cuda.graph(torch.cuda.CUDAGraph()), pytest.raises(RuntimeError, match="while a graph is recorded"):
            rows.sum().item()


def test_waits_are_counted():
    with pretended_gpu() as gpu:
        rows = torch.ones(4, 3, device=gpu)
        waits = Waits()
        bool((rows.sum() > 0).any()), rows.cpu(), rows.nonzero()
        counted = waits.count
        rows.mean() + rows.to(torch.bfloat16).sum()

        assert (counted, waits.count) == (3, 3)


def test_nothing_is_left_behind():
    before = torch.cuda.device_count(), torch.Generator, torch.Tensor.pin_memory
    with pretended_gpu():
        assert torch.cuda.device_count() == 1

    assert (torch.cuda.device_count(), torch.Generator, torch.Tensor.pin_memory) == before
