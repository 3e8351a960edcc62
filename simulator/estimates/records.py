"""What simulations leave behind; who only reads it needs no engine."""

from dataclasses import dataclass

from simulator.model.compiled import FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Deployment:
    """Soldiers over time, averaged over worlds and over each bin; all worlds count at all times."""

    names: tuple[str, ...]  # contributors that offer soldiers, in the order of the model
    edges: FloatArray  # (T + 1,) years, from 0 to the horizon
    promised: FloatArray  # (N, T) committed and arrived, had nobody left and the ceasefire held
    # (N, T) there, before any reinforcement; 0 once a ceasefire has collapsed
    deployed: FloatArray
    reinforcement: FloatArray  # (T,) there on top of that, because the force was enlarged
    draws: int  # sampled
    worlds: int


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a path; phase, troops and backstop are those after it."""

    years: float
    event: str  # row of the event log, e.g. ``contributor:france``
    kind: str  # one of ``EVENT_KINDS``, or ``collapse``
    text: str  # a sentence without its full stop
    phase: str
    troops: int
    backstop_on: bool
    failing_probability: float  # of a phase drawn just before the event
    hazards: dict[str, float]  # of collapse by each cause, per year, just before the event
