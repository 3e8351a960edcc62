"""Maximum-likelihood fits of the forms to rows or to a life table, and their ranges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.evidence.forms import FORMS, Form, survival, to_natural, to_working
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.likelihood import (
    Objective,
    row_likelihood,
    table_likelihood,
    with_half_events,
)
from simulator.evidence.newton import maximise
from simulator.evidence.spells import Floats, Spells

__all__ = ["Fit", "Replicates", "bootstrap", "fit", "fit_all", "refit", "resample"]

_CHUNK = 60_000  # replicate x row cells per pass: what the processor's cache holds


@dataclass(frozen=True)
class Fit:
    """One form fitted to one record.

    Attributes
    ----------
    form : str
        Key in `simulator.evidence.forms.FORMS`.
    values : tuple of float
        Natural parameters, in the order of the form.
    log_likelihood : float
        At the maximum. From a life table it omits what grouping loses.
    at_bound : tuple of str
        Parameters that ended on the edge of the form's box: the record does not fix them.
    """

    form: str
    values: tuple[float, ...]
    log_likelihood: float
    at_bound: tuple[str, ...]

    @property
    def parameters(self) -> dict[str, float]:
        """Natural parameters by name."""
        return dict(zip(FORMS[self.form].parameters, self.values, strict=True))

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 parameters - 2 log-likelihood; smaller is better."""
        return 2.0 * len(self.values) - 2.0 * self.log_likelihood

    def survival(self, ages: Floats) -> Floats:
        """S at `ages` (years), shape of `ages`."""
        curve: Floats = survival(FORMS[self.form], np.array([self.values]), ages)[0]
        return curve


@dataclass(frozen=True)
class Replicates:
    """The same form fitted to resampled records.

    ``values`` has shape (replicates, parameters). Rows of resamples without a failure, or whose
    search did not converge, are NaN; ``failed`` counts them.
    """

    form: str
    values: Floats
    failed: int

    def column(self, parameter: str) -> Floats:
        """Values of one natural parameter, shape (replicates,)."""
        return self.values[:, FORMS[self.form].index(parameter)]


def _objective(form: Form, record: Spells | LifeTable, weights: Floats, half: bool) -> Objective:
    if isinstance(record, Spells):
        plain = row_likelihood(form, record, weights)
    else:
        plain = table_likelihood(form, record, weights)
    return with_half_events(form, plain) if half else plain


def _counts(record: Spells | LifeTable) -> Floats:
    """Return the weights of the record itself, one replicate."""
    if isinstance(record, Spells):
        return np.ones((1, len(record)))
    return record.events[None, :].astype(np.float64)


def _years_per_failure(record: Spells | LifeTable) -> float:
    years = record.years_at_risk if isinstance(record, Spells) else record.total_years
    return years / record.failures


def _starts(form: Form, years_per_failure: float) -> Floats:
    """Put the form's starting points on the clock of the record."""
    points: Floats = np.array(form.starts)
    for j, name in enumerate(form.parameters):
        if name.endswith("_years"):
            points[:, j] *= years_per_failure
        elif name.endswith("hazard"):
            points[:, j] /= years_per_failure
    inside: Floats = np.clip(points, form.lower, form.upper)
    return inside


def _in_order(form: Form, natural: Floats) -> Floats:
    """Call the regime with the higher hazard the failing one."""
    if form.parameters != ("failing_share", "failing_hazard", "durable_hazard"):
        return natural
    share, failing, durable = natural.T
    swap = failing < durable
    return np.stack(
        [
            np.where(swap, 1 - share, share),
            np.where(swap, durable, failing),
            np.where(swap, failing, durable),
        ],
        axis=1,
    )


