"""`keisei export` as a command: the files, what they say, and that the card is nothing a player depends on."""

import json
from pathlib import Path

import pytest

from keisei_core.arena import export, export_network, find_network

NETWORK = ["network.json", "weights.safetensors"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_export_of_a_run_has_a_card_beside_its_two_files(run_folder, keisei, tmp_path):
    code, out, _ = keisei("export", run_folder, tmp_path / "mine", "--license", "MIT", "--json")

    assert code == 0
    assert sorted(json.loads(out)["file_bytes"]) == names(tmp_path / "mine") == ["README.md", "board.svg", *NETWORK]
    text = (tmp_path / "mine" / "README.md").read_text()
    assert text.startswith('---\nlicense: "mit"\n')
    assert f"`{find_network(tmp_path / 'mine').digest}`" in text
    assert "| plies of self-play | 64 |" in text
    assert str(tmp_path) not in text + (tmp_path / "mine" / "network.json").read_text()


def test_export_without_a_card_is_two_files(run_folder, keisei, tmp_path):
    assert keisei("export", run_folder, tmp_path / "mine", "--no-card")[0] == 0

    assert names(tmp_path / "mine") == NETWORK


@pytest.mark.parametrize("flag", ["--card", "--no-card"])
def test_export_names_nothing_that_the_games_of_its_run_began_from(run_folder, keisei, tmp_path, flag):
    network = find_network(run_folder)
    config = network.state["config"]
    config["selfplay"] |= {"starts": ["book:path=/home/alice/book.txt"], "book": {"path": "/home/alice/book.txt"}}

    export_network(network, tmp_path / "one")
    keisei("export", tmp_path / "one", tmp_path / "two", flag)

    for folder in ("one", "two"):
        assert "alice" not in (tmp_path / folder / "network.json").read_text()
        assert find_network(tmp_path / folder).digest == find_network(tmp_path / "one").digest


def test_network_is_the_same_with_and_without_its_card(run_folder, keisei, tmp_path):
    for name, flag in (("with", "--card"), ("without", "--no-card")):
        keisei("export", run_folder, tmp_path / name, flag)
    (tmp_path / "with" / "README.md").write_text("mine")

    one, other = (find_network(tmp_path / name) for name in ("with", "without"))
    assert one.digest == other.digest


def test_export_of_an_export_says_the_same_of_its_training(run_folder, keisei, tmp_path):
    keisei("export", run_folder, tmp_path / "one", "--license", "mit")
    keisei("export", tmp_path / "one", tmp_path / "two")

    one, two = ((tmp_path / name / "README.md").read_text() for name in ("one", "two"))
    assert two == one.replace("# one", "# two").replace("./one", "./two")


def test_export_whose_card_can_not_be_written_leaves_nothing(run_folder, keisei, tmp_path, monkeypatch):
    whole = export.write_durably

    def write(path, data):
        if path.name == "board.svg":
            raise OSError(28, "No space left on device")
        whole(path, data)

    monkeypatch.setattr(export, "write_durably", write)
    code, _, err = keisei("export", run_folder, tmp_path / "mine")

    assert code == 2
    assert "No space left on device; nothing was exported" in err
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("licence", ["", "my licence", "a/b", "-x"])
def test_licence_that_is_no_name_is_refused(run_folder, keisei, tmp_path, licence):
    code, _, err = keisei("export", run_folder, tmp_path / "mine", f"--license={licence}")

    assert code == 2
    assert "expected the short name of a licence, MIT or CC-BY-4.0" in err
