"""The exact engine against closed forms, hand-written systems and a published example."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.sparse import csr_array
from scipy.stats import multivariate_normal, norm

from simulator.engines import exact
from simulator.engines.exact.evolve import Chain, advance
from simulator.engines.exact.generator import COUNTED, Generator
from simulator.engines.exact.states import mixture
from simulator.engines.records import EVENT_KINDS
from simulator.model.compiled import CAUSES, FACTORS
from tests.models import Base, Contributor, build, eventful

YEARS = np.array([0.0, 0.3, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0])
FLAT = dict.fromkeys(FACTORS, 1.0)
PEACE = {"failing": 0.0, "holding": 0.0}
# (holding, slope): a constant hazard from a median of 25 years, a Gompertz one with quartiles at
# 20 and 30 years, the record's.
READINGS = {
    "memoryless": (math.log(2) / 25, 0.0),
    "quartiles": (0.00215, 0.1535),
    "record": (0.015, 0.0),
}


def small(**changes):
    """Build an eventful model of few states."""
    two = (
        Contributor("alpha", 6000, aircraft=12, arrival=0.2, exit_rate=0.15, commitment=0.8),
        Contributor("bravo", 4000, ships=3, arrival=0.45, exit_rate=0.1, cost_factor=0.8),
    )
    settings = {"contributors": two, "consent": 1.0, "hosts": {}} | changes
    return eventful(**settings)


def within(estimate, expected, slack=0.0):
    """Whether every value is within its stated error of a value known from elsewhere."""
    return np.all(np.abs(estimate.value - expected) <= estimate.numerical_error + slack)


def of_kind(solved, kind):
    return float(solved.events.value[0, EVENT_KINDS.index(kind)])


@pytest.mark.parametrize("reading", READINGS)
def test_two_regimes_without_a_force(reading):
    # S(t) = w0 exp(-h_f t) + (1 - w0) S_h(t) once the first phase takes no time.
    a, b = READINGS[reading]
    w0, failing, kappa_0 = 0.58, 0.857, 1e10
    model = build(
        w0=w0, failing=failing, holding=a, holding_slope=b, kappa_0=kappa_0, reconstituted=0.0
    )
    solved = exact.expectations(model, YEARS)
    cumulative = a * YEARS if b == 0.0 else a * np.expm1(b * YEARS) / b
    closed = w0 * np.exp(-failing * YEARS) + (1 - w0) * np.exp(-cumulative)
    # The first phase itself is worth at most its hazard over kappa_0, below 1e-10.
    assert within(solved.survival, closed, slack=1e-10)
    assert solved.survival.numerical_error.max() < 1e-8
    shares = np.array([0.5, 0.35, 0.15])[:, None]
    assert within(solved.incidence, shares * (1 - closed), slack=1e-10)
    ending = w0 * failing * np.exp(-failing * YEARS)
    ending += (1 - w0) * a * np.exp(b * YEARS - cumulative)
    assert within(solved.ending_rate, ending, slack=1e-9)


def test_first_phase_has_hazards_of_its_own():
    w0, failing, holding, kappa_0 = 0.5, 0.8, 0.02, 6.0
    model = build(
        w0=w0, failing=failing, holding=holding, kappa_0=kappa_0, kappa=0.0, reconstituted=0.0
    )
    solved = exact.expectations(model, YEARS)
    h0 = w0 * failing + (1 - w0) * holding

    def through(h):  # resolved at s, then a constant hazard h
        return kappa_0 * (np.exp(-h * YEARS) - np.exp(-(h0 + kappa_0) * YEARS)) / (h0 + kappa_0 - h)

    closed = np.exp(-(h0 + kappa_0) * YEARS) + w0 * through(failing) + (1 - w0) * through(holding)
    assert within(solved.survival, closed, slack=1e-15)


def test_drawing_the_phase_anew_is_switching_between_phases():
    # What the phase was does not matter to a draw, so a ceasefire begins anew with each: between
    # two of them it lasts B = w / (h_f + kappa) + (1 - w) / (h_h + kappa) years, and is drawn anew
    # with probability kappa B. The same process, by its switches: holding turns to failing at
    # kappa w, failing to holding at kappa (1 - w).
    w, failing, holding, kappa, kappa_0 = 0.3, 0.8, 0.02, 0.4, 1e10
    model = build(
        w0=w, failing=failing, holding=holding, kappa=kappa, kappa_0=kappa_0, hr=FLAT,
        horizon=2000.0,
    )  # fmt: skip
    between = w / (failing + kappa) + (1 - w) / (holding + kappa)
    renewed = between / (1 - kappa * between)
    losses = np.array(
        [[holding + kappa * w, -kappa * w], [-kappa * (1 - w), failing + kappa * (1 - w)]]
    )
    switched = np.array([1 - w, w]) @ np.linalg.solve(losses, np.ones(2))
    assert renewed == pytest.approx(switched, rel=1e-12)
    solved = exact.expectations(model, np.array([2000.0]))
    assert within(solved.rmst, renewed, slack=1e-8)  # the first phase lasts 1e-10 years
    assert of_kind(solved, "phase") == pytest.approx(1 + kappa * renewed, rel=1e-8)


def test_every_draw_of_the_phase_counts_also_where_it_changes_nothing():
    # Without hazards the years spent establishing are (1 - exp(-kappa_0 t)) / kappa_0.
    kappa_0, kappa, t = 0.2, 0.7, 30.0
    solved = exact.expectations(build(kappa_0=kappa_0, kappa=kappa, w0=0.9, **PEACE), YEARS)
    resolved = -math.expm1(-kappa_0 * t)
    expected = resolved + kappa * (t - resolved / kappa_0)
    assert of_kind(solved, "phase") == pytest.approx(expected, rel=1e-12)


def test_exits_and_the_end_of_the_mission_empty_the_force():
    arrival, leave, end = 0.5, 0.2, 0.1
    model = build(
        contributors=[Contributor(troops=1000, arrival=arrival, exit_rate=leave, commitment=0.7)],
        mission_end_rate=end,
        setup_per_soldier=10.0,
        per_soldier_year=3.0,
        **PEACE,
    )
    solved = exact.expectations(model, YEARS)
    span = 30.0 - arrival
    years = -math.expm1(-(leave + end) * span) / (leave + end)
    assert within(solved.troop_years, 700 * years, slack=1e-9)
    deployed = -np.expm1(-(leave + end) * np.clip(YEARS - arrival, 0.0, None)) / (leave + end)
    assert within(solved.soldier_years, 700 * deployed, slack=1e-9)
    assert of_kind(solved, "exit") == pytest.approx(0.7 * leave * years, rel=1e-12)
    # The mission ends whether or not anybody is left.
    assert of_kind(solved, "mission_end") == pytest.approx(
        -0.7 * math.expm1(-end * span), rel=1e-12
    )
    assert within(solved.cost, 7000 + 3 * 700 * years, slack=1e-8)
    assert within(solved.rmst, 30.0, slack=1e-11)


def test_contagion_between_two():
    # Two of a kind leave at 2 e, the other then at e (1 + c / 2); no time for either is closed.
    e, c = 0.1, 1.5
    model = build(
        contributors=[Contributor(n, arrival=0.0, exit_rate=e) for n in ("alpha", "bravo")],
        contagion=c,
        **PEACE,
    )
    solved = exact.expectations(model, YEARS)
    second = e * (1 + c / 2)
    t = 30.0
    both = 1 - (second * math.exp(-2 * e * t) - 2 * e * math.exp(-second * t)) / (second - 2 * e)
    assert of_kind(solved, "exit") == pytest.approx(-math.expm1(-2 * e * t) + both, rel=1e-12)


def test_a_backstop_that_comes_and_goes():
    loss, regain, start = 0.3, 0.5, 0.6
    model = build(promised=True, loss_rate=loss, regain_rate=regain, on_at_start=start, **PEACE)
    solved = exact.expectations(model, YEARS)
    total, t = loss + regain, 30.0
    settled = loss / total
    off = settled * t + (1 - start - settled) * -math.expm1(-total * t) / total
    assert within(solved.backstop_off_years, off, slack=1e-11)
    assert of_kind(solved, "backstop") == pytest.approx(loss * (t - off) + regain * off, rel=1e-12)


def test_nothing_promised_is_off_all_the_time():
    solved = exact.expectations(build(**PEACE), YEARS)
    assert within(solved.backstop_off_years, 30.0, slack=1e-11)


def test_reinforcement_is_paused_by_a_rate_of_zero():
    # Held half the time in the long run, the budget is used up at half the speed; here exactly:
    # two states failing / holding that switch at kappa / 2, reinforced at rate r while failing.
    kappa, r, kappa_0 = 1.0, 0.8, 1e8
    model = build(
        contributors=[Contributor(troops=1000, arrival=0.0)],
        reinforcement_ceiling=5000.0,
        reinforcement_rate=r,
        growth=3.0,
        kappa_0=kappa_0,
        kappa=kappa,
        hr=FLAT,
        **PEACE,
    )
    switch = kappa / 2
    generator = np.array([[-switch, switch], [switch, -switch - r]])
    values, vectors = np.linalg.eigh(generator)
    start = np.array([0.5, 0.5]) @ vectors
    ends = np.linalg.inv(vectors) @ np.ones(2)
    not_yet = float((start * np.exp(values * 30.0) * ends).sum())
    years_before = float((start * np.expm1(values * 30.0) / values * ends).sum())
    solved = exact.expectations(model, YEARS)
    assert of_kind(solved, "reinforcement") == pytest.approx(1 - not_yet, rel=1e-7)
    assert solved.troop_years.value[0] == pytest.approx(
        3000 * 30 - 2000 * years_before, rel=1e-7
    )  # both to within r / kappa_0


def test_common_shock_joins_commitments():
    r, p, q = 0.4, 0.8, 0.3
    model = build(
        contributors=[Contributor("alpha", commitment=p), Contributor("bravo", commitment=q)],
        correlation=r,
    )
    blocks, error = mixture(model, 0)
    found = {tuple(b.committed.tolist()): b.probability.sum() for b in blocks}
    normal = multivariate_normal(mean=[0, 0], cov=[[1, r], [r, 1]])
    both = normal.cdf([norm.ppf(p), norm.ppf(q)])
    # scipy's bivariate normal is good to about 1e-15, ours says how good it is.
    assert found[True, True] == pytest.approx(both, abs=error + 1e-12)
    assert found[True, False] == pytest.approx(p - both, abs=error + 1e-12)
    assert error < 1e-12
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-13)


@pytest.mark.parametrize("r", [0.0, 0.3, 0.9, 0.999])
def test_shock_integral_states_its_error(r):
    p = 0.07
    model = build(contributors=[Contributor(commitment=p)], correlation=r)
    blocks, error = mixture(model, 0)
    found = sum(b.probability.sum() for b in blocks if b.committed.any())
    assert found == pytest.approx(p, abs=error + 1e-14)


def test_blocks_merge_what_cannot_differ():
    model = build(
        contributors=[
            Contributor("alpha", troops=1000, commitment=0.5),
            Contributor("bravo", troops=0, aircraft=4, commitment=0.5),
        ],
        consent=0.4,
        refusal_blocks=0.25,
        hosts={"poland": 0.5},
        bases=[Base("poland")],
    )
    blocks, _ = mixture(model, 0)
    probability = {
        (tuple(b.committed.tolist()), b.consent, b.basing[0]): b.probability.sum() for b in blocks
    }
    blocked = 0.6 * 0.25
    assert len(blocks) == 1 + 2 + 2 + 4  # nobody; alpha by consent; bravo by bases; both by both
    assert probability[(False, False), True, 0.0] == pytest.approx(blocked + 0.85 / 4, rel=1e-12)
    assert probability[(True, False), False, 0.0] == pytest.approx(0.45 / 4, rel=1e-12)
    assert probability[(False, True), True, 10.0] == pytest.approx(0.85 / 8, rel=1e-12)


@pytest.mark.slow
def test_against_a_system_written_by_hand():
    """One contributor, a backstop, three phases, a hazard that grows: twelve equations."""
    arrival, leave, loss, regain, start = 0.4, 0.15, 0.3, 0.5, 0.6
    w0, failing, a, b, kappa_0, kappa, rho = 0.55, 0.7, 0.02, 0.1, 5.0, 0.3, 0.4
    shares, restored, reconstituted = (0.6, 0.3, 0.1), 3.0, 6.0
    hr = {"presence": 0.4, "backstop": 0.5, "ukraine": 0.7, "russia_unready": 0.6}
    model = build(
        contributors=[Contributor(troops=5000, arrival=arrival, exit_rate=leave)],
        promised=True, on_at_start=start, loss_rate=loss, regain_rate=regain, backstop_weight=0.8,
        w0=w0, failing=failing, holding=a, holding_slope=b, kappa_0=kappa_0, kappa=kappa,
        odds_exponent=rho, hazard_exponent=1 - rho,
        cause_shares=shares, army_restored=restored, reconstituted=reconstituted,
        half_effect=5.0, hr=hr, loading={("escalation", "backstop"): 0.5}, clamp=(0.3, 4.0),
    )  # fmt: skip

    def quarters(date):
        return [date * (k + 0.5) / 4 for k in range(4)]

    def log_m(t, here, on, cause):
        # 5 soldiers per km over the 20 of the record: 5 / (5 + 5) over 20 / (20 + 5).
        presence = 0.625 * math.log(0.4) if here and t >= arrival else 0.0
        backstop = 0.8 * (0.5 if cause == 1 else 1.0) * math.log(0.5) if on else 0.0
        army = math.log(0.7) * sum(t >= step for step in quarters(restored)) / 4
        unready = math.log(0.6) * sum(t < step for step in quarters(reconstituted)) / 4
        return max(presence + backstop + army + unready, math.log(0.3))

    def slope(t, y):
        p = y[:12].reshape(2, 2, 3)  # here, on, phase
        d = np.zeros((2, 2, 3))
        ends = np.zeros(3)
        draws = kappa_0 * p[..., 0].sum() + kappa * p[..., 1:].sum()
        soldiers = 5000.0 * p[1].sum() if t >= arrival else 0.0
        h0 = w0 * failing + (1 - w0) * a
        for here in (0, 1):
            for on in (0, 1):
                effects = [log_m(t, here, on, c) for c in range(3)]
                odds = math.log(w0 / (1 - w0)) + rho * np.dot(shares, effects)
                w = 1 / (1 + math.exp(-odds))
                flow = kappa_0 * p[here, on, 0]
                d[here, on] += [-flow, (1 - w) * flow, w * flow]
                flow = kappa * (w * p[here, on, 1] - (1 - w) * p[here, on, 2])
                d[here, on, 1:] += [-flow, flow]
                flow = (loss if on else regain) * p[here, on]
                d[here, on] -= flow
                d[here, 1 - on] += flow
                if here and t >= arrival:
                    d[1, on] -= leave * p[1, on]
                    d[0, on] += leave * p[1, on]
                base = np.array([h0, a * math.exp(b * t), failing])
                for c in range(3):
                    flow = base * shares[c] * math.exp((1 - rho) * effects[c]) * p[here, on]
                    d[here, on] -= flow
                    ends[c] += flow.sum()
        return np.concatenate([d.ravel(), ends, [p.sum(), draws, soldiers]])

    y = np.zeros(18)
    y.reshape(-1)[[6, 9]] = 1 - start, start
    steps = [*quarters(restored), *quarters(reconstituted)]
    edges = sorted([0.0, arrival, 1.0, *steps, 10.0, 20.0, 30.0])
    seen, falling = {}, {}
    for begin, end in pairwise(edges):
        # Rates jump at the edges, so each piece is solved for itself, looking only inwards.
        inside = solve_ivp(
            lambda t, y, end=end: slope(min(t, math.nextafter(end, 0.0)), y),
            (begin, end), y, method="DOP853", rtol=1e-12, atol=1e-15,
        )  # fmt: skip
        y = inside.y[:, -1]
        seen[end], falling[end] = y, slope(end, y)[12:15].sum()
    solved = exact.expectations(model, np.array(edges[2:]))
    tolerance = 1e-9  # of the solver, whose local error is 1e-12 over some hundred steps
    survival = [seen[t][:12].sum() for t in edges[2:]]
    assert within(solved.survival, survival, slack=tolerance)
    assert within(solved.incidence, np.array([seen[t][12:15] for t in edges[2:]]).T, tolerance)
    assert within(solved.rmst, seen[30.0][15], slack=10 * tolerance)
    assert of_kind(solved, "phase") == pytest.approx(seen[30.0][16], abs=10 * tolerance)
    soldier_years = [seen[t][17] for t in edges[2:]]
    assert within(solved.soldier_years, soldier_years, slack=5000 * 10 * tolerance)
    assert within(solved.ending_rate, [falling[t] for t in edges[2:]], slack=10 * tolerance)


def test_published_transition_probabilities():
    """Ten-year probabilities of coronary disease after heart transplants.

    The example of the R package msm (Jackson 2011, J. Stat. Softw. 38(8), and the package's
    manual): intensities and P(10 years) as printed there. Death is our collapse.
    """
    q = np.array([[0, 0.12787, 0], [0.22512, 0, 0.34261], [0, 0.13062, 0]])
    death = np.array([0.04250, 0.04021, 0.30648])
    printed = np.array(
        [
            [0.30940656, 0.09750021, 0.08787255, 0.5052207],
            [0.17165172, 0.06552639, 0.07794394, 0.6848780],
            [0.05898093, 0.02971653, 0.04665485, 0.8646477],
        ]
    )
    counted = np.zeros((3, len(COUNTED)))
    counted[:, 0] = death
    generator = Generator(
        inflow=csr_array(q.T),
        outflow=q.sum(axis=1) + death,
        ageing=np.zeros(3),
        counted=counted,
        ageing_causes=np.zeros((3, len(CAUSES))),
    )
    for state in range(3):
        zeros = np.zeros(len(COUNTED))
        chain = Chain(np.eye(3)[state], zeros.copy(), 0, 0.0, zeros.copy())
        advance(chain, generator, 10.0, 1.0)
        # Intensities are printed to half a unit in the fifth decimal: over ten years and two or
        # three moves out of each state that is some 1e-4.
        assert np.append(chain.p, chain.counted[0]) == pytest.approx(printed[state], abs=1.5e-4)


@pytest.mark.slow
def test_what_is_left_and_what_collapsed_add_up_to_one():
    solved = exact.expectations(small(draws=2, response=["doubling", "none"]), YEARS)
    total = solved.survival.value + solved.incidence.value.sum(axis=1)
    assert np.all(np.abs(total - 1.0) < 1e-12)  # some 10^4 roundings
    assert np.all(np.diff(solved.survival.value, axis=1) < 0.0)
    assert np.all(np.diff(solved.incidence.value, axis=2) > 0.0)


@pytest.mark.slow
def test_mean_life_is_the_area_under_the_survival_curve():
    model = build(kappa=0.3, holding_slope=0.1, army_restored=3.0, reconstituted=6.0)
    fine = np.linspace(0.0, 30.0, 3001)
    solved = exact.expectations(model, fine)
    area = np.trapezoid(solved.survival.value[0], fine)
    # Hazards jump and drift slowly: chords of 0.01 years are off by at most h'' / 12 * 0.01**2.
    assert solved.rmst.value[0] == pytest.approx(area, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("slope", [0.05, 0.1535, -0.1])
def test_error_bound_covers_a_finer_solution(slope, monkeypatch):
    from simulator.engines.exact import solve

    model = small(holding=0.02, holding_slope=slope)
    usual = exact.expectations(model, YEARS)
    monkeypatch.setattr(solve, "COARSEST_STEP", 1.0 / 4.0)
    finer = exact.expectations(model, YEARS)
    for name, estimate in usual.estimates().items():
        assert within(estimate, finer.estimates()[name].value), name
        scale = np.maximum(1.0, np.abs(estimate.value))
        assert np.all(estimate.numerical_error <= 1e-8 * scale), name


@pytest.mark.parametrize("factor", ["backstop", "ukraine", "air"])
def test_more_of_what_helps_never_shortens_a_life(factor):
    helps = dict.fromkeys(FACTORS, 0.8) | {"no_consent": 1.0}
    lives = [
        exact.expectations(small(hr=helps | {factor: ratio}, holding_slope=0.0), YEARS).rmst.value[
            0
        ]
        for ratio in (1.0, 0.8, 0.5)
    ]
    assert lives == sorted(lives)


def test_a_model_that_is_too_large_is_refused_with_its_size():
    model = eventful(contributors=[Contributor(f"c{i}") for i in range(12)])
    size = exact.size_bound(model)
    with pytest.raises(exact.ModelTooLargeError, match=rf"12 contributors.*{size:,}.*100,000"):
        exact.expectations(model, YEARS)


def test_rates_that_are_too_fast_are_refused_with_the_limit():
    model = eventful(loss_rate=1e7, regain_rate=1e7)
    with pytest.raises(exact.ModelTooLargeError, match=r"rates up to 2?1e\+07 per year"):
        exact.expectations(model, YEARS)


@pytest.mark.parametrize("years", [[1.0, 1.0], [2.0, 1.0], [-1.0], [31.0]])
def test_times_outside_the_horizon_are_refused(years):
    with pytest.raises(ValueError, match=r"years must increase within \[0, 30.0\]"):
        exact.expectations(build(), np.array(years))


def test_occupancy_of_every_state():
    model = small()
    states, p = exact.occupancy(model, 0, YEARS)
    solved = exact.expectations(model, YEARS)
    assert p.shape == (YEARS.size, states.start.size)
    assert p.sum(axis=1) == pytest.approx(solved.survival.value[0], rel=1e-9)
    assert p[0].sum() == pytest.approx(1.0, abs=1e-13)
    assert np.all(p >= 0.0)
    # While establishing nothing leads back, so its share falls at kappa_0 plus its hazard.
    phases = p.reshape(YEARS.size, -1, 3).sum(axis=1)
    assert phases[0].tolist() == pytest.approx([1.0, 0.0, 0.0], abs=1e-13)
    assert np.all(np.diff(phases[:, 0]) <= 0.0)
    assert phases[1, 0] < math.exp(-6.0 * YEARS[1])
