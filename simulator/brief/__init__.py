"""A result on one page: the finding as its title, and what a decision needs to know about it."""

from simulator.brief.contents import Brief, brief_of
from simulator.brief.page import html, pdf

__all__ = ["Brief", "brief_of", "html", "pdf"]
