"""What docs/checkpoints.md says of every field is what the files hold."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from keisei_core.checkpoint import FORMAT_VERSION, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.run import Training
from keisei_core.run.best import Best

PAGE = (Path(__file__).parents[2] / "docs" / "checkpoints.md").read_text()
DTYPES = {"U8": "uint8", "U16": "uint16", "U64": "uint64", "I32": "int32", "F32": "float32"}
NUM_GAMES, NUM_POOL_UPDATES = 8, 2


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory) -> Path:
    """A checkpoint of a run that uses all that a checkpoint can hold."""
    settings = tiny(
        precision__name="fp16", selfplay__pool_share=0.5, selfplay__pool_every_updates=1, tracking__sample_games=2,
        selfplay__games=NUM_GAMES, learning__averaging=0.9,
    )  # fmt: skip
    training = Training(settings, Single(torch.device("cpu")))
    for _ in range(NUM_POOL_UPDATES):
        training.update()
    training.best = Best(update=1, score=0.5, opponent="random")
    made = tmp_path_factory.mktemp("run") / "update-000002"
    write_checkpoint(made, training.checkpoint())
    return made


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of the page, without backticks."""
    section = PAGE.split(f"\n### {heading}\n")[1].split("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip().replace("`", "") for cell in line.strip("| ").split(" | ")] for line in lines[1:]]


def documented(heading: str) -> dict[str, str]:
    return {row[0]: row[1] for row in table(heading)}


def paths(value: object, whole: set[str], prefix: str = "") -> Iterator[str]:
    """Yields the path of every leaf; what is documented as a whole is not looked into."""
    if prefix in whole and (not isinstance(value, dict) or not any(name.startswith(f"{prefix}.") for name in whole)):
        yield prefix
    elif isinstance(value, dict):
        if prefix in whole:
            yield prefix
        for name, entry in value.items():
            yield from paths(entry, whole, f"{prefix}.{name}" if prefix else name)
    elif isinstance(value, list):
        if not value:
            yield f"{prefix}[]"
        for entry in value:
            yield from paths(entry, whole, f"{prefix}[]")
    else:
        yield prefix


def pattern(name: str) -> str:
    """The regular expression of a documented name, in which <...> stands for any."""
    return re.sub(r"<[^>]*>", ".+", re.escape(name).replace(r"\<", "<").replace(r"\>", ">"))


@pytest.mark.parametrize(
    ("file", "heading"),
    [("manifest.json", "manifest.json"), ("state.json", "state.json"), ("rank-0.json", "rank-&lt;n&gt;.json")],
)
def test_every_field_is_on_the_page_and_the_other_way_round(folder, file, heading):
    fields = documented(heading)
    value = json.loads((folder / file).read_text())
    real = set(paths(value, set(fields)))

    undocumented = {path for path in real if not any(re.fullmatch(pattern(name), path) for name in fields)}
    gone = {name for name in fields if not any(re.fullmatch(pattern(name), path) for path in real)}

    assert (undocumented, gone) == (set(), set())


def test_every_tensor_of_a_process_is_on_the_page_with_its_dtype_and_shape(folder, tiny):
    height = tiny().selfplay.max_plies // 2 + 1
    described = {
        name: text.replace("B", str(NUM_GAMES)).replace("H", str(height))
        for name, text in documented("rank-&lt;n&gt;.safetensors").items()
    }

    with safe_open(folder / "rank-0.safetensors", "numpy") as tensors:
        slices = {name: tensors.get_slice(name) for name in tensors.keys()}  # noqa: SIM118 (it is no mapping)
        real = {name: f"{DTYPES[view.get_dtype()]} {view.get_shape()}" for name, view in slices.items()}

    assert described == real


def test_every_tensor_of_network_optimizer_and_pool_has_a_documented_name(folder):
    rows = table("weights.safetensors, average.safetensors, optimizer.safetensors, pool.safetensors")
    for file in ("weights", "average", "optimizer", "pool"):
        names = [pattern(row[0].removeprefix(f"{file} ")) for row in rows if row[0].startswith(file)]
        with safe_open(folder / f"{file}.safetensors", "numpy") as tensors:
            assert all(any(re.fullmatch(name, real) for name in names) for real in tensors.keys())  # noqa: SIM118
            assert all(any(re.fullmatch(name, real) for real in tensors.keys()) for name in names)  # noqa: SIM118


def test_page_names_the_files_and_the_format(folder):
    assert f"Format version **{FORMAT_VERSION}**" in PAGE
    assert f"| {FORMAT_VERSION} |" in PAGE.split("## Versions")[1]
    for path in folder.iterdir():
        assert f"\n    {path.name} " in PAGE
