"""The figures printed for the record, from its rows."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from research.ceasefires import (
    after_1989,
    fortna_force,
    fortna_landmark,
    fortna_spells,
    gml_spells,
    no_victory,
)
from research.classes import CLASSES
from research.fitting import bootstrap
from research.missions import (
    EUROPEAN,
    contributor_stays,
    exit_clustering,
    growth_ratios,
    mission_lives,
)
from research.studies import STAYS, Keep, read_rows
from simulator.evidence.fits import fit
from simulator.evidence.spells import Spells, kaplan_meier


def _printed(spells: Spells, *ages: float) -> list[float]:
    """Kaplan-Meier S to two digits, as printed; halves go up."""
    s = kaplan_meier(spells).at(np.array(ages))[0]
    return [float(np.floor(100 * value + 0.5) / 100) for value in s]


def test_spells_and_failures(rows: Path) -> None:
    sizes = {
        "civil_all": (156, 84),
        "civil_no_victory": (87, 57),
        "civil_no_victory_after_1989": (74, 47),
        "interstate_new_war": (72, 20),
        "interstate_war_or_fatal": (72, 37),
        "interstate_rivals_new_war": (41, 17),
        "interstate_rivals_war_or_fatal": (41, 27),
        "mission_lives": (222, 194),
        "mission_lives_5000": (53, 40),
    }
    for name, size in sizes.items():
        spells = CLASSES[name].spells(rows)
        assert (len(spells), spells.failures) == size, name


def test_kaplan_meier_to_the_printed_digits(rows: Path) -> None:
    everything = (1, 2, 5, 10, 20, 30)
    assert _printed(fortna_spells(rows), *everything) == [0.78, 0.71, 0.57, 0.53, 0.43, 0.39]
    assert _printed(fortna_spells(rows, after_1989), 1, 2, 5, 10) == [0.62, 0.53, 0.39, 0.36]
    new, fatal = gml_spells(rows, "newwar"), gml_spells(rows, "war_or_fatal26")
    assert _printed(new, *everything) == [0.96, 0.90, 0.86, 0.80, 0.75, 0.71]
    assert _printed(fatal, *everything) == [0.85, 0.75, 0.69, 0.59, 0.52, 0.48]
    new, fatal = (gml_spells(rows, m, rivals=True) for m in ("newwar", "war_or_fatal26"))
    assert _printed(new, *everything) == [0.95, 0.85, 0.77, 0.70, 0.60, 0.52]  # S(5) is 0.775
    assert _printed(fatal, *everything) == [0.78, 0.60, 0.50, 0.40, 0.33, 0.27]
    new, fatal = (gml_spells(rows, m, rivals=False) for m in ("newwar", "war_or_fatal26"))
    assert (len(new), new.failures, fatal.failures) == (31, 3, 10)
    assert _printed(new, *everything) == [0.97, 0.97, 0.97, 0.94, 0.94, 0.94]
    assert _printed(fatal, *everything) == [0.94, 0.94, 0.94, 0.84, 0.76, 0.72]
    s = kaplan_meier(fortna_spells(rows, no_victory)).at(np.array([1.0, 2, 5, 10, 20]))[0]
    assert np.round(s, 3).tolist() == [0.655, 0.563, 0.414, 0.373, 0.209]
    assert _printed(mission_lives(rows, 5000), 1, 2, 5, 10, 20) == [0.79, 0.66, 0.42, 0.26, 0.17]


@pytest.mark.parametrize(
    ("keep", "share", "shape", "scale", "durable", "aic", "single"),
    [
        (lambda _: True, 0.416, 0.93, 1.47, 0.0104, 576.9, 595.7),
        (no_victory, 0.547, 0.88, 1.09, 0.020, 300.7, 313.4),
        (after_1989, 0.638, 0.85, 1.20, 0.0, 219.9, 237.7),
    ],
    ids=["all", "no victory", "no victory after 1989"],
)
def test_two_regime_fits_to_the_printed_digits(
    rows: Path, keep: object, share: float, shape: float, scale: float,
    durable: float, aic: float, single: float,
) -> None:  # fmt: skip
    spells = fortna_spells(rows, keep)  # type: ignore[arg-type]  # three callables of a row
    found = fit("two_regime", spells)
    p = found.parameters
    assert round(p["failing_share"], 3) == share
    assert round(p["shape"], 2) == shape
    assert round(p["scale_years"], 2) == scale
    assert round(p["durable_hazard"], 3 if durable != 0.0104 else 4) == durable
    # printed with the durable hazard at 0 exactly; the box here ends at one in a million years
    assert found.aic == pytest.approx(aic, abs=0.06)
    assert fit("weibull", spells).aic == pytest.approx(single, abs=0.05)


def test_one_weibull_and_the_interstate_comparison(rows: Path) -> None:
    spells = fortna_spells(rows)
    assert round(fit("weibull", spells).parameters["shape"], 2) == 0.45
    # printed [.37, .54], a bootstrap of 95 % over spells; resampled over countries here
    drawn = bootstrap("weibull", spells, 1000, np.random.default_rng(1)).values[:, 0]
    assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx([0.37, 0.54], abs=0.03)
    fatal = gml_spells(rows, "war_or_fatal26")
    assert round(fit("two_regime", fatal).aic, 1) == 302.2
    assert round(fit("weibull", fatal).aic, 1) == 301.2


def test_force_came_on_the_first_day_or_hardly_ever(rows: Path) -> None:
    """The file has all but two forces there from day 0: what looks ahead is the coding itself."""
    never, present = fortna_force(rows, "not_yet"), fortna_force(rows, "present")
    assert (never.failures, present.failures) == (40, 17)
    assert never.failures + present.failures == 57  # nobody failed after a force had left
    assert int((present.entry == 0).sum()) - int((never.entry == 0).sum()) < 0
    since = fortna_force(rows, "since")
    assert since.years_at_risk > present.years_at_risk
    total = fortna_spells(rows, no_victory).years_at_risk
    assert never.years_at_risk + since.years_at_risk == pytest.approx(total, rel=1e-12)


def test_landmark_groups_are_those_alive_on_day_90(rows: Path) -> None:
    groups = [fortna_landmark(rows, 90, force) for force in (False, True)]
    assert [len(group) for group in groups] == [40, 33]
    alive = fortna_spells(rows, no_victory)
    assert sum(map(len, groups)) == int((alive.exit > 90 / 365.25).sum())


def test_contributor_stays_are_of_states_under_one_name(rows: Path) -> None:
    raw = read_rows(rows, STAYS)
    assert (len(raw), sum(row["event"] == "1" for row in raw)) == (536, 141)
    named = [row for row in raw if row["contributor"]]
    assert sum(row["event"] == "1" for row in named) == 138  # as printed: rows that name somebody
    stays, european = contributor_stays(rows), contributor_stays(rows, EUROPEAN)
    assert len(stays) < len(named)
    assert stays.failures / stays.years_at_risk == pytest.approx(0.0377, abs=5e-5)
    assert european.failures / european.years_at_risk == pytest.approx(0.1003, abs=5e-5)
    years, shared = exit_clustering(rows)
    assert shared / years == pytest.approx(0.37, abs=0.01)  # printed: 31 of 84 before cleaning
    ratios = growth_ratios(rows)
    assert np.round(np.quantile(ratios, [0.25, 0.5, 0.75]), 2).tolist() == [1.09, 1.56, 2.38]


@pytest.mark.parametrize(
    ("keep", "hazard_ratio", "landmark_ratio"),
    [
        (lambda row: row["post_cold_war"] == "1", (0.60, 0.33, 1.11), None),
        (after_1989, (0.55, 0.29, 1.04), (0.58, 0.29, 1.17)),
    ],
    ids=["after 1989", "after 1989, no victory"],
)
def test_hazard_ratios_of_a_force_as_cited(
    rows: Path,
    keep: Keep,
    hazard_ratio: tuple[float, ...],
    landmark_ratio: tuple[float, ...] | None,
) -> None:
    """Cox's partial likelihood by lifelines, one covariate: a force is there (95 % intervals)."""
    before, present = (fortna_force(rows, state, keep) for state in ("absent", "present"))
    assert _cox(before, present) == pytest.approx(hazard_ratio, abs=0.0051)
    if landmark_ratio:
        groups = [fortna_landmark(rows, 90, force, keep) for force in (False, True)]
        assert _cox(*groups) == pytest.approx(landmark_ratio, abs=0.0051)


