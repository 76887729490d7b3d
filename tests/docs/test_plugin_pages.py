"""The pages for authors of plugins: their code runs as it stands, and they name every hook, argument and setting."""

import ast
import inspect
import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest

import keisei_core.testing as kit
from keisei_core.plugins import Component, Kind, load_registry
from keisei_core.plugins.hookspecs import KIND_OF_HOOK

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "plugins"
FILES = re.compile(r"```(?:python|toml)\n# (\S+\.\w+)\n(.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)
SURFACES = {
    "keisei_feature_planes": (
        "features.md",
        ["keisei_core.observe:PlaneContext", "keisei_core.observe:Channel", "keisei_core.observe:FeaturePlanes"],
    ),
    "keisei_starts": ("starts.md", ["keisei_core.shogi:StartContext", "keisei_core.shogi:StartSource"]),
    "keisei_models": ("models.md", ["keisei_core.observe:Channel"]),
    "keisei_deciders": (
        "deciders.md",
        [
            "keisei_core.decide:DeciderContext",
            "keisei_core.decide:Column",
            "keisei_core.decide:Decision",
            "keisei_core.decide:Decider",
        ],
    ),
    "keisei_algorithms": (
        "algorithms.md",
        ["keisei_core.learn:AlgorithmContext", "keisei_core.learn:Algorithm"],
    ),
    "keisei_optimizers": ("optimizers.md", ["keisei_core.learn:Optimization"]),
    "keisei_teachers": (
        "teachers.md",
        [
            "keisei_core.learn:TeacherContext",
            "keisei_core.learn:Teacher",
            "keisei_core.learn:Taught",
            "keisei_core.learn:Targets",
            "keisei_core.learn:Lessons",
        ],
    ),
    "keisei_precision_policies": ("precision.md", ["keisei_core.precision:PrecisionPolicy"]),
    "keisei_distribution_backends": ("distribution.md", ["keisei_core.distribution:DistributionBackend"]),
    "keisei_checkpoint_migrators": (
        "migrators.md",
        ["keisei_core.migration:MigrationContext", "keisei_core.migration:Step", "keisei_core.migration:Migrator"],
    ),
    "keisei_players": ("players.md", ["keisei_core.arena:PlayerContext", "keisei_core.arena:Player"]),
    "keisei_callbacks": (
        "callbacks.md",
        ["keisei_core.run:CallbackContext", "keisei_core.run:RunView", "keisei_core.run:Callback"],
    ),
    "keisei_trackers": ("trackers.md", ["keisei_core.run:Tracker"]),
    "keisei_commands": ("commands.md", []),
}
"""The page of each hook, and what its target takes and returns."""


def page(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def names_of(path: str) -> list[str]:
    """Returns the fields of an attrs class; the fields, methods and their arguments of a protocol."""
    module, _, attribute = path.partition(":")
    cls: Any = getattr(import_module(module), attribute)
    if attrs.has(cls):
        return [field.name for field in attrs.fields(cls)]
    found = list(inspect.get_annotations(cls))
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        if not name.startswith("_"):
            found += [name, *(argument for argument in inspect.signature(method).parameters if argument != "self")]
    return found


def is_told(name: str, text: str) -> bool:
    """Tells whether a name stands in code: between backticks, or in a block."""
    return bool(re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", text) or re.search(rf"```[^`]*\b{name}\b[^`]*```", text))


def test_every_hook_has_its_page() -> None:
    assert set(SURFACES) == set(KIND_OF_HOOK)


@pytest.mark.parametrize("hook", list(SURFACES))
def test_page_names_hook_and_all_that_its_target_takes_and_returns(hook: str) -> None:
    name, surface = SURFACES[hook]
    text = page(name)

    missing = [word for path in surface for word in names_of(path) if not is_told(word, text)]
    missing += [path.rpartition(":")[2] for path in surface if path.rpartition(":")[2] not in text]
    assert hook in text
    assert hook in page("README.md")
    assert f"`{KIND_OF_HOOK[hook]}`" in page("README.md")
    assert not missing, f"docs/plugins/{name} does not name {missing}"


def test_every_field_of_a_declaration_is_told() -> None:
    missing = [field.name for field in attrs.fields(Component) if not is_told(field.name, page("README.md"))]

    assert not missing


def settings_of_plugins() -> list[tuple[str, str, str]]:
    """Returns (distribution, component, option) of everything of ours."""
    found = []
    for choice in (choice for kind in Kind for choice in load_registry().choices(kind)):
        cls = choice.load_options_class()
        if cls is not None and choice.owner.distribution.startswith("keisei"):
            found += [(choice.owner.distribution, choice.name, field.name) for field in attrs.fields(cls)]
    return found


@pytest.mark.parametrize(("distribution", "component", "option"), settings_of_plugins())
def test_every_option_is_told_by_its_package_or_a_page(distribution: str, component: str, option: str) -> None:
    projects = [
        ROOT / "pyproject.toml",
        *ROOT.glob("keisei_plugins_*/pyproject.toml"),
        *ROOT.glob("plugins/*/pyproject.toml"),
    ]
    folders = [path.parent for path in projects if f'name = "{distribution}"' in path.read_text()]
    told = [*(folder / "README.md" for folder in folders), *PAGES.glob("*.md")]

    assert any(is_told(option, path.read_text(encoding="utf-8")) for path in told), f"{component}: {option} is not told"


def test_first_page_names_all_others() -> None:
    assert [path.name for path in PAGES.glob("*.md") if path.name not in page("README.md")] == []


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.name)
def test_contracts_of_the_page_declare_what_the_kit_reads(path: Path) -> None:
    for source in re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and node.bases and ast.unparse(node.bases[0]).endswith("Contract"):
                contract = getattr(kit, ast.unparse(node.bases[0]))
                declared = [ast.unparse(line.targets[0]) for line in node.body if isinstance(line, ast.Assign)]
                strange = [name for name in declared if not hasattr(contract, name) and name != "read"]
                assert not strange, f"{path.name}: {node.name} declares {strange}"


def write(text: str, folder: Path) -> None:
    """Writes the files of a page into a folder."""
    for name, source in FILES.findall(text):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source, encoding="utf-8")


def run(words: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=os.environ | {"PYTHONPATH": str(folder / "site")},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


MODULES = {
    "keisei": ["keisei_core"],
    "pytest": ["pytest", "-W", "error", "-p", "no:cacheprovider"],
    "pip": ["pip", "--quiet"],
}
OFFLINE = ["--no-index", "--no-deps", "--no-build-isolation", "--target", "site", "."]
"""In the place of `-e .`: into the folder of the test, and without a network."""


def test_first_plugin_works_as_the_page_says(tmp_path: Path) -> None:
    text = page("first_plugin.md")
    write(text, tmp_path)
    outputs = {}
    for line in "".join(COMMANDS.findall(text)).splitlines():
        program, *words = shlex.split(line)
        words = ["install", *OFFLINE] if program == "pip" else words
        outputs[line] = run([*MODULES[program], *words], tmp_path)

    listed = outputs["keisei plugins list --kind features"]
    row = re.search(r"^keisei-plugins-castle .*$", text, re.MULTILINE)
    assert row is not None
    assert row[0].split() in [line.split() for line in listed.splitlines()]
    assert "reach = 2  integer  king's steps within which a general counts" in outputs["keisei plugins show castle"]
    assert re.search(r"(\d+) passed", outputs["pytest tests"])
    assert "castle_opponent" in (tmp_path / "first-run" / "announcement.txt").read_text(encoding="utf-8")
    assert (tmp_path / "first-run" / "result.json").exists()


def test_plugin_of_one_file_works_as_the_page_says(tmp_path: Path) -> None:
    text = page("one_file.md")
    write(text, tmp_path)
    outputs = {}
    for line in "".join(COMMANDS.findall(text)).splitlines():
        program, *words = shlex.split(line)
        outputs[line] = run([*MODULES[program], *words], tmp_path)

    told = (tmp_path / "first-idea" / "announcement.txt").read_text(encoding="utf-8")
    assert re.search(r"^  model +squares +idea\.py [0-9a-f]{12}$", told, re.MULTILINE)
    assert "open_file_opponent" in told
    assert "width = 12" in told
    assert "2 subjects" in outputs["keisei plugins check idea --plugin ./idea.py"]
    assert (tmp_path / "first-idea" / "plugins" / "idea.py").read_text() == (tmp_path / "idea.py").read_text()
    assert "games    4: " in outputs["keisei match first-idea random --games 4 --max-plies 60"]


def test_options_of_the_page_are_read_as_it_says(tmp_path: Path) -> None:
    from keisei_core.config.structure import structure, unstructure

    write(page("options.md"), tmp_path)
    namespace: dict[str, Any] = {"__name__": "my_options"}
    exec((tmp_path / "my_options.py").read_text(), namespace)
    cls = namespace["Options"]

    assert structure(cls, unstructure(cls())).value == cls()
    read = structure(cls, {"width": True, "activation": "tanh", "warmup": 3, "kernel_sizes": [1], "widht": 1})
    assert [key for key, _ in read.problems] == ["width", "activation", "widht"]
