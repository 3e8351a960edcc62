"""The actors of a ceasefire, each a simpy process: what it waits for and what it then changes."""

from __future__ import annotations

from simulator.engines.reference.clocks import Process, alarm, spend, wait
from simulator.engines.reference.life import Life
from simulator.engines.reference.rates import Hazard
from simulator.model import clocks
from simulator.model.compiled import CAUSES


def begin(life: Life) -> None:
    """Set every actor going. The order is that of the rows of the event log."""
    for i in life.start.committed:
        life.env.process(contributor(life, i))
    life.env.process(mission(life))
    life.env.process(backstop(life))
    life.env.process(ukrainian_army(life))
    life.env.process(russian_reconstitution(life))
    life.env.process(reinforcement(life))
    life.env.process(phases(life))
    for name in CAUSES:
        life.env.process(cause(life, name))


def contributor(life: Life, i: int) -> Process:
    """Arrive after the delays of approval and mobilisation; leave at a hazard.

    Each contributor that has left makes the others readier to go: the hazard is the
    contributor's own, times 1 + contagion * share of the committed already gone.
    """
    force, name = life.model.contributors, life.model.contributors.names[i]

    def exit_hazard() -> Hazard:
        share_gone = life.exits / len(life.start.committed)
        contagion = 1.0 + float(force.exit_contagion[life.row]) * share_gone
        stays = i in life.deployed
        return Hazard(float(force.exit_rate[life.row, i]) * contagion if stays else 0.0)

    yield alarm(life, float(force.arrival[life.row, i]), i)
    if life.mission_ended:
        return
    life.deployed.append(i)
    if not life.first_arrival.triggered:
        life.first_arrival.succeed()
    life.happened(i, "arrival")

    yield from spend(life, life.chance.exponential(clocks.EXIT.format(name)), exit_hazard, i)
    life.deployed.remove(i)
    life.exits += 1
    life.happened(i, "exit")


def mission(life: Life) -> Process:
    """Begin with the first arrival; end at a hazard: all leave, and nobody comes any more."""
    row = life.names.index("mission_end")
    yield life.first_arrival
    budget = life.chance.exponential(clocks.MISSION_END)
    yield from wait(life, budget, float(life.model.mission.end_rate[life.row]), row)
    life.mission_ended = True
    life.deployed.clear()
    life.happened(row, "mission_end")


def backstop(life: Life) -> Process:
    """Flip off and on, each sojourn with a clock of its own, if anything was promised at all."""
    row, promise = life.names.index("backstop"), life.model.backstop
    sojourn = 0
    while promise.promised:
        rate = promise.loss_rate if life.backstop_on else promise.regain_rate
        budget = life.chance.exponential(clocks.BACKSTOP, sojourn)
        yield from wait(life, budget, float(rate[life.row]), row)
        life.backstop_on = not life.backstop_on
        sojourn += 1
        life.happened(row, "backstop")


def ukrainian_army(life: Life) -> Process:
    """Be restored at a time that the draw has fixed."""
    row = life.names.index("army_restored")
    yield alarm(life, float(life.model.milestones.army_restored[life.row]), row)
    life.army_restored = True
    life.happened(row, "army_restored")


def russian_reconstitution(life: Life) -> Process:
    """Be complete at a time that the draw has fixed."""
    row = life.names.index("reconstituted")
    yield alarm(life, float(life.model.milestones.reconstituted[life.row]), row)
    life.reconstituted = True
    life.happened(row, "reconstituted")


def reinforcement(life: Life) -> Process:
    """Come once, if planned: while the ceasefire is failing and there is a force to reinforce."""
    row, plan = life.names.index("reinforcement"), life.model.mission
    if plan.reinforcement_ceiling is None:
        return

    def hazard() -> Hazard:
        called_for = life.phase == "failing" and life.troops() > 0
        return Hazard(float(plan.reinforcement_rate[life.row]) if called_for else 0.0)

    yield from spend(life, life.chance.exponential(clocks.REINFORCEMENT), hazard, row)
    life.reinforced = True
    life.happened(row, "reinforcement")


def phases(life: Life) -> Process:
    """Resolve from establishing to holding or failing, then switch between the two, slowly.

    The odds are those of the moment: a force that comes after this comes too late for it.
    """
    row, h = life.names.index("phase"), life.model.hazards
    budget = life.chance.exponential(clocks.RESOLVE, 0)
    yield from wait(life, budget, float(h.kappa_0[life.row]), row)
    fails = life.chance.uniform(clocks.RESOLVE, 1) < life.rates.failing_odds
    life.happened(row, "phase", "failing" if fails else "holding")

    def switching() -> Hazard:
        w = life.rates.failing_odds
        return Hazard(float(h.kappa[life.row]) * (w if life.phase == "holding" else 1.0 - w))

    sojourn = 0
    while True:
        budget = life.chance.exponential(clocks.PHASE, sojourn)
        yield from spend(life, budget, switching, row)
        sojourn += 1
        life.happened(row, "phase", "failing" if life.phase == "holding" else "holding")


def cause(life: Life, name: str) -> Process:
    """End the ceasefire. The causes compete: the first to use up its budget is why it ended."""
    clock = clocks.CAUSE.format(name)
    row = life.names.index(clock)
    budget = life.chance.exponential(clock)
    yield from spend(life, budget, lambda: life.cause_hazard(name), row)
    life.happened(row, "collapse")
    life.over.succeed(name)
