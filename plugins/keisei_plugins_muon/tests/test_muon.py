import pytest
import torch
from torch import nn

from keisei_plugins_muon.muon import LIKE_ADAM, Muon, orthogonal
from keisei_plugins_muon.options import MuonOptions


def stepped(parameter: nn.Parameter, gradients: list[torch.Tensor], rate: float, **options: float) -> torch.Tensor:
    """Returns what steps have added to a parameter."""
    muon, before = Muon([("parameter", parameter)], MuonOptions(**options)), parameter.detach().clone()
    for gradient in gradients:
        parameter.grad = gradient
        muon.optimizer.param_groups[0]["lr"] = rate
        muon.optimizer.step()
    return parameter.detach() - before


@pytest.mark.parametrize("shape", [(8, 30), (30, 8), (16, 16)])
def test_direction_is_about_the_orthogonal_matrix_of_the_singular_value_decomposition(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(shape)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    wanted, got = left @ right, orthogonal(matrix)
    values = torch.linalg.svdvals(got)

    assert torch.nn.functional.cosine_similarity(wanted.flatten(), got.flatten(), dim=0) > 0.97
    assert values.max() < 1.25
    assert values[values > values.max() / 20].min() > 0.3


def test_direction_does_not_depend_on_the_length_of_the_gradient() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(6, 20)

    torch.testing.assert_close(orthogonal(1000 * matrix), orthogonal(matrix), rtol=1e-3, atol=1e-4)
    assert not orthogonal(torch.zeros(6, 20)).any()


def test_step_of_a_kernel_is_that_of_its_matrix_and_as_long_as_adams() -> None:
    torch.manual_seed(0)
    gradient = torch.randn(24, 12, 3, 3)
    kernel = nn.Parameter(torch.randn(24, 12, 3, 3).to(memory_format=torch.channels_last))
    moved = stepped(kernel, [gradient.to(memory_format=torch.channels_last)], rate=0.01, momentum=0.0)
    expected = -0.01 * LIKE_ADAM * 108**0.5 * orthogonal(gradient.reshape(24, 108)).view(24, 12, 3, 3)

    torch.testing.assert_close(moved, expected, rtol=1e-3, atol=1e-5)
    assert moved.square().mean().sqrt() == pytest.approx(0.01 * LIKE_ADAM, rel=0.2)


@pytest.mark.parametrize("shape", [(7,), (1, 7), ()])
def test_what_is_no_matrix_steps_as_adam_does(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    gradients = [torch.randn(shape) for _ in range(5)]
    moved = stepped(nn.Parameter(torch.zeros(shape)), gradients, rate=0.01, epsilon=1e-5)
    other = nn.Parameter(torch.zeros(shape))
    adam = torch.optim.Adam([other], lr=0.01, eps=1e-5)
    for gradient in gradients:
        other.grad = gradient
        adam.step()

    torch.testing.assert_close(moved, other.detach(), rtol=1e-5, atol=1e-7)


def test_momentum_is_nesterovs() -> None:
    torch.manual_seed(0)
    one, two = torch.randn(4, 10), torch.randn(4, 10)
    moved = stepped(nn.Parameter(torch.zeros(4, 10)), [one, two], rate=1.0, momentum=0.8)
    average = 0.2 * one
    first = 0.2 * one + 0.8 * average
    average = 0.8 * average + 0.2 * two
    second = 0.2 * two + 0.8 * average
    expected = -LIKE_ADAM * 10**0.5 * (orthogonal(first) + orthogonal(second))

    torch.testing.assert_close(moved, expected, rtol=1e-3, atol=1e-4)
