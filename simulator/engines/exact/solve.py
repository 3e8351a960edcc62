"""From a model to its exact expectations, with a bound on their numerical error."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.engines.exact.evolve import Chain, advance_ageing
from simulator.engines.exact.generator import COUNTED, Generator, build
from simulator.engines.exact.rates import Conditions, deployed, implied
from simulator.engines.exact.states import (
    ESTABLISHING,
    FAILING,
    HOLDING,
    States,
    check_size,
    enumerate_states,
)
from simulator.engines.records import EVENT_KINDS, Estimate, Expectations
from simulator.model.compiled import CAUSES, PHASES, STEPS, CompiledModel, FloatArray, IntArray

TOLERANCE: Final = 1e-9  # relative, between a step and its half
COARSEST_STEP: Final = 1.0  # years
FINEST_STEP: Final = 1.0 / 256.0
FIRST_PHASE_SPANS: Final = 40.0  # 4e-18 of the paths are still establishing then
OPERATIONS: Final = 40  # on one number in one step: its inflows and a handful more
EPSILON: Final = float(np.finfo(np.float64).eps)
SCALARS: Final = ("rmst", "troop_years", "backstop_off_years", "cost")


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """One draw's chain at the times asked for."""

    p: FloatArray  # (G, S) probability of every state
    counted: FloatArray  # (G, len(COUNTED)) expected counts so far; its last row is at the horizon
    # (G, 2) collapses per year, and a bound on what truncation and weights can have cost them
    ending_rate: FloatArray
    # (len(COUNTED),) bound on what truncation and the mixture's weights can have cost
    error: FloatArray
    relative_error: float  # bound on rounding


def expectations(model: CompiledModel, years: FloatArray) -> Expectations:
    """Return the exact expectations of a model, draw by draw, at increasing times in [0, horizon].

    ``numerical_error`` adds the truncation of the jumps, the error of the mixture's weights,
    rounding, and, where the hazard of holding drifts, the difference between two step lengths (of
    which the shorter is returned; the method is of fourth order, so that difference is about
    fifteen times the error that is left).
    """
    years = np.asarray(years, np.float64)
    if np.any(np.diff(years) <= 0.0) or np.any((years < 0.0) | (years > model.horizon)):
        raise ValueError(f"years must increase within [0, {model.horizon}]")
    check_size(model)
    rows = [_one_draw(model, row, years) for row in range(model.draws.size)]
    return Expectations(
        years=years,
        **{
            name: Estimate(
                value=np.stack([row[name][0] for row in rows]),
                numerical_error=np.stack([row[name][1] for row in rows]),
            )
            for name in rows[0]
        },
    )


def occupancy(
    model: CompiledModel, row: int, years: FloatArray, step: float = 0.125
) -> tuple[States, FloatArray]:
    """Return the states of one draw and their probabilities at given times, shape (G, S)."""
    check_size(model)
    s = enumerate_states(model, row)
    return s, _course(s, np.asarray(years, np.float64), step).p


