"""Why it ends: cumulative incidence by cause, stacked."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from simulator import vocabulary
from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.number_format import of_100, percent, percent_span
from simulator.report import canvas, plot
from simulator.report.canvas import LINE, note, pixels, width_of, write
from simulator.report.exhibit import Exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import CAUSES, SOLID, Look, series
from simulator.report.tables import ESTIMATE_COLUMNS, band_rows, table
from simulator.results.runs import Run

_ALPHA: Final = 0.6


@kind("causes", "why it ends", "run", 3)
def causes(run: Run) -> Exhibit:
    """Why it ends."""
    ranked = sorted(run.causes.items(), key=lambda item: -(item[1].value or 0.0))
    first, most = ranked[0]
    units = run.draws if run.draws > 1 else run.trials
    described = "; ".join(f"{name}: {of_100(e.value, e.mcse, units)} of 100" for name, e in ranked)
    rows = [
        (cause, *row)
        for cause, band in run.incidence.items()
        for row in band_rows(run.years, band, run.draws, 100.0)
    ]
    measures = (f"collapsed, %: {c}" for c in ESTIMATE_COLUMNS)
    return Exhibit(
        f"Within {run.horizon:g} years {percent(most.value, most.mcse)} % end by "
        f"{vocabulary.CAUSES.get(first, first)}",
        "Share of ceasefires that have collapsed by each cause, stacked; what is left above "
        f"still holds. Within {run.horizon:g} years, {described}. In brackets: 5–95 % over "
        "assumptions.",
        partial(incidence, run.years, run.incidence, run.draws),
        table(("cause", "years since the ceasefire", *measures), rows),
    )


@canvas.drawn
def incidence(
    years: FloatArray, bands: Mapping[str, Band], draws: int, frame: Frame = PAGE
) -> Figure:
    """Stack the share of ceasefires collapsed by each cause; what is left above still holds."""
    width = frame.width
    narrow, horizon = frame.narrow, float(years[-1])
    notes = {cause: _note(band, draws) for cause, band in bands.items()}
    looks = {cause: CAUSES.get(cause, series(i)) for i, cause in enumerate(bands)}
    room = 12.0 if narrow else 30.0 + max(map(width_of, (*notes.values(), *bands)))
    key = [
        Entry(f"{c}: {notes[c]}", look.colour, "fill", SOLID, look.hatch, _ALPHA)
        for c, look in looks.items()
    ]
    height = 230.0 if narrow else 280.0
    figure, top = framed(frame, height + 58.0, key if narrow else ())
    axes = plot.box(
        figure, (42.0, top, width - 50.0 - room, height), horizon, "collapsed, %, by cause"
    )
    plot.per_cent(axes)
    levels = np.cumsum([np.zeros(years.size), *(100.0 * b.value for b in bands.values())], axis=0)
    for i, (cause, look) in enumerate(looks.items()):
        name = f"incidence:{cause}"
        plot.draw_area(axes, years, levels[i], levels[i + 1], look, name, alpha=_ALPHA)
    most = float(levels[-1].max())
    if 100.0 - most > 12.0:
        note(figure, *pixels(axes, horizon / 2.0, (most + 100.0) / 2.0), "still hold", "center")
    if not narrow:
        ends = [
            pixels(axes, horizon, float(levels[i, -1] + levels[i + 1, -1]) / 2.0)
            for i in range(len(bands))
        ]
        low, high = top + 22.0 + LINE, top + 22.0 + height - LINE
        places = canvas.spread([y for _, y in ends], 2.0 * LINE + 2.0, low, high)
        for (x, y), at, (cause, look) in zip(ends, places, looks.items(), strict=True):
            plot.lead(figure, [(x + 2.0, y), (x + 18.0, at)], Look(look.colour), 2.0)
            write(figure, x + 22.0, at - 0.45 * LINE, cause)
            note(figure, x + 22.0, at + 0.45 * LINE, notes[cause])
    return figure


def _note(band: Band, draws: int) -> str:
    last = band.at(-1)
    spanned = percent_span(last.p05, last.p95, draws)
    return f"{percent(last.value, last.mcse)} %" + (f" ({spanned})" if spanned else "")
