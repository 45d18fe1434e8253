"""Optuna's default sampler, asked by the benchmark of sweeps: a JSON object a line in, one a line out."""

import json
import sys
import time
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")


def distribution_of(parameter):
    kind = parameter["type"]
    if kind == "choice":
        return CategoricalDistribution(parameter["values"])
    log = kind in ("logUniform", "logInt")
    of = IntDistribution if kind in ("int", "logInt") else FloatDistribution
    return of(parameter["min"], parameter["max"], log=log)


def suggest(trial, space):
    """Asks for each parameter whose conditions hold, in the order of the list."""
    point = {}
    for path, parameter in space:
        if all(point.get(parent) in values for parent, values in parameter["when"].items()):
            point[path] = trial._suggest(path, distribution_of(parameter))
    return point


def study_of(seed):
    return optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))


def answer(message):
    print(json.dumps(message), flush=True)


def run_study(message):
    """Answers each point, and reads its loss from the next line."""

    def objective(trial):
        answer({"point": suggest(trial, message["space"])})
        return json.loads(sys.stdin.readline())["loss"]

    study_of(message["seed"]).optimize(objective, n_trials=message["trials"])


def time_proposals(space, trials, rounds):
    """Seconds of each proposal after the given trials, with a study in memory."""
    distributions = {path: distribution_of(parameter) for path, parameter in space}
    study = study_of(0)
    study.add_trials(
        [create_trial(params=point, distributions=distributions, value=loss) for point, loss in trials]
    )
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        suggest(study.ask(), space)
        seconds.append(time.perf_counter() - start)
    return seconds


def main():
    for line in iter(sys.stdin.readline, ""):
        message = json.loads(line)
        if message["call"] == "version":
            answer({"version": optuna.__version__})
        elif message["call"] == "study":
            run_study(message)
        elif message["call"] == "time":
            answer({"seconds": time_proposals(message["space"], message["trials"], message["rounds"])})


main()