def _cox(absent: Spells, present: Spells) -> tuple[float, float, float]:
    """Hazard ratio of `present` to `absent`, with its 95 % interval."""
    lifelines = pytest.importorskip("lifelines")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "exit": np.concatenate([absent.exit, present.exit]),
            "event": np.concatenate([absent.event, present.event]),
            "entry": np.concatenate([absent.entry, present.entry]),
            "force": np.repeat([0.0, 1.0], [len(absent), len(present)]),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = lifelines.CoxPHFitter().fit(frame, "exit", "event", entry_col="entry")
        low, high = np.exp(found.confidence_intervals_.to_numpy()[0])
        return float(np.exp(found.params_.iloc[0])), float(low), float(high)


def test_hazard_ratios_of_rivalry_and_of_a_force_that_looks_ahead_as_cited(rows: Path) -> None:
    others, rivals = (gml_spells(rows, "war_or_fatal26", rivals=r) for r in (False, True))
    assert _cox(others, rivals) == pytest.approx((3.96, 1.85, 8.48), abs=0.0051)

    def ever(flag: str) -> Spells:
        return fortna_spells(rows, lambda row: after_1989(row) and row["pk_ever"] == flag)

    assert _cox(ever("0"), ever("1")) == pytest.approx((0.40, 0.21, 0.76), abs=0.0051)
