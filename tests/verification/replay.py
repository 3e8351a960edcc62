"""What an event log says about the hazards that made it.

A log is replayed on the state it implies, and every clock's hazard is integrated along the way.
If the log is right then, whatever the state did,

- the *when*: the total hazard integrated from one random event to the next is a unit exponential,
  independent of everything before. Paths may be laid end to end: each is stopped at a time that
  does not look ahead (collapse or horizon), so what is left of a gap goes on in the next path;
- the *which*: given that something happens at t, each clock is to blame in proportion to its
  hazard. Observed minus expected counts are martingales;
- *independence*: the events of one sojourn owe nothing to the length of the one before.

This holds for paths whose random numbers are independent, and for the clocks of worlds, which no
ceasefire stops before the horizon.

The time-change theorem behind it: Brown & Nair 1988, Am. Stat. 42:144; Andersen, Borgan, Gill &
Keiding 1993, Statistical Models Based on Counting Processes, II.5.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from simulator.addresses import independent_world_uniforms
from simulator.engines.records import EventLog
from simulator.engines.reference.initial import (
    InitialConditions,
    RandomNumbers,
    initial_conditions,
)
from simulator.engines.reference.rates import Hazard, Rates, Situation, cause_hazard, rates
from simulator.model import clocks
from simulator.model.clocks import row_names
from simulator.model.compiled import CAUSES, STEPS, CompiledModel, FloatArray
from tests.verification.bounds import (
    Residual,
    chance_of_residual,
    chance_of_shape,
    chance_of_total,
)

BANDS = (0.0, 0.25, 1.0, 5.0, math.inf)  # years: residuals are summed within each


@dataclass
class Replay:
    """Everything a log says, ready to be tested."""

    gaps: list[float] = field(default_factory=list)
    which: defaultdict[str, Residual] = field(default_factory=lambda: defaultdict(Residual))
    after: defaultdict[str, Residual] = field(default_factory=lambda: defaultdict(Residual))
    impossible: list[str] = field(default_factory=list)


class _State:
    """The state that a prefix of a log implies."""

    def __init__(self, model: CompiledModel, row: int, trial: int, whole: bool) -> None:
        self.model, self.row, self.whole = model, row, whole
        self.names = row_names(model)
        self.numbers, self.initial = _initial(model, row, trial)
        self.n = len(model.contributors.names)
        self.deployed: set[int] = set()
        self.arrived: set[int] = set()
        self.exits = 0
        self.ended = False
        self.backstop_on = self.initial.backstop_on
        self.army_steps = self.russia_steps = self.rescues = 0
        self.reinforced = False
        self.phase, self.draws_of_phase = "establishing", 0

    def _rates(self) -> Rates:
        force = self.model.contributors
        self.troops = self._soldiers(self.deployed)
        return _rates(
            self.model,
            self.row,
            Situation(
                troops=self.troops,
                come=self._soldiers(self.arrived),
                aircraft=float(sum(force.aircraft[i] for i in self.deployed)),
                ships=float(sum(force.ships[i] for i in self.deployed)),
                basing=self.initial.basing,
                consent=self.initial.consent,
                backstop_on=self.backstop_on,
                army=self.army_steps / STEPS,
                russia=self.russia_steps / STEPS,
            ),
        )

    def _soldiers(self, who: set[int]) -> int:
        mission = self.model.mission
        troops = sum(self.initial.allotted[i] for i in who)
        if self.reinforced:
            ceiling = math.floor(mission.reinforcement_ceiling or 0.0)
            troops = max(troops, min(ceiling, math.floor(troops * mission.growth[self.row])))
        return troops

    def hazards(self) -> dict[str, Hazard]:
        """Return the hazard of every clock that can fire now."""
        m, d = self.model, self.row
        mission, force = m.mission, m.contributors
        share_gone = self.exits / max(1, len(self.initial.committed))
        contagion = 1.0 + float(force.exit_contagion[d]) * share_gone
        found = {
            self.names[i]: Hazard(float(force.exit_rate[d, i]) * contagion) for i in self.deployed
        }
        if self.arrived and not self.ended:
            found["mission_end"] = Hazard(float(mission.end_rate[d]))
        if m.backstop.promised:
            rate = m.backstop.loss_rate if self.backstop_on else m.backstop.regain_rate
            found["backstop"] = Hazard(float(rate[d]))
        drawn = m.hazards.kappa if self.draws_of_phase else m.hazards.kappa_0
        found["phase"] = Hazard(float(drawn[d]))
        if self.whole:
            found |= self._hazards_of_phase()
        return {name: hazard for name, hazard in found.items() if hazard.level > 0.0}

    def _hazards_of_phase(self) -> dict[str, Hazard]:
        """Return the hazards that a world knows nothing of, since they depend on the phase."""
        m, d, now = self.model, self.row, self._rates()
        found = {f"cause:{cause}": cause_hazard(m, d, self.phase, cause, now) for cause in CAUSES}
        planned = m.mission.reinforcement_ceiling is not None and not self.reinforced
        if planned and self.phase == "failing" and self.troops > 0:
            found["reinforcement"] = Hazard(float(m.mission.reinforcement_rate[d]))
        return found

    def due(self) -> dict[str, float]:
        """Return what time alone brings next, and when."""
        m, d = self.model, self.row
        dates = {
            self.names[i]: float(m.contributors.arrival[d, i])
            for i in self.initial.committed
            if i not in self.arrived and not self.ended
        }
        steps = {"army_restored": self.army_steps, "reconstituted": self.russia_steps}
        for name, taken in steps.items():
            if taken < STEPS:
                dates[name] = float(getattr(m.milestones, name)[d]) * (taken + 0.5) / STEPS
        return dates

    def apply(self, name: str) -> None:
        """Let an event happen."""
        able = self.whole and bool(self.model.hazards.rescues[self.row])
        if not able or name in ("phase", "reinforcement"):
            self._change(name)
            return
        before = self._rates().failing_probability
        self._change(name)
        after = self._rates().failing_probability
        if self.phase == "failing" and after < before:
            uniform = self.numbers.uniform(clocks.RESCUE.format(self.rescues))
            self.rescues += 1
            if uniform < 1.0 - after / before:
                self.phase = "holding"

    def _change(self, name: str) -> None:
        if name.startswith("contributor:"):
            i = self.names.index(name)
            if i in self.deployed:
                self.deployed.remove(i)
                self.exits += 1
            else:
                self.deployed.add(i)
                self.arrived.add(i)
        elif name == "mission_end":
            self.ended = True
            self.deployed.clear()
        elif name == "backstop":
            self.backstop_on = not self.backstop_on
        elif name == "army_restored":
            self.army_steps += 1
        elif name == "reconstituted":
            self.russia_steps += 1
        elif name == "reinforcement":
            self.reinforced = True
        elif name == "phase":
            # A log does not say which phase was drawn: the address of the direction does.
            if self.whole:
                uniform = self.numbers.uniform(clocks.DIRECTION.format(self.draws_of_phase))
                fails = uniform < self._rates().failing_probability
                self.phase = "failing" if fails else "holding"
            self.draws_of_phase += 1


def replay(
    model: CompiledModel, trials: int, log: EventLog, end_times: FloatArray | None = None
) -> Replay:
    """Replay a log whose random numbers are `independent_world_uniforms`.

    Parameters
    ----------
    end_times : float64 array, shape (D * K,), optional
        When every whole path was over; without them it is a log of worlds, up to the horizon.
    """
    found = Replay()
    carried = 0.0
    names = row_names(model)
    total = model.draws.size * trials
    ends = np.cumsum(np.bincount(log.path, minlength=total))
    begin = 0
    for p, end in enumerate(ends):
        events = [
            (float(t), names[r])
            for t, r in zip(log.time[begin:end], log.row[begin:end], strict=True)
        ]
        begin = end
        state = _State(model, *divmod(p, trials), whole=end_times is not None)
        end_time = model.horizon if end_times is None else float(end_times[p])
        carried = _replay_path(found, state, events, end_time, carried)
    return found


def _replay_path(
    found: Replay,
    state: _State,
    events: list[tuple[float, str]],
    end_time: float,
    carried: float,
) -> float:
    """Replay one path; return the hazard left over since its last random event."""
    now = 0.0
    used: dict[str, float] = defaultdict(float)  # by each clock since its last event
    before: dict[str, float] = {}  # what each clock had used at its last event
    ends_by_event = bool(events) and events[-1][1].startswith("cause:")
    for time, name in [*events, *([] if ends_by_event else [(end_time, "horizon")])]:
        hazards = state.hazards()
        for clock, hazard in hazards.items():
            spent = hazard.used(now, time)
            carried += spent
            used[clock] += spent
            if clock in before:
                _score(found.after[clock], before[clock], spent, happened=clock == name)
        now = time
        late = {what: date for what, date in state.due().items() if date < time * (1 - 1e-9)}
        if late:
            found.impossible.append(f"{name} at {time} after {late} was due")
            return carried
        if name == "horizon":
            return carried
        date = state.due().get(name)
        if date is None and name not in hazards:
            found.impossible.append(f"{name} at {time} cannot happen")
            return carried
        if date is not None:
            if abs(time - date) > 1e-9 * max(1.0, date):
                found.impossible.append(f"{name} at {time}, due at {date}")
            state.apply(name)
            continue
        found.gaps.append(carried)
        carried = 0.0
        _count(found, hazards, name, time)
        if name in ("backstop", "phase"):
            before[name], used[name] = used[name], 0.0
        state.apply(name)
    return carried


def _count(found: Replay, hazards: dict[str, Hazard], name: str, time: float) -> None:
    """Add to the residuals of every kind of clock: observed minus expected, given an event."""
    band = next(i for i, upper in enumerate(BANDS[1:]) if time < upper)
    total = sum(hazard.at(time) for hazard in hazards.values())
    share: dict[str, float] = defaultdict(float)
    for clock, hazard in hazards.items():
        share[clock.split(":")[0] if clock.startswith("contributor") else clock] += (
            hazard.at(time) / total
        )
    happened = "contributor" if name.startswith("contributor") else name
    for kind, p in share.items():
        residual = found.which[f"{kind} in {BANDS[band]}-{BANDS[band + 1]} y"]
        residual.observed += kind == happened
        residual.expected += p
        residual.variation += p * (1.0 - p)


def _score(residual: Residual, previous: float, spent: float, *, happened: bool) -> None:
    """Weigh a clock's event by the budget of its sojourn before, centred and bounded by 1."""
    weight = min(1.0, max(-1.0, previous - 1.0))
    residual.observed += weight * happened
    residual.expected += weight * spent
    residual.variation += weight**2 * spent


