"""Whether the engines agree on a model: path by path, and against the exact solution."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.analysis.against_exact import FALSE_ALARM_RATE, against_exact
from simulator.analysis.checks import AGAINST_EXACT, Agreement
from simulator.analysis.path_by_path import TIME_TOLERANCE, path_by_path
from simulator.analysis.reduce import largest_solvable, some_draws
from simulator.model.compiled import CompiledModel

EXACT_STATES: Final = 10_000  # about a second a draw


def verify(model: CompiledModel, paths: int, exact_draws: int, exact_paths: int) -> Agreement:
    """Compare the engines on a model.

    Parameters
    ----------
    model : CompiledModel
    paths : int
        Paths of every draw to compare one by one.
    exact_draws, exact_paths : int
        How many of the draws to solve, spread evenly, and how many paths of each to live through.
    """
    rows = np.unique(np.linspace(0, model.draws.size - 1, exact_draws).round().astype(np.int64))
    smaller = largest_solvable(some_draws(model, rows.tolist()), EXACT_STATES)
    checks = path_by_path(model, paths) + against_exact(smaller, exact_paths)
    least = min(check.allowed for check in checks if check.method == AGAINST_EXACT)
    notes = [
        f"Path by path, times and amounts may differ by a relative {TIME_TOLERANCE:g}. Against the "
        f"exact solution, a chance below {least:.1g} is a disagreement: a false alarm of this "
        f"command has a probability of at most {FALSE_ALARM_RATE:g}.",
        f"Solved: {rows.size} of {model.draws.size} draws, {exact_paths:,} paths of each.",
    ]
    names, kept = model.contributors.names, smaller.contributors.names
    if len(kept) < len(names):
        notes.append(
            f"Solved with {len(kept)} of {len(names)} contributors, the largest that fit "
            f"({', '.join(kept) or 'none'}); path by path, all of them were compared."
        )
    return Agreement(checks, tuple(notes))
