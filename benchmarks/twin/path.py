"""One path after the other, event by event: read `simulate_path` first.

Arguments are named as in `benchmarks.twin.events`. A clock has a unit exponential to use up; for
those whose rate changes with the state, ``s`` keeps what is left of it. The causes of collapse
share the base hazard of the phase: one clock says when the first of them ends the path, and a
uniform says which.
"""

from __future__ import annotations

import math

import numpy as np

from benchmarks.twin import layout as at
from benchmarks.twin.events import (
    begin,
    compiled,
    deploy,
    happen,
    inlined,
    mix,
    open_bases,
    rescue,
    times,
    uniform,
)


@inlined
def presence(p, troops):
    """Dose of a force; 1 is that of the recorded missions."""
    if troops <= 0.0 or p.response > at.DOUBLING:
        return 0.0
    if p.response == at.TRIPWIRE:
        return 1.0
    if p.response == at.DOUBLING:
        return min(p.most_dose, math.log2(1.0 + troops / 1000.0) * p.doublings_scale)
    return min(p.most_dose, troops / (troops + p.troops_at_half) * p.dose_scale)


@inlined
def set_doses(s, p, dose):
    """Doses of the factors (eqs. 5-7, 10)."""
    counted = s.come if p.stays else s.troops
    if p.response == at.DOUBLING:
        dose[at.PRESENCE] = math.log2(1.0 + counted / 1000.0)
    else:
        dose[at.PRESENCE] = presence(p, counted)
    dose[at.AIR] = dose[at.NAVAL] = 0.0
    based = min(s.aircraft, s.room)
    if based > 0.0:
        on_station = s.plain * based + s.gain * min(based, p.tanked[s.on])
        dose[at.AIR] = -math.expm1(-on_station / p.on_station_required)
    if s.ships > 0.0:
        dose[at.NAVAL] = -math.expm1(-s.ships / p.ships_required)
    dose[at.MONITORING] = p.watched[s.on]
    dose[at.BACKSTOP] = p.weight if s.on else 0.0
    dose[at.UKRAINE] = s.army / at.STEPS
    dose[at.RUSSIA_UNREADY] = 1.0 - s.russia / at.STEPS
    dose[at.NO_CONSENT] = presence(p, s.troops) if s.refused else 0.0


@inlined
def set_hazards(s, p, dose, split):
    """Multiplier of the base hazard, what each cause adds to it, odds of failing (eqs. 12-14)."""
    s.log_odds, s.hazard = p.logit_w0, 0.0
    split[:] = 0.0
    for j in range(at.FACTORS):
        for cause in range(at.CAUSES):
            split[cause] += p.effect[j, cause] * dose[j]
    for cause in range(at.CAUSES):
        log_m = min(max(split[cause], p.low), p.high)
        s.log_odds += p.odds_exponent * p.shares[cause] * log_m
        split[cause] = p.shares[cause] * math.exp(p.hazard_exponent * log_m)
        s.hazard += split[cause]


@inlined
def next_event(s, p):
    """When something happens next, and what, if the ceasefire still holds."""
    when, what = p.horizon, at.CENSORED
    if s.next_arrival < when:
        when, what = s.next_arrival, at.ARRIVES
    if s.next_exit < math.inf:
        leaves = s.time + (s.next_exit - s.own_clock) / s.pace
        if leaves < when:
            when, what = leaves, at.LEAVES
    if s.mission_end < when:
        when, what = s.mission_end, at.MISSION_ENDS
    if s.flip < when:
        when, what = s.flip, at.FLIPS
    if s.restored_at < when:
        when, what = s.restored_at, at.RESTORED
    if s.reconstituted_at < when:
        when, what = s.reconstituted_at, at.RECONSTITUTED
    if s.drawn < when:
        when, what = s.drawn, at.DRAWN
    if calling(s, p) and s.time + s.call / p.reinforcement_rate < when:
        when, what = s.time + s.call / p.reinforcement_rate, at.ENLARGED
    return when, what


@inlined
def calling(s, p):
    """Whether reinforcement is called for."""
    return p.ceiling >= 0.0 and s.phase == at.FAILING and s.troops > 0.0 and s.enlarged == 0


@inlined
def years_to_collapse(s, p, years):
    """Years to collapse if that comes within the given years; else infinity, and time is spent."""
    base, slope = p.establishing, 0.0
    if s.phase == at.FAILING:
        base = p.failing
    elif s.phase == at.HOLDING:
        base, slope = p.holding, p.slope
    hazard = s.hazard * base
    if slope == 0.0:
        if hazard * years >= s.budget:
            return s.budget / hazard
        s.budget -= hazard * years
        return math.inf
    hazard *= math.exp(slope * s.time)
    used = hazard * math.expm1(slope * years) / slope
    if used >= s.budget:
        return math.log1p(slope * s.budget / hazard) / slope
    s.budget -= used
    return math.inf


@inlined
def let_pass(s, p, now, years, curves):
    """Let time pass until ``now``, and add up what is counted by the year."""
    while s.age < len(years) and years[s.age] <= now:
        curves[0, s.age] += 1.0
        curves[1, s.age] += s.troop_years + s.troops * (years[s.age] - s.time)
        s.age += 1
    elapsed = now - s.time
    s.troop_years += s.troops * elapsed
    s.cost_years += s.cost * elapsed
    s.own_clock += s.pace * elapsed
    if not s.on:
        s.off_years += elapsed
    if calling(s, p):
        s.call -= elapsed * p.reinforcement_rate
    s.time = now


@inlined
def simulate_path(s, p, c, w, force, dose, split, years, curves, events):
    """Simulate a path to its end."""
    begin(s, p, c, w, force)
    what = at.CENSORED
    while True:
        if s.changed:
            before = s.log_odds
            set_doses(s, p, dose)
            set_hazards(s, p, dose, split)
            if what != at.ENLARGED:
                rescue(s, p, before)
        when, what = next_event(s, p)
        left = years_to_collapse(s, p, when - s.time)
        if left < math.inf:
            let_pass(s, p, s.time + left, years, curves)
            share = uniform(s, p.clock[at.CAUSE]) * s.hazard
            cause = 0 if share < split[0] else (1 if share < split[0] + split[1] else 2)
            curves[2, s.age] += s.troop_years
            curves[3 + cause, s.age] += 1.0
            return
        let_pass(s, p, when, years, curves)
        if what == at.CENSORED:
            return
        events[what] += 1.0
        happen(s, p, c, w, what, force)
        if s.changed:
            deploy(s, p)


@compiled
def simulate(draws, forces, words, bases, hosts, host_words, first, last, years, found):
    """Simulate the paths ``[first, last)`` of every draw, and add up what they leave behind."""
    s = np.zeros(1, at.STATE)[0]
    force, is_open = np.zeros((3, forces.shape[2])), np.zeros(hosts.shape[1], np.bool_)
    dose, split = np.zeros(at.FACTORS), np.zeros(at.CAUSES)
    curves, totals, events = found
    for d in range(len(draws)):
        p, c, w = draws[d], forces[d], words[d]
        of_draw = mix(times(p.number, p.clock[at.PATH]))
        for path in range(first, last):
            s.path = mix(times(path, of_draw))
            open_bases(s, bases[d], hosts[d], host_words, is_open)
            simulate_path(s, p, c, w, force, dose, split, years, curves[d], events[d])
            totals[d, 0] += s.time
            totals[d, 1] += s.peak
            totals[d, 2] += s.troop_years
            totals[d, 3] += s.off_years
            totals[d, 4] += s.cost_years
            totals[d, 5] += s.arrivals
