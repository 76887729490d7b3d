"""Which tensors of the network follow which channels, for migrators."""

from collections.abc import Container, Sequence
from typing import Final

from torch import nn

from keisei_core.migration import INPUT, Blocks, Groups, Layout, LayoutDraft
from keisei_plugins_resnet.blocks import group_sizes

TOWER: Final = "tower"
SILENT_BLOCK: Final = ("second.1.weight", "second.1.bias", "excitation.excite.weight", "excitation.excite.bias")
"""Tensors of a block which, being 0, make it hand its features on: what it adds to them is 0, before its last ReLU,
which changes nothing about features that have passed one."""


def layout_of(network: nn.Module, widths: Sequence[int], num_blocks: int, num_attentions: int) -> Layout:
    """Lays out a ResNet.

    Args:
        network: the whole of it.
        widths: of the parts of the tower's channels that are normalised apart.
        num_blocks: of the tower.
        num_attentions: blocks of attention behind it.
    """
    draft, groups = LayoutDraft(network), group_sizes(widths)
    names = {name for name, _ in network.named_modules()}
    draft.layer("stem.0.0", reads=INPUT, writes=TOWER)
    draft.norm("stem.0.1", TOWER, groups=groups)
    for index in range(num_blocks):
        _add_block(draft, f"tower.{index}", groups, names)
    for index in range(num_attentions):
        draft.norm(f"attention.{index}.norm", TOWER, groups=groups)
        draft.layer(f"attention.{index}.read", reads=TOWER)
        draft.layer(f"attention.{index}.write", writes=TOWER)
    draft.layer("policy.moves", reads=TOWER)
    draft.norm("value.hidden.0", TOWER, groups=tuple(widths), times=2)
    draft.layer("value.hidden.1", reads=TOWER, read_times=2)
    draft.layer("value.counts", reads=INPUT)
    blocks = Blocks(prefix="tower", count=num_blocks, option="tower_depth", zeros=SILENT_BLOCK)
    parts = ", ".join(map(str, widths))
    advice = f"have the added channels normalised apart by norm_widths = [{parts}, {{added}}]"
    if len(widths) == 1:
        advice = f"double the width, or {advice}"
    return draft.finished(blocks=blocks, advice=advice)


def _add_block(draft: LayoutDraft, name: str, groups: Groups, names: Container[str]) -> None:
    """Lays out one block, of the modules of these names: channels of its own between its convolutions, others that are
    pooled, others in its bottleneck.
    """
    inner, pooled, bottleneck = f"{name}.first", f"{name}.pool", f"{name}.bottleneck"
    draft.layer(f"{name}.first.0", reads=TOWER, writes=inner)
    draft.norm(f"{name}.first.1", inner, groups=groups)
    draft.layer(f"{name}.second.0", reads=inner, writes=TOWER)
    draft.norm(f"{name}.second.1", TOWER, groups=groups)
    if f"{name}.pool" in names:
        draft.layer(f"{name}.pool.read", reads=TOWER, writes=pooled)
        draft.layer(f"{name}.pool.write", reads=pooled, writes=inner, read_times=2)
    if f"{name}.excitation.squeeze" in names:
        draft.layer(f"{name}.excitation.squeeze", reads=TOWER, writes=bottleneck)
        draft.layer(f"{name}.excitation.excite", reads=bottleneck, writes=TOWER, written_times=2)
