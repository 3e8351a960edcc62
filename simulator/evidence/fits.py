"""Maximum-likelihood fits of the forms to a record, and their ranges by bootstrap."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.evidence.forms import FORMS, Form, survival, to_natural
from simulator.evidence.search import Record, highest, highest_of_each
from simulator.evidence.spells import Flags, Floats

_RESAMPLED = 2_000_000  # weights held at a time
_SAME_HAZARD = 1e-3  # relative: closer, two regimes are one


@dataclass(frozen=True)
class Fit:
    """One form of `FORMS` fitted to one record."""

    form: str
    values: tuple[float, ...]  # natural parameters, in the order of the form
    log_likelihood: float
    at_bound: tuple[str, ...]  # ended on the edge of the form's box: the record does not fix them

    @property
    def parameters(self) -> dict[str, float]:
        """Natural parameters by name."""
        return dict(zip(FORMS[self.form].parameters, self.values, strict=True))

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 parameters - 2 log-likelihood; smaller is better."""
        return 2.0 * len(self.values) - 2.0 * self.log_likelihood

    @property
    def one_regime(self) -> bool:
        """Whether both regimes came out with the same hazard: the share then means nothing."""
        found = self.parameters
        if "durable_hazard" not in found:
            return False
        failing = found.get("failing_hazard") or 1.0 / found["scale_years"]
        apart = (math.log(failing / found["durable_hazard"]), math.log(found.get("shape", 1.0)))
        return max(map(abs, apart)) < _SAME_HAZARD

    def survival(self, ages: Floats) -> Floats:
        """S at `ages` (years), shape of `ages`."""
        return np.asarray(survival(FORMS[self.form], np.array([self.values]), ages)[0])


@dataclass(frozen=True)
class Replicates:
    """The same form fitted to resampled records."""

    form: str
    values: Floats  # (replicates, parameters); NaN without a failure, or a search that converged

    @property
    def failed(self) -> int:
        """Number of resamples that could not be fitted."""
        return int(np.isnan(self.values[:, 0]).sum())


def _in_order(form: Form, natural: Floats, bound: Flags) -> tuple[Floats, Flags]:
    """Call the regime with the higher hazard the failing one."""
    if form.parameters != ["failing_share", "failing_hazard", "durable_hazard"]:
        return natural, bound
    share, failing, durable = natural.T
    swap, swapped = (failing < durable)[:, None], np.stack([1 - share, durable, failing], axis=1)
    return np.where(swap, swapped, natural), np.where(swap, bound[:, [0, 2, 1]], bound)


def fit(form: str, record: Record) -> Fit:
    """Fit one form by maximum likelihood; `ValueError` if nothing failed or no search converges."""
    family = FORMS[form]
    if record.failures == 0:
        raise ValueError("no failure in the record: no form can be fitted to it")
    found = highest(family, record)
    if not found.converged[0]:
        raise ValueError(f"the maximum-likelihood search for {form} did not converge")
    values, bound = _in_order(family, to_natural(family, found.point), found.at_bound)
    return Fit(
        form,
        tuple(float(v) for v in values[0]),
        float(found.value[0]),
        tuple(n for n, b in zip(family.parameters, bound[0], strict=True) if b),
    )


def refit(
    form: str,
    record: Record,
    weights: Floats,
    half_events: bool = True,
    family: Form | None = None,
    own: Fit | None = None,
) -> Replicates:
    """Refit one form, or a variant `family` of it, to records reweighted by rows of `weights`.

    `own` is the fit to the record itself, from which the searches start. Without half events
    (`search.with_half_events`) a resample whose durable spells never fail ends at the box's edge.
    """
    family = family or FORMS[form]
    usable = np.flatnonzero(record.failed(weights) > 0)
    start = np.array((own or fit(form, record)).values)
    found = highest_of_each(family, record, weights[usable], half_events, start)
    values = np.full((len(weights), len(family.parameters)), np.nan)
    values[usable], _ = _in_order(family, to_natural(family, found.point), found.at_bound)
    values[usable[~found.converged]] = np.nan
    return Replicates(form, values)


def bootstrap_forms(
    fits: Mapping[str, Fit], record: Record, replicates: int, rng: np.random.Generator
) -> dict[str, Replicates]:
    """Refit forms, of which `fits` are those to the record itself, to the same resamples."""
    size = max(1, _RESAMPLED // len(record))
    blocks: dict[str, list[Floats]] = {form: [] for form in fits}
    for first in range(0, replicates, size):
        weights = record.resample(min(size, replicates - first), rng)
        for form, done in blocks.items():
            done.append(refit(form, record, weights, own=fits[form]).values)
    return {form: Replicates(form, np.concatenate(parts)) for form, parts in blocks.items()}
