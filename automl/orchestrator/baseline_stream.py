"""Baselines beside the search: tuned by Optuna, fitted by a worker, one job at a time.

Each tuned baseline is a study of its own in the same database, so that the dashboard shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from automl.baselines import BASELINES, Baseline
from automl.baselines._job import BaselineJob, BaselineResult
from automl.config import SearchConfig
from automl.data.preprocess.prepared import PreparedStore
from automl.data.preprocess.variants import BASELINE
from automl.data.split.folds import Folds
from automl.errors import ConfigError, UnknownNameError
from automl.executors import JobError, Message
from automl.job import Job
from automl.metrics import Metric
from automl.option_types import ONE_EPOCH
from automl.orchestrator.observer import Observer
from automl.registry import canonical_name
from automl.sampling.candidates import Asked
from automl.sampling.sampler import Sampling
from automl.scheduling.stream import Stream
from automl.seeds import derive_seed
from automl.space.domains import Params
from automl.study.study import Study
from automl.study.trial_codec import STATES
from automl.task import Task
from automl.trial import TrialStatus

_PREFIX = "automl:baseline:"
"""Prefix of the study attributes that hold outcomes of baselines."""

"""The control that is compared like a baseline; see `automl.orchestrator.one_epoch_control`."""


def find_baselines(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names as the registry spells them, each once.

    Raises
    ------
    UnknownNameError
        When one is neither a baseline nor the one-epoch control.
    ConfigError
        When one needs a package that is not there.
    """
    known = [*BASELINES.names(), ONE_EPOCH]
    found: dict[str, None] = {}
    for name in names:
        spelled = canonical_name(name)
        if spelled not in known:
            raise UnknownNameError("baseline", name, known)
        needs = () if spelled == ONE_EPOCH else BASELINES.get(spelled).needs
        if missing := [package for package in needs if find_spec(package) is None]:
            raise ConfigError(
                f"baseline {spelled!r} needs a package that is not installed:"
                f" python -m pip install {' '.join(missing)}"
            )
        found[spelled] = None
    return tuple(found)


FORECAST_BASELINES = ("svm", "last-value", "seasonal-naive", "ets")
"""Baselines of a forecast, where nobody names others."""


def default_baselines(config: SearchConfig, task: Task) -> SearchConfig:
    """Return the options with the baselines of a forecast in place of the usual ones."""
    usual = type(config).model_fields["baselines"].default
    if not task.is_forecast or config.baselines != usual:
        return config
    return config.model_copy(update={"baselines": FORECAST_BASELINES})


