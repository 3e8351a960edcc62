"""From a record to what the simulator needs to know of it: three numbers, jointly.

The simulator describes a ceasefire without a force by the share that is failing (``w0``), the
probability that a failing one collapses within two years (``q_failing_2y``) and the hazard of a
holding one (``h_holding``). The three come from one fit, and their uncertainty from one bootstrap,
so that a draw of them is a draw of one possible record: a record with more failing ceasefires has
safer holding ones.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simulator.evidence.fits import Replicates
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.kernels import ESTABLISHING_RATE, SWITCHING_RATE
from simulator.evidence.spells import Floats
from simulator.evidence.writing import drawn_whole, range_of, rounded, rounded_share

MODEL_FORM = "phase_process"  # the form that the simulator runs and the books carry
MODEL_SHARES = ("w0", "q_failing_2y")
MODEL_NAMES = (*MODEL_SHARES, "h_holding")
ROWS = 200  # resamples of a class that a book holds: their survival has the range of all within .03
THINNED_BY: Floats = np.array([2.0, 20.0])  # years


def in_model_terms(form: str, values: Floats) -> Floats:
    """Turn parameters (..., p) of a two-regime form into `MODEL_NAMES`, shape (..., 3)."""
    column = {name: values[..., j] for j, name in enumerate(FORMS[form].parameters)}
    if "failing_hazard" in column:
        spent = 2.0 * column["failing_hazard"]
    else:
        spent = (2.0 / column["scale_years"]) ** column["shape"]
    return np.stack([column["failing_share"], -np.expm1(-spent), column["durable_hazard"]], axis=-1)


def model_ranges(found: Replicates) -> dict[str, dict[str, float]]:
    """Return ``{p05, p50, p95}`` of each of `MODEL_NAMES` over the resamples of a form."""
    values = in_model_terms(found.form, found.values)
    return {
        name: range_of(values[:, j], name in MODEL_SHARES) for j, name in enumerate(MODEL_NAMES)
    }


def thinned(values: Floats, curves: Floats, count: int) -> Floats:
    """Choose at most `count` resamples that stand for all, each like its neighbours.

    Of resamples with parameters `values`, (replicates, p), and survival to 2 and 20 years `curves`,
    (replicates, 2). Those that were fitted are sorted by survival to 2 years, within slices of it
    by survival to 20, and taken at even steps, so that the few have the distribution of the many;
    then in `hilbert_order`: one uniform decides which of them a draw takes, and even numbers pay
    off where like outcomes lie together.
    """
    fitted = np.isfinite(values).all(axis=1)
    values, curves = values[fitted], curves[fitted]
    count = min(count, len(values))
    order = np.argsort(-curves[:, 0], kind="stable")
    slices = np.array_split(order, math.ceil(math.sqrt(count)))
    # back and forth, so that the end of a slice is like the start of the next
    snake = np.concatenate(
        [part[np.argsort((-1) ** i * curves[part, 1])] for i, part in enumerate(slices)]
    )
    chosen = snake[((np.arange(count) + 0.5) * len(snake) / count).astype(np.int64)]
    return np.asarray(values[chosen[hilbert_order(curves[chosen])]])


def hilbert_order(points: Floats) -> npt.NDArray[np.int64]:
    """Order points, shape (n, 2), along a Hilbert curve through the ranks of their coordinates.

    The curve passes every cell of a grid, from each to a neighbour (Hilbert 1891).
    """
    n = len(points)
    side = 1 << max(n - 1, 1).bit_length()
    x, y = points.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable").T * side // n
    place = np.zeros(n, np.int64)
    while side > 1:
        side //= 2
        right, up = (x & side) > 0, (y & side) > 0
        place += side * side * ((3 * right) ^ up)
        flipped = right & ~up
        x, y = np.where(flipped, side - 1 - x, x), np.where(flipped, side - 1 - y, y)
        x, y = np.where(up, x, y), np.where(up, y, x)
    return place.argsort(kind="stable")


def entries(found: Replicates, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``entries`` of an option of a book: `ROWS` resamples, each drawn whole."""
    curves = survival(FORMS[found.form], found.values, THINNED_BY)
    rows = thinned(in_model_terms(found.form, found.values), curves, ROWS)
    return entries_of(np.column_stack([rows, np.full(len(rows), ESTABLISHING_RATE)]), source)


