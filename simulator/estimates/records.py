"""What analyses of simulations leave behind; who only reads it needs no engine."""

from dataclasses import dataclass

from simulator.model.compiled import FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Deployment:
    """Soldiers over time, averaged over worlds and over each bin; all worlds count at all times."""

    names: tuple[str, ...]  # contributors that offer soldiers
    edges: FloatArray  # shape (T + 1,): years, from 0 to the horizon
    # Shape (N, T): committed and arrived, had nobody left and had the ceasefire held.
    promised: FloatArray
    # Shape (N, T): there, before any reinforcement; 0 once a ceasefire has collapsed.
    deployed: FloatArray
    reinforcement: FloatArray  # shape (T,): on top of that, because the force was enlarged
    draws: int
    worlds: int  # sampled


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a path."""

    years: float  # since the ceasefire
    event: str  # row of the event log, such as ``contributor:france``
    kind: str  # one of ``EVENT_KINDS``, or ``collapse``
    text: str  # what happened, as a sentence without its full stop
    phase: str  # after the event, as are soldiers and backstop
    troops: int
    backstop_on: bool
    failing_probability: float  # just before the event: that of a phase drawn then
    hazards: dict[str, float]  # of collapse by each cause, per year, just before the event