@dataclass(slots=True)
class BaselineOutcome:
    """Outcome of one baseline; stored in the study as JSON.

    Attributes
    ----------
    description : str
    params : dict
        Parameters that were chosen.
    valid_score : float or None
        Best score while tuning, on a part of the rows.
    seconds : dict
        ``tune``, ``fit`` and ``predict_1000``.
    size_bytes : int or None
    predictions : str or None
        NPZ file with ``pred`` for the test rows.
    layers, has_probabilities, not_kept
        As in `BaselineResult`.
    error : str or None
    """

    description: str
    params: Params
    valid_score: float | None
    seconds: dict[str, float]
    size_bytes: int | None
    predictions: str | None
    layers: list[dict[str, Any]] | None = None
    has_probabilities: bool = True
    not_kept: str | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain types."""
        return asdict(self)


class _Tuning:
    """A baseline that is being tuned, and then fitted."""

    def __init__(
        self, name: str, data: PreparedStore, metric: Metric, seed: int, study: Study
    ) -> None:
        self.name = name
        self.baseline: Baseline = BASELINES.get(name)
        self.done = 0
        inputs = data.fitted(BASELINE).preprocessing.inputs
        self.space = self.baseline.space(data.task, inputs.n_features)
        self.metric = metric
        self.is_forecast = data.task.is_forecast
        self.trials = self.baseline.tuning_trials if self.space.domains else 0
        self.asked: Asked | None = None
        self.trial_id = 0
        self.seconds = 0.0
        self.best: tuple[float, Params] | None = None
        self._store = store = study.store
        if self.trials:
            title = f"{study.folder.name}-{name}"
            found = store.find_study(title)
            self.study_id = (
                found if found is not None else store.create_study(title, metric.direction)
            )
            for trial_id in store.running(self.study_id).values():
                store.fail(trial_id, "the search was interrupted")
            past = store.trials(self.study_id)
            for trial in past:
                self._learn(trial.value, {**self.space.fixed, **trial.params})
                self.seconds += trial.user_attrs.get("seconds", 0.0)
            self._sampling = Sampling(self.space, metric.direction, seed=seed, past=past)
            self.done = len(past)

    @property
    def untuned(self) -> Params:
        """Parameters to fit where no tuning came to an end: the first start configuration."""
        return {**self.space.fixed, **(self.space.start[0] if self.space.start else {})}

    def ask(self) -> Params:
        self.asked = self._sampling.ask()
        self.trial_id = self._store.begin_trial(
            self.study_id, self.asked.number, self.asked.params, self.asked.distributions
        )
        return self.asked.params

    def tell(self, score: float | None, seconds: float, error: str | None) -> None:
        assert self.asked is not None
        status = TrialStatus.FAILED if score is None else TrialStatus.COMPLETE
        self._sampling.tell_value(self.asked.number, score)
        self._store.finish_trial(
            self.trial_id,
            STATES[status],
            value=score,
            intermediate={},
            user_attrs={"seconds": seconds} | ({"error": error} if error else {}),
        )
        self.seconds += seconds
        self._learn(score, self.asked.params)
        self.done += 1
        self.asked = None

    def _learn(self, score: float | None, params: Params) -> None:
        if score is not None and (self.best is None or self.metric.better(score, self.best[0])):
            self.best = (score, params)


class Baselines(Stream):
    """Tunes and fits baselines, one after the other.

    Each may be tuned for as long as the networks are searched (`seconds`, where the search has a
    time budget), and is then fitted with the best configuration so far.

    Attributes
    ----------
    outcomes : dict of str to BaselineOutcome
    """

    def __init__(
        self,
        names: tuple[str, ...],
        data: PreparedStore,
        metric: Metric,
        seed: int,
        study: Study,
        observer: Observer,
        folds: Folds | None = None,
        seconds: float | None = None,
    ) -> None:
        self._seconds = seconds
        self._data, self._metric, self._seed = data, metric, seed
        self._study, self._observer = study, observer
        self._folds = folds.total if folds else 1
        self.outcomes = read_outcomes(study)
        self._waiting = [n for n in names if n not in self.outcomes]
        self._current: _Tuning | None = None
        self._busy = False

    def next_job(self) -> tuple[Job, Any] | None:
        if self._busy or (self._current is None and not self._waiting):
            return None
        if self._current is None:
            name = self._waiting.pop(0)
            self._current = _Tuning(name, self._data, self._metric, self._seed, self._study)
        self._busy = True
        return self._job(self._current), self._current

    def finished(self, key: Any, message: Message) -> None:
        self._busy = False
        tuning: _Tuning = key
        payload = message.payload
        if isinstance(payload, JobError):
            payload = BaselineResult(number=0, name=tuning.name, params={}, error=payload.reason)
        if tuning.asked is not None:
            tuning.tell(payload.valid_score, payload.seconds, payload.error)
            return
        self._current = None
        self._keep(tuning, payload)

    def _job(self, tuning: _Tuning) -> BaselineJob:
        predictions = model = None
        out_of_time = self._seconds is not None and tuning.seconds >= self._seconds
        if tuning.done < tuning.trials and not (tuning.done and out_of_time):
            params, rows = tuning.ask(), tuning.baseline.tuning_rows
        else:
            params = tuning.best[1] if tuning.best else tuning.untuned
            rows, folder = None, self._study.folder
            predictions = str(folder.baseline_predictions(tuning.name))
            model = str(folder.baseline_weights(tuning.name))
        return BaselineJob(
            number=tuning.asked.number if tuning.asked else tuning.trials,
            name=tuning.name,
            params=params,
            rows=rows,
            seed=derive_seed(self._seed, 0) % 2**32,
            metric=self._metric.name,
            predictions=predictions,
            model=model,
            folds=self._folds if rows is not None else 1,
            # Of a forecast's folds, rows that overlap with validation are left out.
            fold=self._folds if rows is None and tuning.is_forecast and self._folds > 1 else 0,
        )

    def _keep(self, tuning: _Tuning, result: BaselineResult) -> None:
        outcome = BaselineOutcome(
            description=result.description,
            params=dict(result.params),
            valid_score=tuning.best[0] if tuning.best else None,
            seconds={
                "tune": tuning.seconds,
                "fit": result.seconds_fit,
                "predict_1000": result.seconds_predict_1000,
            },
            size_bytes=result.size_bytes,
            predictions=result.predictions,
            layers=result.layers,
            has_probabilities=result.has_probabilities,
            not_kept=result.not_kept,
            error=result.error,
        )
        self.outcomes[tuning.name] = outcome
        keep_outcome(self._study, tuning.name, outcome)
        said = f"failed: {result.error}" if result.error else result.description
        self._observer.baseline_finished(tuning.name, outcome.valid_score, outcome.error)
        self._observer.note(f"baseline {tuning.name}: {said}")


def keep_outcome(study: Study, name: str, outcome: BaselineOutcome) -> None:
    """Store what became of a baseline, so that it is not fitted again."""
    study.set_attr(_PREFIX + name, outcome.to_json())


def read_outcomes(study: Study) -> dict[str, BaselineOutcome]:
    """Return what became of the baselines that are in the study already."""
    attrs = study.store.study_attrs(study.study_id)
    found = {
        canonical_name(name.removeprefix(_PREFIX)): BaselineOutcome(**value)
        for name, value in attrs.items()
        if name.startswith(_PREFIX)
    }
    for outcome in found.values():
        if outcome.predictions is not None:  # the study may have been moved since
            name = Path(outcome.predictions).stem
            outcome.predictions = str(study.folder.baseline_predictions(name))
    return found