def chances(said: Replay, events: int) -> dict[str, float]:
    """Return, by test, a bound on the probability that a right log looks this bad.

    Parameters
    ----------
    events : int
        How many gaps to test; fixed beforehand, so that their number is no evidence.
    """
    if said.impossible:
        return {f"possible: {said.impossible[0]}": 0.0}
    if len(said.gaps) < events:
        return {f"when: {len(said.gaps)} gaps, at least {events} expected": 0.0}
    return {
        "when: total of the gaps": chance_of_total(said.gaps[:events]),
        "when: shape of the gaps": chance_of_shape(said.gaps[:events]),
        **{f"which: {kind}": chance_of_residual(r) for kind, r in said.which.items()},
        **{f"independence: {kind}": chance_of_residual(r) for kind, r in said.after.items()},
    }


@lru_cache(maxsize=100_000)
def _initial(model: CompiledModel, row: int, trial: int) -> tuple[RandomNumbers, InitialConditions]:
    draw = int(model.draws[row])
    numbers = RandomNumbers(model.seed, draw, trial, independent_world_uniforms)
    return numbers, initial_conditions(model, row, numbers)


@lru_cache(maxsize=100_000)
def _rates(model: CompiledModel, row: int, situation: Situation) -> Rates:
    return rates(model, row, situation)
