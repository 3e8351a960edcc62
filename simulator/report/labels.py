"""Where labels go so that none lies on another."""

from __future__ import annotations

from collections.abc import Sequence


def spread(
    wanted: Sequence[float], gap: float, low: float = float("-inf"), high: float = float("inf")
) -> list[float]:
    """Positions nearest to the wanted ones that keep a distance and stay within bounds.

    Least squares under ``p[i + 1] - p[i] >= gap`` in the order of the wanted positions: isotonic
    regression of ``wanted[i] - i * gap`` by pooling adjacent violators (Ayer et al. 1955).

    Parameters
    ----------
    wanted : sequence of float
        In any order; ties keep their order.
    gap : float
        Least distance between neighbours.
    low, high : float
        Bounds; where they leave too little room the gap is made smaller.

    Returns
    -------
    list of float
        In the order of ``wanted``.

    Examples
    --------
    >>> spread([5.0, 5.0, 9.0], 2.0)
    [4.0, 6.0, 9.0]
    >>> spread([0.0, 1.0], 2.0, low=0.0)
    [0.0, 2.0]
    """
    n = len(wanted)
    if n > 1:
        gap = min(gap, (high - low) / (n - 1))
    order = sorted(range(n), key=lambda i: wanted[i])
    pools: list[tuple[float, int]] = []  # mean and size
    for rank, i in enumerate(order):
        mean, size = wanted[i] - rank * gap, 1
        while pools and pools[-1][0] > mean:
            earlier, count = pools.pop()
            mean = (earlier * count + mean * size) / (count + size)
            size += count
        pools.append((mean, size))
    found = [0.0] * n
    levels = [mean for mean, size in pools for _ in range(size)]
    for rank, i in enumerate(order):
        level = min(max(levels[rank], low), high - (n - 1) * gap)
        found[i] = level + rank * gap
    return found
