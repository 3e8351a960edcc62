"""Columns survive a Parquet file, and equal columns give equal bytes."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.storage import StorageError, read_table, table_bytes, write_bytes

MIXED = {
    "years": np.array([0.25, np.nan, 3.0]),
    "count": np.array([1, -(2**62), 3]),
    "on": np.array([True, False, True]),
    "name": ["türkiye", None, ""],
    "maybe_count": [1, None, 3],
    "maybe_on": [None, True, False],
    "number": [1, 2.5, None],
    "anything": ["likely", 2, True],
    "nothing": [None, None, None],
}
METADATA = {
    "title": "Größe",
    "numbers": [1, 2.5],
    "none": None,
    "many": {str(i): i for i in range(20)},
}


def test_columns_and_metadata_come_back(tmp_path):
    table = read_table(write_bytes(tmp_path, "mixed.parquet", table_bytes(MIXED, METADATA)))

    assert table.metadata == METADATA
    assert list(table.columns) == list(MIXED)
    assert all(column.size == 3 for column in table.columns.values())
    np.testing.assert_array_equal(table.columns["years"], MIXED["years"])
    assert table.columns["count"].dtype == np.int64
    assert table.columns["count"].tolist() == [1, -(2**62), 3]
    assert table.columns["on"].dtype == np.bool_
    assert table.columns["name"].tolist() == ["türkiye", None, ""]
    assert table.columns["maybe_count"].tolist() == [1, None, 3]
    assert table.columns["maybe_on"].tolist() == [None, True, False]
    np.testing.assert_array_equal(table.columns["number"], [1.0, 2.5, np.nan])
    assert table.columns["anything"].tolist() == ["likely", "2", "true"]
    assert table.columns["nothing"].tolist() == [None, None, None]


@pytest.mark.slow
def test_bytes_do_not_depend_on_the_process():
    """Hash seeds differ between processes; a map written in arbitrary order would show."""
    code = (
        "import hashlib; from tests.storage.test_parquet import MIXED, METADATA;"
        "from simulator.storage import table_bytes;"
        "print(hashlib.sha256(table_bytes(MIXED, METADATA)).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(3)
    }
    assert len(seen) == 1


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False), st.integers(-(2**63), 2**63 - 1), st.text(), st.booleans()
        ),
        max_size=40,
    )
)
@settings(max_examples=50, deadline=None)
def test_any_values_come_back(rows):
    floats, integers, texts, truths = (
        (list(c) for c in zip(*rows, strict=True)) if rows else [[]] * 4
    )
    columns = {
        "floats": np.array(floats, np.float64),
        "integers": np.array(integers, np.int64),
        "texts": texts,
        "truths": np.array(truths, np.bool_),
    }
    back = read_table(table_bytes(columns), verified=True).columns
    assert back["floats"].tobytes() == columns["floats"].tobytes()
    assert back["integers"].tolist() == integers
    assert back["texts"].tolist() == texts
    assert back["truths"].tolist() == truths


def test_long_tables_are_read_in_order():
    n = 200_000
    table = read_table(table_bytes({"i": np.arange(n), "x": np.linspace(0, 1, n)}))
    np.testing.assert_array_equal(table.columns["i"], np.arange(n))
    np.testing.assert_array_equal(table.columns["x"], np.linspace(0, 1, n))


@pytest.mark.parametrize(
    "broken",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: b"text, not a table" * 10,
        lambda data: bytes(len(data)),
        lambda data: data[: len(data) // 2],
        lambda data: data[:4] + b"\xff" * (len(data) - 12) + data[-8:],
    ],
)
def test_a_torn_file_is_an_error(broken, tmp_path):
    path = tmp_path / "torn.parquet"
    path.write_bytes(broken(table_bytes(MIXED)))
    with pytest.raises(StorageError, match=r"torn\.parquet: is not a whole Parquet file"):
        read_table(path)


@pytest.mark.slow
def test_a_flipped_bit_is_one_error_and_nothing_else(capfd):
    """Some make the library panic, some make it end the process; both write a backtrace."""
    data = table_bytes({"x": np.linspace(0, 1, 500), "name": ["a", "b"] * 250}, {"n": 1})
    draw = random.Random(1)
    refused = 0
    for _ in range(40):
        broken = bytearray(data)
        broken[-1 - draw.randrange(900)] ^= 1 << draw.randrange(8)
        try:
            read_table(bytes(broken))
        except StorageError:
            refused += 1
    assert refused > 10
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(StorageError, match="No such file"):
        read_table(tmp_path / "absent.parquet")


@pytest.mark.parametrize(
    "columns", [{}, {"a": [1], "b": [1, 2]}, {"a": np.zeros((2, 2))}, {"a": np.zeros(2), "b": []}]
)
def test_columns_must_be_of_one_length(columns):
    with pytest.raises(ValueError, match="column"):
        table_bytes(columns)


def test_objects_are_refused():
    with pytest.raises(TypeError, match="not list"):
        table_bytes({"a": [[1]]})
