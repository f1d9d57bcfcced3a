"""Conclude a search: the test split is opened once, everything is judged, the result is written."""

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
from automl.evaluation import Entry, compare, score_with_interval
from automl.option_types import ONE_EPOCH
from automl.orchestrator.baseline_stream import BaselineOutcome
from automl.orchestrator.best_model import BestModel
from automl.orchestrator.budget import Clock
from automl.orchestrator.choose_ensemble import choose_ensemble
from automl.orchestrator.finalists import Choice
from automl.orchestrator.judge import (
    Rival,
    judge_baselines,
    judge_classes,
    make_verdict,
    to_score,
)
from automl.orchestrator.predict_runs import Prediction
from automl.orchestrator.problem import Problem
from automl.orchestrator.trials import Trials
from automl.study.run import Run
from automl.study.study import VERDICT, Study
from automl.trial import TrialStatus

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Turns a search into a `SearchResult`.

    Attributes
    ----------
    config : SearchConfig
    problem : Problem
    study : Study
    trials : Trials
    best_model : BestModel
        Takes the winner over.
    clock : Clock
    phases : dict of str to float
        Seconds that each phase took.
    """

    config: SearchConfig
    problem: Problem
    study: Study
    trials: Trials
    best_model: BestModel
    clock: Clock
    phases: dict[str, float]

    def interrupted(self) -> r.SearchResult:
        """Return what there is to say when the search was stopped before it had chosen."""
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
        predictions: Mapping[Run, Prediction],
        baselines: Mapping[str, BaselineOutcome],
        exported: OnnxFile | None,
    ) -> r.SearchResult:
        """Choose the ensemble, open the test split, judge everything, and write it all down.

        Parameters
        ----------
        choice : Choice
        predictions : mapping of Run to Prediction
            Outputs of the winner, of the finalists' runs, and of the best trials.
        baselines : mapping of str to BaselineOutcome
        exported : OnnxFile or None
            The winner's.
        """
        metric = self.problem.metric
        together = self._ensemble(choice, predictions)
        # Everything is chosen; from here on nothing is.
        reads = self.study.count_test_read()
        y = self.problem.dataset.test.unlock()
        output = predictions[choice.run].test
        read = metric.takes(output)
        # The report draws from this file, and need not open the test split again.
        np.savez(self.study.folder.judged, y=y, output=output)
        rivals, parts = judge_baselines(baselines, metric, y, read)
        ensemble = None
        if together is not None:
            ensemble, theirs = together[0], metric.takes(together[1])
            interval = score_with_interval(metric, y, theirs)
            ensemble = ensemble.model_copy(update={"test": to_score(interval)})
            if ensemble.helps:
                rival = Rival(Entry("ensemble", interval), compare(metric, y, read, theirs))
                rivals["ensemble"] = rival
        winner = self._winner(choice, y, read, predictions[choice.run].predict_1000)
        verdict = make_verdict(metric, winner, rivals, len(y), reads)
        test = to_score(winner.test)
        scores = {"test": test.model_dump(), "verdict": verdict.paragraph()}
        self.best_model.hand_over(choice, scores, len(self.trials.records), exported)
        return self._write(
            status="finished",
            best=_best(choice, winner),
            finalists=[
                r.Finalist(number=f.record.number, valid_scores=f.scores, mean=f.mean)
                for f in choice.finalists
            ],
            test=test,
            test_reads=reads,
            gap=verdict.to_json()["winner"]["gap"],
            ensemble=ensemble,
            skipped=self._skipped(),
            baselines=parts,
            verdict=verdict.paragraph(),
            **judge_classes(self.problem.dataset.task, y, output),
        )

    def _ensemble(
        self, choice: Choice, predictions: Mapping[Run, Prediction]
    ) -> tuple[r.Ensemble, Array] | None:
        """Choose among the finalists' runs and the trials that have their weights."""
        if self.problem.folds is not None:
            return None
        ours = [run for finalist in choice.finalists for run in finalist.runs]
        ours += [run for run in predictions if run.number == 0]
        members = {run: predictions[run] for run in ours}
        return choose_ensemble(members, self.problem.dataset, self.problem.metric)

    def _winner(self, choice: Choice, y: Array, read: Array, predict_1000: float) -> Entry:
        tune = sum(record.seconds for record in self.trials.records)
        weights = Path(str(choice.result.weights))
        return Entry(
            "network",
            score_with_interval(self.problem.metric, y, read),
            choice.valid_score,
            {"tune": tune, "fit": choice.result.seconds, "predict_1000": predict_1000},
            weights.stat().st_size,
        )

    def _rows(self) -> dict[str, int]:
        train, valid = len(self.problem.dataset.train), len(self.problem.dataset.valid)
        judged = (
            {"train": train, "valid": valid}
            if self.problem.folds is None
            else {"train": train + valid}
        )
        return {**judged, "test": len(self.problem.dataset.test)}

    def _skipped(self) -> dict[str, str]:
        """Return what a search by cross-validation leaves out, and why."""
        if self.problem.folds is None:
            return {}
        why = {
            "ensemble": "in cross-validation its members would have to be trained on all rows too,"
            " and no rows are left to choose and to judge it by"
        }
        if ONE_EPOCH in self.config.baselines:
            why[ONE_EPOCH] = (
                "in cross-validation a trial is judged fold by fold, not epoch by epoch"
            )
        return why

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


def _best(choice: Choice, winner: Entry) -> r.Best:
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
