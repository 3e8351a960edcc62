"""How a book and its distributions are written: the types of the YAML file.

A distribution is a number (taken as known) or a mapping with exactly one form: a row of ``WRITTEN``
in a module of distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, GetJsonSchemaHandler, create_model, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simulator.books import distributions, mixtures, normals
from simulator.books.distributions import Written
from simulator.books.normals import Scale
from simulator.inputs import FieldError, Meaning, StrictModel
from simulator.scenario.schema import MAX_WEIGHT, Source, Text, Weight

PositiveWeight = Annotated[float, Field(gt=0, le=MAX_WEIGHT)]


class MixtureItem(StrictModel):
    """One part of a mixture."""

    weight: PositiveWeight
    distribution: Form


def _mixture(items: list[MixtureItem]) -> mixtures.Mixture:
    if any(item.distribution.is_shares for item in items):
        raise ValueError("a mixture is of numbers, not of shares")
    weights = mixtures.relative([item.weight for item in items])
    return mixtures.Mixture(tuple(item.distribution.law for item in items), weights)


WRITTEN: Final[Mapping[str, Written]] = {
    **distributions.WRITTEN,
    **normals.WRITTEN,
    "mixture": Written(Annotated[list[MixtureItem], Field(min_length=1)], _mixture),
    **mixtures.WRITTEN,
    **mixtures.SHARES_WRITTEN,
}


class _Form(StrictModel):
    if TYPE_CHECKING:
        scale: Scale

    @cached_property
    def kind(self) -> str:
        """Name of the form that is given, a key of `WRITTEN`."""
        return next(name for name in WRITTEN if getattr(self, name) is not None)

    @property
    def value(self) -> Any:
        """What is given under it."""
        return getattr(self, self.kind)

    @property
    def known(self) -> float | None:
        """The number that is taken as known, None of everything else."""
        return self.value if self.kind == "fixed" else None

    @cached_property
    def law(self) -> Any:
        """A `Distribution`, or (`is_shares`) a `SharesDistribution` of a whole."""
        written = WRITTEN[self.kind]
        return written.build(self.value, *([self.scale] if written.scaled else []))

    @property
    def is_shares(self) -> bool:
        """Whether this gives several shares that sum to one, rather than one number."""
        return self.kind in mixtures.SHARES_WRITTEN

    @model_validator(mode="before")
    @classmethod
    def _number_is_fixed(cls, value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return {"fixed": value} if is_number else value

    @model_validator(mode="after")
    def _one_form(self) -> _Form:
        given = [name for name in WRITTEN if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"needs exactly one of {', '.join(WRITTEN)}; found {found}")
        if "scale" in self.model_fields_set and not WRITTEN[self.kind].scaled:
            scaled = " or ".join(f"'{name}'" for name, row in WRITTEN.items() if row.scaled)
            raise ValueError(f"'scale' goes with {scaled}, not with '{self.kind}'")
        _ = self.law  # raises where values do not fit together
        return self

    @model_serializer
    def _plain(self) -> dict[str, Any]:
        """Return plain data with every default filled in, equal for equal distributions."""
        plain = {self.kind: self.value}
        return plain | {"scale": self.scale} if WRITTEN[self.kind].scaled else plain

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        own = handler.resolve_ref_schema(handler(core_schema))  # pydantic 2.7 gives a reference
        return {"anyOf": [{"type": "number"}, dict(own)]}


if TYPE_CHECKING:
    Form = _Form
else:
    _fields = {
        n: (row.type | None, Field(None, description=row.about)) for n, row in WRITTEN.items()
    }
    Form = create_model(
        "Form",
        __base__=_Form,
        __module__=__name__,
        __doc__="A distribution: exactly one form; `scale` goes with the two elicited ones.",
        **_fields,
        scale=(Scale, Field("natural", description="of `quantiles` and `between`")),
    )
    MixtureItem.model_rebuild()


Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
Distribution = Annotated[Form, Meaning("a number or a distribution such as {uniform: [0.2, 0.4]}")]


class OverrideFile(StrictModel):
    """An entry of an option; what it leaves out is that of the entry it replaces."""

    distribution: Distribution
    unit: str | None = None
    group: Text | None = None
    source: Source | None = None


class EntryFile(OverrideFile):
    """An assumption: its distribution, unit, group and source."""

    unit: str
    group: Text
    source: Source


class CorrelationFile(StrictModel):
    """Correlation of the normal scores of two assumptions (Gaussian copula)."""

    between: tuple[str, str]
    rho: Annotated[float, Field(gt=-1, lt=1)]
    note: Text | None = None
    source: Source | None = None


class OptionFile(StrictModel):
    """One option of a structural choice, and what changes where it holds."""

    weight: Weight
    description: Text
    source: Source
    entries: dict[str, OverrideFile] = Field({})
    structure: dict[str, Word | dict[str, Weight]] = Field(
        {}, description="weights of the options of other choices, where this option holds"
    )


class ChoiceFile(StrictModel):
    """A structural choice: a question about the form of the model, with weighted answers."""

    description: Text
    source: Source | None = None
    options: Annotated[dict[Word, OptionFile], Field(min_length=1)]


class BookFile(StrictModel):
    """An assumption book, or a pool of books."""

    title: Text
    description: Text
    pool: Annotated[dict[str, PositiveWeight], Field(min_length=1)] | None = Field(
        None, description="{book: weight}: every draw takes one of these books"
    )
    entries: dict[str, EntryFile] = Field({})
    correlations: list[CorrelationFile] = Field([])
    structure: dict[Word, ChoiceFile] = Field({})

    @model_validator(mode="after")
    def _pool_or_entries(self) -> BookFile:
        own = [name for name in ("entries", "correlations", "structure") if getattr(self, name)]
        if self.pool is not None and own:
            message = f"a pooled book has no {' or '.join(own)} of its own: they are its members'"
            raise FieldError(message, (own[0],))
        return self
