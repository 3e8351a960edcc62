"""Speed of deciding from stored draws."""

import numpy as np

from simulator.decide.boxes import discover, peel
from simulator.decide.draws import Draws
from simulator.decide.information import information, terms

DRAWS, ASSUMPTIONS, PLANS = 4_096, 200, 9
CASES, INPUTS = 2_000, 151


class Information:
    """Value of 200 assumptions for 9 plans, from 4,096 draws."""

    def setup(self):
        rng = np.random.default_rng(1)
        values = rng.standard_normal((DRAWS, ASSUMPTIONS))
        effects = rng.standard_normal((ASSUMPTIONS, PLANS)) / np.arange(1, ASSUMPTIONS + 1)[:, None]
        self.worth = (values @ effects + rng.standard_normal((DRAWS, PLANS))).T
        self.draws = Draws(
            plans=tuple(f"p{i}" for i in range(PLANS)),
            names=tuple(f"x{i}" for i in range(ASSUMPTIONS)),
            values=values,
            options={},
            outcomes={"worth": self.worth},
            book=np.full(DRAWS, "one", object),
            replicate=np.arange(DRAWS) % 16,
            trials=16,
        )

    def time_information(self):
        information(self.draws, self.worth, terms(self.draws), {})


class Boxes:
    """Scenario discovery among 151 inputs in 2,000 draws, 3 of which decide."""

    def setup(self):
        rng = np.random.default_rng(1)
        x = rng.random((INPUTS, CASES))
        self.numbers = {f"x{i}": row for i, row in enumerate(x)}
        self.case = (x[0] < 0.5) & (x[1] > 0.5) & (x[2] < 0.5) ^ (rng.random(CASES) < 0.05)

    def time_discover(self):
        discover(self.numbers, self.case, np.arange(CASES) % 16)

    def time_peel_all_inputs(self):
        peel(self.numbers, self.case)
