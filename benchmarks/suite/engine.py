"""History of the engine's speed, for airspeed velocity (asv): thin, over `simulator.bench`."""

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job, run
from simulator.assumptions.draws import draw_assumptions
from simulator.bench.arms import ARMS, installed
from simulator.bench.measure import SEED, carry_out
from simulator.bench.timing import Task
from simulator.engines.core import simulate
from simulator.model.compile import compile_model
from simulator.outcomes.estimates import outcome
from simulator.outcomes.tally import add, empty

DRAWS = 200
PATHS = 655  # of each draw
ARM_PATHS = {"core": 655, "numba": 655, "simpy": 1, "python": 20, "ema": 10, "floor": 655}


def job(scenario, draws, paths):
    ((plan, book),) = load_plans([scenario])
    return Job(plan, book, SEED, draws, paths)


class Run:
    """A whole run, and its parts one by one."""

    param_names = ("scenario",)
    params = (("coalition-of-the-willing", "reassurance-force", "no-force"),)

    def setup(self, scenario):
        self.job = job(scenario, DRAWS, PATHS)
        self.draws = draw_assumptions(self.job.book, self.job.scenario, SEED, 0, DRAWS)
        self.model = compile_model(self.job.scenario, self.draws)
        self.records = simulate(self.model, PATHS, 0, DRAWS * PATHS)
        self.tally = empty(self.model.draws, self.model.horizon)
        add(self.tally, self.records, PATHS)

    def time_run(self, scenario):
        run(self.job)

    def peakmem_run(self, scenario):
        run(self.job)

    def time_draws(self, scenario):
        draw_assumptions(self.job.book, self.job.scenario, SEED, 0, DRAWS)

    def time_compile(self, scenario):
        compile_model(self.job.scenario, self.draws)

    def time_loop(self, scenario):
        simulate(self.model, PATHS, 0, DRAWS * PATHS)

    def time_tally(self, scenario):
        add(empty(self.model.draws, self.model.horizon), self.records, PATHS)

    def time_outcome(self, scenario):
        outcome(self.tally, self.model)

    def track_events_a_path(self, scenario):
        return 1.0 + float(self.records.events.sum(axis=1).mean())

    track_events_a_path.unit = "events"


class Arms:
    """Every arm of `simulator bench` on the same full model."""

    param_names = ("arm",)
    params = (tuple(ARMS),)
    scenario = "coalition-of-the-willing"

    def setup(self, arm):
        if not installed(arm):
            raise NotImplementedError  # how asv is told to skip
        self.paths = ARM_PATHS[arm]
        self.live = ARMS[arm](compile_job(job(self.scenario, DRAWS, self.paths))[0], self.paths)

    def time_arm(self, arm):
        self.live(0, DRAWS * self.paths)

    def track_ratio(self, arm):
        """Speed of the core over that of the arm: one pair, A B B A, in a fresh process."""
        task = Task(arm, self.scenario, None, SEED, DRAWS, self.paths, PATHS, 0)
        seconds = carry_out(task)["per_path"]
        return seconds["arm"] / seconds["core"]

    track_ratio.unit = "times"
