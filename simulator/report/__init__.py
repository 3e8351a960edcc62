"""Figures and the self-contained report."""

import logging

# Where no home can be written, matplotlib warns of its cache: no use to who wants a figure.
_OF_CACHE = ("mkdir -p failed", "%s is not a writable", "Matplotlib created a temporary cache")
logging.getLogger("matplotlib").addFilter(lambda one: not str(one.msg).startswith(_OF_CACHE))
