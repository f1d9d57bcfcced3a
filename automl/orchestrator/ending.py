"""The ending: everything is chosen, the test split is opened once, and the result is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl import result as r
from automl.bundle.save import versions
from automl.config import SearchConfig, available_cores
from automl.data import Dataset
from automl.evaluation import (
    Entry,
    Verdict,
    average,
    compare,
    confusion_matrix,
    per_class,
    score_with_interval,
    select,
)
from automl.metrics import Metric
from automl.orchestrator.baselines import BaselineOutcome
from automl.orchestrator.best import BestModel
from automl.orchestrator.clock import Clock
from automl.orchestrator.finalists import Choice, RunKey
from automl.orchestrator.study import Study
from automl.orchestrator.trials import Trials
from automl.training.job import PredictJob
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
    dataset: Dataset
    metric: Metric
    max_epochs: int
    study: Study
    trials: Trials
    clock: Clock
    phases: dict[str, float]

    def predict_jobs(self, choice: Choice) -> dict[RunKey, PredictJob]:
        """Predictions of the winner and of every finalist run."""
        runs = {choice.run: choice.result}
        params = {choice.record.number: choice.record.params}
        for finalist in choice.finalists:
            runs |= finalist.runs
            params[finalist.record.number] = finalist.record.params
        return {
            key: PredictJob(
                params[key[0]],
                str(result.weights),
                str(self.study.folder.predictions / f"trial-{key[0]}-{key[1]}.npz"),
                self.config.device,
            )
            for key, result in runs.items()
        }

    def interrupted(self) -> r.SearchResult:
        """What there is to say when the search was stopped before it had chosen."""
        best = self.trials.best
        assert best is not None
        assert best.valid_score is not None
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
        jobs: Mapping[RunKey, PredictJob],
        seconds: Mapping[RunKey, float],
        baselines: Mapping[str, BaselineOutcome],
        best_model: BestModel,
    ) -> r.SearchResult:
        """Choose the ensemble, open the test split, judge everything, and write it all down.

        Parameters
        ----------
        choice : Choice
        jobs : mapping of RunKey to PredictJob
            From `predict_jobs`, done.
        seconds : mapping of RunKey to float
            To predict a thousand rows.
        baselines : mapping of str to BaselineOutcome
        best_model : BestModel
        """
        outputs = {key: np.load(job.predictions) for key, job in jobs.items()}
        ensemble, together = self._ensemble(choice, outputs)
        # Everything is chosen; from here on nothing is.
        reads = self.study.count_test_read()
        y = self.dataset.test.unlock()
        output = outputs[choice.run]["test"]
        pred = self._labels(output)
        # The report draws from this file, and need not open the test split again.
        np.savez(self.study.folder.judged, y=y, output=output)
        entries, comparisons, parts = self._judge_baselines(baselines, y, pred)
        winner = self._winner_entry(choice, y, pred, seconds[choice.run])
        verdict = Verdict(
            winner,
            tuple(entries),
            comparisons,
            self.metric.name,
            self.metric.direction,
            len(y),
            test_reads=reads,
        )
        if ensemble is not None and together is not None:
            test = _score(self.metric, y, self._labels(together))
            ensemble = ensemble.model_copy(update={"test": test})
        test = _score(self.metric, y, pred)
        self._hand_over(choice, test, best_model)
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
            baselines=parts,
            verdict=verdict.paragraph(),
            **self._per_class(y, pred),
        )

    def _labels(self, output: Array) -> Array:
        """Class codes from probabilities; numbers stay as they are."""
        return np.asarray(output.argmax(axis=1)) if self.metric.classification else output

    def _ensemble(
        self, choice: Choice, outputs: Mapping[RunKey, Mapping[str, Array]]
    ) -> tuple[r.Ensemble | None, Array | None]:
        keys = [key for finalist in choice.finalists for key in finalist.runs]
        if len(keys) < 2:
            return None, None
        found = select([outputs[key]["valid"] for key in keys], self.dataset.valid.y, self.metric)
        members = {f"trial {keys[i][0]}, run {keys[i][1]}": w for i, w in found.weights.items()}
        ensemble = r.Ensemble(
            members=members,
            valid_score=found.valid_score,
            single_valid_score=found.single_score,
            helps=found.helps,
        )
        return ensemble, average([outputs[key]["test"] for key in keys], found.members)

    def _winner_entry(self, choice: Choice, y: Array, pred: Array, predict_1000: float) -> Entry:
        tune = sum(record.seconds for record in self.trials.records)
        weights = Path(str(choice.result.weights))
        return Entry(
            "network",
            score_with_interval(self.metric, y, pred),
            choice.valid_score,
            {"tune": tune, "fit": choice.result.seconds, "predict_1000": predict_1000},
            weights.stat().st_size,
        )

    def _judge_baselines(
        self, baselines: Mapping[str, BaselineOutcome], y: Array, pred: Array
    ) -> tuple[list[Entry], dict[str, Any], dict[str, r.Baseline]]:
        entries, comparisons, parts = [], {}, {}
        for name, outcome in baselines.items():
            part = r.Baseline(
                description=outcome.description,
                valid_score=outcome.valid_score,
                seconds=r.Seconds(**outcome.seconds),
                size_bytes=outcome.size_bytes,
                params=outcome.params,
                error=outcome.error,
            )
            if outcome.predictions is not None:
                theirs = np.load(outcome.predictions)["pred"]
                comparison = compare(self.metric, y, pred, theirs)
                comparisons[name] = comparison
                test = score_with_interval(self.metric, y, theirs)
                entries.append(
                    # Its validation score comes from a part of the rows: no gap can be told.
                    Entry(
                        name, test, None, outcome.seconds, outcome.size_bytes, outcome.description
                    )
                )
                part = part.model_copy(
                    update={
                        "test": _score(self.metric, y, theirs),
                        "comparison": r.Comparison(**comparison.to_json()),
                    }
                )
            parts[name] = part
        return entries, comparisons, parts

    def _per_class(self, y: Array, pred: Array) -> dict[str, Any]:
        if not self.metric.classification:
            return {}
        labels = self.dataset.task.classes
        matrix = confusion_matrix(y, pred, len(labels))
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
            trial_score=choice.record.valid_score or choice.valid_score,
            n_weights=choice.result.n_weights,
            epochs=choice.result.best_epoch or 0,
            seconds=r.Seconds(**winner.seconds),
            size_bytes=winner.size_bytes,
        )

    def _hand_over(self, choice: Choice, test: r.Score, best_model: BestModel) -> None:
        """The final bundle, with its test score."""
        runs = sum(len(f.runs) for f in choice.finalists)
        training = {
            "trial": choice.record.number,
            "run": choice.run[1],
            "seed": self.config.seed,
            "epochs": choice.result.best_epoch,
            "rows": len(self.dataset.train),
            "chosen_among": f"{len(self.trials.records)} trials and {runs} finalist runs",
        }
        scores = {"valid": choice.valid_score, "test": test.model_dump()}
        best_model.publish(choice.record.params, str(choice.result.weights), training, scores)

    def _write(self, **found: Any) -> r.SearchResult:
        counts = {
            status.value: sum(record.status is status for record in self.trials.records)
            for status in TrialStatus
        }
        result = r.SearchResult(
            study=self.study.folder.name,
            folder=str(self.study.folder.path),
            dataset=self.dataset.name,
            fingerprint=self.dataset.fingerprint,
            task=self.dataset.task.kind,
            metric=self.metric.name,
            direction=self.metric.direction,
            seed=self.config.seed,
            rows={
                "train": len(self.dataset.train),
                "valid": len(self.dataset.valid),
                "test": len(self.dataset.test),
            },
            max_epochs=self.max_epochs,
            seconds=round(self.clock.seconds, 3),
            phases=self.phases,
            trials=r.TrialCounts(**counts),
            versions=versions(),
            cores=available_cores(),
            **found,
        )
        result.write(self.study.folder.result)
        if result.verdict is not None:
            self.study.set_attr("verdict", result.verdict)
        return result


def _score(metric: Metric, y: Array, pred: Array) -> r.Score:
    interval = score_with_interval(metric, y, pred)
    return r.Score(score=interval.score, low=interval.low, high=interval.high)
