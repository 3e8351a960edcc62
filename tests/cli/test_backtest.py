"""What `simulator backtest` says of its hold-outs."""

from click.testing import CliRunner

from simulator.cli.commands import cli
from simulator.cli.evidence import missed_by_all
from simulator.evidence.writing import load_evidence


def test_the_verdict_names_the_hold_outs_that_every_form_misses():
    splits = load_evidence("backtest")
    titles = missed_by_all(splits)
    assert splits["civil_to_interstate"]["title"] in titles
    assert splits["civil_1993"]["title"] not in titles  # a later part of the same class is foretold
    assert not missed_by_all({"civil_1993": splits["civil_1993"]})
    printed = CliRunner().invoke(cli.commands["backtest"]).stdout.splitlines()
    sentence = f"In {len(titles)} of {len(splits)} hold-outs every form misses"
    (at,) = [i for i, line in enumerate(printed) if line.startswith(sentence)]
    assert [line.strip() for line in printed[at + 1 :] if line.startswith("  ")][: len(titles)] == [
        *titles
    ]
