"""No more digits than there are, and tables that other programs can read."""

from __future__ import annotations

import base64
import csv
import io

import pytest

from simulator.estimates.estimate import Estimate
from simulator.number_format import (
    of_100,
    percent,
    percent_span,
    share_of_draws,
    span,
    with_error,
)
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    Cell,
    data_uri,
    estimate_cells,
    table,
    to_csv,
    without_empty,
)


@pytest.mark.parametrize(
    ("value", "mcse", "shown"),
    [
        (0.41837, 0.004, "0.418"),
        (0.41837, 0.04, "0.42"),
        (0.41837, 0.4, "0.4"),
        (17_342.0, 210.0, "17,300"),
        (17_342.0, 150.0, "17,340"),
        (5.0, 0.0, "5"),
        (0.41837, None, "0.42"),
        (0.41837, 0.0, "0.4184"),
        (None, None, "–"),
    ],
)
def test_a_value_ends_where_its_error_begins(
    value: float | None, mcse: float | None, shown: str
) -> None:
    assert with_error(value, mcse) == shown


def test_an_exact_value_is_never_a_power_of_ten() -> None:
    assert with_error(25.49, 0.0, 1) == "25.5"
    assert with_error(17_342.25, 0.0) == "17,340"


@pytest.mark.parametrize(
    ("value", "mcse", "units", "shown"),
    [
        (0.4712, 0.009, 1000, "47"),
        (0.4712, 0.011, 1000, "45 to 49"),
        (0.4712, 0.2, 10, "7 to 87"),
        (0.4712, None, 25, "27 to 67"),
        (0.0, 0.0, 1000, "fewer than 1"),
        (0.0, 0.0, 20, "fewer than 15"),
        (1.0, 0.0, 20, "more than 85"),
        (0.002, 0.001, 1000, "fewer than 1"),
        (0.0005, 0.0005, 20, "fewer than 15"),
        (0.004, 0.009, 1000, "fewer than 3"),
        (0.996, 0.009, 1000, "more than 97"),
        (0.0, 0.05, 1000, "fewer than 10"),
        (None, None, 1000, "an unknown number"),
    ],
)
def test_counts_of_a_hundred_claim_no_more_than_the_run_knows(
    value: float | None, mcse: float | None, units: int, shown: str
) -> None:
    assert of_100(value, mcse, units) == shown


@pytest.mark.parametrize(
    ("share", "mcse", "draws", "shown"),
    [
        (0.0, 0.17, 3, "< 1"),
        (1.0, 0.0005, 1000, "> 0.997"),
        (1.0, 0.05, 1000, "> 0.9"),
        (0.354, 0.015, 1000, "0.354"),
        (0.354, 0.07, 1000, "0.35"),
        (None, None, 1000, "–"),
    ],
)
def test_a_share_that_few_draws_show_is_not_none_or_all(
    share: float | None, mcse: float | None, draws: int, shown: str
) -> None:
    assert share_of_draws(share, mcse, draws) == shown


def test_ranges_are_as_sharp_as_their_draws() -> None:
    assert span(0.0312, 0.8871, 1000) == "0.03 to 0.89"
    assert span(0.0312, 0.8871, 10) == "0.0 to 0.9"
    assert span(0.0312, 0.8871, 10**6) == "0.0312 to 0.8871"
    assert percent_span(0.0312, 0.8871, 10**6) == "3 to 89"
    assert span(1.5, None, 100) == "1.5 to beyond"
    assert span(None, None, 100) == ""
    assert percent(0.5, 0.0003) == "50.0"


def test_cells_show_little_and_hold_everything() -> None:
    cells = estimate_cells(Estimate(0.123456, 0.0023, 0.05, None), 1000, 100.0)
    assert [cell.shown for cell in cells] == ["12.3", "0.2", "5.0", "beyond"]
    assert cells[0].raw == pytest.approx(12.3456)
    assert cells[3].raw is None
    assert [c.shown for c in estimate_cells(None, 10)] == ["–"] * len(ESTIMATE_COLUMNS)
    assert [c.shown for c in estimate_cells(Estimate(0.0, 0.0, 0.0, 0.0), 10)] == ["0"] * 4


def test_csv_is_whole_and_starts_no_formula() -> None:
    rows = (
        ('=HYPERLINK("http://x")', 1.25),
        ('a "quoted", name\nwith a break', None),
        ("-plan", Cell("−3", -3.0)),
    )
    written = to_csv(table(("name", "value, %"), rows))
    read = list(csv.reader(io.StringIO(written)))
    assert read[0] == ["name", "value, %"]
    assert read[1] == ['\'=HYPERLINK("http://x")', "1.25"]
    assert read[2] == ['a "quoted", name\nwith a break', ""]
    assert read[3] == ["'-plan", "-3.0"]
    head, _, body = data_uri(written).partition(",")
    assert head == "data:text/csv;charset=utf-8;base64"
    assert base64.b64decode(body).decode("utf-8-sig") == written


def test_a_column_without_anything_is_left_out() -> None:
    full = table(("a", "b", "c"), (("x", None, 1.0), ("", "", "")))
    assert without_empty(full) == table(("a", "c"), (("x", 1.0), ("", "")))
