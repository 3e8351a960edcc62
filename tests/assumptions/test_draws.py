"""Drawn assumptions: addressed draw by draw, layered as the book says, correlated, pooled."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.special import chdtrc, ndtr, ndtri

from simulator.books.book import Book
from simulator.books.draws import (
    NOT_ASKED,
    Draws,
    contributor_problems,
    draw_assumptions,
    draw_with,
)
from simulator.books.load import load_book
from simulator.books.names import (
    ASSUMPTIONS,
    CHOICES,
    CONTRIBUTOR_FIELDS,
    contributor_name,
    describe,
)

from .conftest import COMPLETE

SEED = 20
N = 2**15
FALSE_ALARM = 1e-6  # of each statistical assertion, were the seed drawn anew


def same(a: Draws, b: Draws, but: tuple[str, ...] = ()) -> bool:
    """Whether all common values but those named have the same bits."""
    names = (set(a.values) & set(b.values)) - set(but)
    return all(np.array_equal(a.values[name], b.values[name]) for name in names)


def proportions_p(labels: tuple[str, ...], weights: dict[str, float]) -> float:
    """P-value of the chi-square test that options are taken in proportion to their weights."""
    found = np.array([labels.count(name) for name in weights])
    assert found.sum() == len(labels), "an option without weight was taken"
    expected = np.array(list(weights.values())) / sum(weights.values()) * len(labels)
    return float(chdtrc(len(weights) - 1, ((found - expected) ** 2 / expected).sum()))


def uniform_p(u: np.ndarray) -> float:
    """P-value of uniformity on 64 cells; only too uneven is wrong, as draws are spread evenly."""
    counts = np.bincount((u * 64).astype(int), minlength=64)
    return float(chdtrc(63, ((counts - u.size / 64) ** 2).sum() / (u.size / 64)))


# --- what is drawn ----------------------------------------------------------------------------


def test_every_name_is_drawn_within_its_range_and_nothing_else(complete, plan):
    draws = draw_assumptions(complete, plan(), SEED, 0, 500)
    contributors = {
        contributor_name(c, f) for c in ("france", "united-kingdom") for f in CONTRIBUTOR_FIELDS
    }
    assert set(draws.values) == set(ASSUMPTIONS) | contributors
    for name, values in draws.values.items():
        assert values.shape == (500,)
        assert values.dtype == np.float64
        within = describe(name).within
        assert all(within.contains(value) for value in values.tolist()), name
    assert draws.numbers.tolist() == list(range(500))
    assert set(draws.labels) == {*CHOICES, "view"}
    with pytest.raises(ValueError, match="read-only"):
        draws.values["replacement"][0] = 1.0


def test_distributions_are_those_of_the_book(complete, plan):
    draws = draw_assumptions(complete, plan(), SEED, 0, N)
    for name in (
        "replacement",
        "q_failing_2y",
        "hr.presence",
        "hr.air",
        "hr.monitoring",
        "kappa",
        "kappa_0",
    ):
        law = complete.entries[name].distribution
        assert uniform_p(law.cdf(draws.values[name])) > FALSE_ALARM, name
    assert (
        proportions_p(
            tuple(draws.values["hr.ukraine"].astype(str).tolist()), {"0.4": 1, "0.7": 2, "1.0": 1}
        )
        > FALSE_ALARM
    )


def test_seeds_give_other_numbers(complete, plan):
    one, other = (draw_assumptions(complete, plan(), seed, 0, 100) for seed in (1, 2))
    assert not np.any(one.values["replacement"] == other.values["replacement"])


@pytest.mark.parametrize("name", ["complete", "pool"])
def test_any_part_of_the_draws_can_be_drawn_alone(name, complete, plan, pool):
    book = complete if name == "complete" else pool
    whole = draw_assumptions(book, plan(), SEED, 0, 200)
    for first, last in ((0, 1), (1, 2), (37, 150), (199, 200), (50, 50)):
        part = draw_assumptions(book, plan(), SEED, first, last)
        assert part.numbers.tolist() == list(range(first, last))
        for key, values in whole.values.items():
            assert np.array_equal(part.values[key], values[first:last]), key
        assert all(part.labels[c] == labels[first:last] for c, labels in whole.labels.items())


def test_impossible_ranges_are_refused(complete, plan):
    for first, last in ((-1, 3), (4, 3)):
        with pytest.raises(ValueError, match="needs 0 <= first <= last"):
            draw_assumptions(complete, plan(), SEED, first, last)


# --- what must not change ---------------------------------------------------------------------


def test_adding_contributors_changes_nobody_elses_numbers(complete, plan):
    few = draw_assumptions(complete, plan(), SEED, 0, 300)
    many = draw_assumptions(complete, plan("contributors.sets=[all]"), SEED, 0, 300)
    assert len(many.values) > len(few.values)
    assert same(few, many)


def test_changing_an_entry_changes_no_other_number(complete, heir, plan):
    entry = "entries: {hr.air: {distribution: {uniform: [0.5, 0.6]}}}"
    changed = draw_assumptions(heir(entry), plan(), SEED, 0, 300)
    assert same(draw_assumptions(complete, plan(), SEED, 0, 300), changed, but=("hr.air",))


def test_adding_a_correlation_changes_only_the_later_name(complete, heir, plan):
    pairs = complete.correlations.items()
    kept = ", ".join(f"{{between: [{a}, {b}], rho: {rho}}}" for (a, b), rho in pairs)
    more = heir(f"correlations: [{kept}, {{between: [replacement, deploy_months], rho: 0.4}}]")
    before = draw_assumptions(complete, plan(), SEED, 0, 300)
    after = draw_assumptions(more, plan(), SEED, 0, 300)
    changed = {n for n in before.values if not np.array_equal(before.values[n], after.values[n])}
    assert changed == {"deploy_months"}


def test_adding_a_choice_changes_no_other_number(complete, heir, plan):
    choice = """structure:
  pace:
    description: How fast things go.
    options:
      slow: {weight: 1, description: x, source: {kind: judgement, note: test}}
      fast:
        weight: 1
        description: x
        source: {kind: judgement, note: test}
        entries: {deploy_months: {distribution: 1}}
