"""History of the speed of a run and of its gains, for airspeed velocity (asv)."""

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.bench.work import ESTIMATES, arms, estimates, gain
from simulator.books.draws import draw_assumptions
from simulator.engines.worlds import simulate
from simulator.estimates.outcome import outcome
from simulator.estimates.tally import ages, tally_of
from simulator.limits import DEFAULT_DRAWS, DEFAULT_TRIALS
from simulator.model.compile import compile_model

PLANS = ("no-force", "reassurance-force", "coalition-of-the-willing")
SEED = 1
DRAWS, TRIALS = DEFAULT_DRAWS, DEFAULT_TRIALS
ROUNDS = 4


class Run:
    """A whole run, and its parts one by one."""

    param_names = ("plan",)
    params = (PLANS,)

    def setup(self, plan):
        ((scenario, book),) = load_plans([plan])
        self.job = Job(scenario, book, SEED, DRAWS, TRIALS)
        self.drawn = draw_assumptions(book, scenario, SEED, 0, DRAWS)
        self.model = compile_model(scenario, self.drawn)
        self.years = ages(self.model.horizon)
        self.outcomes = simulate(self.model, TRIALS, self.years)
        self.tally = tally_of(self.outcomes, self.model, TRIALS)

    def time_run(self, plan):
        run(self.job)

    def peakmem_run(self, plan):
        run(self.job)

    def time_draw(self, plan):
        draw_assumptions(self.job.book, self.job.scenario, SEED, 0, DRAWS)

    def time_compile(self, plan):
        compile_model(self.job.scenario, self.drawn)

    def time_simulate(self, plan):
        simulate(self.model, TRIALS, self.years)

    def time_tally(self, plan):
        tally_of(self.outcomes, self.model, TRIALS)

    def time_estimate(self, plan):
        outcome(self.tally, self.model)


class Gain:
    """Work of the other ways over that of a run, for one estimate."""

    param_names = ("plan", "arm")
    params = (PLANS, tuple(arm for arm in arms() if arm != "core"))

    def setup(self, plan, arm):
        self.arms = arms()
        if self.arms[arm] is None:
            raise NotImplementedError  # how asv is told to skip
        self.plans = load_plans([plan])

    def track_gain(self, plan, arm):
        found = {
            name: [
                estimates(self.arms[name](self.plans, seed), plan)[ESTIMATES[0]]
                for seed in range(ROUNDS + 1)
            ][1:]  # the first fills caches
            for name in ("core", arm)
        }
        return gain(found[arm], found["core"]).value

    track_gain.unit = "times"
