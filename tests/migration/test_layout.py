"""What a network declares must be true of its tensors."""

import pytest
from torch import nn

from keisei_core.errors import PluginError
from keisei_core.migration import INPUT, Axis, Form, LayoutDraft, Networks
from keisei_core.plugins import Registry


def network() -> nn.Module:
    parts = {"stem": nn.Conv2d(5, 4, 3), "norm": nn.BatchNorm2d(4), "gate": nn.Linear(4, 8), "head": nn.Linear(324, 2)}
    return nn.ModuleDict(parts)


def test_layers_and_norms_are_laid_out_axis_by_axis() -> None:
    draft = LayoutDraft(network())
    draft.layer("stem", reads=INPUT, writes="tower")
    draft.norm("norm", "tower")
    draft.layer("gate", reads="tower", writes="tower", written_times=2)
    draft.layer("head", reads="tower", elements=81)

    layout = draft.finished()

    makes, reads = Axis(channels="tower", reads=False), Axis(channels="tower", reads=True)
    assert layout.axes["stem.weight"] == (makes, Axis(channels=INPUT, reads=True), None, None)
    assert layout.axes["stem.bias"] == (makes,)
    assert {name for name in layout.axes if name.startswith("norm.")} == {
        "norm.weight",
        "norm.bias",
        "norm.running_mean",
        "norm.running_var",
    }
    assert layout.axes["gate.weight"] == (Axis(channels="tower", reads=False, outer=2), reads)
    assert layout.axes["head.weight"] == (None, Axis(channels="tower", reads=True, inner=81))
    assert {name: channels.size for name, channels in layout.channels.items()} == {INPUT: 5, "tower": 4}


def test_channels_of_two_sizes_are_a_fault() -> None:
    draft = LayoutDraft(network())
    draft.layer("stem", reads=INPUT, writes="tower")

    with pytest.raises(PluginError, match=r"'gate\.weight' has an axis of 8, expected 1 x 4 channels 'tower' x 1"):
        draft.layer("gate", reads="tower", writes="tower")


def test_groups_that_do_not_add_up_are_a_fault() -> None:
    draft = LayoutDraft(network())
    draft.norm("norm", "tower", groups=(2, 1))

    with pytest.raises(PluginError, match="groups of 'tower' must add up to 4 channels"):
        draft.finished()


@pytest.mark.parametrize("declare", [LayoutDraft.layer, lambda draft, name: draft.norm(name, "tower")])
def test_module_that_is_not_there_is_a_fault(declare) -> None:
    with pytest.raises(PluginError, match=r"expected a tensor 'stam\.weight'"):
        declare(LayoutDraft(network()), "stam")


class Silent(Networks):
    """A network that declares nothing."""

    def build(self, form: Form) -> nn.Module:
        return network()


def test_network_without_layout_can_not_be_migrated_and_says_where_to_read() -> None:
    networks = Silent(Registry(()), {})
    form = Form(format=2, model="a:silent", options={}, channels=("p",))

    with pytest.raises(PluginError, match=r"model 'a:silent' can't be migrated: .* docs/plugins/migrators\.md"):
        networks.blueprint(form)
    assert networks.weights(form)["stem.weight"].shape == (4, 5, 3, 3)


def test_model_that_is_not_installed_is_told() -> None:
    networks = Networks(Registry(()), {})
    form = Form(format=2, model="a:gone", options={}, channels=("p",))

    assert "model 'gone' can't be built as the checkpoint has it: unknown model 'a:gone'" in networks.complaint(form)
