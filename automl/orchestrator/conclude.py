"""The ending: everything is chosen, the test split is opened once, and the result is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl import result as r
from automl.bundle.save import OnnxFile, versions
from automl.config import SearchConfig, available_cores
from automl.dashboard.notes import attach
from automl.data import Dataset
from automl.data.split.folds import Folds
from automl.errors import StudyError
from automl.evaluation import (
    Entry,
    average,
    compare,
    confusion_matrix,
    per_class,
    score_with_interval,
    select,
)
from automl.orchestrator.baseline_stream import ONE_EPOCH, BaselineOutcome
from automl.orchestrator.best_model import BestModel
from automl.orchestrator.budget import Clock
from automl.orchestrator.finalists import Choice
from automl.orchestrator.judge import Rival, judge_baselines, make_verdict, to_score
from automl.orchestrator.observer import Observer
from automl.orchestrator.problem import Problem
from automl.orchestrator.trials import Trials
from automl.report.gather import write_study_report
from automl.result import SearchResult
from automl.study.run import Run
from automl.study.study import VERDICT, Study
from automl.training.jobs import PredictJob
from automl.trial import TrialStatus

Array = NDArray[Any]


@dataclass(slots=True)
class Ending:
    """Turns a finished search into a `SearchResult`.

    Attributes
    ----------
    phases : dict of str to float
        Seconds that each phase took.
    """

    config: SearchConfig
    problem: Problem
    study: Study
    trials: Trials
    clock: Clock
    phases: dict[str, float]

    def predict_jobs(self, *choices: Choice) -> dict[Run, PredictJob]:
        """Predictions of every winner, every finalist run, and the best trials themselves.

        In cross-validation only the winner has a model that was trained on all rows.
        """
        params = {r.number: r.params for r in self.trials.records}
        runs = {} if self.problem.folds else self._saved_trials()
        for choice in choices:
            runs[choice.run] = str(choice.result.weights)
            for finalist in [] if self.problem.folds else choice.finalists:
                runs |= {key: str(result.weights) for key, result in finalist.runs.items()}
        return {
            key: PredictJob(
                params[key.trial],
                weights,
                str(self.study.folder.run_predictions(key)),
                self.config.device,
                self.problem.folds.total if self.problem.folds else 0,
            )
            for key, weights in runs.items()
        }

    def _saved_trials(self) -> dict[Run, str]:
        """Weights of the best trials, as many as there are finalists, where they were kept."""
        best = self.trials.distinct()[: self.config.finalists]
        paths = {run: self.study.folder.run_weights(run) for run in (Run(r.number) for r in best)}
        return {key: str(path) for key, path in paths.items() if path.exists()}

    def interrupted(self) -> r.SearchResult:
        """What there is to say when the search was stopped before it had chosen."""
        best = self.trials.best
        if best is None or best.valid_score is None:
            return self._write(status="interrupted", best=None)
        found = r.Best(
            number=best.number,
            params=dict(best.params),
            valid_score=best.valid_score,
            trial_score=best.valid_score,
            n_weights=best.n_weights,
            epochs=best.best_epoch or 0,
        )
        return self._write(status="interrupted", best=found)

    def finished(
        self,
        choice: Choice,
        jobs: Mapping[Run, PredictJob],
        seconds: Mapping[Run, float],
        baselines: Mapping[str, BaselineOutcome],
        best_model: BestModel,
        exported: OnnxFile | None = None,
    ) -> r.SearchResult:
        """Choose the ensemble, open the test split, judge everything, and write it all down.

        Parameters
        ----------
        choice : Choice
        jobs : mapping of Run to PredictJob
            From `predict_jobs`, done.
        seconds : mapping of Run to float
            To predict a thousand rows.
        baselines : mapping of str to BaselineOutcome
        best_model : BestModel
        exported : OnnxFile, optional
        """
        outputs = {key: np.load(job.predictions) for key, job in jobs.items()}
        ensemble, together = self._ensemble(choice, outputs)
        # Everything is chosen; from here on nothing is.
        reads = self.study.count_test_read()
        y = self.problem.dataset.test.unlock()
        output = outputs[choice.run]["test"]
        read = self.problem.metric.takes(output)
        # The report draws from this file, and need not open the test split again.
        np.savez(self.study.folder.judged, y=y, output=output)
        rivals, parts = judge_baselines(baselines, self.problem.metric, y, read)
        winner = self._winner_entry(choice, y, read, seconds[choice.run])
        if ensemble is not None and together is not None:
            theirs = self.problem.metric.takes(together)
            interval = score_with_interval(self.problem.metric, y, theirs)
            ensemble = ensemble.model_copy(update={"test": to_score(interval)})
            if ensemble.helps:
                rivals["ensemble"] = Rival(
                    Entry("ensemble", interval), compare(self.problem.metric, y, read, theirs)
                )
        verdict = make_verdict(self.problem.metric, winner, rivals, len(y), reads)
        test = to_score(winner.test)
        scores = {"test": test.model_dump(), "verdict": verdict.paragraph()}
        best_model.hand_over(choice, scores, len(self.trials.records), exported)
        return self._write(
            status="finished",
            best=self._best(choice, winner),
            finalists=[
                r.Finalist(number=f.record.number, valid_scores=f.scores, mean=f.mean)
                for f in choice.finalists
            ],
            test=test,
            test_reads=reads,
            gap=verdict.to_json()["winner"]["gap"],
            ensemble=ensemble,
            skipped=_skipped(self.problem.folds, self.config.baselines),
            baselines=parts,
            verdict=verdict.paragraph(),
            **self._per_class(y, output),
        )

    def _ensemble(
        self, choice: Choice, outputs: Mapping[Run, Mapping[str, Array]]
    ) -> tuple[r.Ensemble | None, Array | None]:
        if self.problem.folds is not None:
            return None, None
        keys = [key for finalist in choice.finalists for key in finalist.runs]
        keys += [key for key in self._saved_trials() if key not in keys]
        if len(keys) < 2:
            return None, None
        found = select(
            [outputs[key]["valid"] for key in keys],
            self.problem.dataset.valid.y,
            self.problem.metric,
        )
        members = {str(keys[i]): weight for i, weight in found.weights.items()}
        ensemble = r.Ensemble(
            members=members,
            valid_score=found.valid_score,
            single_valid_score=found.single_score,
            helps=found.helps,
        )
        return ensemble, average([outputs[key]["test"] for key in keys], found.members)

    def _winner_entry(self, choice: Choice, y: Array, read: Array, predict_1000: float) -> Entry:
        tune = sum(record.seconds for record in self.trials.records)
        weights = Path(str(choice.result.weights))
        return Entry(
            "network",
            score_with_interval(self.problem.metric, y, read),
            choice.valid_score,
            {"tune": tune, "fit": choice.result.seconds, "predict_1000": predict_1000},
            weights.stat().st_size,
        )

    def _per_class(self, y: Array, output: Array) -> dict[str, Any]:
        if not self.problem.metric.classification:
            return {}
        labels = self.problem.dataset.task.classes
        matrix = confusion_matrix(y, output.argmax(axis=1), len(labels))
        scores = [
            r.ClassScore(
                label=str(c.label), precision=c.precision, recall=c.recall, f1=c.f1, rows=c.support
            )
            for c in per_class(matrix, labels)
        ]
        return {"classes": scores, "confusion": matrix.tolist()}

    def _best(self, choice: Choice, winner: Entry) -> r.Best:
        return r.Best(
            number=choice.record.number,
            params=dict(choice.record.params),
            valid_score=choice.valid_score,
            trial_score=choice.trial_score,
            n_weights=choice.result.n_weights,
            epochs=choice.result.best_epoch or 0,
            seconds=r.Seconds(**winner.seconds),
            size_bytes=winner.size_bytes,
        )

    def _rows(self) -> dict[str, int]:
        train, valid = len(self.problem.dataset.train), len(self.problem.dataset.valid)
        judged = (
            {"train": train, "valid": valid}
            if self.problem.folds is None
            else {"train": train + valid}
        )
        return {**judged, "test": len(self.problem.dataset.test)}

    def _write(self, **found: Any) -> r.SearchResult:
        counts = {
            status.value: sum(record.status is status for record in self.trials.records)
            for status in TrialStatus
        }
        result = r.SearchResult(
            study=self.study.folder.name,
            folder=str(self.study.folder.path),
            dataset=self.problem.dataset.name,
            fingerprint=self.problem.dataset.fingerprint,
            task=self.problem.dataset.task.kind,
            metric=self.problem.metric.name,
            direction=self.problem.metric.direction,
            seed=self.config.seed,
            rows=self._rows(),
            folds=r.Folds(**asdict(self.problem.folds)) if self.problem.folds else None,
            max_epochs=self.problem.max_epochs,
            seconds=round(self.clock.seconds, 3),
            phases=self.phases,
            trials=r.TrialCounts(**counts),
            versions=versions(),
            cores=available_cores(),
            **found,
        )
        result.write(self.study.folder.result)
        if result.verdict is not None:
            self.study.set_attr(VERDICT, result.verdict)
        return result


def _skipped(folds: Folds | None, baselines: tuple[str, ...]) -> dict[str, str]:
    """What a search by cross-validation leaves out, and why."""
    if folds is None:
        return {}
    why = {
        "ensemble": "in cross-validation its members would have to be trained on all rows too, and"
        " no rows are left to choose and to judge it by"
    }
    if ONE_EPOCH in baselines:
        why[ONE_EPOCH] = "in cross-validation a trial is judged fold by fold, not epoch by epoch"
    return why


def publish(study: Study, result: SearchResult, dataset: Dataset, observer: Observer) -> None:
    """Write the report at the end of a search, and tell the dashboard of it.

    Neither may cost a search its result: what cannot be written is a note.
    """
    observer.phase("report")
    try:
        write_study_report(study.folder.name, study.store.url, dataset)
        attach(study, result)
    except StudyError as error:
        observer.note(f"the report is not complete: {error}")
