"""From a record to what the simulator needs to know of it: three numbers, jointly.

The simulator describes a ceasefire without a force by the share that is failing (``w0``), the
probability that a failing one collapses within two years (``q_failing_2y``) and the hazard of a
holding one (``h_holding``). The three come from one fit, and their uncertainty from one bootstrap,
so that a draw of them is a draw of one possible record: a record with more failing ceasefires has
safer holding ones.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.evidence.fits import Replicates
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.kernels import ESTABLISHING_RATE
from simulator.evidence.spells import Floats
from simulator.evidence.writing import drawn_whole, range_of, rounded, rounded_share

MODEL_FORM = "phase_process"  # the form that the simulator runs and the books carry
MODEL_NAMES = ("w0", "q_failing_2y", "h_holding")
ROWS = 200  # resamples of a class that a book holds: their survival has the range of all within .03
THINNED_BY: Floats = np.array([2.0, 20.0])  # years


def in_model_terms(form: str, values: Floats) -> Floats:
    """Turn parameters (..., p) of a two-regime form into `MODEL_NAMES`, shape (..., 3)."""
    names = FORMS[form].parameters
    column = {name: values[..., j] for j, name in enumerate(names)}
    if "failing_hazard" in column:
        spent = 2.0 * column["failing_hazard"]
    else:
        spent = (2.0 / column["scale_years"]) ** column["shape"]
    return np.stack([column["failing_share"], -np.expm1(-spent), column["durable_hazard"]], axis=-1)


def model_ranges(found: Replicates) -> dict[str, dict[str, float]]:
    """Return ``{p05, p50, p95}`` of each of `MODEL_NAMES` over the resamples of a form."""
    values = in_model_terms(found.form, found.values)
    return {
        name: range_of(values[:, j], share=name != "h_holding")
        for j, name in enumerate(MODEL_NAMES)
    }


def thinned(values: Floats, curves: Floats, count: int) -> Floats:
    """Choose resamples that stand for all of them, each like its neighbours.

    Of resamples with parameters `values`, shape (replicates, p), and survival to 2 and to 20 years
    `curves`, shape (replicates, 2), at most `count` are returned; those that could not be fitted
    (NaN) are left out. They are sorted by survival to 2 years, within slices of it by survival to
    20 years, and taken at even steps, so that the few have the distribution of the many. They are
    returned in `hilbert_order`: one uniform decides which of them a draw takes, and even numbers
    pay off where like outcomes lie together.
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
    """Return the ``entries`` of an option of a book: `ROWS` resamples, each drawn whole.

    The establishing rate is the one under which the form is fitted: the failing share hangs on it.
    """
    curves = survival(FORMS[found.form], found.values, THINNED_BY)
    rows = thinned(in_model_terms(found.form, found.values), curves, ROWS)
    return entries_of(np.column_stack([rows, np.full(len(rows), ESTABLISHING_RATE)]), source)


def entries_of(rows: Floats, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``entries`` of rows of `MODEL_NAMES` and the establishing rate, shape (n, 4)."""
    columns = zip((*MODEL_NAMES, "kappa_0"), rows.T, strict=True)
    return {
        "entries": {
            name: {
                "distribution": drawn_whole(
                    (rounded_share if name in ("w0", "q_failing_2y") else rounded)(float(value))
                    for value in column
                ),
                "source": dict(source),
            }
            for name, column in columns
        }
    }
