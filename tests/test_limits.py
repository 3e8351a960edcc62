"""The table of limits says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from simulator import limits
from simulator.analysis import memory

TABLE = Path(__file__).parents[1] / "docs" / "limits.md"


def test_the_table_has_every_limit():
    said = set(re.findall(r"\d[\d.,]*(?:e[+-]\d+)?", TABLE.read_text()))
    numbers = [value for name, value in vars(limits).items() if name.isupper()]
    assert len(numbers) >= 13
    assert {f"{value:,}" if isinstance(value, int) else f"{value:g}" for value in numbers} <= said


def test_a_sweep_and_a_comparison_that_memory_cannot_hold_are_refused_with_a_place(
    tmp_path, monkeypatch, capsys
):
    from simulator.cli.main import cli

    monkeypatch.setattr(memory, "machine_memory", lambda: 0.5e9)
    file = tmp_path / "s.yaml"
    file.write_text("title: S\nscenario: no-force\ndraws: 10000000\ngrid: {front_km: [500, 900]}\n")
    for words in (["validate", file], ["sweep", file, "--dry-run"], ["sweep", file, "--out", "x"]):
        assert refused(cli, words, capsys).startswith(f"{file}:3:8: draws: 10,000,000 draws need")
    compared = ["compare", "no-force", "air-only", "--draws", "10000000"]
    assert "draws: 10,000,000 draws need about" in refused(cli, compared, capsys)


def refused(cli, words, capsys):
    from simulator.inputs import InputError

    try:
        code = cli.main([str(word) for word in words], standalone_mode=False)
    except InputError as error:
        return error.render()
    assert code == 2
    return capsys.readouterr().err
