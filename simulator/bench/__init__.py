"""Work for the same error: variance times processor time, the run's against other ways.

- ``arms``: what is measured, and what each leaves behind: seconds, and outcomes of draws;
- ``work``: from these to variances, gains and their intervals;
- ``process``: one fresh process: all arms in turn, round after round, or one whole run;
- ``measure``: the processes of a benchmark, put together.

The scalar twin and EMA Workbench are arms of developers: `benchmarks/arms.py` of a checkout.
"""
