"""The command with its flags, as a user proves a set-up."""

import re


def test_check_starts_the_real_processes_and_makes_one_update_in_mixed_precision(group, config, tmp_path):
    process = group.keisei("check", config(8), "--ddp", "--mixed-precision", cwd=tmp_path)

    told, said = process.communicate(timeout=200)

    assert process.returncode == 0, said
    assert re.match(r"ok: one update of 32 plies took .* the run would make 8 updates of 64 plies\n", told)
    assert "(2 processes, each with 4 games and 16 plies of a minibatch)" in said
    assert "precision      mixed: " in said
    assert said.count("planes  ") == 1  # rank 0 alone speaks
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.toml"]
