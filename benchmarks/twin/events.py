"""How a path of the twin begins, and what its events do to it.

``s`` is the state of the path, ``p`` what the draw implies for all of its paths, ``c`` its
contributors, ``w`` the words of their clocks, ``force`` those that committed.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from benchmarks.twin import layout as at

# A division by zero is infinite: the clock never fires. What is inlined takes a fifth less time.
compiled = njit(error_model="numpy")
inlined = njit(error_model="numpy", inline="always")


@inlined
def mix(word):
    """The finaliser of SplitMix64."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@inlined
def times(number, word):
    """The word of the so-manyth use of a clock, or of a path."""
    return word + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)


@inlined
def uniform(s, word):
    return (float(np.int64(mix(s.path + word) >> np.uint64(12))) + 0.5) * 2.0**-52


@inlined
def exponential(s, word):
    return -math.log(uniform(s, word))


@inlined
def below_normal(u, x):
    return u < 0.5 * math.erfc(-x * math.sqrt(0.5))


@compiled
def open_bases(s, bases, chance, words, is_open):
    """Room at the open bases, and shares of aircraft on station there, averaged by room."""
    for i in range(len(chance)):
        is_open[i] = uniform(s, words[i]) < chance[i]
    s.room = s.plain = s.gain = 0.0
    for b in range(bases.shape[1]):
        if is_open[int(bases[at.HOST, b])]:
            s.room += bases[at.ROOM, b]
            s.plain += bases[at.ROOM, b] * bases[at.PLAIN, b]
            s.gain += bases[at.ROOM, b] * (bases[at.TANKED, b] - bases[at.PLAIN, b])
    if s.room > 0.0:
        s.plain /= s.room
        s.gain /= s.room


@compiled
def begin(s, p, c, w, force):
    """Who commits, what is promised, and when each clock fires first."""
    s.time = s.own_clock = s.troops = s.own_troops = s.cost = s.own_cost = 0.0
    s.aircraft = s.ships = 0.0
    s.peak = s.troop_years = s.off_years = s.cost_years = s.arrivals = 0.0
    s.gone = s.arrived = s.flips = s.draws = s.age = s.enlarged = s.rescues = 0
    s.army = s.russia = 0
    s.own_come = s.come = 0.0
    s.phase, s.pace, s.changed = at.ESTABLISHING, 1.0, 1
    s.refused = uniform(s, p.clock[at.CONSENT]) >= p.consent
    s.on = p.promised > 0.0 and uniform(s, p.clock[at.START]) < p.on_at_start
    s.next_arrival = s.next_exit = s.mission_end = s.flip = math.inf
    commit(s, p, c, w, force)
    if s.committed > 0:
        s.next_arrival = c[at.ARRIVAL, int(force[at.COLUMN, 0])]
        s.mission_end = s.next_arrival + exponential(s, p.clock[at.MISSION]) / p.mission_end_rate
    if p.promised > 0.0:
        s.flip = sojourn(s, p)
    s.restored_at = step(p.army_restored, 0)
    s.reconstituted_at = step(p.reconstituted, 0)
    s.drawn = exponential(s, p.clock[at.RESOLVE]) / p.kappa_0
    s.budget = exponential(s, p.clock[at.COLLAPSE])
    if p.ceiling >= 0.0:
        s.call = exponential(s, p.clock[at.REINFORCEMENT])


@compiled
def commit(s, p, c, w, force):
    """Contributors that commit, and the share of their offers that is let in (eqs. 1, 4)."""
    s.committed, offered = 0, 0.0
    if c.shape[1] == 0 or (s.refused and uniform(s, p.clock[at.REFUSAL]) < p.refusal_blocks):
        return
    angle = 2.0 * math.pi * uniform(s, p.clock[at.ANGLE])
    normal = math.sqrt(2.0 * exponential(s, p.clock[at.SHOCK])) * math.cos(angle)
    for i in range(c.shape[1]):
        if c[at.NEEDS_BACKSTOP, i] > 0.0 and not s.on:
            continue
        if below_normal(uniform(s, w[at.COMMITS, i]), c[at.THRESHOLD, i] - p.shock * normal):
            force[at.COLUMN, s.committed] = i
            s.committed += 1
            offered += c[at.OFFER, i]
    s.scale = p.target / max(offered, 1.0)
    if not p.as_needed:
        s.scale = min(1.0, s.scale)


@inlined
def step(date, number):
    """When so many steps towards a date have been made and the next one comes."""
    return date * (number + 0.5) / at.STEPS if number < at.STEPS else math.inf


