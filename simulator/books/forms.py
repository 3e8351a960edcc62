"""How a distribution is written in a file, what is allowed, and what it builds.

A distribution is a number (taken as known) or a mapping with exactly one form, such as
``{quantiles: {p05: 0.3, p50: 0.57, p95: 1.1}, scale: log}``.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Final

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simulator.books.distributions import (
    Beta,
    Distribution,
    Fixed,
    Gamma,
    Scale,
    Triangular,
    TwoPieceNormal,
    Uniform,
    from_interval,
    pert,
)
from simulator.books.mixtures import Categorical, Mixture, Resamples
from simulator.books.quantiles import (
    THREE_QUANTILES,
    checked_quantiles,
    from_named_quantiles,
)
from simulator.books.shares import Dirichlet, FixedShares, SharesDistribution
from simulator.inputs import FieldError, Meaning, StrictModel
from simulator.scenario.parts import MAX_WEIGHT, Weight

__all__ = ["Form", "build", "build_shares", "machine_form"]

# Below about 0.05 a gamma quantile at 2**-53 underflows to 0, and shares could become 0 / 0.
SMALLEST_SHAPE: Final = 0.1
# Above, a distribution is a number for all purposes, and its quantiles lose their digits.
LARGEST_SHAPE: Final = 10**9
SUM_TOLERANCE: Final = 1e-9  # of shares typed as decimal fractions

# Python's float() also takes 1_0, blanks around it and the digits of other scripts.
_NUMBER: Final = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")

Pair = Annotated[list[float], Field(min_length=2, max_length=2), Meaning("[low, high]")]
Positive = Annotated[float, Field(gt=0)]
PositiveWeight = Annotated[float, Field(gt=0, le=MAX_WEIGHT)]
OR_TEXT: Final = WithJsonSchema(
    {"anyOf": [{"type": "array", "items": {"type": "number"}, "minItems": 2}, {"type": "string"}]}
)
Shape = Annotated[float, Field(ge=SMALLEST_SHAPE, le=LARGEST_SHAPE)]


class ThreePoint(StrictModel):
    """Lowest, most likely and highest value."""

    low: float
    mode: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> ThreePoint:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError("needs low <= mode <= high and low < high")
        return self


class NormalForm(StrictModel):
    """Mean and standard deviation."""

    mean: float
    sd: Positive


class LognormalForm(StrictModel):
    """Median, and standard deviation of the logarithm."""

    median: Positive
    sigma: Positive


class BetaForm(StrictModel):
    """The two shapes of a beta distribution."""

    a: Shape
    b: Shape


class GammaForm(StrictModel):
    """Shape and scale: the mean is their product."""

    shape: Shape
    scale: Positive


class MixtureItem(StrictModel):
    """One part of a mixture."""

    weight: PositiveWeight
    distribution: Form


class Form(StrictModel):
    """A distribution: exactly one of these forms; `scale` goes with the two elicited ones."""

    fixed: float | None = Field(None, description="a number taken as known")
    uniform: Pair | None = Field(None, description="[low, high]")
    triangular: ThreePoint | None = None
    pert: ThreePoint | None = None
    normal: NormalForm | None = None
    lognormal: LognormalForm | None = None
    beta: BetaForm | None = None
    gamma: GammaForm | None = None
    quantiles: Annotated[dict[str, float], Meaning(THREE_QUANTILES)] | None = Field(
        None, description="two half-normals on the scale, exact at all three quantiles"
    )
    between: Pair | None = Field(None, description="central 90 % of a normal on the scale")
    mixture: Annotated[list[MixtureItem], Field(min_length=1)] | None = None
    choice: Annotated[dict[str, Weight], Field(min_length=1)] | None = Field(
        None, description="{value: weight} over numbers"
    )
    resamples: Annotated[list[float], Field(min_length=2), OR_TEXT] | None = Field(
        None,
        description="values, drawn row by row with the others of the block that have them: a list, "
        "or a string of numbers with spaces between them, which is read faster",
    )
    shares: Annotated[dict[str, Weight], Field(min_length=2)] | None = Field(
        None, description="known shares that sum to 1, by name"
    )
    dirichlet: Annotated[dict[str, Shape], Field(min_length=2)] | None = Field(
        None, description="concentrations, by name of the share"
    )
    scale: Scale = Field("natural", description="of `quantiles` and `between`")

    @model_validator(mode="before")
    @classmethod
    def _number_is_fixed(cls, value: Any) -> Any:
        # A validator before the fields hands them Python values, so that in strict mode a list
        # cannot become a tuple, nor the text of a key a number: hence the types above.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return {"fixed": value} if is_number else value

    @field_validator("uniform", "between")
    @classmethod
    def _ascending(cls, pair: Pair | None) -> Pair | None:
        if pair is not None and not pair[0] < pair[1]:
            raise ValueError("needs [low, high] with low < high")
        return pair

    @field_validator("choice")
    @classmethod
    def _numbers_with_weight(cls, choice: dict[str, float] | None) -> dict[str, float] | None:
        for value in choice or {}:
            if not _is_finite_number(value):
                raise FieldError(f"chooses among numbers, '{value}' is none", (value,))
        if len({float(value) for value in choice or {}}) < len(choice or {}):
            raise ValueError("lists a number twice")
        if choice is not None and not sum(choice.values()) > 0:
            raise ValueError("needs at least one weight above 0")
        return choice

    @field_validator("resamples", mode="before")
    @classmethod
    def _numbers_of_a_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        words = value.split()
        wrong = [word for word in words if not _is_finite_number(word)]
        if wrong:
            raise ValueError(f"expected numbers with spaces between them, found '{wrong[0]}'")
        return [float(word) for word in words]

    @field_validator("quantiles")
    @classmethod
    def _three_quantiles(cls, quantiles: dict[str, float] | None) -> dict[str, float] | None:
        return None if quantiles is None else checked_quantiles(quantiles)

    @field_validator("shares")
    @classmethod
    def _sum_to_one(cls, shares: dict[str, float] | None) -> dict[str, float] | None:
        if shares is not None and abs(math.fsum(shares.values()) - 1.0) > SUM_TOLERANCE:
            raise ValueError(f"shares sum to {math.fsum(shares.values()):g}, must sum to 1")
        return shares

    @model_validator(mode="after")
    def _one_form(self) -> Form:
        given = [name for name in _FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"needs exactly one of {', '.join(_FORMS)}; found {found}")
        if "scale" in self.model_fields_set and given[0] not in ("quantiles", "between"):
            raise ValueError(f"'scale' goes with 'quantiles' or 'between', not with '{given[0]}'")
        for value in self._elicited():
            if self.scale == "log" and not value > 0:
                raise ValueError(f"on the log scale every value must be above 0, {value:g} is not")
            if self.scale == "logit" and not 0 < value < 1:
                raise ValueError(f"on the logit scale values lie between 0 and 1, not at {value:g}")
        if self.quantiles is not None:
            from_named_quantiles(self.quantiles, self.scale)
        if self.mixture is not None and any(part.distribution.is_shares for part in self.mixture):
            raise ValueError("a mixture is of numbers, not of shares")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        own = handler.resolve_ref_schema(handler(core_schema))  # pydantic 2.7 gives a reference
        return {"anyOf": [{"type": "number"}, dict(own)]}

    def _elicited(self) -> list[float]:
        return list(self.quantiles.values()) if self.quantiles else self.between or []

    @property
    def is_shares(self) -> bool:
        """Whether this gives several shares that sum to one, rather than one number."""
        return self.shares is not None or self.dirichlet is not None


MixtureItem.model_rebuild()

_FORMS: Final = tuple(name for name in Form.model_fields if name != "scale")


def build(form: Form) -> Distribution:
    """Return the distribution of one number that a form describes.

    Raises
    ------
    ValueError
        If the form gives shares (use `build_shares`).
    """
    if form.fixed is not None:
        return Fixed(form.fixed)
    if form.uniform is not None:
        return Uniform(*form.uniform)
    if form.triangular is not None:
        return Triangular(form.triangular.low, form.triangular.mode, form.triangular.high)
    if form.pert is not None:
        return pert(form.pert.low, form.pert.mode, form.pert.high)
    if form.beta is not None:
        return Beta(form.beta.a, form.beta.b)
    if form.gamma is not None:
        return Gamma(form.gamma.shape, form.gamma.scale)
    if form.choice is not None:
        return _categorical(form.choice)
    if form.resamples is not None:
        return Resamples(tuple(form.resamples))
    if form.mixture is not None:
        total = math.fsum(part.weight for part in form.mixture)
        return Mixture(
            tuple(build(part.distribution) for part in form.mixture),
            tuple(part.weight / total for part in form.mixture),
        )
    return _build_normal(form)


def _build_normal(form: Form) -> Distribution:
    if form.normal is not None:
        return TwoPieceNormal(form.normal.mean, form.normal.sd, form.normal.sd)
    if form.lognormal is not None:
        sigma = form.lognormal.sigma
        return TwoPieceNormal(math.log(form.lognormal.median), sigma, sigma, "log")
    if form.quantiles is not None:
        return from_named_quantiles(form.quantiles, form.scale)
    if form.between is not None:
        low, high = form.between
        return from_interval(low, high, form.scale)
    raise ValueError("shares are no distribution of one number")


def build_shares(form: Form) -> SharesDistribution:
    """Return the distribution of shares that a form describes.

    Raises
    ------
    ValueError
        If the form gives one number (use `build`).
    """
    if form.shares is not None:
        return FixedShares(tuple(form.shares), tuple(form.shares.values()))
    if form.dirichlet is not None:
        return Dirichlet(tuple(form.dirichlet), tuple(form.dirichlet.values()))
    raise ValueError("a number is no distribution of shares")


def machine_form(form: Form) -> dict[str, Any]:
    """Return a form as plain data with every default filled in, equal for equal distributions."""
    plain: dict[str, Any] = form.model_dump(mode="json", exclude_none=True)
    if form.choice is not None:
        plain["choice"] = {repr(float(value)): weight for value, weight in form.choice.items()}
    if form.quantiles is None and form.between is None:
        plain.pop("scale")
    if form.mixture is not None:
        plain["mixture"] = [
            {"weight": part.weight, "distribution": machine_form(part.distribution)}
            for part in form.mixture
        ]
    return plain


def _is_finite_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and math.isfinite(float(text))


def _categorical(choice: dict[str, float]) -> Categorical:
    kept = sorted((float(value), weight) for value, weight in choice.items() if weight > 0)
    total = math.fsum(weight for _, weight in kept)
    return Categorical(tuple(v for v, _ in kept), tuple(w / total for _, w in kept))
