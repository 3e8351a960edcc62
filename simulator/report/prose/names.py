"""What things are called in front of readers who did not write the model."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from simulator.books.names import describe, split_contributor
from simulator.estimates.influence import Influence
from simulator.quantities import QUANTITIES, Quantity

HEADLINES: Final = ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y")
# Years past which fewer than three ceasefires with a force were watched (civil_force_since of
# configs/evidence/life_tables.yaml): what is said of later years is extrapolated.
RECORD_ENDS: Final = 16.0


@cache
def called(kind: str) -> dict[str, Any]:
    """What `names.toml` calls levers, choices, or who is asked."""
    return dict(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))[kind])


def quantity(name: str) -> Quantity:
    """What an estimate is called; an unknown one keeps its name and its unit."""
    return QUANTITIES.get(name, Quantity(name, name, name))


def difference_unit(of: Quantity) -> str:
    """The unit of a difference and of an error."""
    return "percentage points" if of.unit == "%" else of.unit


def assumption(name: str) -> str:
    """What an assumption means, in a few words.

    >>> assumption("contributors.france.troops")
    'France: offered, given that it commits'
    >>> assumption("hr.presence")
    'hazard ratio: full dose of troops on the ground'
    """
    found = describe(name)
    if found is None:
        return name
    meaning = found.meaning.replace("`", "")
    if (contributor := split_contributor(name)) is not None:
        spelt = contributor[0].replace("-", " ")
        return f"{spelt[:1].upper()}{spelt[1:]}: {meaning}"
    return f"{found.unit}: {meaning}" if found.unit == "hazard ratio" else meaning


def choice(name: str) -> str:
    """What a structural choice is about; one of a pool is followed by its book.

    >>> choice("view (experts)")
    'whose view among the people quoted (experts)'
    """
    plain, bracket, book = name.partition(" (")
    return str(called("choices").get(plain, words(plain))) + bracket + book


def choice_titled(name: str) -> str:
    """A structural choice with what it is about."""
    return f"{name}: {choice(name.partition(' (')[0])}"


def meaning(influence: Influence) -> str:
    """What an influence is: an assumption, or a choice."""
    return choice(influence.name) if influence.choice else assumption(influence.name)


def words(option: str) -> str:
    """The name of an option as words."""
    return option.replace("_", " ")
