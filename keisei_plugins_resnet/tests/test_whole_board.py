"""What sees the whole board at once: global pooling and attention, held against plain versions."""

import pytest
import torch
from torch import Tensor, nn

from keisei_core.shogi import NUM_SQUARES
from keisei_core.testing import feature_set
from keisei_plugins_resnet.attention import HEAD_WIDTH, NUM_OFFSETS, AttentionBlock, offsets
from keisei_plugins_resnet.blocks import ResidualBlock
from keisei_plugins_resnet.network import ResNet, build
from keisei_plugins_resnet.options import ResNetOptions
from keisei_plugins_resnet.pooling import PooledBias


def in_use(module: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.3)
    return module


def made(**options: object) -> ResNet:
    torch.manual_seed(0)
    return build(feature_set("core46").channels, ResNetOptions(tower_width=16, **options))


def test_pooled_bias_is_its_definition() -> None:
    pool, features = in_use(PooledBias(16)), torch.randn(3, 16, 9, 9)
    found = torch.relu(pool.read(features))
    expected = pool.write(torch.cat((found.mean((2, 3)), found.amax((2, 3))), dim=1))

    torch.testing.assert_close(pool(features)[:, :, 0, 0], expected)
    assert pool.read.out_channels == 4


def test_block_that_pools_tells_its_second_convolution_what_stands_far_away() -> None:
    features = torch.zeros(2, 16, 9, 9)
    features[1, :, 8, 8] = 3.0
    for is_pooled in (False, True):
        torch.manual_seed(0)
        block = ResidualBlock((16,), se_ratio=0.0, is_pooled=is_pooled)
        if block.pool is not None:
            in_use(block.pool)
        block.first[1], block.second[1] = nn.Identity(), nn.Identity()
        near, far = block(features)[:, :, 0, 0]
        assert torch.equal(near, far) is not is_pooled


@pytest.mark.parametrize(("every", "pooled"), [(0, []), (1, [0, 1, 2, 3]), (2, [1, 3]), (3, [2]), (4, [3])])
def test_every_so_manieth_block_pools(every: int, pooled: list[int]) -> None:
    tower = made(tower_depth=4, pool_every=every).tower
    assert [index for index, block in enumerate(tower) if block.pool is not None] == pooled


def test_offset_is_the_same_between_squares_that_lie_alike() -> None:
    table = offsets()
    lies: dict[tuple[int, int], set[int]] = {}
    for one in range(NUM_SQUARES):
        for other in range(NUM_SQUARES):
            apart = other // 9 - one // 9, other % 9 - one % 9
            lies.setdefault(apart, set()).add(int(table[one, other]))

    assert len(lies) == NUM_OFFSETS
    assert sorted(number for numbers in lies.values() for number in numbers) == list(range(NUM_OFFSETS))


def attended(block: AttentionBlock, features: Tensor) -> Tensor:
    """Returns what a block makes of one position, float [W, 9, 9], in loops over heads and squares."""
    tokens = block.norm(features[None])[0].flatten(1).T
    query, key, value = block.read(tokens).split(block.num_heads * HEAD_WIDTH, dim=1)
    mixed = torch.zeros_like(query)
    for head in range(block.num_heads):
        own = slice(head * HEAD_WIDTH, (head + 1) * HEAD_WIDTH)
        for square in range(NUM_SQUARES):
            scores = key[:, own] @ query[square, own] / HEAD_WIDTH**0.5 + block.bias[head, offsets()[square]]
            mixed[square, own] = torch.softmax(scores, 0) @ value[:, own]
    return features + block.write(mixed).T.reshape(features.shape)


@pytest.mark.parametrize("widths", [(16,), (16, 8)])
def test_attention_is_that_of_a_plain_version(widths: tuple[int, ...]) -> None:
    block = in_use(AttentionBlock(widths, num_heads=2))
    features = torch.randn(2, sum(widths), 9, 9).to(memory_format=torch.channels_last)
    with torch.no_grad():
        expected = torch.stack([attended(block, each) for each in features])
        torch.testing.assert_close(block(features), expected, rtol=1e-4, atol=1e-4)


def test_attention_starts_as_the_identity_and_fresh_network_plays_uniformly() -> None:
    features = torch.randn(2, 16, 9, 9)
    network = made(attention_blocks=2, pool_every=1)
    logits, value = network(torch.rand(2, 46, 9, 9))

    assert torch.equal(network.attention(features), features)
    assert not logits.any()
    assert not value.any()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_attention_in_a_short_format_is_that_of_float32_but_for_rounding(dtype: torch.dtype) -> None:
    block, features = in_use(AttentionBlock((16,), num_heads=2)), torch.randn(4, 16, 9, 9)
    with torch.no_grad():
        expected, got = block(features), block.to(dtype)(features.to(dtype))

    assert got.dtype == dtype
    assert nn.functional.cosine_similarity(got.float().flatten(), expected.flatten(), dim=0) > 0.999
