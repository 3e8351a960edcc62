"""The scenario file: every lever that a planner chooses, its type, unit and limits."""

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
    if re.fullmatch(_ID, text):
        return text
    folded = re.sub(r"[^a-z0-9_]+", "-", text.casefold()).strip("-_")
    hint = f"did you mean '{folded}'?" if re.fullmatch(_ID, folded) else None
    message = "an id has lower-case letters and digits joined by '-', such as united-kingdom"
    raise FieldError(message, hint=hint)


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
        named = self.file or self.citation
        if self.quotation and not named:
            message = "a quotation needs the file or the citation it is from"
            raise FieldError(message, ("quotation",))
        if not (named or self.note):
            raise FieldError("expected at least one of file, citation, note")
        return self


class Triangle(StrictModel):
    """Number of soldiers, given that the contributor commits: least, most likely, most."""

    low: Soldiers
    mode: Soldiers
    high: Soldiers

    @model_validator(mode="before")
    @classmethod
    def _widen(cls, value: Any) -> Any:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return dict.fromkeys(("low", "mode", "high"), value) if is_number else value

    @model_validator(mode="after")
    def _is_ordered(self) -> Triangle:
        if not self.low <= self.mode <= self.high:
            got = f"{self.low}, {self.mode}, {self.high}"
            raise FieldError(f"expected low <= mode <= high, got {got}")
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
        [name for percent in range(1, 100) for name in (f"p{percent:02d}", str(percent))],
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


class Sentence(StrictModel):
    """The sentence that a scenario stands on."""

    file: Text = Field(description="File name of the article.")
    quotation: Text = Field(description="The sentence, as printed.")
    note: Text | None = None


class Force(StrictModel):
    """The force on the ground as planned."""

    target_troops: Soldiers = Field(
        description="Soldiers to deploy; the ceiling of what contributors offer."
    )
    posture: Posture = Field(
        "sites",
        description="Where they stand: rear, strategic sites, cities, or the line itself.",
    )
    mandate: Mandate = Field(
        "coalition",
        description="In whose name: a coalition, bilateral agreements, NATO, the United Nations.",
    )
    offers: Offers = Field(
        "pledged",
        description="What those who commit bring: what they pledged, cut to the plan's number, or "
        "as many as the plan asks for.",
    )
    reinforcement: Soldiers | None = Field(
        None, description="Ceiling in soldiers to which the force grows when the ceasefire fails."
    )


class BaseUse(StrictModel):
    """What an air base outside Ukraine is used for; a number stands for the aircraft."""

    aircraft: Units = Field(description="Fighters that the base takes.")


class AirSupport(StrictModel):
    """Aircraft in neighbouring countries."""

    bases: dict[str, BaseUse] = Field(
        default_factory=dict, description="Air bases by id, each with the aircraft it takes."
    )
    tankers: Units = Field(0, description="Tanker aircraft.")


class UsBackstop(StrictModel):
    """What the United States promise; soldiers are none of it. `all` and `none` stand for it."""

    air_defence: bool = Field(False, description="Air and missile defence.")
    intelligence: bool = Field(False, description="Warning of an attack.")
    surveillance: bool = Field(False, description="Watch over the line.")
    logistics: bool = Field(False, description="Transport, supply, and tankers in the air.")


Backstop = Annotated[
    UsBackstop, Meaning("all, none or a mapping such as {air_defence: true, logistics: true}")
]
# The fields of an override are checked once it is merged over the contributor's catalogue entry.
Override = Annotated[
    dict[str, Any], Meaning("a mapping of what differs from the catalogue ({} if nothing does)")
]


class ContributorChoice(StrictModel):
    """Who takes part: the union of the sets and the members, less those without."""

    sets: tuple[str, ...] = Field((), description="Named sets of contributors.")
    without: tuple[str, ...] = Field((), description="Contributors to leave out of the sets.")
    members: dict[str, Override] = Field(
        default_factory=dict,
        description="Contributors by id, each with what differs from its catalogue entry.",
    )


class Monitoring(StrictModel):
    """How the line is watched from afar."""

    orbits: float = Field(0.0, ge=0, le=10_000, description="Drones kept on station at a time.")
    satellites: float = Field(0.0, ge=0, le=10_000, description="Surveillance satellites.")


class UkraineSupport(StrictModel):
    """Support of Ukraine's own army."""

    trainers: Soldiers = Field(0, description="Soldiers who train.")
    rearmament: float = Field(
        0.0, ge=0, le=3, description="Rearmament effort relative to plan (1 is the plan, 0 none)."
    )


class Adversary(StrictModel):
    """The other side."""

    troops: int = Field(600_000, ge=1, le=10_000_000, description="Its soldiers in the theatre.")
    rejects_force: bool = Field(True, description="Whether it rejects the force beforehand.")


def _checked_weights(weights: dict[str, float]) -> dict[str, float]:
    for option, weight in weights.items():
        if not 0 <= weight <= MAX_WEIGHT:
            raise FieldError(f"a weight lies in [0, {MAX_WEIGHT}], got {weight:g}", (option,))
    if not sum(weights.values()) > 0:
        raise FieldError("expected options with weights, at least one of them > 0")
    return weights


def _checked_distribution(tree: dict[str, Any]) -> dict[str, Any]:
    if not tree:
        raise FieldError("expected a distribution, got an empty mapping")
    return tree


AssumptionPin = Annotated[
    float | Annotated[dict[str, Any], AfterValidator(_checked_distribution)],
    Meaning("a number or a distribution such as {uniform: [0.2, 0.4]}"),
]
StructurePin = Annotated[
    Text | Annotated[dict[str, float], AfterValidator(_checked_weights)],
    Meaning("the name of an option or {option: weight, ...}"),
]


class ScenarioFile(StrictModel):
    """A force plan: what a planner chooses. Everything not mentioned is not done."""

    instead: ClassVar[Mapping[str, str]] = {
        name: f"it is no part of a plan: simulator run --{name} {value}"
        for name, value in {"seed": "2", "draws": "4096", "trials": "16", "workers": "2"}.items()
    }

    title: Text = Field(max_length=200)
    description: Text | None = None
    sources: tuple[Sentence, ...] = ()
    book: Text | None = Field(None, description="Assumption book used unless a run names another.")
    force: Force
    air_support: AirSupport = AirSupport()
    us_backstop: Backstop = Field(
        UsBackstop(), description="What the United States promise: all, none, or its parts."
    )
    contributors: ContributorChoice = ContributorChoice()
    monitoring: Monitoring = Monitoring()
    ukraine_support: UkraineSupport = UkraineSupport()
    adversary: Adversary = Adversary()
    horizon_years: float = Field(30.0, gt=0, le=100, description="Years simulated.")
    front_km: float = Field(1000.0, ge=1, le=20_000, description="Length of the line in km.")
    assumptions: dict[str, AssumptionPin] = Field(
        default_factory=dict, description="Assumptions that replace the book's, by name."
    )
    structure: dict[str, StructurePin] = Field(
        default_factory=dict, description="Structural choices that replace the book's, by name."
    )
