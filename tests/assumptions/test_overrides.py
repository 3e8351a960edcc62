"""What a scenario says about assumptions: it holds in every draw and changes nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betainc

from simulator.books.draws import draw_assumptions
from simulator.books.load import load_book
from simulator.books.overrides import read_overrides
from simulator.inputs import InputError

from .conftest import COMPLETE, CORPUS
from .test_draws import FALSE_ALARM, SEED, N, proportions_p, same, uniform_p


@pytest.fixture
def drawn(complete, plan):
    return lambda *sets, more="", count=200: draw_assumptions(
        complete, plan(*sets, more=more), SEED, 0, count
    )


def test_a_number_holds_in_every_draw_and_changes_no_other_number(drawn):
    pinned = drawn("assumptions.hr.presence=0.5")
    assert set(pinned.values["hr.presence"]) == {0.5}
    assert same(pinned, drawn(), but=("hr.presence",))
    assert pinned.labels == drawn().labels


def test_the_file_and_set_say_the_same(drawn):
    by_file = drawn(
        more="assumptions: {replacement: 0.5, hr.air: {uniform: [0.4, 0.5]}}\n"
        "structure: {view: anna}\n"
    )
    by_set = drawn(
        "assumptions.replacement=0.5",
        "assumptions.hr.air={uniform: [0.4, 0.5]}",
        "structure.view=anna",
    )
    assert same(by_file, by_set)
    assert by_file.labels == by_set.labels


def test_set_wins_over_the_file(drawn):
    pinned = drawn("assumptions.replacement=0.25", more="assumptions: {replacement: 0.5}\n")
    assert set(pinned.values["replacement"]) == {0.25}


def test_a_distribution_replaces_every_layer_and_keeps_the_uniforms(drawn):
    free = drawn("structure.view=boris", "structure.reference_class=book", count=N)
    pinned = drawn("assumptions.w0={uniform: [0.2, 0.3]}", count=N)
    u = (pinned.values["w0"] - 0.2) / 0.1
    assert uniform_p(u) > FALSE_ALARM
    # w0 comes first of the names it is correlated with, so its uniforms are those of its address,
    # and large where the book's distribution is large.
    assert np.array_equal(np.argsort(u), np.argsort(free.values["w0"]))


def test_a_pin_beats_a_view(drawn):
    pinned = drawn("assumptions.w0=0.5", "structure.view=anna")
    assert set(pinned.values["w0"]) == {0.5}


def test_a_contributor_can_be_pinned(drawn):
    pinned = drawn("assumptions.contributors.france.commitment=0.3")
    assert set(pinned.values["contributors.france.commitment"]) == {0.3}
    assert same(pinned, drawn(), but=("contributors.france.commitment",))


def test_a_common_rate_is_followed_by_all_who_have_no_other(drawn):
    pinned = drawn("assumptions.contributor_exit_annual=0.2")
    assert set(pinned.values["contributors.france.exit_annual"]) == {0.2}
    both = drawn(
        "assumptions.contributor_exit_annual=0.2", "assumptions.contributors.france.exit_annual=0.1"
    )
    assert set(both.values["contributors.france.exit_annual"]) == {0.1}
    assert set(both.values["contributors.united-kingdom.exit_annual"]) == {0.2}


def test_an_option_can_be_pinned_even_without_weight(drawn):
    pinned = drawn("structure.force_response=none")
    assert set(pinned.labels["force_response"]) == {"none"}
    assert same(pinned, drawn())
    assert {c: v for c, v in pinned.labels.items() if c != "force_response"} == {
        c: v for c, v in drawn().labels.items() if c != "force_response"
    }


def test_pinned_weights_hold_whatever_a_view_says(drawn):
    weights = {"doubling": 1.0, "tripwire": 3.0}
    pinned = drawn(f"structure.force_response={weights}".replace("'", ""), count=N)
    assert proportions_p(pinned.labels["force_response"], weights) > FALSE_ALARM


def test_shares_can_be_pinned_as_a_whole(drawn):
    pinned = drawn(
        "assumptions.cause_shares={shares: {offensive: 0.6, escalation: 0.3, unravelling: 0.1}}"
    )
    assert set(pinned.values["cause_shares.escalation"]) == {0.3}


@pytest.mark.slow
def test_a_pinned_share_leaves_the_others_their_proportions(drawn):
    free = drawn("structure.view=boris", count=N)
    pinned = drawn("structure.view=boris", "assumptions.cause_shares.offensive=0.7", count=N)
    shares = [
        pinned.values[f"cause_shares.{c}"] for c in ("offensive", "escalation", "unravelling")
    ]
    assert set(shares[0]) == {0.7}
    assert np.sum(shares, axis=0) == pytest.approx(np.ones(N), rel=1e-12)
    ratio = free.values["cause_shares.escalation"] / free.values["cause_shares.unravelling"]
    assert shares[1] / shares[2] == pytest.approx(ratio, rel=1e-9)
    # Given the first share, the rest of a Dirichlet is a Dirichlet: here beta with 3.5 and 1.5.
    assert uniform_p(betainc(3.5, 1.5, shares[1] / 0.3)) > FALSE_ALARM


def test_all_shares_pinned_one_by_one(drawn):
    pinned = drawn(
        "assumptions.cause_shares.offensive=0.7",
        "assumptions.cause_shares.escalation=0.2",
        "assumptions.cause_shares.unravelling=0.1",
    )
    assert set(pinned.values["cause_shares.unravelling"]) == {0.1}


def test_a_share_cannot_be_pinned_where_nothing_can_give_way(complete, heir, plan):
    shares = "{offensive: 1, escalation: 0, unravelling: 0}"
    book = heir(f"entries: {{cause_shares: {{distribution: {{shares: {shares}}}}}}}")
    scenario = plan("assumptions.cause_shares.offensive=0.7", "structure.view=boris")
    with pytest.raises(InputError, match="the other parts are all 0"):
        draw_assumptions(book, scenario, SEED, 0, 3)


def overrides() -> list[tuple[str, str]]:
    text = (CORPUS / "overrides_invalid.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(o, m.strip()) for o, m in zip(lines[::2], lines[1::2], strict=True)]


@pytest.mark.parametrize(("override", "message"), overrides())
def test_every_mistake_is_shown_at_its_place_with_what_is_allowed(
    complete, plan, override, message
):
    with pytest.raises(InputError) as caught:
        read_overrides(complete, plan(override))
    assert len(caught.value.problems) == 1, str(caught.value)
    place, _, shown = str(caught.value).splitlines()[0].partition(" ")
    assert place.startswith("--set:1:")
    assert shown.startswith(message[:-3]) if message.endswith("...") else shown == message


def test_all_mistakes_are_shown_at_once(complete, plan):
    with pytest.raises(InputError) as caught:
        read_overrides(
            complete,
            plan(
                "assumptions.hr.presense=0.5",
                "assumptions.replacement=7",
                "assumptions.kappa={fixd: 1}",
                "structure.view=ana",
                "assumptions.cause_shares.offensive=0.7",
                "assumptions.cause_shares.escalation=0.7",
            ),
        )
    assert len(caught.value.problems) == 5
    assert "the parts of 'cause_shares' sum to 1.4, must not pass 1" in str(caught.value)


def test_an_option_that_one_book_of_a_pool_lacks_is_refused(heir, plan, tmp_path):
    source = "{weight: 0, description: x, source: {kind: judgement, note: x}}"
    heir(f"structure: {{view: {{options: {{carla: {source}}}}}}}", name="more")
    path = tmp_path / "pool.yaml"
    path.write_text(
        f"title: P\ndescription: D\npool: {{{COMPLETE}: 1, more.yaml: 1}}\n", encoding="utf-8"
    )
    pool = load_book(path)
    with pytest.raises(InputError, match="book 'complete' of the pool has no option 'carla'"):
        read_overrides(pool, plan("structure.view=carla"))
    read_overrides(pool.pool["more"], plan("structure.view=carla"))
