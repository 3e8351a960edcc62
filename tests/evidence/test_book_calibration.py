"""The evidence book, simulated on ceasefires like the record's, lands where the record does."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.run import Job, run
from simulator.books.book import resampled
from simulator.books.load import load_book
from simulator.evidence.forms import FORMS
from simulator.evidence.kernels import ESTABLISHING_RATE, SWITCHING_RATE
from simulator.evidence.model_curves import RECORD_LIKE, model_against_record
from simulator.evidence.reference import ACTS_ON, MODEL_NAMES
from simulator.evidence.writing import BOOK_CLASSES, load_evidence
from simulator.scenario import load_scenario

# MCSE below 0.01, small beside the targets' 90 % ranges (half-width > 0.1).
DRAWS, TRIALS, SEED = 400, 16, 7
LEADERS = ("united-kingdom", "france")

# An adequate, accepted force, present from day 0 and staying: what the record's time-varying
# analysis compares with no force.
ADEQUATE_FORCE = (
    "force.target_troops=20000",
    "contributors.sets=[core]",
    "adversary.rejects_force=false",
    "structure.force_response=tripwire",
    "assumptions.mission_end_annual=0",
    "assumptions.host_expels_force_annual=0",
    *(
        f"assumptions.contributors.{who}.{field}={value}"
        for who in LEADERS
        for field, value in (
            ("commitment", 1),
            ("exit_annual", 0),
            ("approval_delay_months", 0),
            ("deploy_months", 0),
        )
    ),
)


def simulated(*sets):
    sets = (*RECORD_LIKE, "structure.reference_class=civil_no_force", *sets)
    job = Job(load_scenario("no-force", sets), load_book("evidence"), SEED, DRAWS, TRIALS)
    curves = run(job).outcome.curves
    at = dict(zip(curves.years.tolist(), curves.survival.value.tolist(), strict=True))
    return {"P_fail_2y": 1 - at[2.0], "P_hold_10y": at[10.0], "P_hold_20y": at[20.0]}


def misses(found, targets):
    return [k for k, v in found.items() if not targets[k]["p05"] <= v <= targets[k]["p95"]]


@pytest.fixture(scope="module")
def targets():
    return load_evidence("targets")["civil_no_victory"]


def test_without_a_force(targets):
    assert misses(simulated(), targets["no_force"]) == []


def test_with_an_adequate_force_from_the_first_day(targets):
    assert misses(simulated(*ADEQUATE_FORCE), targets["with_force"]) == []


def test_the_targets_can_be_missed(targets):
    assert misses(simulated("assumptions.w0=0.95"), targets["no_force"])
    assert misses(simulated("assumptions.h_holding=0.3"), targets["with_force"])


def test_the_book_unpinned_lies_between_the_classes_that_carry_most_weight(targets):
    job = Job(load_scenario("no-force"), load_book("evidence"), SEED, DRAWS, TRIALS)
    found = run(job).outcome.estimates
    rivals = load_evidence("targets")["interstate_rivals_war_or_fatal"]["P_fail_2y"]
    civil = targets["no_force"]["P_fail_2y"]
    assert rivals["p05"] <= found["p_collapse_within_2y"].value <= civil["p95"]


@pytest.fixture(scope="module")
def class_curves():
    return model_against_record(DRAWS, SEED)


def test_every_class_is_simulated_within_its_record(class_curves):
    for name, found in class_curves.items():
        assert len(found["outside"]) <= 1, (name, found["outside"])


@pytest.mark.parametrize(
    ("name", "ages", "within"),
    [
        ("civil_no_force", (2.0,), 0.03),
        ("interstate_rivals_war_or_fatal", (1.0, 2.0, 5.0, 10.0, 20.0, 30.0), 0.04),
    ],
)
def test_a_simulated_class_gives_its_record_back(class_curves, name, ages, within):
    found = class_curves[name]
    for age, record, model in zip(found["years"], found["record"], found["model"], strict=True):
        if age in ages:
            assert abs(model["value"] - record["value"]) < within, age


def test_the_book_draws_every_fitted_class_from_its_resamples():
    options = load_book("evidence").choices["reference_class"].options
    assert set(BOOK_CLASSES) | {"book"} == set(options)
    exponents = {f"effect_exponent.{where}" for where in ACTS_ON}
    for name in BOOK_CLASSES:
        assert set(resampled(options[name].entries)) == {*MODEL_NAMES, "kappa_0", *exponents}


def test_records_are_fitted_under_the_rates_of_the_book():
    entries = load_book("evidence").entries
    middle = [float(entries[n].distribution.ppf(np.array([0.5]))[0]) for n in ("kappa_0", "kappa")]
    assert middle == pytest.approx([ESTABLISHING_RATE, SWITCHING_RATE])
    assert FORMS["phase_process"].upper[1:] == [ESTABLISHING_RATE] * 2
