"""Files of the store: what is written comes back, and what was changed does not."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from simulator.estimates.estimate import ESTIMATE_FIELDS
from simulator.storage import StorageError, read_table
from simulator.sweeps.dispatch import Pace, take_batch
from simulator.sweeps.plan import Chunk
from simulator.sweeps.shards import read_file, unpack_part, unpack_rows
from simulator.sweeps.tasks import finish_point, perform, simulate_chunk, write_files
from tests.sweeps.helpers import planned


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    plan, inputs = planned(tmp_path_factory.mktemp("small"))
    point = plan.points[2]
    return inputs, point, Chunk(point.number, point.digest, 0, plan.draws, whole=True)


def first_file(inputs, chunks):
    return next(iter(perform(inputs, chunks, None).files.values()))


def test_parts_add_up_to_the_whole(small):
    """Cut anywhere: the same bits."""
    inputs, point, chunk = small
    job = inputs.job(point.number)
    whole = perform(inputs, [chunk], None)
    chunks = chunk.cut(5)
    assert len(chunks) == 7
    report = perform(inputs, chunks[::-1], None)
    tallies = [unpack_part(read_table(data)) for data in report.files.values()]
    done = finish_point(point.digest, job, *tallies)

    rows, shard = map(read_table, whole.files.values())
    for field in ESTIMATE_FIELDS:
        found = [getattr(estimate, field) for _, _, estimate in done.estimates]
        np.testing.assert_array_equal(
            np.array([np.nan if v is None else v for v in found]), shard.columns[field]
        )
    assert (shard.columns["draws"] == chunk.last).all()
    stored = unpack_rows(rows)[point.digest]
    for name in ("draws", "values"):
        np.testing.assert_array_equal(getattr(stored, name), getattr(done.rows, name), strict=True)
    assert (stored.horizon, stored.trials) == (done.rows.horizon, done.rows.trials) == (30.0, 2)


def test_a_part_comes_back_as_it_was(small):
    inputs, point, whole = small
    chunk = whole.cut(20)[1]
    found = simulate_chunk(inputs.job(point.number), chunk)
    tally = unpack_part(read_table(first_file(inputs, [chunk])))
    for field in fields(tally):
        np.testing.assert_array_equal(
            getattr(tally, field.name), getattr(found, field.name), strict=True
        )


def test_rows_of_several_points_are_kept_apart(tmp_path):
    plan, inputs = planned(tmp_path)
    chunks = [chunk for point in plan.points[:3] for chunk in plan.chunks(point.number)]
    together = unpack_rows(read_table(first_file(inputs, chunks)))
    assert list(together) == [chunk.digest for chunk in chunks]
    for chunk in chunks:
        alone = unpack_rows(read_table(first_file(inputs, [chunk])))
        np.testing.assert_array_equal(together[chunk.digest].values, alone[chunk.digest].values)


@pytest.mark.parametrize("change", ["cut", "flip", "append", "empty", "swap", "rename"])
def test_a_changed_file_is_refused(change, small, tmp_path):
    inputs, _, chunk = small
    report = perform(inputs, [chunk], None)
    write_files(tmp_path, report.files)
    name = list(report.files)[-1]
    read_file(tmp_path, name)
    path = tmp_path / name
    data = bytearray(path.read_bytes())
    if change == "cut":
        path.write_bytes(data[:-100])
    elif change == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif change == "append":
        path.write_bytes(data + b"\0")
    elif change == "empty":
        path.write_bytes(b"")
    elif change == "swap":
        path.write_bytes(next(iter(report.files.values())))
    else:
        path = path.rename(path.with_name("0" * 64 + ".parquet"))
        name = f"shards/{path.name}"
    with pytest.raises(StorageError, match="torn or was changed"):
        read_file(tmp_path, name)


def test_a_worker_with_other_inputs_is_refused(small):
    """A result is never filed under an address that is not its own."""
    inputs, _, chunk = small
    report = perform(inputs, [replace(chunk, digest="0" * 64)], None)
    assert not report.done
    assert "another job of the point than was planned" in report.failures[0].error


def test_batches_take_seconds_and_leave_work_for_others():
    from collections import deque

    chunks = [Chunk(i, str(i), 0, 1000, whole=True) for i in range(1000)]
    queue, pace = deque(chunks), Pace()
    pace.learn(10, 10_000, 1.0)  # a tenth of a second each
    assert len(take_batch(queue, pace, workers=2)) == 20
    pace = Pace()
    pace.learn(10, 10_000, 100.0)  # ten seconds each
    assert len(take_batch(queue, pace, workers=2)) == 1
    pace = Pace()
    pace.learn(1000, 10**6, 0.001)
    assert len(take_batch(deque(chunks[:12]), pace, workers=2)) == 3
    assert len(take_batch(deque(chunks[:1]), pace, workers=2)) == 1
