"""Any range of paths on any number of lanes: the same lives, bit by bit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simulator.analysis.path_by_path import RECORDED
from simulator.engines import core
from tests.models import unlike


def test_ranges_and_lanes_change_no_bit():
    model = unlike()
    whole, log = core.simulate(model, 250, 0, 1000, log=True)
    changes = in_order(whole.troop_changes)
    for lanes, cuts in (
        (1, (40, 45, 46)),
        (7, (0, 60)),
        (64, (0, 620, 999, 1000)),
        (900, (5, 600)),
    ):
        for first, last in pairwise(cuts):
            part, part_log = core.simulate(model, 250, first, last, log=True, lanes=lanes)
            for name in RECORDED:
                assert np.array_equal(getattr(part, name), getattr(whole, name)[first:last]), name
            kept = (log.path >= first) & (log.path < last)
            for name in ("path", "time", "row"):
                assert np.array_equal(getattr(part_log, name), getattr(log, name)[kept]), name
            kept = (changes[0] >= first) & (changes[0] < last)
            assert np.array_equal(in_order(part.troop_changes, first), changes[:, kept])


def in_order(changes, first=0):
    """Path, time and change, by path and, within a path, as they happened; shape (3, M)."""
    order = np.argsort(changes.path, kind="stable")
    return np.stack([first + changes.path[order], changes.time[order], changes.change[order]])
