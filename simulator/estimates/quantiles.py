"""Ages by which given shares of ceasefires have collapsed, read off survival curves."""

from typing import Final

import numpy as np

from simulator.model.compiled import FloatArray

HALVINGS: Final = 20  # of an interval between two ages of a curve: 30 seconds of a year


def ages_by_which(
    shares: FloatArray, years: FloatArray, survival: FloatArray, ending_rate: FloatArray
) -> FloatArray:
    """Ages by which given shares in (0, 1) have collapsed, shape (N, L); infinite beyond the last.

    Survival and minus its slope are given at some ages, shape (N, G). Between these ages it is a
    cubic that meets it and its slope at both ends; the slopes are limited so that it never rises
    (Fritsch & Carlson 1980). It is 1 at age 0.

    Examples
    --------
    >>> years = np.arange(1.0, 10.0)
    >>> curve = np.exp(-0.2 * years)[None]
    >>> np.round(ages_by_which(np.array([0.5, 0.9]), years, curve, 0.2 * curve), 3)
    array([[3.466,   inf]])
    """
    knots = np.append(0.0, years)
    start = np.ones((len(survival), 1))
    curve = np.concatenate([start, survival], axis=1)
    # The slope at 0 makes the first piece a parabola.
    first = 2.0 * (survival[:, :1] - 1.0) / years[0] + ending_rate[:, :1]
    slope = np.concatenate([first, -ending_rate], axis=1)

    level = 1.0 - shares
    right = (curve[:, None, :] > level[:, None]).sum(axis=2)
    beyond = right == knots.size
    right = np.minimum(right, knots.size - 1)

    def at(values: FloatArray, index: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> FloatArray:
        return np.take_along_axis(values, index, axis=1)

    width = knots[right] - knots[right - 1]
    low, fall = at(curve, right - 1), at(curve, right) - at(curve, right - 1)
    left_slope, right_slope = (
        np.clip(width * at(slope, side), 3.0 * fall, 0.0) for side in (right - 1, right)
    )
    square = 3.0 * fall - 2.0 * left_slope - right_slope
    cube = left_slope + right_slope - 2.0 * fall
    share = np.zeros(right.shape)
    step = 1.0
    for _ in range(HALVINGS):
        step /= 2.0
        middle = share + step
        above = low + middle * (left_slope + middle * (square + middle * cube)) > level
        share = np.where(above, middle, share)
    share += step / 2.0
    return np.where(beyond, np.inf, knots[right - 1] + share * width)
