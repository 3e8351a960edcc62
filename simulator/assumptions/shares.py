"""Distributions of shares that sum to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.assumptions.distributions import Floats, Gamma

__all__ = ["Dirichlet", "FixedShares", "SharesDistribution"]


class SharesDistribution(Protocol):
    """A distribution of shares that sum to one, each with its own uniform."""

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the shares."""
        ...

    def shares(self, uniforms: Sequence[Floats]) -> list[Floats]:
        """Return one array of shares per component, from one array of uniforms per component."""
        ...


@dataclass(frozen=True, slots=True)
class FixedShares:
    """Shares that are taken as known; `values` sum to 1."""

    components: tuple[str, ...]
    values: tuple[float, ...]

    def shares(self, uniforms: Sequence[Floats]) -> list[Floats]:
        """Return the values everywhere."""
        return [np.full_like(u, v) for u, v in zip(uniforms, self.values, strict=True)]


@dataclass(frozen=True, slots=True)
class Dirichlet:
    """Dirichlet distribution: normalised gamma variables with shapes `concentrations`."""

    components: tuple[str, ...]
    concentrations: tuple[float, ...]

    def shares(self, uniforms: Sequence[Floats]) -> list[Floats]:
        """Return normalised gamma quantiles."""
        sizes = [
            Gamma(shape, 1.0).ppf(u) for shape, u in zip(self.concentrations, uniforms, strict=True)
        ]
        total = np.sum(sizes, axis=0)
        return [size / total for size in sizes]
