"""`search`, from beginning to end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from automl.config import SearchConfig
from automl.data import Dataset
from automl.errors import ConfigError
from automl.executors import EXECUTORS, make_executor
from automl.history.take import with_starts
from automl.models._from_file import add_families, loaded_files
from automl.orchestrator.baseline_stream import default_baselines, find_baselines
from automl.orchestrator.budget import Clock
from automl.orchestrator.data_facts import data_facts
from automl.orchestrator.earlier_studies import named_starts, take_earlier
from automl.orchestrator.observer import Callback, Callbacks, Observer, Observers, Unwatched
from automl.orchestrator.phases import Phases
from automl.orchestrator.plan_epochs import settle_epochs
from automl.orchestrator.problem import MAX_EPOCHS, check_options, load_problem
from automl.result import SearchResult
from automl.scheduling.failures import check_device
from automl.study.study import Origin, Study, open_study
from automl.study.view import read_result
from automl.study.watchdog import guarded


def search(
    config: SearchConfig,
    observer: Observer | None = None,
    dataset: Dataset | None = None,
    clock: Clock | None = None,
    callbacks: Sequence[Callback] = (),
) -> SearchResult:
    """Search, choose, and measure.

    Parameters
    ----------
    config : SearchConfig
    observer : Observer, optional
        Hears what happens while it happens.
    dataset : Dataset, optional
        Data that is in memory, in place of what the configuration names.
    clock : Clock, optional
        Ends the search; by default, after the configuration's budget.
    callbacks : sequence of callable
        Called after every finished trial, behind the observer.

    Returns
    -------
    SearchResult
        Its `status` is ``"interrupted"`` after Ctrl-C, and when the clock's `stop` was set.

    Raises
    ------
    AutomlError
        When something that the user gave breaks its rule; nothing is half written then.
    KeyboardInterrupt
        When Ctrl-C is pressed twice.
    """
    clock = clock or Clock(config.time_budget)
    observer = Observers(observer or Unwatched(), Callbacks(callbacks, clock.stop))
    add_families(config.plugins)
    space = check_options(config, dataset)
    config = config.model_copy(update={"baselines": find_baselines(config.baselines)})
    executor_class = EXECUTORS.get(config.executor)
    if not executor_class.own_process and (config.trial_timeout or config.trial_memory):
        raise ConfigError(
            "--trial-timeout and --trial-memory end a worker process, and --executor"
            f" {config.executor} has none: use --executor process"
        )
    where = config.executor, config.worker_count, loaded_files(), config.cluster
    with (
        closing(observer),
        clock.catch_interrupt(),
        make_executor(*where) as executor,
    ):
        check_device(executor, config.device)
        # The workers load torch while the data is read.
        problem = load_problem(config, dataset, space, observer)
        config = default_baselines(config, problem.dataset.task)
        facts = data_facts(problem.dataset)
        taken = take_earlier(config, problem, facts)
        origin = Origin(
            problem.identity(config.seed),
            problem.former_identity(),
            with_starts(problem.space, taken, named_starts(problem)),
            problem.metric.direction,
            facts,
            () if config.max_epochs else (MAX_EPOCHS,),
            taken.to_json(),
        )
        executor.await_worker()
        with open_study(config, origin) as study:
            before = _finished_before(config, study, observer)
            if before is not None:
                return before
            with guarded(study) as guard:
                executor.provide(problem.data, study.folder.shared)
                problem = settle_epochs(config, problem, study, executor, observer, clock)
                return Phases(config, observer, clock, executor, problem, study, guard).run()


def _finished_before(config: SearchConfig, study: Study, observer: Observer) -> SearchResult | None:
    """Return the result of an earlier run, when it holds all the trials that are asked for."""
    have = len(study.records())
    if config.total_trials is None or have < config.total_trials:
        return None
    result = read_result(study.folder)
    if result is None or result.status != "finished" or result.trials.total < have:
        return None
    observer.note(
        f"study {study.folder.name!r} already has {have} trials; ask for more with"
        f" --trials {2 * have}, or start another with --study NAME"
    )
    return result
