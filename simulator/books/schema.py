"""How an assumption book is written: the types of its YAML file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from simulator.books.forms import Form, PositiveWeight
from simulator.inputs import FieldError, Meaning, StrictModel
from simulator.scenario.parts import Source, Text, Weight

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
