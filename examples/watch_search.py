"""A search that is watched while it runs, and stopped when it is good enough."""

import threading

import automl


class Printing(automl.Observer):
    """Says what is worth a line; every other method of `automl.Observer` may be left out."""

    def phase(self, name):
        print("phase", name)

    def new_best(self, record):
        print(f"best so far: trial {record.number}, {record.valid_score:.3f}")


def good_enough(search, trial):
    """Called after every trial, as Optuna calls its callbacks."""
    if search.best is not None and search.best.valid_score >= 0.95:
        search.stop()


# The same from any thread, such as one that serves a web page: stop.set() ends it like Ctrl-C.
stop = threading.Event()
result = automl.search(
    "iris",
    trials=30,
    max_epochs=10,
    study="watched",
    baselines=(),
    seed=0,
    observer=Printing(),
    callbacks=[good_enough],
    stop=stop,
)
print(result.status, result.trials)
