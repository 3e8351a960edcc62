"""The families of lifetime distributions that are fitted to a record: see `forms.toml`."""

import tomllib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from simulator.evidence.kernels import Kernel, exponential, mixture, phase_process, weibull
from simulator.evidence.spells import Floats


@dataclass(frozen=True)
class Form:
    """A family of lifetime distributions, as `forms.toml` describes it."""

    description: str
    parameters: list[str]
    lower: list[float]
    upper: list[float]
    starts: list[list[float]]
    central: list[list[float]]
    kernel: Kernel

    @property
    def shares(self) -> list[bool]:
        """Which parameters are fractions."""
        return [name.endswith("_share") for name in self.parameters]

    @property
    def hazards(self) -> list[bool]:
        """Which parameters are rates per year."""
        return [name.endswith("hazard") for name in self.parameters]


_KERNELS: Final[dict[str, Kernel]] = {
    "exponential": exponential,
    "weibull": weibull,
    "two_regime": mixture(weibull, 2, exponential),
    "two_regime_exponential": mixture(exponential, 1, exponential),
    "phase_process": phase_process,
}
_ROWS: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
FORMS: Final = {name: Form(**row, kernel=_KERNELS[name]) for name, row in _ROWS.items()}


def phases(establishing: float) -> Form:
    """Return the phase process with another establishing rate per year."""
    return replace(FORMS["phase_process"], kernel=partial(phase_process, establishing=establishing))


def to_working(form: Form, natural: Floats) -> Floats:
    """Natural to working parameters, shape (..., parameters)."""
    fraction = np.where(form.shares, natural, 0.0)
    return np.log(natural) - np.log1p(-fraction)


def to_natural(form: Form, working: Floats) -> Floats:
    """Working to natural parameters, shape (..., parameters)."""
    return np.where(
        form.shares, 1.0 / (1.0 + np.exp(-working)), np.exp(np.where(form.shares, 0.0, working))
    )


def log_survival(form: Form, natural: Floats, ages: Floats) -> Floats:
    """Log S at `ages` (years, >= 0), shape (replicates, ages), for natural (replicates, p)."""
    working = to_working(form, np.asarray(natural, dtype=np.float64))
    return form.kernel(working, ages, np.zeros(len(ages))).value


def survival(form: Form, natural: Floats, ages: Floats) -> Floats:
    """S at `ages`; see `log_survival`."""
    return np.exp(log_survival(form, natural, ages))