@inlined
def sojourn(s, p):
    """When the backstop flips next."""
    rate = p.loss_rate if s.on else p.regain_rate
    return s.time + exponential(s, times(s.flips, p.clock[at.SOJOURN])) / rate


@inlined
def move(s, c, i, soldiers, sign):
    """A contributor comes or goes."""
    s.own_troops += sign * soldiers
    s.own_cost += sign * soldiers * c[at.COST_FACTOR, i]
    s.aircraft += sign * c[at.AIRCRAFT, i]
    s.ships += sign * c[at.SHIPS, i]


@compiled
def arrive(s, c, w, force):
    k = s.arrived
    i = int(force[at.COLUMN, k])
    s.arrived += 1
    s.next_arrival = math.inf
    if s.arrived < s.committed:
        s.next_arrival = c[at.ARRIVAL, int(force[at.COLUMN, s.arrived])]
    force[at.SOLDIERS, k] = math.floor(c[at.OFFER, i] * s.scale)
    force[at.EXIT_AT, k] = s.own_clock + exponential(s, w[at.EXITS, i]) / c[at.EXIT_RATE, i]
    if force[at.EXIT_AT, k] < s.next_exit:
        s.next_exit, s.leaver = force[at.EXIT_AT, k], k
    move(s, c, i, force[at.SOLDIERS, k], 1.0)
    s.own_come += force[at.SOLDIERS, k]


@compiled
def leave(s, p, c, force):
    """The leaver goes, and the others are readier to go (eq. 3)."""
    k = s.leaver
    move(s, c, int(force[at.COLUMN, k]), force[at.SOLDIERS, k], -1.0)
    force[at.EXIT_AT, k] = s.next_exit = math.inf
    s.gone += 1
    s.pace = 1.0 + p.exit_contagion * s.gone / s.committed
    for other in range(s.arrived):
        if force[at.EXIT_AT, other] < s.next_exit:
            s.next_exit, s.leaver = force[at.EXIT_AT, other], other


@inlined
def logistic(log_odds):
    return 1.0 / (1.0 + math.exp(-log_odds))


@inlined
def rescue(s, p, log_odds_before):
    """Where a fall of the odds of failing rescues, as large a share of what fails holds."""
    if not p.rescues or s.phase != at.FAILING or s.log_odds >= log_odds_before:
        return
    kept = logistic(s.log_odds) / logistic(log_odds_before)
    if uniform(s, times(s.rescues, p.clock[at.RESCUE])) >= kept:
        s.phase = at.HOLDING
    s.rescues += 1


@inlined
def draw_phase(s, p):
    """The phase is drawn: failing with the probability of the moment (eq. 13)."""
    failing = logistic(s.log_odds)
    fails = uniform(s, times(s.draws, p.clock[at.DIRECTION])) < failing
    s.phase = at.FAILING if fails else at.HOLDING
    s.drawn = s.time + exponential(s, times(s.draws, p.clock[at.REDRAW])) / p.kappa
    s.draws += 1


@compiled
def happen(s, p, c, w, what, force):
    """What an event does to the state."""
    if what == at.ARRIVES:
        arrive(s, c, w, force)
    elif what == at.LEAVES:
        leave(s, p, c, force)
    elif what == at.MISSION_ENDS:
        s.mission_end = s.next_arrival = s.next_exit = math.inf
        s.own_troops = s.own_cost = s.aircraft = s.ships = 0.0
    elif what == at.FLIPS:
        s.on, s.flips = 1 - s.on, s.flips + 1
        s.flip = sojourn(s, p)
    elif what == at.RESTORED:
        s.army += 1
        s.restored_at = step(p.army_restored, s.army)
    elif what == at.RECONSTITUTED:
        s.russia += 1
        s.reconstituted_at = step(p.reconstituted, s.russia)
    elif what == at.ENLARGED:
        s.enlarged = 1
    else:
        draw_phase(s, p)
    s.changed = what != at.DRAWN


@inlined
def enlarged(p, soldiers):
    return max(soldiers, min(p.ceiling, math.floor(soldiers * p.growth)))


@compiled
def deploy(s, p):
    """Soldiers deployed, reinforcements included, and what their coming costs."""
    troops, cost, s.come = s.own_troops, s.own_cost, s.own_come
    if s.enlarged:
        troops, s.come = enlarged(p, troops), enlarged(p, s.come)
        cost *= troops / max(s.own_troops, 1.0)
    s.arrivals += max(cost - s.cost, 0.0)
    s.peak = max(s.peak, troops)
    s.troops, s.cost = troops, cost
