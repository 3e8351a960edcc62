"""What `simulator backtest` says of its hold-outs."""

from simulator.cli.evidence import _verdict
from simulator.evidence.writing import load_evidence


def test_the_verdict_names_the_hold_outs_that_every_form_misses():
    splits = load_evidence("backtest")
    first, *others = _verdict(splits).splitlines()
    assert first.startswith(f"In {len(others)} of {len(splits)} hold-outs every form misses")
    named = {line.strip() for line in others}
    assert splits["civil_to_interstate"]["title"] in named
    assert splits["civil_1993"]["title"] not in named  # a later part of the same class is foretold
    assert _verdict({"civil_1993": splits["civil_1993"]}).startswith("In 0 of 1 hold-outs")
