"""How long a ceasefire lasts under a given force plan, why it ends, and how sure that is."""

__version__ = "0.1.0"
