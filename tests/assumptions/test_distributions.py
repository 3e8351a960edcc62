"""Quantile functions: monotone, inverse to the cdf, exact where stated, with the right moments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammainccinv, gammaincinv, ndtr, ndtri

from simulator.books.distributions import (
    Beta,
    Distribution,
    Fixed,
    Gamma,
    Triangular,
    Uniform,
    pert,
)
from simulator.books.mixtures import Categorical, Dirichlet, FixedShares, Mixture
from simulator.books.normals import TwoPieceNormal, from_interval, from_quantiles

LEAST, MOST = 2.0**-53, 1.0 - 2.0**-53  # the extreme uniforms of simulator.addresses
# scipy's inverses of the incomplete beta and gamma functions, and ndtri, are good to a few units in
# the last place, not monotone to the last bit.
ROUNDING = 1e-11

settings.register_profile("unhurried", deadline=None)  # the first call imports scipy
settings.load_profile("unhurried")

numbers = st.floats(-1e6, 1e6)
positive = st.floats(1e-3, 1e3)
shapes = st.floats(0.1, 50.0)


@st.composite
def ascending(draw, count: int, low: float = -1e6, high: float = 1e6):
    """Numbers in ascending order, apart by more than rounding."""
    values = sorted(draw(st.lists(st.floats(low, high), min_size=count, max_size=count)))
    gap = (high - low) * 1e-6
    return [value + index * gap for index, value in enumerate(values)]


@st.composite
def three_points(draw):
    low, high = draw(ascending(2))
    return low, min(low + draw(st.floats(0, 1)) * (high - low), high), high


two_piece = st.builds(TwoPieceNormal, numbers, positive, positive)
on_log = st.builds(
    TwoPieceNormal, st.floats(-5, 5), st.floats(0.01, 3), st.floats(0.01, 3), st.just("log")
)
on_logit = st.builds(
    TwoPieceNormal, st.floats(-5, 5), st.floats(0.01, 3), st.floats(0.01, 3), st.just("logit")
)
continuous = st.one_of(
    ascending(2).map(lambda ends: Uniform(*ends)),
    three_points().map(lambda p: Triangular(*p)),
    three_points().map(lambda p: pert(*p)),
    st.builds(Beta, shapes, shapes),
    st.builds(Gamma, shapes, positive),
    two_piece,
    on_log,
    on_logit,
)


@st.composite
def categorical(draw):
    values = sorted(set(draw(st.lists(numbers, min_size=1, max_size=6))))
    weights = np.array(
        draw(st.lists(st.floats(0.01, 1), min_size=len(values), max_size=len(values)))
    )
    return Categorical(tuple(values), tuple((weights / weights.sum()).tolist()))


simple = st.one_of(continuous, categorical(), st.builds(Fixed, numbers))


@st.composite
def mixtures(draw):
    parts = draw(st.lists(simple, min_size=1, max_size=4))
    weights = np.array(draw(st.lists(st.floats(0.05, 1), min_size=len(parts), max_size=len(parts))))
    return Mixture(tuple(parts), tuple((weights / weights.sum()).tolist()))


uniform_arrays = st.lists(st.floats(LEAST, MOST), min_size=1, max_size=20).map(
    lambda u: np.sort(np.array([LEAST, *u, MOST]))
)


@given(st.one_of(simple, mixtures()), uniform_arrays)
def test_quantiles_rise_and_stay_in_the_support(distribution: Distribution, u):
    x = distribution.ppf(u)
    assert x.shape == u.shape
    assert x.dtype == np.float64
    assert np.all(np.isfinite(x))
    assert np.all(np.diff(x) >= -ROUNDING * np.abs(x[1:]))
    support = distribution.support
    slack = ROUNDING * max(abs(support.low), 1e-300), ROUNDING * abs(support.high)
    for value in x.tolist():
        inside = support.contains(value)
        near = support.low - slack[0] <= value <= support.high + slack[1]
        # Only the ends of two-piece normals, which are quantiles themselves, may round outwards.
        assert inside or (
            near and not isinstance(distribution, Uniform | Triangular | Beta | Gamma)
        )


@given(continuous, uniform_arrays)
def test_the_cdf_inverts_the_quantile_function(distribution: Distribution, u):
    back = distribution.cdf(distribution.ppf(u))
    # A quantile is a float: where the density is high its last bit is worth more probability.
    x = distribution.ppf(u)
    beyond = distribution.cdf(np.nextafter(x, np.inf)) - distribution.cdf(np.nextafter(x, -np.inf))
    assert np.all(np.abs(back - u) <= 1e-9 + 16 * beyond)


@given(st.one_of(categorical(), st.builds(Fixed, numbers), mixtures()), uniform_arrays)
def test_steps_are_inverted_at_the_smallest_value_that_reaches(distribution: Distribution, u):
    x = distribution.ppf(u)
    top = distribution.cdf(distribution.ppf(np.array([MOST])))
    # Where the density is high the next float is already worth more than rounding.
    above = distribution.cdf(np.nextafter(np.nextafter(x, np.inf), np.inf))
    assert np.all(above >= np.minimum(u, top) - 1e-12)
    below = distribution.cdf(np.nextafter(x, -np.inf))
    least = distribution.ppf(np.array([LEAST]))
    assert np.all((below < u + 1e-9) | (x <= least))


@given(continuous)
def test_outside_the_support_the_cdf_is_0_or_1(distribution: Distribution):
    support = distribution.support
    reach = 1e9 + abs(support.low)
    far = np.array([support.low - reach, 1e300])
    assert distribution.cdf(far).tolist() == pytest.approx([0.0, 1.0], abs=1e-12)


@settings(max_examples=30)
@given(continuous, uniform_arrays)
def test_no_element_depends_on_another(distribution: Distribution, u):
    mixture = Mixture((distribution, Fixed(0.5)), (0.5, 0.5))
    for law in (distribution, mixture):
        alone = [law.ppf(np.array([one]))[0] for one in u]
        assert law.ppf(u).tolist() == alone


# --- exact quantiles --------------------------------------------------------------------------

STATED = np.array([0.05, 0.5, 0.95])


@given(ascending(3))
def test_elicited_quantiles_on_the_natural_scale_are_exact(points):
    x = from_quantiles(*points, "natural").ppf(STATED)
    size = max(map(abs, points))
    assert x == pytest.approx(points, rel=1e-12, abs=1e-12 * size)


@given(ascending(3, 1e-4, 1e4))
def test_elicited_quantiles_on_the_log_scale_are_exact(points):
    assert from_quantiles(*points, "log").ppf(STATED) == pytest.approx(points, rel=1e-12)


@given(ascending(3, 1e-4, 0.999))
def test_elicited_quantiles_on_the_logit_scale_are_exact(points):
    assert from_quantiles(*points, "logit").ppf(STATED) == pytest.approx(points, rel=1e-12)


@pytest.mark.parametrize("scale", ["natural", "log", "logit"])
def test_an_interval_holds_the_central_90_percent_and_is_symmetric_on_its_scale(scale):
    law = from_interval([0.2, 0.6], scale)
    low, middle, high = law.ppf(STATED)
    assert (low, high) == (pytest.approx(0.2, rel=1e-12), pytest.approx(0.6, rel=1e-12))
    odds = math.sqrt(0.25 * 1.5)
    centre = {"natural": 0.4, "log": math.sqrt(0.12), "logit": odds / (1 + odds)}[scale]
    assert middle == pytest.approx(centre, rel=1e-12)


def test_two_half_normals_meet_without_a_jump_and_differ_in_width():
    law = from_quantiles(1.0, 2.0, 5.0, "natural")
    assert law.ppf(np.array([0.5 - 1e-12, 0.5 + 1e-12])) == pytest.approx([2.0, 2.0], abs=1e-10)
    assert law.above == pytest.approx(3 * law.below)
    equal = from_quantiles(1.0, 2.0, 3.0, "natural")
    assert equal == pytest.approx(equal) and equal.below == pytest.approx(equal.above)


@pytest.mark.parametrize("scale", ["natural", "log", "logit"])
@pytest.mark.parametrize(
    "at",
    [
        (0.25, 0.5, 0.75),
        (0.1, 0.5, 0.9),
        (0.05, 0.4, 0.95),
        (0.025, 0.6, 0.9),
        (0.01, 0.49, 0.51),
        (0.45, 0.55, 0.999),
    ],
)
def test_any_three_quantiles_around_the_median_are_exact(at, scale):
    law = from_quantiles(0.3, 0.4, 0.6, scale, at)
    assert law.ppf(np.array(at)) == pytest.approx([0.3, 0.4, 0.6], rel=1e-12)


def test_quantiles_that_no_two_half_normals_have_are_refused():
    # The lower half, drawn on from 0.3 at 5 % and 0.31 at 45 %, has its median at 0.3108 already.
    with pytest.raises(ValueError, match="no two half-normals"):
        from_quantiles(0.3, 0.31, 0.3105, "natural", (0.05, 0.45, 0.95))


def test_known_quantiles_of_the_textbook_distributions():
    u = np.array([0.25, 0.5, 0.9])
    assert Uniform(2.0, 6.0).ppf(u) == pytest.approx([3.0, 4.0, 5.6])
    # Triangular 0, 1, 4: F = x^2/4 up to 1, 1 - (4-x)^2/12 beyond.
    assert Triangular(0.0, 1.0, 4.0).ppf(u) == pytest.approx(
        [1.0, 4 - math.sqrt(6), 4 - math.sqrt(1.2)]
    )
    assert Triangular(0.0, 0.0, 1.0).ppf(u) == pytest.approx(1 - np.sqrt(1 - u))
    assert Triangular(0.0, 1.0, 1.0).ppf(u) == pytest.approx(np.sqrt(u))
    assert Beta(1.0, 3.0).ppf(u) == pytest.approx(1 - (1 - u) ** (1 / 3))
    assert Beta(3.0, 1.0, 10.0, 20.0).ppf(u) == pytest.approx(10 + 10 * u ** (1 / 3))
    assert Gamma(1.0, 2.5).ppf(u) == pytest.approx(-2.5 * np.log1p(-u))
    assert TwoPieceNormal(1.0, 2.0, 2.0).ppf(np.array([ndtr(-1.5)])) == pytest.approx([-2.0])
    assert Categorical((1.0, 2.0, 7.0), (0.25, 0.5, 0.25)).ppf(u).tolist() == [1.0, 2.0, 7.0]
    assert Fixed(3.0).ppf(u).tolist() == [3.0, 3.0, 3.0]


@pytest.mark.slow
@pytest.mark.parametrize("shape", [0.09, 0.1, 0.3, 1.0, 2.4, 7.0, 100.0, 9e3, 2e4])
def test_tabulated_gamma_quantiles_are_those_of_scipy(shape):
    """To 12 digits between and at the nodes, from one extreme uniform to the other, in order."""
    u = np.clip(ndtr(np.linspace(-8.21, 8.21, 50_001)), LEAST, MOST)
    upper = ndtr(-ndtri(u))
    exact = np.where(u < 0.5, gammaincinv(shape, u), gammainccinv(shape, upper))
    values = Gamma(shape, 3.0).ppf(u)
    assert values == pytest.approx(3.0 * exact, rel=1e-12)
    assert np.all(np.diff(values) >= 0.0)
    tiny = np.array([1e-300, 1e-20, 0.5])
    assert Gamma(shape, 1.0).ppf(tiny) == pytest.approx(gammaincinv(shape, tiny), rel=1e-12)


# --- moments ----------------------------------------------------------------------------------


def moments(law: Distribution) -> tuple[float, float]:
    """Mean and variance by quadrature over normal scores, in panels that meet at the median."""
    nodes, weights = np.polynomial.legendre.leggauss(10)
    edges = np.linspace(-8.2, 8.2, 201)
    half = (edges[1] - edges[0]) / 2
    z = (edges[:-1, None] + half + half * nodes).ravel()
    density = np.tile(weights * half, 200) * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    x = law.ppf(ndtr(z))
    mean = float(density @ x)
    return mean, float(density @ (x - mean) ** 2)


def test_moments_agree_with_their_closed_forms():
    s1, s2 = (
        0.5,
        1.5,
    )  # two-piece normal: Johnson, Kotz & Balakrishnan, split normal with weight 1/2
    shift = (s2 - s1) * math.sqrt(2 / math.pi)
    split = (1.0 + shift / 2, (s1**2 + s2**2) / 2 - shift**2 / 4)
    cases = {
        "uniform": (Uniform(2.0, 6.0), 4.0, 16 / 12),
        "triangular": (Triangular(0.0, 1.0, 4.0), 5 / 3, (0 + 1 + 16 - 0 - 0 - 4) / 18),
        "pert": (pert(0.0, 1.0, 4.0), 8 / 6, (8 / 6) * (16 / 6) / 7),
        "beta": (Beta(2.0, 5.0), 2 / 7, 10 / (49 * 8)),
        "gamma": (Gamma(3.0, 2.0), 6.0, 12.0),
        "normal": (TwoPieceNormal(1.0, 2.0, 2.0), 1.0, 4.0),
        "lognormal": (
            TwoPieceNormal(0.0, 0.5, 0.5, "log"),
            math.exp(0.125),
            (math.exp(0.25) - 1) * math.exp(0.25),
        ),
        "two-piece": (TwoPieceNormal(1.0, s1, s2), *split),
        "mixture": (
            Mixture((Uniform(0.0, 1.0), Gamma(3.0, 2.0)), (0.25, 0.75)),
            0.25 * 0.5 + 0.75 * 6.0,
            0.25 * (1 / 12 + 0.25) + 0.75 * (12 + 36) - (0.125 + 4.5) ** 2,
        ),
    }
    for name, (law, mean, variance) in cases.items():
        # Kinks and jumps of the quantile function limit the quadrature.
        assert moments(law) == (
            pytest.approx(mean, rel=2e-5),
            pytest.approx(variance, rel=2e-4),
        ), name


def test_the_pert_mean_weights_the_mode_four_times():
    assert moments(pert(1.0, 2.0, 9.0))[0] == pytest.approx((1 + 8 + 9) / 6, rel=1e-6)


# --- mixtures ---------------------------------------------------------------------------------


def test_a_mixture_is_inverted_to_the_last_float():
    law = Mixture((Uniform(0.0, 1.0), Uniform(2.0, 3.0)), (0.5, 0.5))
    u = np.array([0.25, 0.5, np.nextafter(0.5, 1), 0.75])
    assert law.ppf(u) == pytest.approx([0.5, 1.0, 2.0, 2.5], abs=1e-15)
    tiny = Mixture((TwoPieceNormal(-300.0, 1.0, 1.0, "log"), Fixed(1e10)), (0.5, 0.5))
    assert tiny.ppf(np.array([0.25, 0.9])) == pytest.approx([math.exp(-300), 1e10], rel=1e-12)
    around = Mixture((TwoPieceNormal(0.0, 1.0, 1.0), Fixed(0.0)), (0.5, 0.5))
    assert around.ppf(np.array([0.2, 0.5, 0.8])) == pytest.approx([-0.2533471, 0.0, 0.2533471])
    assert not np.signbit(around.ppf(np.array([0.5])))[0]


# --- shares -----------------------------------------------------------------------------------


@given(st.lists(shapes, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_shares_sum_to_one(concentrations, random):
    parts = tuple(f"p{i}" for i in range(len(concentrations)))
    extremes = {p: np.array([LEAST, MOST, 0.5, random.uniform(LEAST, MOST)]) for p in parts}
    drawn = Dirichlet(dict(zip(parts, concentrations, strict=True))).shares(extremes)
    assert np.sum(list(drawn.values()), axis=0) == pytest.approx(np.ones(4), rel=1e-12)
    assert all(np.all(values >= 0) for values in drawn.values())
    assert (
        FixedShares({"a": 0.3, "b": 0.7}).shares({"a": STATED, "b": STATED})["b"].tolist()
        == [0.7] * 3
    )


def test_a_dirichlet_has_beta_margins():
    # Shares of a Dirichlet with concentrations 5, 3.5, 1.5 have means a/10 and variances
    # a (10 - a) / (100 * 11). Halton points, so the error is far below 1e-3.
    n = np.arange(1, 20_001)

    def halton(base: int) -> np.ndarray:
        value, digits, scale = np.zeros(n.size), n.copy(), 1.0
        while digits.any():
            scale /= base
            value += scale * (digits % base)
            digits //= base
        return value

    parts, concentrations = ("a", "b", "c"), (5.0, 3.5, 1.5)
    uniforms = {p: halton(b) for p, b in zip(parts, (2, 3, 5), strict=True)}
    drawn = Dirichlet(dict(zip(parts, concentrations, strict=True))).shares(uniforms)
    for part, a in zip(parts, concentrations, strict=True):
        assert drawn[part].mean() == pytest.approx(a / 10, abs=1e-3)
        assert drawn[part].var() == pytest.approx(a * (10 - a) / 1100, rel=1e-2)
