"""Steps from a planned force to one that is there: against whole paths of the reference."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.run import Job, compile_job
from simulator.books.load import load_book
from simulator.engines import reference
from simulator.engines.worlds import allotted
from simulator.estimates.force import STEPS, presence, waterfall
from simulator.model.clocks import row_names
from simulator.scenario import load_scenario

DRAWS = 384
# Eight means are compared: chance alone exceeds this in one of 18,000 suites. A tenth of the
# soldiers counted wrongly lies some ten errors away.
ERRORS = 4.5


def model_of(name, *sets, draws=DRAWS):
    job = Job(load_scenario(name, sets), load_book("evidence"), 5, draws, 1)
    return compile_job(job)[0]


def from_paths(model):
    """Soldiers who came, and who are there at each age, on the whole path of every world."""
    soldiers, (records, log) = allotted(model, 1), reference.simulate(model, 1)
    ends = records.end_time
    n = len(model.contributors.names)
    begin, stop = np.full(soldiers.shape, np.inf), np.full(soldiers.shape, np.inf)
    over = np.full(len(soldiers), np.inf)
    names = row_names(model)
    for path, time, row in zip(log.path, log.time, log.row, strict=True):
        if row < n:
            (begin if np.isinf(begin[path, row]) else stop)[path, row] = time
        elif names[row] == "mission_end":
            over[path] = time
    stop = np.minimum(stop, over[:, None])
    found = {"arrived": (soldiers * np.isfinite(begin)).sum(axis=1)}
    for year in (2.0, 5.0, 10.0):
        here = (begin <= year) & (stop > year) & (ends > year)[:, None]
        found[f"year_{year:.0f}"] = (soldiers * here).sum(axis=1)
    return found


def errors(found, expected):
    """Mean of what happened less what was expected of its world, in its standard errors."""
    excess = found - expected
    return excess.mean() / (excess.std(ddof=1) / np.sqrt(excess.size))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reassurance-force", "coalition-of-the-willing"])
def test_who_comes_and_stays_is_what_happens_on_whole_paths(name):
    model = model_of(name)
    happened, expected = from_paths(model), presence(model, allotted(model, 1))
    for step, values in expected.items():
        assert abs(errors(happened[step], values)) < ERRORS, step
    # That ceasefires collapse before soldiers come must be seen.
    assert abs(errors(happened["arrived"], allotted(model, 1).sum(axis=1))) > 1.5 * ERRORS


def test_every_step_leaves_at_most_what_the_step_before_left():
    found = waterfall(model_of("reassurance-force"))
    assert list(found) == list(STEPS)
    values = [one.value for one in found.values()]
    assert values == sorted(values, reverse=True)
    assert values[0] == 25_000.0
    assert all(one.mcse is not None and one.p05 is None for one in found.values())


def test_levers_act_at_their_step():
    base = waterfall(model_of("reassurance-force"))
    more = waterfall(model_of("reassurance-force", "force.target_troops=90000"))
    assert more["planned"].value > base["planned"].value
    assert more["committed"].value == base["committed"].value  # nobody offers more
    welcome = ("assumptions.consent.coalition=1",)
    accepted = waterfall(model_of("reassurance-force", *welcome))
    assert accepted["accepted"].value == accepted["committed"].value > base["accepted"].value


def test_without_a_force_there_is_nothing_to_lose():
    assert waterfall(model_of("no-force", draws=8)) == {}


def test_years_beyond_the_horizon_are_left_out():
    found = waterfall(model_of("reassurance-force", "horizon_years=4", draws=16))
    assert "year_2" in found and "year_5" not in found
