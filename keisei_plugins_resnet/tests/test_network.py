from itertools import combinations

import pytest
import torch
from torch import Tensor, nn

from keisei_core.observe import FeatureSet
from keisei_core.shogi import NUM_ACTION_PLANES, NUM_ACTIONS, NUM_SQUARES
from keisei_core.testing import corpus, feature_set
from keisei_plugins_resnet.blocks import GroupNorm, ResidualBlock, SqueezeExcitation, num_groups
from keisei_plugins_resnet.heads import PolicyHead
from keisei_plugins_resnet.network import ResNet, build
from keisei_plugins_resnet.options import ResNetOptions

OPTIONAL = ("check", "repetition", "prom_zone", "last2ply", "hand_onehot")
SMALL = ResNetOptions(tower_depth=1, tower_width=16)


def observe(features: FeatureSet, num_positions: int | None = None) -> Tensor:
    return torch.from_numpy(features.encode(corpus()[:num_positions]) * features.scales[:, None, None])


def with_every_weight_in_use(network: ResNet) -> ResNet:
    for parameter in network.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.1)
    return network.eval()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("width", [16, 17, 30, 64, 100, 256])
@pytest.mark.parametrize("depth", [1, 4, 20])
def test_forward_of_any_size_is_finite_in_every_dtype(depth: int, width: int, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    features = feature_set("core46+all")
    network = build(features.channels, ResNetOptions(tower_depth=depth, tower_width=width))
    planes = observe(features, num_positions=2).to(dtype)
    with torch.no_grad():
        logits, value = with_every_weight_in_use(network).to(dtype)(planes)
    assert (logits.dtype, value.dtype) == (dtype, dtype)
    assert logits.isfinite().all()
    assert (value.abs() <= 1).all()
    assert logits.std() > 0


@pytest.mark.parametrize("count", range(len(OPTIONAL) + 1))
def test_any_planes_pass_through(count: int) -> None:
    for chosen in combinations(OPTIONAL, count):
        features = feature_set("+".join(("core46", *chosen)))
        logits, value = build(features.channels, SMALL)(observe(features, num_positions=2))
        assert (logits.shape, value.shape) == ((2, NUM_ACTIONS), (2,))


def test_fresh_network_plays_uniformly_and_expects_nothing() -> None:
    features = feature_set("core46")
    logits, value = build(features.channels, ResNetOptions())(observe(features))
    assert not logits.any()
    assert not value.any()


def test_policy_logit_is_plane_times_81_plus_square() -> None:
    head = PolicyHead(width=1)
    with torch.no_grad():
        head.moves.weight.copy_(torch.arange(1, NUM_ACTION_PLANES + 1).view(-1, 1, 1, 1))
        features = torch.zeros(1, 1, 9, 9).to(memory_format=torch.channels_last)
        features[0, 0, 6, 2] = 1
        logits = head(features)[0]
    expected = torch.zeros(NUM_ACTIONS)
    for plane in range(NUM_ACTION_PLANES):
        expected[plane * NUM_SQUARES + 6 * 9 + 2] = plane + 1
    assert torch.equal(logits, expected)


@pytest.mark.parametrize(("ratio", "units"), [(0.25, 8), (1.0, 32), (0.01, 1)])
def test_bottleneck_is_the_ratio_of_the_width_and_never_empty(ratio: float, units: int) -> None:
    assert SqueezeExcitation(32, ratio).squeeze.out_features == units


def test_ratio_zero_leaves_squeeze_and_excitation_out() -> None:
    assert not list(ResidualBlock((32,), se_ratio=0.0).excitation.parameters())


@pytest.mark.parametrize(("width", "groups"), [(1, 1), (8, 1), (16, 2), (17, 1), (24, 3), (30, 3), (32, 4), (256, 4)])
def test_norm_groups_divide_the_width_and_hold_at_least_eight_channels(width: int, groups: int) -> None:
    assert num_groups(width) == groups


@pytest.mark.parametrize("width", [16, 24, 32, 64])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_norm_in_a_short_format_is_that_of_float32_but_for_rounding(dtype: torch.dtype, width: int) -> None:
    torch.manual_seed(0)
    norm = GroupNorm(num_groups(width), width)
    nn.init.normal_(norm.weight), nn.init.normal_(norm.bias)
    features = torch.randn(3, width, 9, 9).to(dtype).requires_grad_()
    wide = features.detach().float().requires_grad_()
    expected, got = norm(wide), norm(features)
    (gradient,) = torch.autograd.grad(got.float().square().sum(), features)
    (expected_gradient,) = torch.autograd.grad(expected.square().sum(), wide)
    assert got.dtype == gradient.dtype == dtype
    assert torch.allclose(got.float(), expected, rtol=0.01, atol=0.02)
    assert torch.nn.functional.cosine_similarity(gradient.float().flatten(), expected_gradient.flatten(), dim=0) > 0.999


def test_block_is_its_definition_and_leaves_its_input_alone() -> None:
    torch.manual_seed(0)
    block = ResidualBlock((32,), se_ratio=0.25)
    features = torch.randn(4, 32, 9, 9).to(memory_format=torch.channels_last)
    before = features.clone()
    inner = block.second(torch.relu(block.first(features)))
    excitation = block.excitation
    gates = excitation.excite(nn.functional.silu(excitation.squeeze(inner.mean((2, 3)))))
    scale, shift = gates[:, :, None, None].chunk(2, dim=1)
    expected = torch.relu(features + inner * torch.sigmoid(scale) + shift)
    assert torch.allclose(block(features), expected, atol=1e-6)
    assert torch.equal(features, before)


def test_training_mode_and_eval_mode_are_the_same_function() -> None:
    features = feature_set("core46")
    network, planes = with_every_weight_in_use(build(features.channels, SMALL)), observe(features)
    trained, evaluated = network.train()(planes), network.eval()(planes)
    assert torch.equal(trained[0], evaluated[0])
    assert torch.equal(trained[1], evaluated[1])


def test_value_head_stays_alive_through_updates_that_teach_it_nothing() -> None:
    torch.manual_seed(0)
    features = feature_set("core46")
    network, planes = build(features.channels, ResNetOptions(tower_depth=1)), observe(features)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(60):
        optimiser.zero_grad()
        (network(planes)[1] - 0.1 * torch.randn(len(planes))).square().mean().backward()
        optimiser.step()
    with torch.no_grad():
        tower = network.tower(network.stem(planes))
        hidden = network.value.hidden(torch.cat((tower.mean((2, 3)), tower.amax((2, 3))), dim=1))
    assert (hidden.std(dim=0) > 0.01).float().mean() > 0.9
