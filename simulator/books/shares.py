"""Distributions of shares that sum to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.books.distributions import Floats, Gamma

__all__ = ["Dirichlet", "FixedShares", "SharesDistribution"]


class SharesDistribution(Protocol):
    """A distribution of shares that sum to one, each with its own uniform."""

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the shares."""
        ...

    def shares(self, uniforms: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return the shares by component, from the uniforms by component."""
        ...


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
