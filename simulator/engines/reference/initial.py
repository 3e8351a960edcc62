"""What is decided on the first day of a path, and the random numbers that decide it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri

from simulator.model import clocks
from simulator.model.compiled import AirCover, CompiledModel, FloatArray, IntArray

# seed, name, numbers of draws and of trials -> a uniform for every pair of the two
Uniforms: TypeAlias = Callable[[int, str, IntArray, IntArray], FloatArray]


class RandomNumbers:
    """The random numbers of one path, each fetched by the name of its clock."""

    def __init__(self, seed: int, draw: int, trial: int, uniforms: Uniforms) -> None:
        self._seed, self._uniforms = seed, uniforms
        self._draw, self._trial = np.array([draw]), np.array([trial])

    def uniform(self, name: str) -> float:
        """Return a uniform in the open interval (0, 1)."""
        return float(self._uniforms(self._seed, name, self._draw, self._trial)[0, 0])

    def exponential(self, name: str) -> float:
        """Return a unit exponential."""
        return -math.log(self.uniform(name))


@dataclass(frozen=True, slots=True)
class Basing:
    """What the open air bases offer."""

    capacity: float  # aircraft they have room for
    untanked: float  # share of them on station at any time without tanking
    tanked: float  # and with it


@dataclass(frozen=True, slots=True)
class InitialConditions:
    """What is true from the first day of a path and never changes (``backstop_on`` may flip)."""

    consent: bool
    blocked: bool
    backstop_on: bool
    open_hosts: tuple[str, ...]
    basing: Basing
    committed: tuple[int, ...]  # indices of the contributors that send what they offered
    allotted: dict[int, int]  # soldiers of each committed contributor under the ceiling


def initial_conditions(model: CompiledModel, row: int, numbers: RandomNumbers) -> InitialConditions:
    """Decide what is true from the first day of a path under row ``row`` of the draws."""
    mission, backstop, air = model.mission, model.backstop, model.air
    consent = numbers.uniform(clocks.CONSENT) < mission.consent[row]
    refusal_counts = numbers.uniform(clocks.REFUSAL_BLOCKS) < mission.refusal_blocks[row]
    blocked = not consent and bool(refusal_counts)
    backstop_on = backstop.promised and bool(
        numbers.uniform(clocks.BACKSTOP_START) < backstop.on_at_start[row]
    )
    open_hosts = tuple(
        host
        for i, host in enumerate(air.hosts)
        if numbers.uniform(clocks.BASING.format(host)) < air.host_open[row, i]
    )
    committed = () if blocked else _committed(model, row, numbers, backstop_on)
    return InitialConditions(
        consent=bool(consent),
        blocked=blocked,
        backstop_on=backstop_on,
        open_hosts=open_hosts,
        basing=_basing(air, row, open_hosts),
        committed=committed,
        allotted=_allot(model, row, committed),
    )


def _committed(
    model: CompiledModel, row: int, numbers: RandomNumbers, backstop_on: bool
) -> tuple[int, ...]:
    """Who commits: a one-factor Gaussian copula, so that refusals cluster.

    Given the common shock Z, contributor i commits with probability
    Phi((Phi^-1(p_i) - sqrt(r) Z) / sqrt(1 - r)); averaged over Z that is p_i.
    """
    force = model.contributors
    r = float(force.political_correlation[row])
    shock = ndtri(numbers.uniform(clocks.COMMON_SHOCK))
    committed = []
    for i, name in enumerate(force.names):
        threshold = ndtri(force.commitment[row, i])
        probability = ndtr((threshold - math.sqrt(r) * shock) / math.sqrt(1.0 - r))
        willing = numbers.uniform(clocks.COMMIT.format(name)) < probability
        if willing and (backstop_on or not force.needs_backstop[i]):
            committed.append(i)
    return tuple(committed)


def _allot(model: CompiledModel, row: int, committed: tuple[int, ...]) -> dict[int, int]:
    """Scale the offers pro rata where together they pass what is planned, to whole soldiers.

    Where a plan asks those who commit for as many as it needs, they also bring more.
    """
    offers = {i: float(model.contributors.troops[row, i]) for i in committed}
    offered = sum(offers.values())
    scale = model.mission.target_troops / offered if offered > 0.0 else 1.0
    if not model.mission.as_needed:
        scale = min(1.0, scale)
    return {i: math.floor(offer * scale) for i, offer in offers.items()}


def _basing(air: AirCover, row: int, open_hosts: tuple[str, ...]) -> Basing:
    """Average the time on station over the open bases, weighted by their capacity."""
    capacity = untanked = tanked = 0.0
    for base, room in enumerate(air.base_capacity.tolist()):
        if air.hosts[air.base_host[base]] in open_hosts:
            capacity += room
            untanked += room * _on_station_share(air, row, base, float(air.endurance_h[row]))
            tanked += room * _on_station_share(air, row, base, float(air.endurance_tanked_h[row]))
    if capacity == 0.0:
        return Basing(0.0, 0.0, 0.0)
    return Basing(capacity, untanked / capacity, tanked / capacity)


def _on_station_share(air: AirCover, row: int, base: int, endurance: float) -> float:
    """Share of a base's aircraft on station: a sortie's time there over its whole cycle."""
    transit = 2.0 * float(air.base_distance_km[base]) / float(air.cruise_km_h[row])
    cycle = endurance + float(air.turnaround_h[row])
    return float(air.serviceability[row]) * max(0.0, endurance - transit) / cycle
