"""Outcomes in closed form: one constant hazard a draw, so that every estimate is known."""

from __future__ import annotations

import numpy as np

from simulator.engines.records import EVENT_KINDS, Outcomes
from simulator.estimates.tally import ages, tally_of
from tests.models import build

SHARES = np.array([0.5, 0.3, 0.2])  # of the causes
SOLDIERS = 1000.0  # all there from the first day
POUNDS = 1e5  # of a soldier and year
OFF = 0.25  # of the time without the backstop


def exponential(rates, horizon=30.0):
    """What an engine would find for draws with these hazards a year."""
    years, rate = ages(horizon), np.asarray(rates)[:, None]
    survival = np.exp(-rate * years)
    held = -np.expm1(-rate * years) / rate
    return Outcomes(
        years=years,
        survival=survival,
        incidence=(1.0 - survival)[:, None] * SHARES[:, None],
        ending_rate=rate * survival,
        soldier_years=SOLDIERS * held,
        rmst=held[:, -1],
        peak_troops=np.full(len(rate), SOLDIERS),
        troop_years=SOLDIERS * held[:, -1],
        backstop_off_years=OFF * held[:, -1],
        cost=POUNDS * SOLDIERS * held[:, -1],
        events=np.zeros((len(rate), len(EVENT_KINDS))),
    )


def model_of(draws, horizon=30.0, **more):
    """A model with these numbers of draws."""
    made = build(draws=len(draws), horizon=horizon, **more)
    made.draws[:] = draws
    return made


def tallied(rates, horizon=30.0, trials=4, draws=None):
    """Tally of draws with these hazards a year."""
    numbers = np.arange(len(rates)) if draws is None else draws
    return tally_of(exponential(rates, horizon), model_of(numbers, horizon), trials)
