"""An assumption book that takes its base hazards from a user's own record."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.evidence.exponents import with_exponents
from simulator.evidence.fits import Replicates
from simulator.evidence.reference import MODEL_FORM, entries
from simulator.evidence.writing import as_yaml, counted
from simulator.inputs import InputError, Problem, read_document, shipped
from simulator.storage.atomic import atomic_file

_TRIED_DRAWS = 1_000  # what `simulator run` takes by default


def book_text(name: str, summary: Mapping[str, Any], found: Replicates) -> str:
    """Return a book that extends `evidence` and takes this record for its only reference class."""
    parent = read_document(shipped("configs/assumptions") / "evidence.yaml")
    others = parent.value["structure"]["reference_class"]["options"]
    # names of files may hold what no YAML file may
    name = re.sub(r"[^\w .,()+-]", "_", name)
    source = {
        "kind": "data",
        "citation": name,
        "note": (
            f"{counted(summary['spells'], 'spell')}, {counted(summary['failures'], 'failure')}; "
            f"resamples of the {MODEL_FORM} fit, with half an event added, each drawn whole."
        ),
    }
    option = {
        "weight": 1.0,
        "description": f"The spells of {name}.",
        "source": source,
        **with_exponents(entries(found, source)),
    }
    book = {
        "title": f"Base hazards from {name}",
        "description": (
            "The shipped book of the record, with the share of failing ceasefires, their two-year "
            "failure and the hazard of holding ones taken from the spells of one file."
        ),
        "extends": "evidence",
        "structure": {
            "reference_class": {
                "options": {**{other: {"weight": 0.0} for other in others}, "own_record": option}
            }
        },
    }
    return as_yaml(book)


def write_book(path: Path, text: str) -> None:
    """Write a book, once it has been read and drawn from as ``simulator run`` would.

    Raises `InputError` if ``run`` would refuse it; then nothing is written, and an older file stays
    as it was.
    """
    with atomic_file(path.resolve().parent, path.name) as stream:
        stream.write(text.encode())
        stream.flush()
        _try(Path(stream.name))


def _try(book: Path) -> None:
    """Take a book through what ``run`` does before it simulates; raise what it refuses."""
    from simulator.analysis.inputs import load_plans
    from simulator.analysis.run import Job, compile_job

    try:
        [(scenario, loaded)] = load_plans(["no-force"], str(book))
        compile_job(Job(scenario, loaded, 1, _TRIED_DRAWS, 1))
    except InputError as error:
        hint = "the fits above hold; no book was written"
        raise InputError(
            Problem(None, "book", f"run would refuse it: {p.path}: {p.message}", hint)
            for p in error.problems
        ) from None
