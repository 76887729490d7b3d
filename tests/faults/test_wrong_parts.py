"""Networks and planes that are wrong: told by package before there is a run folder; masks of -inf are no fault."""

import pytest
import torch

from keisei_core.checkpoint import read_checkpoint

PLUGIN = """
import numpy as np
import torch
from torch import nn

from keisei_core import hookimpl
from keisei_core.observe import Channel
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="net", target="parts:Net", summary="attends to all squares")]


@hookimpl
def keisei_feature_planes():
    return [Component(name="pieces", target="parts:Pieces", summary="the mover's pieces")]


class Net(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.policy, self.value = nn.Conv2d(len(channels), 27, 1), nn.Linear(len(channels), 1)
        self.register_buffer("mask", torch.full((81, 81), float("-inf")).triu(1))

    def forward(self, planes):
        squares = planes.flatten(2).transpose(1, 2)
        seen = torch.softmax(squares @ squares.transpose(1, 2) + self.mask, dim=2) @ squares
        logits = self.policy(seen.transpose(1, 2).unflatten(2, (9, 9))).flatten(1)
        value = torch.tanh(self.value(seen.mean(dim=1))).squeeze(1)
        {network}
        return logits, value


class Pieces:
    channels = (Channel("own_pieces"), Channel("own_pieces_again"))

    def __init__(self, context):
        pass

    def encode(self, positions, planes):
        planes[:] = (positions.board > 0).reshape(-1, 1, 9, 9)
        {planes}
"""
FAULTS = {
    "value without its axis": ("network", "value = value.mean()", "and value, floats [16], got float32 [16, 2187]"),
    "planes written beside": ("planes", "planes.base[:] = 1", "encode must write its own channels only"),
    "value of one column": ("network", "value = value[:, None]", "got float32 [16, 2187] and float32 [16, 1]"),
    "one logit more": ("network", "logits = nn.functional.pad(logits, (0, 1))", "got float32 [16, 2188]"),
    "a dict": ("network", "return {'logits': logits, 'value': value}", "forward must return (logits, value) or"),
    "value of 1e6": ("network", "value = value * 1e6", "value must be the expected result, about -1 to 1"),
    "gradients off": ("network", "torch.set_grad_enabled(False)", "its switch for gradients alone"),
    "seeds in forward": ("network", "torch.manual_seed(3)", "forward must seed no random stream of the process"),
    "300 in a byte": ("planes", "planes[:, 0] = np.full((len(positions), 9, 9), 300)", "got int64 300 to 300"),
    "nan in a byte": ("planes", "planes[:, 0] = np.full((len(positions), 9, 9), np.nan)", "got float64 nan to nan"),
    "positions written to": ("planes", "positions.board[:] = 0", "encode must not change positions"),
}
IN_EVERY_SUITE = ("value without its axis", "planes written beside")


def words(place, **code):
    """The command's words for a run of two updates with these lines in the plugin."""
    source = PLUGIN.replace("{network}", code.get("network", "")).replace("{planes}", code.get("planes", ""))
    (place.folder / "parts.py").write_text(source)
    config = place.config(model='name = "net"', updates=2, pool=0)
    return "run", config, "--plugin", "parts.py", "--input-features", "core46+pieces", "--run-dir", "r"


@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_part_is_named_before_there_is_a_run_folder(place, fault, request, found):
    if fault not in IN_EVERY_SUITE:
        request.getfixturevalue("only_in_full")
    where, line, told = FAULTS[fault]

    code, said = place.finish(*words(place, **{where: line}))

    assert code == 3, said
    assert told in said
    assert f"{'model ' if where == 'network' else 'features '}" in said
    assert " of parts.py " in said
    assert "Traceback" not in said
    assert not (place.folder / "r").exists()
    found(fault, "exit 3, package named, no run folder")


def test_constant_mask_of_inf_is_saved_resumed_and_no_divergence(place, found):
    """The control too: the same parts without a fault."""
    code, said = place.finish(*words(place))
    assert code == 0, said
    newest = max((place.folder / "r" / "checkpoints").iterdir())
    mask = read_checkpoint(newest).weights["mask"]

    code, said = place.finish("resume", "r", "--plugin", "parts.py")

    assert code == 0, said
    assert torch.isinf(mask).sum() == 81 * 80 // 2
    found("a buffer of -inf in the network", "saved, verified, resumed; the control: parts without a fault run")