def _one_draw(
    model: CompiledModel, row: int, years: FloatArray
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return values and numerical errors by name."""
    s = enumerate_states(model, row)
    times = np.union1d(years, [model.horizon])
    step = COARSEST_STEP
    before = course = _course(s, times, step)
    while model.hazards.holding_slope[row] != 0.0:
        step /= 2.0
        before, course = course, _course(s, times, step)
        apart = np.abs(course.counted - before.counted)
        if np.all(apart <= TOLERANCE * np.maximum(1.0, course.counted)) or step <= FINEST_STEP:
            break
    return _by_name(np.searchsorted(times, years), before, course)


def _by_name(
    at: IntArray, before: Course, course: Course
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return values and errors at some of the times of a course; ``before`` took longer steps."""
    relative = course.relative_error
    error = np.abs(course.counted - before.counted) + course.error + relative * course.counted
    causes, kinds = slice(0, len(CAUSES)), COUNTED.index(EVENT_KINDS[0])
    events, soldiers = slice(kinds, kinds + len(EVENT_KINDS)), COUNTED.index("troop_years")
    rate, cut_off = course.ending_rate.T
    rate_error = np.abs(rate - before.ending_rate[:, 0]) + cut_off + relative * rate
    by_name = {
        "survival": (course.p.sum(axis=1)[at], error[at, causes].sum(axis=1) + relative),
        "incidence": (course.counted[at, causes].T, error[at, causes].T),
        "ending_rate": (rate[at], rate_error[at]),
        "soldier_years": (course.counted[at, soldiers], error[at, soldiers]),
        "events": (course.counted[-1, events], error[-1, events]),
    }
    for name in SCALARS:
        column = COUNTED.index(name)
        by_name[name] = (course.counted[-1, column], error[-1, column])
    return by_name


def _course(s: States, times: FloatArray, step: float) -> Course:
    """Follow the chain of one draw through ``times``."""
    hazards, nothing = s.model.hazards, np.zeros(len(COUNTED))
    chain = Chain(s.start.copy(), nothing.copy(), 0, s.weight_error, nothing.copy())
    slope, kappa_0 = (float(a[s.row]) for a in (hazards.holding_slope, hazards.kappa_0))
    p, counted, ending_rate, jumps = [], [], [], nothing.copy()
    now = 0.0
    generator: Generator | None = None
    conditions = Conditions(np.zeros(len(s.model.contributors.names), bool))
    for time, change in _agenda(s.model, s.row, times):
        generator = generator or build(s, conditions)
        if time > now:
            # The first phase goes by in 1 / kappa_0, and asks for steps of that order.
            quick = 1.0 if conditions.established else max(1.0, kappa_0)
            advance_ageing(chain, generator, now, time, slope, step / quick)
            now = time
        if change is None:
            collapse = generator.collapse(slope, time)
            p.append(chain.p)
            counted.append(chain.counted.copy())
            ending_rate.append((chain.p @ collapse, chain.lost * collapse.max()))
            continue
        after = _changed(conditions, change)
        before = chain.counted.copy()
        _count_change(chain, s, change, conditions, after)
        jumps += np.maximum(0.0, chain.counted - before)
        conditions, generator = after, None
    return Course(
        p=np.array(p),
        counted=np.array(counted),
        ending_rate=np.array(ending_rate),
        error=chain.lost * (1.0 + chain.largest_rate * s.model.horizon + jumps),
        relative_error=EPSILON * OPERATIONS * chain.steps,
    )


def _agenda(
    model: CompiledModel, row: int, times: FloatArray
) -> Iterator[tuple[float, int | str | None]]:
    """Yield, in order, every time to report at (None) and everything that time alone decides.

    A contributor is named by its index. Ties are in the order of the rows of an event log; reports
    come after what happens at the same time; nothing happens at the horizon any more.
    """
    n = len(model.contributors.names)
    changes: list[tuple[float, int, int | str | None]] = [
        (float(model.contributors.arrival[row, i]), i, i) for i in range(n)
    ]
    for order, name in ((n, "army_restored"), (n + 1, "reconstituted")):
        date = float(getattr(model.milestones, name)[row])
        changes += [(date * (step + 0.5) / STEPS, order, name) for step in range(STEPS)]
    kappa_0 = float(model.hazards.kappa_0[row])
    if kappa_0 > 0.0:
        changes.append((FIRST_PHASE_SPANS / kappa_0, n + 2, "established"))
    changes = [change for change in changes if change[0] < model.horizon]
    reports: list[tuple[float, int, int | str | None]] = [(float(t), n + 3, None) for t in times]
    for time, _, change in sorted(changes + reports, key=lambda item: item[:2]):
        yield time, change


def _changed(before: Conditions, change: int | str) -> Conditions:
    if isinstance(change, int):
        return replace(before, arrived=before.arrived | (np.arange(before.arrived.size) == change))
    if change == "established":
        return replace(before, established=True)
    return replace(before, **{change: getattr(before, change) + 1})


def _count_change(
    chain: Chain, s: States, change: int | str, before: Conditions, after: Conditions
) -> None:
    """Count what happens at a date: an arrival, a milestone, the last ceasefire to resolve."""
    if change == "established":
        _resolve(chain)
        return
    by_force = chain.p.reshape(s.ended.size, -1).sum(axis=1)
    forces = [deployed(s, now.arrived) for now in (before, after)]
    if isinstance(change, str):
        chain.counted[COUNTED.index(change)] += by_force.sum()
    else:
        comes = by_force * (s.member[:, change] & ~s.ended)
        chain.counted[COUNTED.index("arrival")] += comes.sum()
        more = np.maximum(forces[1].cost_troops - forces[0].cost_troops, 0.0)
        setup = float(s.model.money.setup_per_soldier[s.row])
        chain.counted[COUNTED.index("cost")] += setup * (comes @ more)
    if s.model.hazards.rescues[s.row]:
        # Part of what is failing holds where the date makes failing less probable.
        was, w = (
            implied(s, force, now).failing_probability.ravel()
            for force, now in zip(forces, (before, after), strict=True)
        )
        with np.errstate(invalid="ignore"):
            saved = np.where(w < was, 1.0 - w / was, 0.0)
        p = chain.p.reshape(-1, len(PHASES)).copy()
        p[:, HOLDING] += saved * p[:, FAILING]
        p[:, FAILING] *= 1.0 - saved
        chain.p = p.ravel()


def _resolve(chain: Chain) -> None:
    """Let the last 4e-18 of the paths resolve, so that a fast first phase costs no more time."""
    p = chain.p.reshape(-1, len(PHASES)).copy()
    last = p[:, ESTABLISHING].copy()
    p[:, HOLDING] += last / 2.0
    p[:, FAILING] += last / 2.0
    p[:, ESTABLISHING] = 0.0
    chain.counted[COUNTED.index("phase")] += last.sum()
    chain.lost += float(last.sum())
    chain.p = p.ravel()
