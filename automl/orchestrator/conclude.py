"""Conclude a search: the test split is opened once, everything is judged, the result is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl import result as r
from automl.bundle.members import average
from automl.bundle.save import OnnxFile, versions
from automl.config import SearchConfig, available_cores
from automl.evaluation import Entry
from automl.option_types import ONE_EPOCH
from automl.orchestrator.baseline_models import keep_baselines
from automl.orchestrator.baseline_stream import BaselineOutcome
from automl.orchestrator.best_model import BestModel, Scores
from automl.orchestrator.budget import Clock
from automl.orchestrator.choose_ensemble import Together
from automl.orchestrator.earlier_studies import taken_by
from automl.orchestrator.finalists import Choice
from automl.orchestrator.find_ensemble import NO_ENSEMBLE
from automl.orchestrator.judge import (
    judge_baselines,
    judge_classes,
    judge_forecast,
    make_verdict,
    to_score,
)
from automl.orchestrator.judge_models import Network, judge_models
from automl.orchestrator.judge_quantiles import drawn_forecasts, judge_quantiles
from automl.orchestrator.judge_search import SearchJudge
from automl.orchestrator.predict_runs import Prediction
from automl.orchestrator.problem import Problem
from automl.orchestrator.trials import Trials
from automl.study.run import Run
from automl.study.study import VERDICT, Study
from automl.trial import TrialStatus


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
        together: Together | None,
        predictions: Mapping[Run, Prediction],
        baselines: Mapping[str, BaselineOutcome],
        exported: OnnxFile | None,
    ) -> r.SearchResult:
        """Open the test split, judge everything, hand over what was chosen, and write it all down.

        Parameters
        ----------
        choice : Choice
        together : Together or None
            The ensemble, which says whether it or the single network is handed over.
        predictions : mapping of Run to Prediction
            Outputs of the winner, of the finalists' runs, and of the best trials.
        baselines : mapping of str to BaselineOutcome
        exported : OnnxFile or None
            ONNX file of what is handed over.
        """
        metric = self.problem.metric
        # Everything is chosen; from here on nothing is.
        reads = self.study.count_test_read()
        y = self.problem.dataset.test.unlock()
        blocks = self.problem.dataset.blocks
        network = self._network(choice, predictions)
        models = judge_models(metric, y, network, self._tune(), together, blocks)
        output, read = models.output, metric.takes(models.output)
        # The report draws from this file, and need not open the test split again.
        dataset = self.problem.dataset
        ahead = together is not None and together.found.handed_over
        errors = together.errors if together is not None and ahead else choice.errors
        np.savez(
            self.study.folder.judged,
            y=y,
            output=output,
            uncalibrated=models.uncalibrated,
            **drawn_forecasts(dataset, output, errors),
        )
        quantiles = judge_quantiles(dataset, self.problem.folds, y, output, errors)
        rivals, parts = judge_baselines(baselines, metric, y, read, blocks)
        verdict = make_verdict(
            metric, models.winner, models.siblings | rivals, len(y), reads, models.why, blocks
        )
        test = to_score(models.winner.test)
        said = {"headline": verdict.headline(), "verdict": verdict.paragraph()}
        of_single = {"test": to_score(models.network.test).model_dump(), **said}
        of_ensemble = {}
        if models.ensemble is not None and models.ensemble.test is not None:
            of_ensemble = {"test": models.ensemble.test.model_dump(), **said}
        scores = Scores(of_single, of_ensemble)
        count = len(self.trials.records)
        self.best_model.hand_over(choice, together, scores, count, exported)
        problem = self.problem
        keep_baselines(
            self.study.folder, problem.dataset, problem.data, metric, baselines, parts, said
        )
        return self._write(
            status="finished",
            best=_best(choice, models.network),
            finalists=[
                r.Finalist(number=f.record.number, valid_scores=f.scores, mean=f.mean)
                for f in choice.finalists
            ],
            test=test,
            test_reads=reads,
            gap=verdict.to_json()["winner"]["gap"],
            ensemble=models.ensemble,
            added=SearchJudge(
                self.trials.records,
                self.trials.settings.objective,
                self.problem.folds,
                choice,
                predictions,
                y,
                taken_by(self.study),
                blocks,
            ).judge(),
            skipped=self._skipped(together),
            baselines=parts,
            **said,
            **judge_classes(dataset.task, y, output),
            **judge_forecast(dataset, y, output, baselines, quantiles),
        )

    def _network(self, choice: Choice, predictions: Mapping[Run, Prediction]) -> Network:
        found = predictions[choice.run]
        fit, size = choice.result.seconds, Path(str(choice.result.weights)).stat().st_size
        test = average([found.test], [1.0], choice.temperature)
        return Network(test, found.test, choice.valid_score, fit, found.predict_1000, size)

    def _tune(self) -> float:
        return sum(record.seconds for record in self.trials.records)

    def _rows(self) -> dict[str, int]:
        train, valid = len(self.problem.dataset.train), len(self.problem.dataset.valid)
        judged = (
            {"train": train, "valid": valid}
            if self.problem.folds is None
            else {"train": train + valid}
        )
        return {**judged, "test": len(self.problem.dataset.test)}

    def _skipped(self, together: Together | None) -> dict[str, str]:
        """Return what a search by cross-validation leaves out, and why."""
        if self.problem.folds is None:
            return {}
        why = {} if together is not None else {"ensemble": NO_ENSEMBLE}
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
            described=list(self.problem.described),
            task=self.problem.dataset.task.kind,
            metric=self.problem.metric.name,
            direction=self.problem.metric.direction,
            seed=self.config.seed,
            rows=self._rows(),
            notes=list(self.problem.dataset.notes),
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


def _best(choice: Choice, network: Entry) -> r.Best:
    return r.Best(
        number=choice.record.number,
        params=dict(choice.record.params),
        valid_score=choice.valid_score,
        trial_score=choice.trial_score,
        n_weights=choice.result.n_weights,
        epochs=choice.result.best_epoch or 0,
        test=to_score(network.test),
        calibration=choice.calibration,
        seconds=r.Seconds(**network.seconds),
        size_bytes=network.size_bytes,
    )
