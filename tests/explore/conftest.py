"""Plans simulated once for all tests of the page, and the page in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, tally_draws
from simulator.decide.draws import Draws
from simulator.decide.gather import Simulated, gather
from simulator.estimates.paired import rows_of
from simulator.explore.explored import Explored, Shown, explored, shell_source
from simulator.explore.page import html
from simulator.quantities import ALSO_HELD
from tests.report import browser as chromium

PLANS = ("no-force", "small-trainers", "presence-force", "air-only")
SEED, DRAWS, TRIALS = 1, 512, 16


def simulated(plans: tuple[str, ...], draws: int, trials: int, seed: int = SEED) -> Draws:
    loaded = load_plans(plans, None, [])
    jobs = [Job(scenario, book, seed, draws, trials) for scenario, book in loaded]
    return gather(
        [Simulated(job.scenario.name, job, rows_of(tally_draws(job, 0, draws))) for job in jobs],
        ALSO_HELD,
    )


def put_together(draws: Draws, reference: str | None = None) -> Explored:
    shown = [Shown(plan, f"The plan {plan}", {"plan": plan}, 5_000) for plan in draws.plans]
    sizes = ["--seed", str(SEED), "--draws", str(draws.size), "--trials", str(draws.trials)]
    source = shell_source(
        "Plans", "Book blend.", shown, [*draws.plans, *sizes], draws.plans, [], sizes
    )
    return explored(draws, source, reference)


@pytest.fixture(scope="package")
def four() -> Explored:
    return put_together(simulated(PLANS, DRAWS, TRIALS))


@pytest.fixture(scope="package")
def page(four: Explored, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explore") / "explore.html"
    path.write_text(html(four), encoding="utf-8")
    return path


@pytest.fixture(scope="package")
def browser() -> Iterator[chromium.Browser]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.browser() as one:
        yield one
