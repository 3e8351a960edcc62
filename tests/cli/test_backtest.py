"""What `simulator backtest` says of its hold-outs."""

from simulator.cli.evidence import missed_by_all
from simulator.evidence.writing import load_evidence


def test_the_verdict_names_the_hold_outs_that_every_form_misses():
    splits = load_evidence("backtest")
    titles = missed_by_all(splits)
    assert splits["civil_to_interstate"]["title"] in titles
    assert splits["civil_1993"]["title"] not in titles  # a later part of the same class is foretold
