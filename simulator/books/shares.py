"""Distributions of shares that sum to one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Protocol

import numpy as np
from pydantic import AfterValidator, Field

from simulator.books.distributions import Floats, Gamma, Shape, Written
from simulator.scenario.parts import Weight

SUM_TOLERANCE: Final = 1e-9  # of shares typed as decimal fractions


class SharesDistribution(Protocol):
    """A distribution of shares that sum to one, each with its own uniform."""

    def shares(self, uniforms: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return the shares by component, from the uniforms by component."""


@dataclass(frozen=True, slots=True)
class FixedShares:
    """Shares that are taken as known; `values` sum to 1."""

    components: tuple[str, ...]
    values: tuple[float, ...]

    def shares(self, uniforms: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return the values everywhere."""
        known = zip(self.components, self.values, strict=True)
        return {name: np.full_like(uniforms[name], value) for name, value in known}


@dataclass(frozen=True, slots=True)
class Dirichlet:
    """Dirichlet distribution: normalised gamma variables with shapes `concentrations`."""

    components: tuple[str, ...]
    concentrations: tuple[float, ...]

    def shares(self, uniforms: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return normalised gamma quantiles."""
        shapes = zip(self.components, self.concentrations, strict=True)
        sizes = {name: Gamma(shape, 1.0).ppf(uniforms[name]) for name, shape in shapes}
        total = np.sum(list(sizes.values()), axis=0)
        return {name: size / total for name, size in sizes.items()}


def _sum_to_one(shares: dict[str, float]) -> dict[str, float]:
    if abs(math.fsum(shares.values()) - 1.0) > SUM_TOLERANCE:
        raise ValueError(f"shares sum to {math.fsum(shares.values()):g}, must sum to 1")
    return shares


WRITTEN: Final[Mapping[str, Written]] = {
    "shares": Written(
        Annotated[dict[str, Weight], Field(min_length=2), AfterValidator(_sum_to_one)],
        lambda shares: FixedShares(tuple(shares), tuple(shares.values())),
        "known shares that sum to 1, by name",
    ),
    "dirichlet": Written(
        Annotated[dict[str, Shape], Field(min_length=2)],
        lambda shares: Dirichlet(tuple(shares), tuple(shares.values())),
        "concentrations, by name of the share",
    ),
}
