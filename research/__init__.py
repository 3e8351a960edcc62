"""From the rows of studies to `configs/evidence`; not in the wheel, as no rows are shipped."""
