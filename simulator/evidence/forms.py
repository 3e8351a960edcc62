"""The families of lifetime distributions that are fitted to a record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np

from simulator.evidence.kernels import (
    ESTABLISHING_RATE,
    Kernel,
    exponential,
    mixture,
    phase_process,
    weibull,
)
from simulator.evidence.spells import Floats


@dataclass(frozen=True)
class Form:
    """A family of lifetime distributions."""

    description: str
    # Natural parameters. Names ending in ``_share`` are fractions, all others positive; ``_years``
    # are times, names ending in ``hazard`` rates per year.
    parameters: tuple[str, ...]
    lower: tuple[float, ...]  # closed box searched for them; a fit that ends on it says so
    upper: tuple[float, ...]
    kernel: Kernel
    # Values to start from, parameter by parameter; a search starts from every combination. A
    # failing regime's clock (``scale_years``, ``failing_hazard``) is given as a quantile of the
    # ages at failure, another hazard as a multiple of the failures per year watched.
    starts: tuple[tuple[float, ...], ...]
    # Points from which resamples are searched besides the record's own maximum; times in units of
    # the years watched per failure, rates in its inverse.
    central: tuple[tuple[float, ...], ...]

    @property
    def shares(self) -> tuple[bool, ...]:
        """Which parameters are fractions."""
        return tuple(name.endswith("_share") for name in self.parameters)

    @property
    def hazards(self) -> tuple[bool, ...]:
        """Which parameters are rates per year."""
        return tuple(name.endswith("hazard") for name in self.parameters)


_SHARE = (1e-4, 1 - 1e-4)
_SHAPE = (0.2, 5.0)  # above 5 a regime is a spike at one age, and the likelihood is unbounded
_RATE = (1e-6, 50.0)  # per year: from one in a million years to one a week
_TWO_RATES = ((0.5, 8.0, 0.2), (0.3, 20.0, 0.5))
# One regime may be a few spells or nearly all, early or late: likelihoods of mixtures have many
# maxima, and the highest is found from a start near it or not at all.
_SHARES = (0.01, 0.1, 0.4, 0.75, 0.98)
_CLOCKS = (0.0, 0.15, 0.4, 0.7, 0.95)
_DURABLE = (0.01, 0.3, 1.0, 10.0)

FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "exponential": Form(
            "one constant hazard",
            ("hazard",),
            (_RATE[0],),
            (_RATE[1],),
            exponential,
            ((1.0,),),
            ((1.0,),),
        ),
        "weibull": Form(
            "one Weibull",
            ("shape", "scale_years"),
            (_SHAPE[0], 1e-3),
            (_SHAPE[1], 1e5),
            weibull,
            ((0.5, 1.0, 2.0, 4.5), (0.15, 0.7)),
            ((0.7, 1.0), (1.0, 1.0)),
        ),
        "two_regime": Form(
            "a failing share with a Weibull life, the rest with a constant hazard",
            ("failing_share", "shape", "scale_years", "durable_hazard"),
            (_SHARE[0], _SHAPE[0], 1e-3, _RATE[0]),
            (_SHARE[1], _SHAPE[1], 15.0, _RATE[1]),  # a scale above 15 y is not failing
            mixture(weibull, 2, exponential),
            (_SHARES, (0.5, 1.0, 2.0, 4.5), _CLOCKS, _DURABLE),
            ((0.5, 0.9, 0.1, 0.2), (0.3, 0.9, 0.05, 0.5)),
        ),
        "two_regime_exponential": Form(
            "a failing share with one constant hazard, the rest with a lower one",
            ("failing_share", "failing_hazard", "durable_hazard"),
            (_SHARE[0], _RATE[0], _RATE[0]),
            (_SHARE[1], _RATE[1], _RATE[1]),
            mixture(exponential, 1, exponential),
            (_SHARES, _CLOCKS, _DURABLE),
            _TWO_RATES,
        ),
        "phase_process": Form(
            "the simulator's phases with no force: establishing, then holding or failing",
            ("failing_share", "failing_hazard", "durable_hazard"),
            (_SHARE[0], _RATE[0], _RATE[0]),
            # failing faster than ceasefires establish themselves is dying while establishing
            (_SHARE[1], ESTABLISHING_RATE, ESTABLISHING_RATE),
            phase_process,
            (_SHARES, _CLOCKS, _DURABLE),
            _TWO_RATES,
        ),
    }
)
"""The forms by name."""


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
