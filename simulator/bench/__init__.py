"""Benchmarks of the fast engine against other ways to live through the same paths.

- ``columns``, ``layout``: a compiled model laid out for scalar code;
- ``scalar``: the model once more, one path at a time;
- ``languages``, ``twins``: the same in plain Python, and compiled by numba;
- ``arms``: everything that is timed, behind one interface, and the check that all arms agree;
- ``timing``: one fresh process: pairs of arms in the order A B B A;
- ``measure``: many such processes, medians of paired ratios, a breakdown of a whole run.
"""
