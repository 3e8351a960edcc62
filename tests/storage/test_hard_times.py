"""Results of every kind against kills at random moments and flipped bits: whole, or refused.

The kills at each operation on files in turn are in `test_results` and `tests.sweeps.test_run`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli.main import cli, main
from simulator.inputs import InputError
from simulator.results.load import load_result
from simulator.storage import StorageError, open_results
from simulator.sweeps.shards import read_file

SWEEP = """
title: Small
scenario: reassurance-force
book: evidence
draws: 64
trials: 2
grid:
  front_km: [900, 1000, 1100, 1200]
"""
SIZE = ("--draws", "64", "--trials", "4", "--quiet")
COMMANDS = {
    "run": ("run", "no-force", "air-only", *SIZE),
    "compare": ("compare", "no-force", "air-only", *SIZE),
    "decide": ("decide", "no-force", "air-only", *SIZE),
    "sweep": ("sweep", "sweep.yaml", "--executor", "serial", "--quiet"),
}
LOG = logging.getLogger(__name__)
UNEQUAL = ("provenance.json", "run.log", ".lock")  # they hold the time, and how often it began
KILLS = {"run": 35, "compare": 35, "sweep": 30}
FLIPS = 300


def begun(folder: Path, command: str, seed: int) -> int:
    """Start a command with results in ``folder / command`` in a process of its own."""
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        sys.argv = ["simulator", *COMMANDS[command], "--seed", str(seed), "--out", command]
        try:
            main()
        except SystemExit as stop:
            os._exit(int(stop.code or 0))
        except BaseException:
            os._exit(99)
    return pid


def code_of(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in UNEQUAL
    }


def results_of(folder: Path) -> tuple[int, dict[str, bytes]] | None:
    """Return the seed and the outputs that a folder holds, all read as a reader reads them."""
    try:
        load_result(folder)
        found = open_results(folder)
        return _seed(found.provenance), {name: found.read(name) for name in outputs(folder)}
    except (InputError, StorageError):
        return None


def _seed(provenance: dict) -> int:
    return provenance["seed"] if "seed" in provenance else provenance["runs"][-1]["seed"]


def outputs(folder: Path) -> list[str]:
    return sorted(open_results(folder).provenance["outputs"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders 1 and 2: the results of every command with that seed."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "sweep.yaml").write_text(SWEEP)
    with contextlib.chdir(folder):  # what the commands import, no process has to import again
        for words in COMMANDS.values():
            CliRunner().invoke(cli, words, catch_exceptions=False)
    for seed in (1, 2):
        (folder / str(seed)).mkdir()
        (folder / str(seed) / "sweep.yaml").write_text(SWEEP)
        for command in COMMANDS:
            assert code_of(begun(folder / str(seed), command, seed)) == 0, command
    return folder


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
@pytest.mark.parametrize("command", KILLS)
def test_random_kills_lose_nothing_and_mix_nothing(
    command: str, whole: Path, tmp_path: Path
) -> None:
    """Results of seed 1 are replaced by those of seed 2, and the command is killed on the way."""
    known = {seed: results_of(whole / str(seed) / command) for seed in (1, 2)}
    chance = random.Random(f"kills {command}")
    started = time.monotonic()
    assert code_of(begun(whole / "2", command, 2)) == 0
    usual = time.monotonic() - started
    kills = refused = 0
    while kills < KILLS[command]:
        here = tmp_path / str(kills)
        here.mkdir(exist_ok=True)
        (here / "sweep.yaml").write_text(SWEEP)
        if not (here / command).exists():
            shutil.copytree(whole / "1" / command, here / command)
        pid = begun(here, command, 2)
        time.sleep(chance.uniform(0, 1.1 * usual))
        os.kill(pid, signal.SIGKILL)
        if code_of(pid) != -signal.SIGKILL:
            shutil.rmtree(here)
            continue
        kills += 1
        found = results_of(here / command)
        if found is None:  # a sweep withdraws its tables before it begins another
            refused += 1
            assert command == "sweep"
        else:
            assert found == known[found[0]]
        assert code_of(begun(here, command, 2)) == 0
        assert files_of(here / command).items() >= dict(known[2][1]).items()
        assert results_of(here / command) == known[2]
        shutil.rmtree(here)
    LOG.info("%s: %s kills, %s refused until resumed", command, kills, refused)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_flipped_bit_in_any_file_is_read_as_other_numbers(
    command: str, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / command
    shutil.copytree(whole / "1" / command, folder)
    provenance = open_results(folder).provenance
    counts = {}
    for name in [*outputs(folder), "provenance.json", *stored(folder)]:
        refused = 0
        chance = random.Random(f"flips {command} {name}")
        data = (folder / name).read_bytes()
        for _ in range(FLIPS if data else 0):
            broken = bytearray(data)
            broken[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            (folder / name).write_bytes(broken)
            try:
                if "/" in name:
                    read_file(folder, name)
                load_result(folder)
                found = open_results(folder)
                assert found.provenance == provenance
                read = {name: found.read(name) for name in outputs(folder)}
                assert read[name] == data if name in read else name == "provenance.json"
            except (StorageError, InputError):
                refused += 1
        (folder / name).write_bytes(data)
        if data:
            counts[name] = refused
            assert refused > 0.9 * FLIPS or name == "provenance.json"
    LOG.info("%s: of %s flipped bits were refused: %s", command, FLIPS, counts)


def stored(folder: Path) -> list[str]:
    """One file of each kind that a sweep keeps for itself."""
    found = (
        next(iter(sorted(folder.glob(f"{kind}/*.parquet"))), None) for kind in ("shards", "rows")
    )
    return [str(path.relative_to(folder)) for path in found if path]
