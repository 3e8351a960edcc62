"""A distribution is added in one file, as docs/architecture.md says, and works everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What somebody would add to simulator/books/distributions.py: a class, what is written, a row.
WEIBULL = '''

@dataclass(frozen=True, slots=True)
class Weibull:
    """Weibull distribution: cumulative hazard ``(x / scale)**shape``."""

    shape: float
    scale: float

    def ppf(self, u: Floats) -> Floats:
        return self.scale * (-np.log1p(-u)) ** (1.0 / self.shape)

    def cdf(self, x: Floats) -> Floats:
        return -np.expm1(-((np.maximum(x, 0.0) / self.scale) ** self.shape))

    @property
    def support(self) -> Range:
        largest = self.scale * (53.0 * math.log(2.0)) ** (1.0 / self.shape)
        return Range(0.0, largest, includes_low=False)


class WeibullForm(StrictModel):
    """Shape and scale."""

    shape: Shape
    scale: Positive


WRITTEN = {**WRITTEN, "weibull": Written(WeibullForm, lambda form: Weibull(**dict(form)))}
'''

USED = """
import json, sys
import numpy as np
from simulator.books.draws import draw_assumptions
from simulator.books.load import load_book
from simulator.books.schema import BookFile
from simulator.inputs import InputError
from simulator.scenario import load_scenario

entry = "entries.deploy_months.distribution="
book = load_book("evidence", [entry + "{weibull: {shape: 2, scale: 5}}"])
plan = load_scenario("no-force")
drawn = draw_assumptions(book, plan, 1, 0, 4096).values["deploy_months"]
mixed = load_scenario("no-force", ["assumptions.deploy_months={mixture: ["
    "{weight: 1, distribution: {weibull: {shape: 2, scale: 5}}},"
    "{weight: 1, distribution: {weibull: {shape: 2, scale: 5}}}]}"])
try:
    load_book("evidence", [entry + "{weibull: {shape: -2, scale: 5}}"])
    refused = ""
except InputError as error:
    refused = str(error)
other = draw_assumptions(book, mixed, 1, 0, 4096).values["deploy_months"]
json.dump({
    "quartiles": np.quantile(drawn, [0.25, 0.5, 0.75]).tolist(),
    "apart": float(np.abs(other / drawn - 1.0).max()),
    "written": book.machine_form()["entries"]["deploy_months"]["distribution"],
    "identity": book.digest != load_book("evidence").digest,
    "schema": "weibull" in json.dumps(BookFile.model_json_schema()),
    "refused": refused,
}, sys.stdout)
"""


def test_a_distribution_is_added_in_one_file(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "simulator", tmp_path / "simulator", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("configs", "scenarios", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    with (tmp_path / "simulator" / "books" / "distributions.py").open("a") as file:
        file.write(WEIBULL)
    run = subprocess.run(
        [sys.executable, "-c", USED],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    # 5 (-log(1 - u))**.5; evenly spread draws of this number are within 1 % of the quantiles
    assert found["quartiles"] == pytest.approx([2.682, 4.163, 5.887], rel=0.01)
    assert found["apart"] < 1e-9
    assert found["written"] == {"weibull": {"shape": 2.0, "scale": 5.0}}
    assert found["identity"]
    assert found["schema"]
    assert "distribution.weibull.shape: expected a number in [0.1" in found["refused"]
