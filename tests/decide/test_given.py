"""Conditioning on what is given: which draws are kept, what is refused, agreement with a run."""

from collections.abc import Iterator

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job, tally_draws
from simulator.decide.draws import Draws, given, mean
from simulator.estimates.tally import column
from simulator.inputs import InputError

from .conftest import draws_of

RNG = np.random.default_rng(1)
X, Y = RNG.random((2, 1_000))
OPTION = np.array(["new_war", "any"], object)[np.arange(1_000) % 10 // 9]
Y[:200] = np.nan
DRAWS = draws_of(np.stack([X, 1.0 - X]), {"hr.presence": X, "w0": Y}, {"reference_class": OPTION})


@pytest.mark.parametrize(
    ("beliefs", "expected"),
    [
        (["hr.presence=..0.4"], X <= 0.4),
        (["hr.presence=0.4.."], X >= 0.4),
        (["hr.presence = .2..3e-1"], (X >= 0.2) & (X <= 0.3)),
        (["w0=0..1"], ~np.isnan(Y)),
        (["reference_class=any"], OPTION == "any"),
        (["hr.presence=..0.8", "reference_class=any"], (X <= 0.8) & (OPTION == "any")),
        ([], X >= 0.0),
    ],
)
def test_keeps_the_draws_in_which_it_holds(beliefs: list[str], expected: np.ndarray) -> None:
    found = given(DRAWS, beliefs)
    assert found.size == expected.sum()
    np.testing.assert_array_equal(found.values[:, 0], X[expected])
    np.testing.assert_array_equal(found.outcomes["worth"], DRAWS.outcomes["worth"][:, expected])
    np.testing.assert_array_equal(found.replicate, DRAWS.replicate[expected])
    np.testing.assert_array_equal(found.options["reference_class"], OPTION[expected])


def test_all_faults_at_once() -> None:
    wrong = [
        "hr.presense=..1",
        "reference_class=anny",
        "w0=0.3",
        "w0=a..b",
        "w0=2..1",
        "w0",
        "w0=7..8",
    ]
    with pytest.raises(InputError) as refused:
        given(DRAWS, [*wrong, "hr.presence=..0.4"])
    problems = refused.value.problems
    assert [problem.position.line for problem in problems] == [1, 2, 3, 4, 5, 6, 7]
    assert "hr.presence" in problems[0].hint
    assert "any" in problems[1].hint
    assert "new_war" in problems[1].message
    assert ".." in problems[2].hint


def test_refuses_too_few_draws_and_says_what_to_run() -> None:
    with pytest.raises(InputError) as refused:
        given(DRAWS, ["hr.presence=0.2..0.4", "reference_class=any"])
    (problem,) = refused.value.problems
    left = int(((X >= 0.2) & (X <= 0.4) & (OPTION == "any")).sum())
    assert 0 < left < 50
    assert str(left) in problem.message
    assert "--set structure.reference_class=any" in problem.hint
    assert "assumptions.hr.presence={uniform: [0.2, 0.4]}" in problem.hint
    assert f"{-(-1_000 * 50 // left):,}" in problem.hint


def run_of(book: str, sets: list[str], draws: int) -> Draws:
    ((scenario, loaded),) = load_plans(["reassurance-force"], book=book, sets=sets)
    job = Job(scenario, loaded, 3, draws)
    _, drawn = compile_job(job, 0, draws)
    held = column(tally_draws(job, 0, draws), "p_holds_20y")
    return draws_of(
        {"p_holds_20y": held[None]},
        dict(drawn.values),
        {choice: np.array(taken, object) for choice, taken in drawn.labels.items()},
    )


def classes_and_views() -> Iterator[tuple[str, str, str, Draws]]:
    for book, choice in (("evidence", "reference_class"), ("experts", "view")):
        stored = run_of(book, [], 16_384)
        options, counts = np.unique(stored.options[choice].astype(str), return_counts=True)
        for option, count in zip(options, counts, strict=True):
            if count >= 50:
                yield book, choice, str(option), stored


@pytest.mark.long
@pytest.mark.timeout(900)
def test_agrees_with_a_run_of_its_own() -> None:
    """Every class and view within 3 joint standard errors.

    Errors come from 16 replicates each: of 24 differences that are chance alone, one beyond 3 turns
    up in one test of 7, so the one test of this seed is fixed; the sum of squares is tested too.
    """
    scores = []
    for book, choice, option, stored in classes_and_views():
        left = given(stored, [f"{choice}={option}"])
        direct = run_of(book, [f"structure.{choice}={option}"], 2_048)
        one, other = (mean(d.outcomes["p_holds_20y"][0], d.replicate) for d in (left, direct))
        scores.append((one.value - other.value) / np.hypot(one.mcse, other.mcse))
    assert len(scores) >= 20
    assert np.abs(scores).max() <= 3.0
    # 30 degrees of freedom a score at most, 15 at least: chi squared with a wide margin.
    assert np.square(scores).sum() <= 2.5 * len(scores)


def test_what_every_book_fixes_only_says_which_book_it_is() -> None:
    book = np.repeat(["one", "other"], 32)
    fixed, free = np.where(book == "one", 0.1, 0.4), np.where(book == "one", 0.1, np.arange(64.0))
    draws = draws_of(np.zeros((2, 64)), {"fixed": fixed, "free": free}, book=book)
    assert list(draws.columns()) == ["free", "book"]