def entries_of(rows: Floats, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``entries`` of rows of `MODEL_NAMES` and the establishing rate, shape (n, 4).

    Beside them stand the powers of each row that give a published hazard ratio back.
    """
    columns = {
        name: [(rounded_share if name in MODEL_SHARES else rounded)(value) for value in column]
        for name, column in zip((*MODEL_NAMES, "kappa_0"), rows.T.tolist(), strict=True)
    }
    classes = {name: np.array(column) for name, column in columns.items()}
    how = {
        "kind": "data",
        "citation": source["citation"],
        "note": f"Power of a hazard ratio that a Cox regression over 15 years returns at "
        f"{HAZARD_RATIO:g}, by indirect inference on each resample; 0 where none does.",
    }
    entries = {
        name: {"distribution": drawn_whole(column), "source": dict(source)}  # files have no aliases
        for name, column in columns.items()
    }
    for where in ACTS_ON:
        powers = map(rounded, exponents(classes, SWITCHING_RATE, where).tolist())
        column = {"distribution": drawn_whole(powers), "source": dict(how)}
        entries[f"effect_exponent.{where}"] = column
    return {"entries": entries}


# The published ratio of a force at which the exponents are found; they hardly depend on it.
HAZARD_RATIO: Final = 0.57

# Where effects act: weights of the exponent on the odds of failing and on the hazards.
ACTS_ON: Final = {"both": (1.0, 1.0), "odds": (1.0, 0.0), "hazards": (0.0, 1.0)}

FOLLOWED: Final = 15.0  # years
LARGEST: Final = 6.0  # exponent that is tried
_HALVINGS: Final = 40

# Fine where ceasefires are young: phases are drawn and failing ones collapse within months.
_AGES: Final = FOLLOWED * np.linspace(0.0, 1.0, 801) ** 2


def model_survival(
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
    """Hazard ratio that a Cox regression of two equal groups tends to; survival is (n, ages)."""
    lost = [-np.diff(s, axis=1) for s in (without, having)]
    left = [(s[:, 1:] + s[:, :-1]) / 2.0 for s in (without, having)]

    def score(log_ratio: Floats) -> Floats:
        at_risk = np.exp(log_ratio)[:, None] * left[1]
        lacking = lost[1] - (lost[0] + lost[1]) * at_risk / (left[0] + at_risk)
        return np.asarray(lacking.sum(axis=1))

    n = len(without)
    return np.exp(_root(score, np.full(n, -12.0), np.full(n, 4.0), _HALVINGS))


def _root(falling: Callable[[Floats], Floats], low: Floats, high: Floats, halvings: int) -> Floats:
    """Halve intervals (n,) towards where falling functions are 0."""
    for _ in range(halvings):
        middle = (low + high) / 2.0
        short = falling(middle) > 0.0
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return (low + high) / 2.0


def exponents(
    classes: Mapping[str, Floats], kappa: float, acts_on: str, ratio: float = HAZARD_RATIO
) -> Floats:
    """Power of a published hazard ratio that gives it back, for each of n populations.

    It is 0 where no power up to `LARGEST` does: acting there (a key of `ACTS_ON`) alone cannot have
    so large an effect. The other arguments are those of `model_survival`.
    """
    on_odds, on_hazards = ACTS_ON[acts_on]
    zero = np.zeros_like(classes["w0"])
    without = model_survival(classes, kappa, ratio, zero, zero)

    def excess(power: Floats) -> Floats:
        having = model_survival(classes, kappa, ratio, on_odds * power, on_hazards * power)
        return cox_limit(without, having) - ratio

    largest = np.full_like(zero, LARGEST)
    reached = excess(largest) <= 0.0
    return np.where(reached, _root(excess, zero, largest, _HALVINGS // 2), 0.0)
