"""An exhibit: one figure, what it shows in words, and its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simulator.report.frame import Heading

# From a width in pixels and a heading (None inside a page) to a figure.
Draw = Callable[[float, "Heading | None"], "Figure"]


@dataclass(frozen=True)
class Exhibit:
    """Something to look at.

    Attributes
    ----------
    kind : str
        As ``simulator plot`` calls it.
    title : str
    description : str
        What is drawn and how to read it, for those who see it and for those who do not.
    draw : callable
    table : Table
        The numbers drawn.
    """

    kind: str
    title: str
    description: str
    draw: Draw
    table: Table
