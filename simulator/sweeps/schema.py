"""The sweep file: which plans to simulate, described by factors that multiply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simulator.inputs import Meaning, StrictModel

Text = Annotated[str, Field(min_length=1)]
Draws = Annotated[int, Field(ge=1, le=10**7)]
Paths = Annotated[int, Field(ge=1, le=10**9)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]

MOST_POINTS = 1_000_000

# What lies below these is read by `simulator.sweeps.factors`, which knows the places of values.
Factor = Annotated[
    Any, Meaning("a list of values, {from: ..., to: ..., steps: ...} or {options: {...}}")
]
Row = Annotated[dict[str, Any], Meaning("a mapping of levers to values")]


_UNDER_GRID = "write levers under 'grid', such as grid: {force.target_troops: [0, 20000]}"
_ALL_KEPT = "leave it out: a sweep keeps every result of every point"
_NO_LAUNCHER = "leave it out: simulator sweep needs no launcher; see its --workers, --executor"
_NO_SEEDS = "write 'seed' at the top, one for all points; more 'draws' and 'paths' narrow the error"


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
        **dict.fromkeys(
            (
                *("parameters", "parameter", "params", "variables", "levers", "factors"),
                *("axes", "values", "sweep", "options", "force", "structure", "assumptions"),
            ),
            _UNDER_GRID,
        ),
        **dict.fromkeys(("metric", "metrics", "objective", "goal", "outputs"), _ALL_KEPT),
        **dict.fromkeys(
            ("hydra", "defaults", "launcher", "sweeper", "program", "command", "workers"),
            _NO_LAUNCHER,
        ),
        **dict.fromkeys(("seeds", "random_seeds"), _NO_SEEDS),
        **dict.fromkeys(
            ("method", "size", "ranges", "samples", "n_samples"),
            "write it under 'sample', such as sample: {size: 100, ranges: {...}}",
        ),
        "scenarios": "write grid: {scenario: [no-force, air-only]}",
        "books": "write grid: {book: [evidence, experts]}",
    }

    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: Text | None = None
    scenario: Text | None = Field(
        None, description="Shipped name, or file relative to this one; unless it is a factor."
    )
    book: Text | None = Field(None, description="Assumption book; the scenario's by default.")
    draws: Draws = Field(200, description="Draws of the assumptions at each point.")
    paths: Paths = Field(100, description="Paths of each draw.")
    seed: Seed = Field(1, description="One for all points, so that they share their luck.")
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
