"""From a published hazard ratio to an effect of the model: indirect inference.

A study compares populations. Its hazard ratio is that of ceasefires with a force over those
without, averaged over failing and holding ones as they fall out of each group. The model acts on
the odds of failing, on the hazards within a phase, or on both, and what a study would have measured
of its ceasefires is another number. So the model's effect is a power of the published ratio, and
the power is the one with which the study, repeated on the model's ceasefires, returns the ratio
(Gourieroux, Monfort & Renault 1993, "Indirect inference", J. Appl. Econometrics 8:S85).

The study repeated here is a Cox regression over 15 years on two equally large groups, one with a
force from day 0. In ever larger groups its estimate tends to the solution of the score equation of
the two survival curves (Struthers & Kalbfleisch 1986, "Misspecified proportional hazard models",
Biometrika 73:363), so nothing is sampled.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from simulator.evidence.kernels import SWITCHING_RATE
from simulator.evidence.spells import Floats
from simulator.evidence.writing import column_of, drawn_whole, rounded

# The published ratio of a force at which the exponents are found; they hardly depend on it.
HAZARD_RATIO: Final = 0.57

# Where effects act: weights of the exponent on the odds of failing and on the hazards.
ACTS_ON: Final = {"both": (1.0, 1.0), "odds": (1.0, 0.0), "hazards": (0.0, 1.0)}

FOLLOWED: Final = 15.0  # years
LARGEST: Final = 6.0  # exponent that is tried
_HALVINGS: Final = 40

# Fine where ceasefires are young: phases are drawn and failing ones collapse within months.
_AGES: Final = FOLLOWED * np.linspace(0.0, 1.0, 801) ** 2


def survival(
    classes: Mapping[str, Floats],
    kappa: float,
    ratio: float,
    odds_exponent: Floats,
    hazard_exponent: Floats,
) -> Floats:
    """Survival of the model's ceasefires under a constant hazard ratio, shape (n, ages).

    `classes` are n populations, resamples of a class of past ceasefires: arrays of ``w0``,
    ``q_failing_2y``, ``h_holding`` and ``kappa_0``. `kappa` is the rate per year of later draws of
    the phase. The exponents, shape (n,), are powers of the ratio.
    """
    w0, holding, kappa_0 = (classes[name] for name in ("w0", "h_holding", "kappa_0"))
    failing = -np.log1p(-classes["q_failing_2y"]) / 2.0
    w = 1.0 / (1.0 + np.exp(-(np.log(w0 / (1.0 - w0)) + odds_exponent * np.log(ratio))))
    hazard = ratio**hazard_exponent
    young = (w0 * failing + (1.0 - w0) * holding) * hazard
    zero = np.zeros_like(w0)
    # Rates of change of (establishing, holding, failing), shape (n, 3, 3).
    rates = np.stack(
        [
            [-(kappa_0 + young), zero, zero],
            [kappa_0 * (1.0 - w), -(holding * hazard + kappa * w), kappa * (1.0 - w)],
            [kappa_0 * w, kappa * w, -(failing * hazard + kappa * (1.0 - w))],
        ]
    ).transpose(2, 0, 1)
    speeds, modes = np.linalg.eig(rates)
    start = np.broadcast_to(np.array([1.0, 0.0, 0.0])[:, None], (w0.size, 3, 1))
    weights = modes.sum(axis=1) * np.linalg.solve(modes, start)[:, :, 0]
    return np.asarray(np.einsum("nk,nkt->nt", weights, np.exp(speeds[:, :, None] * _AGES)).real)


def cox_limit(without: Floats, having: Floats) -> Floats:
    """Hazard ratio that a Cox regression tends to, on two equally large groups.

    Their survival, without and with what the ratio is of, has shape (n, ages).
    """
    lost = [-np.diff(s, axis=1) for s in (without, having)]
    left = [(s[:, 1:] + s[:, :-1]) / 2.0 for s in (without, having)]
    low, high = np.full(len(without), -12.0), np.full(len(without), 4.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        at_risk = np.exp(middle)[:, None] * left[1]
        score = (lost[1] - (lost[0] + lost[1]) * at_risk / (left[0] + at_risk)).sum(axis=1)
        low, high = np.where(score > 0.0, middle, low), np.where(score > 0.0, high, middle)
    return np.asarray(np.exp((low + high) / 2.0))


def exponents(
    classes: Mapping[str, Floats], kappa: float, acts_on: str, ratio: float = HAZARD_RATIO
) -> Floats:
    """Power of a published hazard ratio that gives it back, for each of n populations.

    It is 0 where no power up to `LARGEST` does: acting there (a key of `ACTS_ON`) alone cannot have
    so large an effect. The other arguments are those of `survival`.
    """
    on_odds, on_hazards = ACTS_ON[acts_on]
    zero = np.zeros_like(classes["w0"])
    without = survival(classes, kappa, ratio, zero, zero)

    def measured(power: Floats) -> Floats:
        having = survival(classes, kappa, ratio, on_odds * power, on_hazards * power)
        return cox_limit(without, having)

    low, high = zero, np.full_like(zero, LARGEST)
    reached = measured(high) <= ratio
    for _ in range(_HALVINGS // 2):
        middle = (low + high) / 2.0
        weak = measured(middle) > ratio
        low, high = np.where(weak, middle, low), np.where(weak, high, middle)
    return np.where(reached, (low + high) / 2.0, 0.0)


def with_exponents(option: Mapping[str, Any]) -> dict[str, Any]:
    """Add to an option of ``reference_class`` the powers that give a published ratio back."""
    entries = option["entries"]
    columns = [column_of(entry["distribution"]) for entry in entries.values()]
    classes = dict(zip(entries, np.broadcast_arrays(*columns), strict=True))
    source = {
        "kind": "data",
        "citation": entries["w0"]["source"]["citation"],
        "note": f"Power of a hazard ratio that a Cox regression over 15 years returns at "
        f"{HAZARD_RATIO:g}, by indirect inference on each resample; 0 where none does.",
    }
    found = {
        f"effect_exponent.{where}": {
            "distribution": drawn_whole(
                rounded(float(x), 4) for x in exponents(classes, SWITCHING_RATE, where)
            ),
            "source": dict(source),  # one each: the files have no aliases
        }
        for where in ACTS_ON
    }
    return {**option, "entries": {**entries, **found}}
