"""Targets, and that they look at nothing before it happened."""

import csv
from pathlib import Path

import numpy as np
import pytest

from research.ceasefires import fortna_force, fortna_landmark
from research.studies import FORTNA_SEGMENTS
from simulator.evidence.spells import DAYS_PER_YEAR, Spells, kaplan_meier
from simulator.evidence.writing import load_evidence

RATE = 0.5  # hazard per year of every simulated ceasefire, with or without a force
SPELLS = 4000


@pytest.fixture(scope="module")
def idle_force(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Spells]:
    """Segments of a world where forces come late, at random, and do nothing.

    Returns its folder, and the spells of those that ever got a force (what looks ahead).
    """
    rng = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("study")
    end = np.minimum(np.ceil(rng.exponential(1 / RATE, SPELLS) * DAYS_PER_YEAR), 3000).astype(int)
    arrival = np.ceil(rng.exponential(1.0, SPELLS) * DAYS_PER_YEAR).astype(int)
    names = ["spell_id", "ccode", "t_start_days", "t_stop_days", "event", "pk", "outcome",
             "post_cold_war"]  # fmt: skip
    with (folder / FORTNA_SEGMENTS).open("w", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        for i in range(SPELLS):
            failed = int(end[i] < 3000)
            common = {"spell_id": i, "ccode": i, "outcome": "truce", "post_cold_war": 1}
            stops = [int(arrival[i]), int(end[i])] if arrival[i] < end[i] else [int(end[i])]
            start = 0
            for k, stop in enumerate(stops):
                last = k == len(stops) - 1
                writer.writerow(
                    {**common, "t_start_days": start, "t_stop_days": stop, "pk": k,
                     "event": failed if last else 0}
                )  # fmt: skip
                start = stop + 1  # the file leaves a day open
    ever = arrival < end
    return folder, Spells(end[ever] / DAYS_PER_YEAR, end[ever] < 3000)


def test_a_force_that_does_nothing_shows_nothing(idle_force: tuple[Path, Spells]) -> None:
    folder, ever = idle_force
    truth = np.exp(-RATE * 2.0)
    for state in ("not_yet", "present"):
        _, low, high = kaplan_meier(fortna_force(folder, state), 0.9999).at(np.array([2.0]))
        assert low[0] < truth < high[0], state  # false alarm: 1 in 10,000 each
    # coded by "ever had a force" the same world shows a large effect
    assert kaplan_meier(ever).at(np.array([2.0]))[0][0] > truth + 0.1


def test_landmark_groups_do_not_look_ahead_either(idle_force: tuple[Path, Spells]) -> None:
    folder, _ = idle_force
    given_alive = np.exp(-RATE * (2.0 - 90 / DAYS_PER_YEAR))
    for force in (False, True):
        curve = kaplan_meier(fortna_landmark(folder, 90, force), 0.9999)
        _, low, high = curve.at(np.array([2.0]))
        assert low[0] < given_alive < high[0], force


def test_no_day_is_lost_between_segments(idle_force: tuple[Path, Spells]) -> None:
    folder, _ = idle_force
    before, since = (fortna_force(folder, state) for state in ("not_yet", "since"))
    with (folder / FORTNA_SEGMENTS).open() as stream:
        last: dict[str, int] = {}
        for row in csv.DictReader(stream):
            last[row["spell_id"]] = int(row["t_stop_days"])
    total = sum(last.values()) / DAYS_PER_YEAR
    assert before.years_at_risk + since.years_at_risk == pytest.approx(total, rel=1e-12)


def test_shipped_targets_are_ordered_as_they_must_be() -> None:
    civil = load_evidence("targets")["civil_no_victory"]
    for block in (civil["no_force"], civil["with_force"]):
        for name in ("P_fail_2y", "P_hold_10y", "P_hold_20y"):
            row = block[name]
            assert row["p05"] <= row["estimate"] <= row["p95"]
        assert block["P_hold_20y"]["estimate"] <= block["P_hold_10y"]["estimate"]
    methods = civil["with_force_by_method"]
    # to live past day 90 first can only lower the odds
    composed = methods["landmark_after_everyones_first_90_days"]
    assert (
        composed["P_hold_10y"]["estimate"]
        < methods["landmark_given_alive_on_day_90"]["P_hold_10y"]["estimate"]
    )