"""
    before = draw_assumptions(complete, plan(), SEED, 0, 300)
    after = draw_assumptions(heir(choice), plan(), SEED, 0, 300)
    assert same(
        before,
        after,
        but=(
            "deploy_months",
            *(contributor_name(c, "deploy_months") for c in ("france", "united-kingdom")),
        ),
    )
    assert all(after.labels[c] == labels for c, labels in before.labels.items())
    fast = np.array(after.labels["pace"]) == "fast"
    assert np.all((after.values["deploy_months"] == 1) == fast)


# --- layers -----------------------------------------------------------------------------------


def test_a_view_overrides_a_reference_class_which_overrides_the_book(complete, plan):
    draws = draw_assumptions(complete, plan(), SEED, 0, N)
    anna = np.array(draws.labels["view"]) == "anna"
    bleak = np.array(draws.labels["reference_class"]) == "bleak"
    w0, h = draws.values["w0"], draws.values["h_holding"]
    assert np.all((w0[anna] > 0.1) & (w0[anna] < 0.2))
    assert np.all((w0[~anna & bleak] > 0.8) & (w0[~anna & bleak] < 0.9))
    plain = complete.entries["w0"].distribution
    assert uniform_p(plain.cdf(w0[~anna & ~bleak])) > FALSE_ALARM
    assert np.all((h == 0.05) == bleak)
    assert np.all((draws.values["contributors.france.commitment"] == 0.99) == anna)
    assert draws.values["cause_shares.offensive"][anna].mean() > 0.9


def test_options_are_taken_by_weight_and_views_reweight_other_choices(complete, plan):
    draws = draw_assumptions(complete, plan(), SEED, 0, N)
    views = np.array(draws.labels["view"])
    responses = np.array(draws.labels["force_response"])
    assert proportions_p(draws.labels["view"], {"anna": 1, "boris": 3}) > FALSE_ALARM
    assert (
        proportions_p(
            draws.labels["holding_reading"], {"memoryless": 1, "quartiles": 1, "record": 2}
        )
        > FALSE_ALARM
    )
    assert set(responses[views == "anna"]) == {"none"}
    under_boris = tuple(responses[views == "boris"].tolist())
    assert proportions_p(under_boris, {"saturating": 1, "tripwire": 1}) > FALSE_ALARM
    # The test can fail: the book's own weights are 4 to 3.
    assert proportions_p(under_boris, {"saturating": 4, "tripwire": 3}) < FALSE_ALARM


def test_choices_are_independent_of_each_other(complete, plan):
    draws = draw_assumptions(complete, plan(), SEED, 0, N)
    joint = tuple(
        map("/".join, zip(draws.labels["view"], draws.labels["reference_class"], strict=True))
    )
    expected = {"anna/book": 1, "anna/bleak": 1, "boris/book": 3, "boris/bleak": 3}
    assert proportions_p(joint, expected) > FALSE_ALARM


def test_correlations_hold_whatever_option_is_taken(complete, plan):
    draws = draw_assumptions(complete, plan(), SEED, 0, N)
    presence, air = (
        ndtri(complete.entries[n].distribution.cdf(draws.values[n]))
        for n in ("hr.presence", "hr.air")
    )
    r = np.corrcoef(presence, air)[0, 1]

    def p_of(rho: float) -> float:
        return float(2 * ndtr(-abs(np.arctanh(r) - np.arctanh(rho)) * np.sqrt(N - 3)))

    assert p_of(0.5) > FALSE_ALARM
    assert p_of(0.45) < FALSE_ALARM  # it can fail


# --- resamples --------------------------------------------------------------------------------

TABLE = ((5.0, 1.0), (2.0, 4.0), (2.0, 3.0), (9.0, 0.5))  # of the option `bleak`, row by row
RESAMPLED = ("ukraine_rearm_years", "rearm_years_local")


def test_resamples_are_drawn_whole_and_each_as_often(complete, plan):
    draws = draw_assumptions(complete, plan("structure.reference_class=bleak"), SEED, 0, N)
    rows = list(zip(*(draws.values[name].tolist() for name in RESAMPLED), strict=True))
    assert set(rows) == set(TABLE)  # 12 other pairs would be drawn if they were independent
    assert proportions_p(tuple(map(str, rows)), {str(row): 1 for row in TABLE}) > FALSE_ALARM


def test_one_uniform_decides_the_row_in_the_order_written(complete, plan):
    def design(name: str, wanted: np.ndarray) -> np.ndarray:
        even = (np.arange(wanted.size) + 0.5) / wanted.size
        return even if name == "resamples.reference_class" else np.full(wanted.size, 0.5)

    pinned = plan("structure.reference_class=bleak")
    draws = draw_with(complete, pinned, SEED, np.arange(8), design)
    rows = list(zip(*(draws.values[name].tolist() for name in RESAMPLED), strict=True))
    assert rows == [row for row in TABLE for _ in range(2)]


def test_resamples_hold_only_where_their_option_does(complete, plan):
    draws = draw_assumptions(complete, plan(), SEED, 0, 1000)
    bleak = np.array(draws.labels["reference_class"]) == "bleak"
    assert 0 < bleak.sum() < bleak.size
    for name in RESAMPLED:
        assert np.all((draws.values[name] == 2) | bleak)
    alone = draw_assumptions(complete, plan("structure.reference_class=bleak"), SEED, 0, 1000)
    for name in RESAMPLED:
        assert np.array_equal(alone.values[name][bleak], draws.values[name][bleak])


def test_a_pinned_member_leaves_the_others_their_rows(complete, plan):
    bleak = "structure.reference_class=bleak"
    before = draw_assumptions(complete, plan(bleak), SEED, 0, 300)
    after = draw_assumptions(complete, plan(bleak, f"assumptions.{RESAMPLED[0]}=7"), SEED, 0, 300)
    assert same(before, after, but=(RESAMPLED[0],))
    assert set(after.values[RESAMPLED[0]].tolist()) == {7.0}


def test_a_distribution_pinned_over_resamples_keeps_its_own_shape(complete, plan):
    sets = ("structure.reference_class=bleak", f"assumptions.{RESAMPLED[1]}={{uniform: [1, 2]}}")
    draws = draw_assumptions(complete, plan(*sets), SEED, 0, N)
    assert uniform_p(draws.values[RESAMPLED[1]] - 1) > FALSE_ALARM


# --- contributors -----------------------------------------------------------------------------


def test_catalogue_quantities_have_the_catalogues_distributions(complete, plan):
    draws = draw_assumptions(complete, plan("structure.view=boris"), SEED, 0, N)
    uk = plan().contributors["united-kingdom"]
    commitment = draws.values["contributors.united-kingdom.commitment"]
    for share, quantile in (
        (0.05, uk.commitment.p05),
        (0.5, uk.commitment.p50),
        (0.95, uk.commitment.p95),
    ):
        # The number below a quantile is binomial.
        below = (commitment < quantile).sum()
        assert (
            2 * ndtr(-abs(below - N * share) / np.sqrt(N * share * (1 - share))) > FALSE_ALARM / 3
        )
    troops = draws.values["contributors.united-kingdom.troops"]
    assert uk.troops.low < troops.min() < troops.max() < uk.troops.high
    mean = (uk.troops.low + uk.troops.mode + uk.troops.high) / 3
    assert 2 * ndtr(-abs(troops.mean() - mean) / (troops.std() / np.sqrt(N))) > FALSE_ALARM
    assert np.all(draws.values["contributors.united-kingdom.basing"] == 0)


def test_a_number_in_the_catalogue_is_taken_as_known(complete, plan):
    drawn = draw_assumptions(complete, plan("contributors.sets=[all]"), SEED, 0, 10).values
    assert drawn["contributors.united-states.commitment"].tolist() == [0.0] * 10
    assert drawn["contributors.united-states.troops"].tolist() == [0.0] * 10
    members = "contributors.members={france: {commitment: 0.7, troops: 4000}}"
    drawn = draw_assumptions(complete, plan(members, "structure.view=boris"), SEED, 0, 10).values
    assert drawn["contributors.france.commitment"].tolist() == [0.7] * 10
    assert drawn["contributors.france.troops"].tolist() == [4000.0] * 10


def test_standing_in_fields_follow_their_assumption_with_numbers_of_their_own(complete, plan):
    draws = draw_assumptions(complete, plan("contributors.sets=[all]"), SEED, 0, N)
    boris = np.array(draws.labels["view"]) == "boris"
    law = complete.entries["contributor_exit_annual"].distribution
    exits = [draws.values[contributor_name(c, "exit_annual")] for c in ("france", "germany")]
    for values in exits:
        assert np.all(values[~boris] == 0.5), "the view overrides the common rate"
        assert uniform_p(law.cdf(values[boris])) > FALSE_ALARM / 2
    r = np.corrcoef(*(ndtri(law.cdf(values[boris])) for values in exits))[0, 1]
    assert 2 * ndtr(-abs(r) * np.sqrt(boris.sum())) > FALSE_ALARM
    parliament = complete.entries["approval_delay_months.parliament"].distribution
    government = complete.entries["approval_delay_months.government"].distribution
    germany, uk = (
        draws.values[contributor_name(c, "approval_delay_months")]
        for c in ("germany", "united-kingdom")
    )
    assert uniform_p(parliament.cdf(germany)) > FALSE_ALARM
    assert uniform_p(government.cdf(uk)) > FALSE_ALARM


def test_a_contributor_may_have_a_rate_of_its_own(complete, plan):
    members = "contributors.members={france: {exit_hazard: {p05: 1, p50: 2, p95: 3}}}"
    drawn = draw_assumptions(complete, plan(members), SEED, 0, 1000).values
    assert np.median(drawn["contributors.france.exit_annual"]) == pytest.approx(2, abs=0.2)
    # Now nothing stands in, so neither does a pin of the common rate.
    pinned = draw_assumptions(
        complete, plan(members, "assumptions.contributor_exit_annual=0.1"), SEED, 0, 1000
    )
    assert np.array_equal(
        pinned.values["contributors.france.exit_annual"], drawn["contributors.france.exit_annual"]
    )
    assert set(pinned.values["contributors.united-kingdom.exit_annual"]) == {0.1}


def test_a_book_may_speak_of_contributors_that_take_no_part_but_not_of_unknown_ones(heir, plan):
    source = "unit: probability, group: x, source: {kind: judgement, note: x}"
    entry = f"entries: {{contributors.%s.commitment: {{distribution: 0.2, {source}}}}}"
    assert contributor_problems(heir(entry % "poland"), plan()) == []
    [problem] = contributor_problems(heir(entry % "polend"), plan())
    assert "no contributor has the id 'polend'" in problem.message
    assert problem.hint == "did you mean 'poland'?"


# --- shares -----------------------------------------------------------------------------------


def test_shares_sum_to_one_and_have_the_means_of_the_dirichlet(complete, plan):
    draws = draw_assumptions(complete, plan("structure.view=boris"), SEED, 0, N)
    parts = {
        p: draws.values[f"cause_shares.{p}"] for p in ("offensive", "escalation", "unravelling")
    }
    assert np.sum(list(parts.values()), axis=0) == pytest.approx(np.ones(N), rel=1e-12)
    for part, a in (("offensive", 5.0), ("escalation", 3.5), ("unravelling", 1.5)):
        z = (parts[part].mean() - a / 10) / np.sqrt(a * (10 - a) / 1100 / N)
        assert 2 * ndtr(-abs(z)) > FALSE_ALARM / 3
    assert set(draws.values["us_backstop.component_weights.logistics"]) == {0.2}


def test_shares_written_part_by_part_are_the_same_as_written_whole(complete, heir, plan):
    source = "unit: share, group: x, source: {kind: judgement, note: x}"
    text = "entries:\n  us_backstop.component_weights: null\n" + "".join(
        f"  us_backstop.component_weights.{part}: {{distribution: {value}, {source}}}\n"
        for part, value in (
            ("logistics", 0.2),
            ("air_defence", 0.35),
            ("intelligence", 0.25),
            ("surveillance", 0.2),
        )
    )
    apart = heir(text)
    assert apart.digest == complete.digest
    assert same(*(draw_assumptions(b, plan(), SEED, 0, 5) for b in (complete, apart)))


# --- pools ------------------------------------------------------------------------------------


@pytest.fixture
def pool(tmp_path, heir) -> Book:
    heir(
        "entries: {replacement: {distribution: {uniform: [0.9, 1.0]}}}\nstructure: {view: null}",
        name="other",
    )
    path = tmp_path / "pool.yaml"
    path.write_text(
        f"title: P\ndescription: D\npool: {{{COMPLETE}: 3, other.yaml: 1}}\n", encoding="utf-8"
    )
    return load_book(path)


def test_a_pool_takes_one_book_in_every_draw(pool, plan):
    draws = draw_assumptions(pool, plan(), SEED, 0, N)
    assert proportions_p(draws.labels["book"], {"complete": 3, "other": 1}) > FALSE_ALARM
    assert proportions_p(draws.labels["book"], {"complete": 2.9, "other": 1.1}) < FALSE_ALARM
    books = np.array(draws.labels["book"])
    views = np.array(draws.labels["view"])
    assert np.all((views == NOT_ASKED) == (books == "other"))
    for name, member in pool.pool.items():
        alone = draw_assumptions(member, plan(), SEED, 0, N)
        here = books == name
        for key, values in draws.values.items():
            assert np.array_equal(values[here], alone.values[key][here]), key


def test_a_pool_can_be_pinned_to_a_book(pool, plan):
    draws = draw_assumptions(pool, plan("structure.book=other"), SEED, 0, 100)
    assert same(draws, draw_assumptions(pool.pool["other"], plan(), SEED, 0, 100))
    draws = draw_assumptions(pool, plan("structure.book={other: 1, complete: 1}"), SEED, 0, N)
    assert proportions_p(draws.labels["book"], {"complete": 1, "other": 1}) > FALSE_ALARM


def test_shipped_books_draw(plan):
    for name in ("evidence", "experts", "blend", "forecasters"):
        draws = draw_assumptions(load_book(name), plan("contributors.sets=[all]"), SEED, 0, 200)
        assert all(np.all(np.isfinite(values)) for values in draws.values.values())


# --- other designs ----------------------------------------------------------------------------


def test_any_design_can_drive_the_quantile_functions(complete, plan):
    numbers = np.array([4, 9])
    asked: dict[str, np.ndarray] = {}

    def design(name: str, wanted: np.ndarray) -> np.ndarray:
        asked[name] = wanted
        return np.full(wanted.size, 0.5)

    draws = draw_with(
        complete, plan("structure.view=boris", "structure.reference_class=book"), 0, numbers, design
    )
    assert draws.values["w0"] == pytest.approx([0.58, 0.58])
    assert draws.values["deploy_months"] == pytest.approx([5.0, 5.0])
    assert draws.values["contributors.france.deploy_months"] == pytest.approx([5.0, 5.0])
    assert draws.labels["force_response"] == ("saturating", "saturating")
    assert {"w0", "structure.holding_reading", "cause_shares.offensive"} <= set(asked)
    assert all(np.array_equal(wanted, numbers) for wanted in asked.values())


def test_books_and_draws_travel_to_other_processes(pool, plan):
    scenario = plan()
    sent = pickle.loads(pickle.dumps((pool, scenario)))
    assert sent[0].digest == pool.digest
    there = draw_assumptions(*sent, SEED, 0, 20)
    here = draw_assumptions(pool, scenario, SEED, 0, 20)
    assert same(here, there)
    assert same(here, pickle.loads(pickle.dumps(here)))
