"""Questions asked of outcomes: agreement between engines, comparisons between plans."""
