"""The classes of past spells that are shipped as life tables: what is in each, and from where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from research.ceasefires import (
    after_1989,
    fortna_force,
    fortna_landmark,
    fortna_spells,
    gml_spells,
    no_victory,
)
from research.lifetables import EDGES_YEARS
from research.missions import EUROPEAN, contributor_stays, mission_lives
from research.studies import (
    FORTNA_SEGMENTS,
    FORTNA_SPELLS,
    GML,
    MISSIONS,
    RIVALRY,
    STAYS,
)
from simulator.evidence.forms import FORMS
from simulator.evidence.spells import DAYS_PER_YEAR, Floats, Spells
from simulator.evidence.writing import BOOK_CLASSES

LANDMARK_DAYS = 90.0
"""Age at which the state of the force is read for the landmark classes."""

_WHOLE_YEARS: Floats = np.array([0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 35], dtype=np.float64)
_FROM_LANDMARK: Floats = np.concatenate([[LANDMARK_DAYS / DAYS_PER_YEAR], EDGES_YEARS[3:]])
_ONE_REGIME = ("exponential", "weibull")


@dataclass(frozen=True)
class RecordClass:
    """One class of spells.

    Attributes
    ----------
    title, definition : str
        For a reader: what it is, and which rows are in it and when they end.
    study : str
        Key in `research.studies.STUDIES`.
    files : tuple of str
        The files read.
    spells : callable
        Folder to spells.
    edges : ndarray
        Bands of its life table, years.
    forms : tuple of str
        Forms that are fitted to it.
    """

    title: str
    definition: str
    study: str
    files: tuple[str, ...]
    spells: Callable[[Path], Spells]
    edges: Floats = field(default_factory=lambda: EDGES_YEARS)
    forms: tuple[str, ...] = tuple(FORMS)


_FAILS = "Fails when the war starts again; censored at the end of 2004."
_TRUCE = "Civil-war ceasefires 1944-1999 ended by truce or settlement, not by victory"
_RIVALS = "Peace between strategic rivals, principal sides of wars ended 1946-2010, no world wars"
_FATAL = "Fails with a new war or a dispute with more than 25 deaths; censored at the end of 2010."
_WAR = "Fails with a new war between them; censored at the end of 2010."
_STATES = "Peace between principal sides of wars between states ended 1946-2010, no world wars"

CLASSES: Mapping[str, RecordClass] = MappingProxyType(
    {
        "civil_all": RecordClass(
            "Civil wars, however they ended",
            f"Ceasefires and victories in civil wars 1944-1999. {_FAILS}",
            "fortna2008",
            (FORTNA_SPELLS,),
            fortna_spells,
        ),
        "civil_no_victory": RecordClass(
            "Civil wars without victory",
            f"{_TRUCE}, with or without peacekeepers. {_FAILS}",
            "fortna2008",
            (FORTNA_SPELLS,),
            partial(fortna_spells, keep=no_victory),
        ),
        "civil_no_victory_after_1989": RecordClass(
            "Civil wars without victory, since 1989",
            f"{_TRUCE}, begun in 1989 or later. {_FAILS}",
            "fortna2008",
            (FORTNA_SPELLS,),
            partial(fortna_spells, keep=after_1989),
        ),
        "civil_no_force": RecordClass(
            "Civil wars without victory, before any peacekeepers",
            f"{_TRUCE}, watched until a force first arrives and censored there. {_FAILS}",
            "fortna2008",
            (FORTNA_SEGMENTS,),
            partial(fortna_force, state="not_yet"),
        ),
        "civil_force_present": RecordClass(
            "Civil wars without victory, while peacekeepers are there",
            f"{_TRUCE}, watched from the arrival of a force to its departure. {_FAILS}",
            "fortna2008",
            (FORTNA_SEGMENTS,),
            partial(fortna_force, state="present"),
        ),
        "civil_force_since": RecordClass(
            "Civil wars without victory, since peacekeepers first came",
            f"{_TRUCE}, watched from the first arrival of a force on, even after it left. {_FAILS}",
            "fortna2008",
            (FORTNA_SEGMENTS,),
            partial(fortna_force, state="since"),
        ),
        "civil_landmark_no_force": RecordClass(
            "Civil wars without victory, alive and without a force on day 90",
            f"{_TRUCE}, that lived past day 90 and had no peacekeepers on that day; ages from the "
            f"ceasefire, watched from day 90. {_FAILS}",
            "fortna2008",
            (FORTNA_SEGMENTS,),
            partial(fortna_landmark, days=LANDMARK_DAYS, force=False),
            _FROM_LANDMARK,
            (),
        ),
        "civil_landmark_force": RecordClass(
            "Civil wars without victory, alive and with a force on day 90",
            f"{_TRUCE}, that lived past day 90 and had peacekeepers on that day; ages from the "
            f"ceasefire, watched from day 90. {_FAILS}",
            "fortna2008",
            (FORTNA_SEGMENTS,),
            partial(fortna_landmark, days=LANDMARK_DAYS, force=True),
            _FROM_LANDMARK,
            (),
        ),
        "interstate_war_or_fatal": RecordClass(
            "Wars between states, to the next war or deadly dispute",
            f"{_STATES}. {_FATAL}",
            "gml2016",
            (GML,),
            partial(gml_spells, measure="war_or_fatal26"),
        ),
        "interstate_new_war": RecordClass(
            "Wars between states, to the next war",
            f"{_STATES}. {_WAR}",
            "gml2016",
            (GML,),
            partial(gml_spells, measure="newwar"),
        ),
        "interstate_rivals_war_or_fatal": RecordClass(
            "Wars between strategic rivals, to the next war or deadly dispute",
            f"{_RIVALS}. {_FATAL}",
            "rivalry",
            (GML, RIVALRY),
            partial(gml_spells, measure="war_or_fatal26", rivals=True),
        ),
        "interstate_rivals_new_war": RecordClass(
            "Wars between strategic rivals, to the next war",
            f"{_RIVALS}. {_WAR}",
            "rivalry",
            (GML, RIVALRY),
            partial(gml_spells, measure="newwar", rivals=True),
        ),
        "contributor_stays": RecordClass(
            "Stays of states in peacekeeping missions",
            "Named states in UN missions 1994-2024, whole years; ends when the state is absent for "
            "two years or more while the mission goes on; stays begun before 1994 left out.",
            "geopko",
            (STAYS,),
            contributor_stays,
            _WHOLE_YEARS,
            _ONE_REGIME,
        ),
        "contributor_stays_european": RecordClass(
            "Stays of European states in peacekeeping missions",
            "As contributor_stays, members of the European Union, Norway and the United Kingdom.",
            "geopko",
            (STAYS,),
            partial(contributor_stays, states=EUROPEAN),
            _WHOLE_YEARS,
            _ONE_REGIME,
        ),
        "mission_lives": RecordClass(
            "Lives of third-party peacekeeping missions",
            "All missions 1946-2016, deployment to withdrawal; censored at the end of 2016.",
            "tppm",
            (MISSIONS,),
            mission_lives,
            forms=_ONE_REGIME,
        ),
        "mission_lives_5000": RecordClass(
            "Lives of large peacekeeping missions",
            "Missions 1946-2016 whose uniformed strength reached 5,000; censored at end of 2016.",
            "tppm",
            (MISSIONS,),
            partial(mission_lives, at_least=5000.0),
            forms=_ONE_REGIME,
        ),
    }
)  # fmt: skip
"""The shipped classes by name."""

REFERENCE_CLASSES = (
    *BOOK_CLASSES,
    "civil_no_victory_after_1989",
    "civil_all",
    "civil_force_present",
)
"""Classes of ceasefires whose failing share, two-year failure and durable hazard are fitted."""