def _best(
    form: Form, record: Spells | LifeTable, weights: Floats, starts: Floats, half: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """Climb from every start; return natural values, log-likelihood, converged, at bound."""
    lower, upper = to_working(form, np.array([form.lower, form.upper]))
    replicates, cells = len(weights), weights.shape[1]
    size = max(1, _CHUNK // cells)
    point = np.empty((replicates, len(form.parameters)))
    value = np.full(replicates, -np.inf)
    converged = np.zeros(replicates, dtype=bool)
    bound = np.zeros(point.shape, dtype=bool)
    for first in range(0, replicates, size):
        block = np.arange(first, min(first + size, replicates))
        objective = _objective(form, record, weights[block], half)
        for start in to_working(form, starts):
            found = maximise(objective, np.tile(start, (len(block), 1)), lower, upper)
            better = found.value > value[block]
            rows = block[better]
            point[rows], value[rows] = found.point[better], found.value[better]
            converged[rows], bound[rows] = found.converged[better], found.at_bound[better]
    return _in_order(form, to_natural(form, point)), value, converged, bound


def fit(form: str, record: Spells | LifeTable) -> Fit:
    """Fit one form by maximum likelihood.

    Parameters
    ----------
    form : str
        Key in `simulator.evidence.forms.FORMS`.
    record : Spells or LifeTable
        Rows (right-censored, left-truncated) or a life table.

    Raises
    ------
    ValueError
        If nothing failed, or the search does not converge from any start.
    """
    family = FORMS[form]
    if record.failures == 0:
        raise ValueError("no failure in the record: no form can be fitted to it")
    starts = _starts(family, _years_per_failure(record))
    values, log_likelihood, converged, bound = _best(family, record, _counts(record), starts, False)
    if not converged[0]:
        raise ValueError(f"the maximum-likelihood search for {form} did not converge")
    at_bound = tuple(n for n, b in zip(family.parameters, bound[0], strict=True) if b)
    return Fit(form, tuple(float(v) for v in values[0]), float(log_likelihood[0]), at_bound)


def fit_all(record: Spells | LifeTable) -> dict[str, Fit]:
    """Fit every form; keys as in `simulator.evidence.forms.FORMS`."""
    return {name: fit(name, record) for name in FORMS}


def resample(record: Spells | LifeTable, replicates: int, rng: np.random.Generator) -> Floats:
    """Draw bootstrap weights.

    Rows: whole clusters are drawn with replacement; returns multiplicities, shape
    (replicates, rows). Life table: events of each band are drawn from
    a Poisson law with the observed count as mean and the years at risk kept, shape
    (replicates, bands).
    """
    if isinstance(record, Spells):
        clusters = record.clusters
        drawn = rng.multinomial(clusters, np.full(clusters, 1.0 / clusters), size=replicates)
        return drawn[:, record.cluster].astype(np.float64)
    return rng.poisson(record.events, size=(replicates, len(record.events))).astype(np.float64)


def refit(
    form: str,
    record: Spells | LifeTable,
    weights: Floats,
    half_events: bool = True,
    family: Form | None = None,
) -> Replicates:
    """Refit one form to reweighted records, one row of `weights` (see `resample`) each.

    Each search starts from the record's own maximum and from the form's first two starting points.

    Parameters
    ----------
    form : str
        Key in `simulator.evidence.forms.FORMS`.
    record : Spells or LifeTable
        The record.
    weights : ndarray, shape (replicates, rows or bands)
        Multiplicities of the rows, or event counts of the bands.
    half_events : bool
        Whether to add half an event to each hazard and half a spell to each side of a share
        (`simulator.evidence.likelihood.with_half_events`); without, a resample whose durable
        spells never fail ends at the edge of the box.
    family : Form, optional
        A variant of the form with the same parameters, to be fitted in its place.
    """
    family = family or FORMS[form]
    failures = weights @ record.event if isinstance(record, Spells) else weights.sum(axis=1)
    usable = np.flatnonzero(failures > 0)
    own = np.array([fit(form, record).values])
    starts = np.concatenate([own, _starts(family, _years_per_failure(record))[:2]])
    starts = np.clip(starts, family.lower, family.upper)
    values = np.full((len(weights), len(family.parameters)), np.nan)
    converged = np.zeros(len(weights), dtype=bool)
    values[usable], _, converged[usable], _ = _best(
        family, record, weights[usable], starts, half_events
    )
    values[~converged] = np.nan
    return Replicates(form, values, int((~converged).sum()))


def bootstrap(
    form: str, record: Spells | LifeTable, replicates: int, rng: np.random.Generator
) -> Replicates:
    """Refit one form to `replicates` resampled records; see `resample` and `refit`."""
    return refit(form, record, resample(record, replicates, rng))
