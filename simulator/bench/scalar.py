"""The model one path at a time, in a form that Python runs and numba compiles.

Same addresses, same tables and same arithmetic as the fast engine, written the way one writes
scalar code: an event is a branch, and what did not change is not worked out again. One source makes
two arms of the benchmark: run by Python over lists, and compiled by numba over arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from simulator.bench.columns import (
    AIR_LOST,
    ARRIVAL,
    BACKSTOP,
    BACKSTOP_STREAM,
    BASE_HAZARD,
    CALL_RATE,
    CAUSE,
    CAUSE_KEY,
    CELLS,
    COLLAPSE,
    CONSENT,
    CONSENT_KEY,
    CONTAGION,
    COST,
    COUNTS,
    DIRECTION_KEY,
    DOUBLING,
    END_TIME,
    ESTABLISHING,
    EXIT,
    FAILING,
    GROWTH,
    HALF_TROOPS,
    HIGH,
    HOLDING,
    HORIZON,
    HOST_KEY,
    KAPPA,
    KAPPA_0,
    LAST_CELL,
    LOADING,
    LOGIT_W0,
    LOSS,
    LOW,
    MIDDLE,
    MISSION_END,
    MISSION_KEY,
    MISSION_RATE,
    ODDS,
    OFF_YEARS,
    ON_AT_START,
    PEAK,
    PHASE,
    PHASE_STREAM,
    PRESENCE,
    RECONSTITUTED,
    RECONSTITUTED_AT,
    REFUSAL_BLOCKS,
    REFUSAL_KEY,
    REGAIN,
    REINFORCEMENT,
    REINFORCEMENT_KEY,
    RESOLVE,
    RESOLVE_KEY,
    RESTORED,
    RESTORED_AT,
    RHO,
    SETUP_PRICE,
    SHARE,
    SHOCK_KEY,
    SLOPE,
    START_KEY,
    TROOP_YEARS,
    TROOP_YEARS_FIRST,
    YEAR_PRICE,
)

Run = Callable[..., int]


def build(
    jit: Callable[[Callable[..., Any]], Callable[..., Any]],
    uniform: Callable[[Any, Any], float],
    occurrence_key: Callable[[Any, int], Any],
    quantile: Callable[[float], float],
    room: Callable[[int], tuple[Any, Any]],
) -> Run:
    """Put the model together from what differs between plain and compiled Python.

    Parameters
    ----------
    jit : callable
        Applied to every function; the identity for plain Python.
    uniform : callable
        Uniform at the address (base, key).
    occurrence_key : callable
        Key of an occurrence of a stream.
    quantile : callable
        Of the normal distribution.
    room : callable
        Room for so many whole numbers, and for so many others.

    Returns
    -------
    callable
        ``run(tables, first, last, paths_per_draw, bases, out, change_path, change_time,
        change_size)`` lives through paths and returns how many changes of troops it wrote down.
    """

    @jit
    def exponential(base: Any, key: Any) -> float:
        return -math.log(uniform(base, key))

    @jit
    def probability_below(x: float) -> float:
        return 0.5 * math.erfc(-x * 0.7071067811865476)

    @jit
    def commits(u: float, x: float, phi: Any) -> Any:
        cell = x * CELLS + MIDDLE
        if 0.0 <= cell < LAST_CELL:
            at = int(cell)
            if u < phi[at]:
                return True
            if u >= phi[at + 1]:
                return False
        return u < probability_below(x)

    # One long function on purpose: its variables are the state of a path.
    @jit
    def live(
        base: Any,
        p: Any,
        arrival: Any,
        offer: Any,
        threshold: Any,
        exit_scale: Any,
        cost_factor: Any,
        aircraft_of: Any,
        ships_of: Any,
        needs: Any,
        commit_key: Any,
        exit_key: Any,
        by_switch: Any,
        at_sea: Any,
        air: Any,
        tanked_aircraft: Any,
        host_open: Any,
        keys: Any,
        capacity: Any,
        phi: Any,
        target: float,
        ceiling: float,
        horizon: float,
        promised: bool,
        pending: Any,
        soldiers_of: Any,
        deployed: Any,
        exit_at: Any,
        out: Any,
        path: int,
        change_path: Any,
        change_time: Any,
        change_size: Any,
        changes: int,
    ) -> int:
        never = math.inf

        # Who commits, what is promised.
        refused = uniform(base, keys[CONSENT_KEY]) >= p[CONSENT]
        blocked = refused and uniform(base, keys[REFUSAL_KEY]) < p[REFUSAL_BLOCKS]
        on = promised and uniform(base, keys[START_KEY]) < p[ON_AT_START]
        hosts = 0
        for i in range(len(host_open)):
            if uniform(base, keys[HOST_KEY + i]) < host_open[i]:
                hosts |= 1 << i
        based_room, decay, decay_tanked = capacity[hosts], air[2 * hosts], air[2 * hosts + 1]
        committed = 0
        offered = 0.0
        if not blocked:
            shock = p[LOADING] * quantile(uniform(base, keys[SHOCK_KEY]))
            for i in range(len(arrival)):
                if (on or not needs[i]) and commits(
                    uniform(base, commit_key[i]), threshold[i] - shock, phi
                ):
                    pending[committed] = i
                    committed += 1
                    offered += offer[i]
        scale = min(1.0, target / max(offered, 1.0))

        # When each clock fires first.
        budget_0 = exponential(base, keys[CAUSE_KEY]) / p[SHARE]
        budget_1 = exponential(base, keys[CAUSE_KEY + 1]) / p[SHARE + 1]
        budget_2 = exponential(base, keys[CAUSE_KEY + 2]) / p[SHARE + 2]
        call_budget = exponential(base, keys[REINFORCEMENT_KEY]) if ceiling >= 0.0 else never
        next_arrival = arrival[pending[0]] if committed > 0 else never
        mission_end = never
        if committed > 0:
            mission_end = next_arrival + exponential(base, keys[MISSION_KEY]) / p[MISSION_RATE]
        flip = never
        if promised:
            budget = exponential(base, occurrence_key(keys[BACKSTOP_STREAM], 0))
            flip = budget / (p[LOSS] if on else p[REGAIN])
        restored_at, reconstituted_at = p[RESTORED_AT], p[RECONSTITUTED_AT]
        resolve = exponential(base, keys[RESOLVE_KEY]) / p[KAPPA_0]

        # State.
        time = contagion_time = 0.0
        contagion = 1.0
        phase, base_hazard, slope, hazard_so_far = ESTABLISHING, p[BASE_HAZARD], 0.0, 0.0
        switching, phase_budget = False, never
        switches = 1 if on else 0
        arrived = staying = gone = 0
        next_exit, leaver = never, 0
        own_troops = troops = own_cost = cost = 0.0
        aircraft, ships = 0.0, 0
        reinforced = mission_ended = False
        flips = phases = 0
        peak = troop_years = troop_years_first = off_years = cost_years = set_up = 0.0
        effects_changed, air_changed, odds_changed = True, True, True
        uncovered = 1.0
        effect_0 = effect_1 = effect_2 = m_0 = m_1 = m_2 = w = 0.0
        cause = -1

        while True:
            # Hazards that the state implies.
            if effects_changed:
                if air_changed:
                    based = min(aircraft, based_room)
                    tanked = min(based, tanked_aircraft[switches & 1])
                    uncovered = math.exp(decay * based + decay_tanked * tanked)
                    air_changed = False
                if p[DOUBLING] != 0.0:
                    dose = math.log2(1.0 + troops / 1000.0)
                else:
                    dose = troops / (troops + p[HALF_TROOPS])
                at = 3 * (switches + (8 if refused and troops > 0.0 else 0))
                sea = 3 * ships
                effect_0 = by_switch[at] + p[PRESENCE] * dose
                effect_0 += at_sea[sea] + p[AIR_LOST] * uncovered
                effect_1 = by_switch[at + 1] + p[PRESENCE + 1] * dose
                effect_1 += at_sea[sea + 1] + p[AIR_LOST + 1] * uncovered
                effect_2 = by_switch[at + 2] + p[PRESENCE + 2] * dose
                effect_2 += at_sea[sea + 2] + p[AIR_LOST + 2] * uncovered
                effect_0 = min(max(effect_0, p[LOW]), p[HIGH])
                effect_1 = min(max(effect_1, p[LOW]), p[HIGH])
                effect_2 = min(max(effect_2, p[LOW]), p[HIGH])
                m_0, m_1, m_2 = math.exp(effect_0), math.exp(effect_1), math.exp(effect_2)
                effects_changed, odds_changed = False, True

            # The next event of the clocks with a date.
            now, event = horizon, HORIZON
            if next_arrival < now:
                now, event = next_arrival, ARRIVAL
            if next_exit < never:
                exit_date = time + (next_exit - contagion_time) / contagion
                if exit_date < now:
                    now, event = exit_date, EXIT
            if mission_end < now:
                now, event = mission_end, MISSION_END
            if flip < now:
                now, event = flip, BACKSTOP
            if restored_at < now:
                now, event = restored_at, RESTORED
            if reconstituted_at < now:
                now, event = reconstituted_at, RECONSTITUTED
            if resolve < now:
                now, event = resolve, RESOLVE

            # Clocks whose hazard follows the state.
            calling = ceiling >= 0.0 and phase == FAILING and troops > 0.0 and not reinforced
            if calling and time + call_budget / p[CALL_RATE] < now:
                now, event = time + call_budget / p[CALL_RATE], REINFORCEMENT
            switch_rate = 0.0
            if switching:
                if odds_changed:
                    odds = p[ODDS] * effect_0 + p[ODDS + 1] * effect_1 + p[ODDS + 2] * effect_2
                    w = 1.0 / (1.0 + math.exp(-(p[LOGIT_W0] + p[RHO] * odds)))
                    odds_changed = False
                switch_rate = p[KAPPA] * (w if phase == HOLDING else 1.0 - w)
                if time + phase_budget / switch_rate < now:
                    now, event = time + phase_budget / switch_rate, PHASE
            elapsed = now - time
            if slope != 0.0:
                hazard_then = base_hazard / slope * math.exp(slope * now)
                hazard = hazard_then - hazard_so_far
            else:
                hazard_then, hazard = 0.0, base_hazard * elapsed
            used_0, used_1, used_2 = m_0 * hazard, m_1 * hazard, m_2 * hazard
            if used_0 > budget_0 or used_1 > budget_1 or used_2 > budget_2:
                hazard, cause = budget_0 / m_0, 0
                if budget_1 / m_1 < hazard:
                    hazard, cause = budget_1 / m_1, 1
                if budget_2 / m_2 < hazard:
                    hazard, cause = budget_2 / m_2, 2
                if slope != 0.0:
                    elapsed = math.log1p(hazard / hazard_so_far) / slope
                else:
                    elapsed = hazard / base_hazard
                now, event = time + elapsed, COLLAPSE
            budget_0, budget_1, budget_2 = budget_0 - used_0, budget_1 - used_1, budget_2 - used_2
            hazard_so_far = hazard_then
            phase_budget -= switch_rate * elapsed
            if calling:
                call_budget -= p[CALL_RATE] * elapsed

            # Time passes.
            troop_years += troops * elapsed
            cost_years += cost * elapsed
            if time < 1.0:
                troop_years_first += troops * (min(now, 1.0) - time)
            if switches & 1 == 0:
                off_years += elapsed
            contagion_time += contagion * elapsed
            time = now

            # What happens.
            if event == ARRIVAL:
                i = pending[arrived]
                arrived += 1
                next_arrival = arrival[pending[arrived]] if arrived < committed else never
                soldiers = math.floor(offer[i] * scale)
                soldiers_of[i] = soldiers
                own_troops += soldiers
                own_cost += soldiers * cost_factor[i]
                if aircraft_of[i] != 0.0:
                    aircraft += aircraft_of[i]
                    air_changed = True
                ships += ships_of[i]
                leaves = contagion_time + math.log(uniform(base, exit_key[i])) * exit_scale[i]
                deployed[staying] = i
                exit_at[staying] = leaves
                if leaves < next_exit:
                    next_exit, leaver = leaves, staying
                staying += 1
                effects_changed = True
            elif event == EXIT:
                i = deployed[leaver]
                staying -= 1
                deployed[leaver] = deployed[staying]
                exit_at[leaver] = exit_at[staying]
                gone += 1
                contagion = 1.0 + p[CONTAGION] * gone / committed
                next_exit = never
                for k in range(staying):
                    if exit_at[k] < next_exit:
                        next_exit, leaver = exit_at[k], k
                own_troops -= soldiers_of[i]
                own_cost -= soldiers_of[i] * cost_factor[i]
                if aircraft_of[i] != 0.0:
                    aircraft -= aircraft_of[i]
                    air_changed = True
                ships -= ships_of[i]
                effects_changed = True
            elif event == BACKSTOP:
                flips += 1
                switches ^= 1
                budget = exponential(base, occurrence_key(keys[BACKSTOP_STREAM], flips))
                flip = time + budget / (p[LOSS] if switches & 1 else p[REGAIN])
                effects_changed = air_changed = True
            elif event == RESTORED:
                restored_at = never
                switches |= 2
                effects_changed = True
            elif event == RECONSTITUTED:
                reconstituted_at = never
                switches |= 4
                effects_changed = True
            elif event == MISSION_END:
                mission_ended = True
                mission_end = next_arrival = next_exit = never
                staying = ships = 0
                own_troops = own_cost = aircraft = 0.0
                effects_changed = air_changed = True
            elif event in (RESOLVE, PHASE):
                if event == RESOLVE:
                    resolve = never
                    odds = p[ODDS] * effect_0 + p[ODDS + 1] * effect_1 + p[ODDS + 2] * effect_2
                    w = 1.0 / (1.0 + math.exp(-(p[LOGIT_W0] + p[RHO] * odds)))
                    odds_changed = False
                    phase = FAILING if uniform(base, keys[DIRECTION_KEY]) < w else HOLDING
                else:
                    phase = FAILING if phase == HOLDING else HOLDING
                phase_budget = exponential(base, occurrence_key(keys[PHASE_STREAM], phases))
                switching = phase_budget < p[KAPPA] * (horizon - time) * 1.000000001
                phases += 1
                base_hazard = p[BASE_HAZARD + phase]
                slope = p[SLOPE] if phase == HOLDING else 0.0
                hazard_so_far = 0.0
                if slope != 0.0:
                    hazard_so_far = base_hazard / slope * math.exp(slope * time)
            elif event == REINFORCEMENT:
                reinforced = True
            else:
                break

            # Soldiers and money follow.
            new_troops, new_cost = own_troops, own_cost
            if reinforced:
                grown = min(ceiling, math.floor(own_troops * p[GROWTH]))
                new_troops = max(own_troops, grown)
                new_cost = own_cost * (new_troops / max(own_troops, 1.0))
            if new_troops != troops:
                change_path[changes] = path
                change_time[changes] = time
                change_size[changes] = new_troops - troops
                changes += 1
                troops = new_troops
                peak = max(peak, troops)
                effects_changed = True
            set_up += max(new_cost - cost, 0.0)
            cost = new_cost

        if event == COLLAPSE:
            if troops > 0.0:
                change_path[changes] = path
                change_time[changes] = time
                change_size[changes] = -troops
                changes += 1
        else:
            cause = -1
        out[END_TIME], out[CAUSE], out[PEAK] = time, cause, peak
        out[TROOP_YEARS], out[TROOP_YEARS_FIRST] = troop_years, troop_years_first
        out[OFF_YEARS] = off_years
        out[COST] = p[SETUP_PRICE] * set_up + p[YEAR_PRICE] * cost_years
        out[COUNTS], out[COUNTS + 1], out[COUNTS + 2] = arrived, gone, mission_ended
        out[COUNTS + 3] = flips
        out[COUNTS + 4], out[COUNTS + 5] = (switches >> 1) & 1, (switches >> 2) & 1
        out[COUNTS + 6], out[COUNTS + 7] = reinforced, phases
        return changes

    @jit
    def run(
        tables: Any,
        first: int,
        last: int,
        paths_per_draw: int,
        bases: Any,
        out: Any,
        change_path: Any,
        change_time: Any,
        change_size: Any,
    ) -> int:
        (
            numbers,
            arrivals,
            offers,
            thresholds,
            exit_scales,
            cost_factors,
            aircraft,
            ships,
            needs,
            commit_keys,
            exit_keys,
            by_switch,
            at_sea,
            air,
            tanked,
            openness,
            keys,
            capacity,
            phi,
            fixed,
        ) = tables
        n = len(arrivals[0])
        pending, soldiers = room(n + 1)
        deployed, exit_at = room(n + 1)
        changes = 0
        for number in range(first, last):
            d = number // paths_per_draw
            changes = live(
                bases[number - first],
                numbers[d],
                arrivals[d],
                offers[d],
                thresholds[d],
                exit_scales[d],
                cost_factors[d],
                aircraft[d],
                ships[d],
                needs[d],
                commit_keys[d],
                exit_keys[d],
                by_switch[d],
                at_sea[d],
                air[d],
                tanked[d],
                openness[d],
                keys,
                capacity,
                phi,
                fixed[0],
                fixed[1],
                fixed[2],
                fixed[3] != 0.0,
                pending,
                soldiers,
                deployed,
                exit_at,
                out[number - first],
                number - first,
                change_path,
                change_time,
                change_size,
                changes,
            )
        return changes

    return run
