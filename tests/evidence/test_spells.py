import numpy as np
import pytest

from research.splits import censored_at
from simulator.evidence.spells import Spells, landmark


def test_defaults_are_no_truncation_and_a_cluster_each() -> None:
    spells = Spells(np.array([1.0, 2.0]), np.array([True, False]))
    assert spells.entry.tolist() == [0.0, 0.0]
    assert spells.clusters == 2
    assert not spells.truncated
    assert spells.failures == 1
    assert spells.years_at_risk == 3.0


@pytest.mark.parametrize(
    ("exit_", "entry", "index"),
    [([1.0, 0.0], [0.0, 0.0], 1), ([1.0, 2.0], [0.0, 2.0], 1), ([np.nan, 2.0], [0.0, 1.0], 0),
     ([1.0, np.inf], [0.0, 1.0], 1), ([1.0, 2.0], [0.0, -1.0], 1)],
)  # fmt: skip
def test_a_bad_age_is_named_by_its_index(
    exit_: list[float], entry: list[float], index: int
) -> None:
    with pytest.raises(ValueError, match=f"spell {index}:"):
        Spells(np.array(exit_), np.array([True, True]), np.array(entry))


def test_empty_and_uneven_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one spell"):
        Spells(np.array([]), np.array([], dtype=bool))
    with pytest.raises(ValueError, match="give one of each per spell"):
        Spells(np.array([1.0, 2.0]), np.array([True]))


def test_arrays_cannot_be_changed_afterwards() -> None:
    ages = np.array([1.0, 2.0])
    spells = Spells(ages, np.array([True, False]))
    ages[0] = 5.0
    assert spells.exit[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        spells.exit[0] = 5.0


def test_what_was_seen_by_an_age() -> None:
    spells = Spells(
        np.array([1.0, 4.0, 6.0, 9.0]), np.array([True, True, True, False]),
        np.array([0.0, 0.0, 5.0, 0.0]),
    )  # fmt: skip
    seen = censored_at(spells, 4.0)
    # the failure at 4 was seen, the row watched from 5 was not, the others are censored at 4
    assert seen.exit.tolist() == [1.0, 4.0, 4.0]
    assert seen.event.tolist() == [True, True, False]


def test_landmark_keeps_the_living_and_starts_there() -> None:
    spells = Spells(np.array([1.0, 2.0, 3.0]), np.array([True, True, False]))
    later = landmark(spells, 1.0)
    assert later.exit.tolist() == [2.0, 3.0]
    assert later.entry.tolist() == [1.0, 1.0]
