"""Figures: pure functions of arrays to `matplotlib.figure.Figure`; nothing is read or computed."""

import logging

# Where no home can be written, matplotlib warns of its cache: no use to who wants a figure.
logging.getLogger("matplotlib").addFilter(
    lambda record: (
        not str(record.msg).startswith(
            ("mkdir -p failed", "%s is not a writable", "Matplotlib created a temporary cache")
        )
    )
)
