"""What an event log says about the hazards that made it.

A log is replayed on the state it implies, and every clock's hazard is integrated along the way.
If the log is right then, whatever the state did,

- the *when*: the total hazard integrated from one random event to the next is a unit exponential,
  independent of everything before. Paths may be laid end to end: each is stopped at a time that
  does not look ahead (collapse or horizon), so what is left of a gap goes on in the next path;
- the *which*: given that something happens at t, each clock is to blame in proportion to its
  hazard. Observed minus expected counts are martingales;
- *independence*: the events of one sojourn owe nothing to the length of the one before.

The time-change theorem behind it: Brown & Nair 1988, Am. Stat. 42:144; Andersen, Borgan, Gill &
Keiding 1993, Statistical Models Based on Counting Processes, II.5.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy.special import gammainc, gammaincc

from simulator.engines.records import EventLog, PathRecords
from simulator.engines.reference.rates import Hazard, Rates, Situation, cause_hazard, rates
from simulator.engines.reference.start import Chance, Start, settle
from simulator.model.clocks import row_names
from simulator.model.compiled import CAUSES, CompiledModel

BANDS = (0.0, 0.25, 1.0, 5.0, math.inf)  # years: residuals are summed within each


@dataclass
class Residual:
    """A martingale at its end: observed minus expected, and its predictable variation."""

    observed: float = 0.0
    expected: float = 0.0
    variation: float = 0.0


@dataclass
class Replay:
    """Everything a log says, ready to be tested."""

    gaps: list[float] = field(default_factory=list)
    which: defaultdict[str, Residual] = field(default_factory=lambda: defaultdict(Residual))
    after: defaultdict[str, Residual] = field(default_factory=lambda: defaultdict(Residual))
    impossible: list[str] = field(default_factory=list)


class _State:
    """The state that a prefix of a log implies."""

    def __init__(self, model: CompiledModel, row: int, path: int) -> None:
        self.model, self.row = model, row
        self.names = row_names(model)
        self.start = _settled(model, row, path)
        self.n = len(model.contributors.names)
        self.deployed: set[int] = set()
        self.arrived: set[int] = set()
        self.exits = 0
        self.ended = False
        self.backstop_on = self.start.backstop_on
        self.restored = self.reconstituted = self.reinforced = False
        self.phase = "establishing"

    def _rates(self) -> Rates:
        force, mission = self.model.contributors, self.model.mission
        troops = sum(self.start.allotted[i] for i in self.deployed)
        if self.reinforced:
            ceiling = math.floor(mission.reinforcement_ceiling or 0.0)
            troops = max(troops, min(ceiling, math.floor(troops * mission.growth[self.row])))
        self.troops = troops
        return _rates(
            self.model,
            self.row,
            Situation(
                troops=troops,
                aircraft=float(sum(force.aircraft[i] for i in self.deployed)),
                ships=float(sum(force.ships[i] for i in self.deployed)),
                basing=self.start.basing,
                consent=self.start.consent,
                backstop_on=self.backstop_on,
                army_restored=self.restored,
                reconstituted=self.reconstituted,
            ),
        )

    def hazards(self) -> dict[str, Hazard]:
        """Return the hazard of every clock that can fire now."""
        m, d, now = self.model, self.row, self._rates()
        h, mission, force = m.hazards, m.mission, m.contributors
        share_gone = self.exits / max(1, len(self.start.committed))
        contagion = 1.0 + float(force.exit_contagion[d]) * share_gone
        found = {
            self.names[i]: Hazard(float(force.exit_rate[d, i]) * contagion) for i in self.deployed
        }
        if self.arrived and not self.ended:
            found["mission_end"] = Hazard(float(mission.end_rate[d]))
        if m.backstop.promised:
            rate = m.backstop.loss_rate if self.backstop_on else m.backstop.regain_rate
            found["backstop"] = Hazard(float(rate[d]))
        planned = mission.reinforcement_ceiling is not None and not self.reinforced
        if planned and self.phase == "failing" and self.troops > 0:
            found["reinforcement"] = Hazard(float(mission.reinforcement_rate[d]))
        found["phase"] = {
            "establishing": Hazard(float(h.kappa_0[d])),
            "holding": Hazard(float(h.kappa[d]) * now.failing_odds),
            "failing": Hazard(float(h.kappa[d]) * (1.0 - now.failing_odds)),
        }[self.phase]
        self.failing_odds = now.failing_odds
        for cause in CAUSES:
            found[f"cause:{cause}"] = cause_hazard(m, d, self.phase, cause, now)
        return {name: hazard for name, hazard in found.items() if hazard.level > 0.0}

    def due(self) -> dict[str, float]:
        """Return what time alone brings next, and when."""
        m, d = self.model, self.row
        dates = {
            self.names[i]: float(m.contributors.arrival[d, i])
            for i in self.start.committed
            if i not in self.arrived and not self.ended
        }
        if not self.restored:
            dates["army_restored"] = float(m.milestones.army_restored[d])
        if not self.reconstituted:
            dates["reconstituted"] = float(m.milestones.reconstituted[d])
        return dates

    def apply(self, name: str, fails: bool | None) -> None:
        """Let an event happen."""
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
            self.restored = True
        elif name == "reconstituted":
            self.reconstituted = True
        elif name == "reinforcement":
            self.reinforced = True
        elif name == "phase":
            if self.phase == "establishing":
                self.phase = "failing" if fails else "holding"
            else:
                self.phase = "failing" if self.phase == "holding" else "holding"


def replay(
    model: CompiledModel, paths_per_draw: int, records: PathRecords, log: EventLog
) -> Replay:
    """Replay the log of a range of paths.

    A log does not say which way the first phase resolved. That is decided here by what follows:
    the address of its uniform.
    """
    found = Replay()
    carried = 0.0
    ends = np.cumsum(np.bincount(log.path - records.first, minlength=records.end_time.size))
    begin = 0
    for p, end in enumerate(ends):
        row, path = divmod(records.first + p, paths_per_draw)
        events = [
            (float(t), row_names(model)[r])
            for t, r in zip(log.time[begin:end], log.row[begin:end], strict=True)
        ]
        begin = end
        direction = _direction(model, row, path)
        carried = _replay_path(
            found, _State(model, row, path), events, float(records.end_time[p]), direction, carried
        )
    return found


def _replay_path(
    found: Replay,
    state: _State,
    events: list[tuple[float, str]],
    end_time: float,
    direction: float,
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
            state.apply(name, None)
            continue
        found.gaps.append(carried)
        carried = 0.0
        _count(found, hazards, name, time)
        if name in ("backstop", "phase"):
            before[name], used[name] = used[name], 0.0
        state.apply(name, direction < state.failing_odds if name == "phase" else None)
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


def chance_of_total(gaps: list[float]) -> float:
    """Return the exact probability of a sum this far out: n unit exponentials are Gamma(n)."""
    n, total = len(gaps), math.fsum(gaps)
    return float(min(1.0, 2.0 * min(gammainc(n, total), gammaincc(n, total))))


def chance_of_shape(gaps: list[float]) -> float:
    """Return a bound on the probability of such a distance from the exponential distribution.

    Dvoretzky-Kiefer-Wolfowitz with Massart's constant (1990, Ann. Probab. 18:1269).
    """
    u = np.sort(-np.expm1(-np.asarray(gaps)))
    n = u.size
    grid = np.arange(n + 1) / n
    distance = max(np.max(grid[1:] - u), np.max(u - grid[:-1]))
    return float(min(1.0, 2.0 * math.exp(-2.0 * n * distance**2)))


def chance_of_residual(residual: Residual) -> float:
    """Return a bound on the probability of such a residual.

    Freedman's inequality (1975, Ann. Probab. 3:100) for jumps of at most 1, over variations
    2**0, 2**1, ... 2**24, since the variation reached is itself random.
    """
    x = abs(residual.observed - residual.expected)
    if x == 0.0:
        return 1.0
    exponent = max(0, math.ceil(math.log2(max(residual.variation, 1.0))))
    return min(1.0, 2.0 * 25.0 * math.exp(-(x**2) / (2.0 * (2.0**exponent + x / 3.0))))


@lru_cache(maxsize=100_000)
def _settled(model: CompiledModel, row: int, path: int) -> Start:
    return settle(model, row, Chance(model.seed, int(model.draws[row]), path))


@lru_cache(maxsize=100_000)
def _rates(model: CompiledModel, row: int, situation: Situation) -> Rates:
    return rates(model, row, situation)


@lru_cache(maxsize=100_000)
def _direction(model: CompiledModel, row: int, path: int) -> float:
    return Chance(model.seed, int(model.draws[row]), path).uniform("resolve", 1)
