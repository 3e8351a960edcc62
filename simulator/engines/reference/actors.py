"""The actors of a ceasefire, each a simpy process: what it waits for and what it then changes."""

from itertools import chain, count

from simulator.engines.reference.path import Path, Waiting, alarm, spend, wait
from simulator.engines.reference.rates import Hazard
from simulator.model import clocks
from simulator.model.compiled import CAUSES, STEPS


def start(path: Path) -> None:
    """Start every actor, in the order of the rows of the event log."""
    for i in path.initial.committed:
        path.env.process(contributor(path, i))
    path.env.process(mission(path))
    path.env.process(backstop(path))
    path.env.process(milestone(path, "army_restored"))
    path.env.process(milestone(path, "reconstituted"))
    path.env.process(reinforcement(path))
    path.env.process(phases(path))
    for name in CAUSES:
        path.env.process(cause(path, name))


def contributor(path: Path, i: int) -> Waiting:
    """Arrive after the delays of approval and mobilisation; leave at a hazard.

    Each contributor that has left makes the others readier to go: the hazard is the
    contributor's own, times 1 + contagion * share of the committed already gone.
    """
    force, name = path.model.contributors, path.model.contributors.names[i]

    def exit_hazard() -> Hazard:
        share_gone = path.exits / len(path.initial.committed)
        contagion = 1.0 + float(force.exit_contagion[path.row]) * share_gone
        stays = i in path.deployed
        return Hazard(float(force.exit_rate[path.row, i]) * contagion if stays else 0.0)

    yield alarm(path, float(force.arrival[path.row, i]), i)
    if path.mission_ended:
        return
    path.deployed.append(i)
    path.come.append(i)
    if not path.first_arrival.triggered:
        path.first_arrival.succeed()
    path.announce(i, "arrival")

    yield from spend(path, path.numbers.exponential(clocks.EXIT.format(name)), exit_hazard, i)
    path.deployed.remove(i)
    path.exits += 1
    path.announce(i, "exit")


def mission(path: Path) -> Waiting:
    """Begin with the first arrival; end at a hazard: all leave, and nobody comes any more."""
    row = path.names.index("mission_end")
    yield path.first_arrival
    budget = path.numbers.exponential(clocks.MISSION_END)
    yield from wait(path, budget, float(path.model.mission.end_rate[path.row]), row)
    path.mission_ended = True
    path.deployed.clear()
    path.announce(row, "mission_end")


def backstop(path: Path) -> Waiting:
    """Flip off and on, each sojourn with a clock of its own, if anything was promised at all."""
    row, promise = path.names.index("backstop"), path.model.backstop
    if not promise.promised:
        return
    for sojourn in count():
        rate = promise.loss_rate if path.backstop_on else promise.regain_rate
        budget = path.numbers.exponential(clocks.BACKSTOP.format(sojourn))
        yield from wait(path, budget, float(rate[path.row]), row)
        path.backstop_on = not path.backstop_on
        path.announce(row, "backstop")


def milestone(path: Path, name: str) -> Waiting:
    """Restore the Ukrainian army, or reconstitute Russia's, in equal steps up to a date."""
    row, date = path.names.index(name), float(getattr(path.model.milestones, name)[path.row])
    for step in range(STEPS):
        yield alarm(path, date * (step + 0.5) / STEPS - path.env.now, row)
        path.steps[name] += 1
        path.announce(row, name)


def reinforcement(path: Path) -> Waiting:
    """Come once, if planned: while the ceasefire is failing and there is a force to reinforce."""
    row, plan = path.names.index("reinforcement"), path.model.mission
    if plan.reinforcement_ceiling is None:
        return

    def hazard() -> Hazard:
        called_for = path.phase == "failing" and path.troops() > 0
        return Hazard(float(plan.reinforcement_rate[path.row]) if called_for else 0.0)

    yield from spend(path, path.numbers.exponential(clocks.REINFORCEMENT), hazard, row)
    path.reinforced = True
    path.announce(row, "reinforcement")


def phases(path: Path) -> Waiting:
    """End establishing by drawing the phase, and draw it anew at a constant rate ever after.

    Each time it is failing with the probability of that moment, whatever it was before: a force
    that comes after a draw comes too late for it. When a phase is drawn depends on nothing else.
    """
    row, h = path.names.index("phase"), path.model.hazards
    redraws = ((clocks.PHASE.format(k), h.kappa) for k in count())
    for k, (clock, rate) in enumerate(chain([(clocks.RESOLVE, h.kappa_0)], redraws)):
        yield from wait(path, path.numbers.exponential(clock), float(rate[path.row]), row)
        uniform = path.numbers.uniform(clocks.DIRECTION.format(k))
        fails = uniform < path.rates.failing_probability
        path.announce(row, "phase", "failing" if fails else "holding")


def cause(path: Path, name: str) -> Waiting:
    """End the ceasefire. The causes compete: the first to use up its budget is why it ended."""
    clock = clocks.CAUSE.format(name)
    row = path.names.index(clock)
    budget = path.numbers.exponential(clock)
    yield from spend(path, budget, lambda: path.cause_hazard(name), row)
    path.announce(row, "collapse")
    path.over.succeed(name)
