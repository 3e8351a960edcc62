"""The sweep file: which plans to simulate, described by factors that multiply."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from simulator.analysis.precision import Target
from simulator.inputs import FieldError, Meaning, StrictModel, did_you_mean, listed, read_document
from simulator.limits import DEFAULT_MAX_DRAWS, MAX_SEED, MOST_DRAWS, MOST_POINTS, MOST_TRIALS
from simulator.quantities import CLAIM, QUANTITIES

Text = Annotated[str, Field(min_length=1)]
Draws = Annotated[int, Field(ge=1, le=MOST_DRAWS)]
Trials = Annotated[int, Field(ge=1, le=MOST_TRIALS)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Error = Annotated[float, Field(gt=0.0)]

# What lies below these is read by `simulator.sweeps.factors`, which knows the places of values.
Factor = Annotated[
    Any, Meaning("a list of values, {from: ..., to: ..., steps: ...} or {options: {...}}")
]
Row = Annotated[dict[str, Any], Meaning("a mapping of levers to values")]


_INSTEAD = read_document(Path(__file__).with_name("instead.yaml")).value


class SampleBlock(StrictModel):
    """Points spread over ranges of several levers at once."""

    instead: ClassVar[Mapping[str, str]] = {
        "parameters": "write the levers under 'ranges'",
        "grid": "a grid is a block of its own at the top: it multiplies with the sample",
    }

    method: Literal["sobol", "latin_hypercube"] = Field(
        "sobol", description="Scrambled Sobol sequence, or Latin hypercube."
    )
    size: Annotated[int, Field(ge=1, le=MOST_POINTS)] = Field(description="Number of points.")
    seed: Seed | None = Field(None, description="Of the sample; the sweep's seed by default.")
    ranges: dict[str, Factor] = Field(
        min_length=1, description="Lever to {from: ..., to: ..., scale: linear|log} or a list."
    )


class SweepFile(StrictModel):
    """A sweep: fixed settings, and factors whose combinations are its points."""

    instead: ClassVar[Mapping[str, str]] = {
        name: hint for hint, names in _INSTEAD.items() for name in names
    }

    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: Text | None = None
    scenario: Text | None = Field(
        None, description="Shipped name, or file relative to this one; unless it is a factor."
    )
    book: Text | None = Field(None, description="Assumption book; the scenario's by default.")
    draws: Draws = Field(256, description="Draws of the assumptions at each point.")
    trials: Trials = Field(16, description="Trials of each draw: worlds that are simulated.")
    precision: Error | None = Field(
        None, description="Instead of draws: standard error that every point is to reach."
    )
    precision_of: Text = Field(
        CLAIM[0], description="With precision: of which estimate the error is."
    )
    max_draws: Draws = Field(
        DEFAULT_MAX_DRAWS, description="With precision: give up at so many draws."
    )
    seed: Seed = Field(1, description="One for all points, so that they share random numbers.")
    set: dict[str, Any] = Field(default_factory=dict, description="Levers that are the same.")
    grid: dict[str, Factor] = Field(
        default_factory=dict, description="Factors: every value of each with all of the others."
    )
    zip: dict[str, Factor] = Field(
        default_factory=dict, description="One factor: levers that change together."
    )
    points: tuple[Row, ...] = Field((), description="One factor: settings one by one.")
    sample: SampleBlock | None = Field(None, description="One factor: a sample over ranges.")
    exclude: tuple[Row, ...] = Field(
        (), description="Leave out points that have all these values (a list: any of them)."
    )
    reference: Row = Field(
        default_factory=dict,
        description="Values of the point that others are compared with (default: the first).",
    )

    @model_validator(mode="after")
    def _check_precision(self) -> SweepFile:
        """Raise FieldError where precision and draws exclude each other, or a name is unknown."""
        given = self.model_fields_set
        if self.precision is not None and "draws" in given:
            message = "decides how many draws there are: leave 'draws' out"
            raise FieldError(message, ("precision",), "'max_draws' caps them")
        for name in ("precision_of", "max_draws"):
            if self.precision is None and name in given:
                raise FieldError("means nothing without 'precision'", (name,))
        if self.precision_of not in QUANTITIES:
            message = f"unknown estimate, allowed: {listed(QUANTITIES)}"
            hint = did_you_mean(self.precision_of, QUANTITIES)
            raise FieldError(message, ("precision_of",), hint)
        return self

    @property
    def target(self) -> Target | None:
        """The error that every point is to reach, if that decides the draws."""
        return None if self.precision is None else Target(self.precision_of, self.precision)
