"""What the README says is true: its figures, its first plugin."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_installing_says_what_and_how_much_before_it_begins():
    """The size is the README's."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "VENV=elsewhere", "elsewhere/installed"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    first = done.stdout.splitlines()[0]
    assert re.search(
        "installing Keisei, torch .* into elsewhere: 1.4 GB, 5 GB where torch comes with CUDA; minutes", first
    )
    assert "The environment takes 1.4 GB on disk where torch is the one for CPUs" in README
    assert "and 5 GB where torch comes with CUDA" in README


def test_readme_has_no_blank_left_to_fill():
    assert not re.findall(r"@\w+@", README)


def test_readme_tells_the_strength_that_was_measured():
    """Its figures among engines from outside are those of the results: Elo with interval, points in their order."""
    told = " ".join(re.search(r"Where a network stands among.*?\n\n", README, re.DOTALL)[0].split())
    table = (ROOT / "docs" / "results" / "external_ladder.md").read_text(encoding="utf-8")
    rows = {
        row[0]: row[1:] for row in re.findall(r"^\| (\S+) \| (\d+) \| (\d+) to (\d+) \| (.*) \|$", table, re.MULTILINE)
    }
    opponents = {
        "": ("usi:fairy-d1-s-5", "alphabeta:depth=2", "usi:fairy-d1-s-3", "alphabeta:depth=3", "usi:crazywa-d1"),
        ":simulations=128": ("usi:crazywa-d1", "usi:fairy-d1", "usi:gnushogi-d1"),
    }
    expected = []
    for options, names in opponents.items():
        elo, low, high, met = rows[f"docs/results/long_run/network{options}"]
        assert f"has {int(elo):,} [{int(low):,}, {int(high):,}]" in told
        points = dict(re.findall(r"(\S+) ([\d.]+/\d+)", met))
        expected += [tuple(points[name].split("/")) for name in names]

    assert re.findall(r"([\d.]+) of (\d+)", told) == expected
    for name in ("usi:fairy-d1", "usi:gnushogi-d1"):
        assert f"({int(rows[name][0]):,})" in told


def test_readme_plugin_trains(tmp_path):
    """Its code, as it stands there, makes a plugin whose plane a run uses."""
    blocks = dict(
        re.findall(r"`(?:keisei_plugins_lead/)?(\w+\.(?:py|toml))`[^`]*?\n\n```\w+\n(.*?)```", README, re.DOTALL)
    )
    package, card = tmp_path / "keisei_plugins_lead", tmp_path / "keisei_plugins_lead-0.1.0.dist-info"
    package.mkdir()
    card.mkdir()
    for name in ("hooks.py", "planes.py"):
        (package / name).write_text(blocks[name])
    entry = re.search(r"\[project\.entry-points\.keisei\]\n(.*)\n", blocks["pyproject.toml"]).group(1).replace('"', "")
    (card / "METADATA").write_text("Metadata-Version: 2.4\nName: keisei-plugins-lead\nVersion: 0.1.0\n")
    (card / "entry_points.txt").write_text(f"[keisei]\n{entry}\n")
    (tmp_path / "keisei.toml").write_text("[model]\ntower_depth = 1\ntower_width = 8\n")

    done = subprocess.run(
        [sys.executable, "-m", "keisei_core", "check", "--input-features", "core46+lead"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ok: one update")
    assert re.search(r"features +lead +keisei-plugins-lead 0\.1\.0", done.stderr)
