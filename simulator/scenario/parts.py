"""Field types that scenario files and catalogues share: ids, sources, elicited numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simulator.inputs import FieldError, Meaning, StrictModel

Role = Literal["land", "air", "sea", "basing", "logistics", "backstop"]
Posture = Literal["rear", "sites", "cities", "line"]
Mandate = Literal["coalition", "bilateral", "nato", "un"]
Offers = Literal["pledged", "as_needed"]
Approval = Literal["government", "parliament"]

MAX_TROOPS = 10_000_000
MAX_WEIGHT = 10**9  # far more than anybody needs, and no sum of them overflows
MAX_UNITS = 100_000
_ID = r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*"


def _checked_id(text: str) -> str:
    if not re.fullmatch(_ID, text):
        folded = re.sub(r"[^a-z0-9_]+", "-", text.casefold()).strip("-_")
        hint = f"did you mean '{folded}'?" if re.fullmatch(_ID, folded) else None
        message = "an id has lower-case letters and digits joined by '-', such as united-kingdom"
        raise FieldError(message, hint=hint)
    return text


Id = Annotated[str, AfterValidator(_checked_id), Field(json_schema_extra={"pattern": f"^{_ID}$"})]
Text = Annotated[str, Field(min_length=1)]
Soldiers = Annotated[int, Field(ge=0, le=MAX_TROOPS)]
Units = Annotated[int, Field(ge=0, le=MAX_UNITS)]
Weight = Annotated[float, Field(ge=0, le=MAX_WEIGHT)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Source(StrictModel):
    """Where a value or a sentence comes from."""

    kind: Literal["seed", "data", "literature", "judgement"]
    file: Text | None = None
    citation: Text | None = None
    quotation: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _has_origin(self) -> Source:
        if self.quotation and not (self.file or self.citation):
            raise FieldError(
                "a quotation needs the file or the citation it is from", ("quotation",)
            )
        if not (self.file or self.citation or self.note):
            raise FieldError("expected at least one of file, citation, note")
        return self


class Triangle(StrictModel):
    """Number of soldiers, given that the contributor commits: least, most likely, most.

    A single number stands for all three.
    """

    low: Soldiers
    mode: Soldiers
    high: Soldiers

    @model_validator(mode="before")
    @classmethod
    def _widen(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"low": value, "mode": value, "high": value}
        return value

    @model_validator(mode="after")
    def _is_ordered(self) -> Triangle:
        if not self.low <= self.mode <= self.high:
            raise FieldError(
                f"expected low <= mode <= high, got {self.low}, {self.mode}, {self.high}"
            )
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number = {"type": "integer", "minimum": 0, "maximum": MAX_TROOPS}
        own = handler.resolve_ref_schema(handler(core_schema))  # pydantic 2.7 gives a reference
        return {"anyOf": [number, dict(own)]}


class _Quantiles(StrictModel):
    instead: ClassVar[Mapping[str, str]] = dict.fromkeys(
        [f"p{percent:02d}" for percent in range(1, 100)] + [str(p) for p in range(1, 100)],
        "a catalogue takes the quantiles p05, p50 and p95 and no others",
    )

    p05: float
    p50: float
    p95: float

    @model_validator(mode="after")
    def _is_ordered(self) -> _Quantiles:
        if not self.p05 < self.p50 < self.p95:
            raise FieldError(f"expected p05 < p50 < p95, got {self.p05}, {self.p50}, {self.p95}")
        return self


class ProbabilityQuantiles(_Quantiles):
    """Quantiles of an uncertain probability; 0 and 1 are excluded (infinite on the logit scale)."""

    p05: float = Field(gt=0, lt=1)
    p50: float = Field(gt=0, lt=1)
    p95: float = Field(gt=0, lt=1)


class RateQuantiles(_Quantiles):
    """Quantiles of an uncertain rate per year; 0 is excluded (infinite on the log scale)."""

    p05: float = Field(gt=0, le=100)
    p50: float = Field(gt=0, le=100)
    p95: float = Field(gt=0, le=100)


Probability = Annotated[
    Annotated[float, Field(ge=0, le=1)] | ProbabilityQuantiles,
    Meaning("a number in [0, 1] or {p05: ..., p50: ..., p95: ...}"),
]
Rate = Annotated[RateQuantiles, Meaning("{p05: ..., p50: ..., p95: ...}, each per year")]
TroopOffer = Annotated[Triangle, Meaning("a whole number >= 0 or {low: ..., mode: ..., high: ...}")]
