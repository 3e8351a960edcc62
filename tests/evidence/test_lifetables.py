import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.lifetables import EDGES_YEARS, LifeTable, life_table
from simulator.evidence.spells import Spells

_row = st.tuples(
    st.floats(0.0, 20.0), st.floats(0.001, 40.0), st.booleans()
)  # entry, watched for, failed


@given(st.lists(_row, min_size=1, max_size=30))
def test_nothing_is_lost_and_nothing_counted_twice(
    rows: list[tuple[float, float, bool]],
) -> None:
    entry = np.array([row[0] for row in rows])
    spells = Spells(
        entry + np.array([row[1] for row in rows]), np.array([row[2] for row in rows]), entry
    )
    table = life_table(spells)
    assert table.failures == spells.failures
    assert table.years_at_risk == pytest.approx(spells.years_at_risk, rel=1e-12)


def test_counted_by_hand() -> None:
    spells = Spells(
        np.array([0.5, 1.0, 2.5, 3.0]), np.array([True, True, False, True]),
        np.array([0.0, 0.0, 0.0, 1.0]),
    )  # fmt: skip
    table = life_table(spells, np.array([0.0, 1.0, 2.0, 4.0]))
    assert table.entering.tolist() == [3, 2, 2]
    assert table.events.tolist() == [2, 0, 1]  # a failure on an edge belongs to the band below it
    assert table.years.tolist() == [2.5, 2.0, 1.5]


def test_bands_beyond_the_last_age_are_dropped_and_thin_ones_joined() -> None:
    spells = Spells(np.array([0.5, 1.5, 2.5, 7.0]), np.array([True, True, True, False]))
    assert life_table(spells).edges[-1] == 7.5
    thick = life_table(spells, fewest=2)
    assert thick.entering[-1] >= 2
    assert thick.edges[-1] == 7.5
    assert thick.failures == 3


def test_bad_tables_and_ages_outside_are_refused() -> None:
    one = np.array([1])
    with pytest.raises(ValueError, match="every column"):
        LifeTable(np.array([0.0, 1.0, 2.0]), one, one, np.array([1.0]))
    with pytest.raises(ValueError, match="must increase"):
        LifeTable(np.array([1.0, 1.0]), one, one, np.array([1.0]))
    with pytest.raises(ValueError, match="no years at risk"):
        LifeTable(np.array([0.0, 1.0]), one, one, np.array([0.0]))
    with pytest.raises(ValueError, match="outside the bands"):
        life_table(Spells(np.array([EDGES_YEARS[-1] + 1]), np.array([True])))
