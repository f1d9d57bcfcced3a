"""Judge the search itself: what it added to the start configurations and to chance.

Called when everything is chosen, with labels of the test split that the caller has unlocked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from automl import result as r
from automl.arrays import Array
from automl.data.split.folds import Folds
from automl.evaluation import Comparison, compare
from automl.evaluation.chance import compare_with_chance
from automl.evaluation.fold_comparison import compare_folds
from automl.evaluation.formatting import format_difference, format_score
from automl.evaluation.rungs import Rung, rungs
from automl.history.take import NOTHING, Taken, name_some
from automl.objective import Objective
from automl.orchestrator.finalists import Choice, Finalist
from automl.orchestrator.predict_runs import Prediction
from automl.study.run import Run
from automl.trial import EpochResult, TrialRecord


def best_start(records: Sequence[TrialRecord], objective: Objective) -> TrialRecord | None:
    """Return the best start configuration that came to its end, by its own score."""
    return objective.best(r for r in records if r.drawn_by == "start")


@dataclass(frozen=True, slots=True, eq=False)
class SearchJudge:
    """Compares the winner with what was there without a search.

    Attributes
    ----------
    records : sequence of TrialRecord
        All trials.
    objective : Objective
    folds : Folds or None
    choice : Choice
        The winner, and the finalists.
    predictions : mapping of Run to Prediction
        Outputs for the test rows; used where there is one validation split.
    y : array of shape (rows,) or (rows, targets)
        Test labels.
    taken : Taken
        What was taken from earlier studies.
    blocks : int64 array of shape (rows,) or None
        As in `compare`.
    """

    records: Sequence[TrialRecord]
    objective: Objective
    folds: Folds | None
    choice: Choice
    predictions: Mapping[Run, Prediction]
    y: Array
    taken: Taken = NOTHING
    blocks: Array | None = None

    def judge(self) -> r.Added:
        """Return what the search added."""
        start = best_start(self.records, self.objective)
        found = None if start is None else self._from_start(start)
        model, dropped = self._from_model(), rungs(self.records, self.objective)
        history = self._from_history()
        said = [
            *([] if found is None else [self._say_start(found)]),
            *([] if history is None else [self._say_history(history)]),
            *([] if model is None else [self._say_model(model)]),
            *([_say_rungs(dropped, self._unit)] if dropped else []),
        ]
        return r.Added(
            from_start=found,
            from_history=history,
            from_model=model,
            rungs=[r.Rung(**rung._asdict()) for rung in dropped],
            said=said,
        )

    @property
    def _winner_is_taken(self) -> bool:
        return self.choice.record.drawn_by == "history"

    @property
    def _unit(self) -> str:
        return "epoch" if self.folds is None else "fold"

    def _from_start(self, start: TrialRecord) -> r.FromStart:
        again = self._finalist(start)
        score = start.valid_score if again is None else again.mean
        assert score is not None
        comparison = None
        if self.choice.record.drawn_by != "start":
            over = self._over_rows if self.folds is None else self._over_folds
            comparison = over(start, again)
        return r.FromStart(
            number=start.number,
            valid_score=score,
            comparison=r.Comparison(**comparison.to_json()) if comparison else None,
        )

    def _over_rows(self, start: TrialRecord, again: Finalist | None) -> Comparison | None:
        """Compare both networks on the test rows, without their temperatures."""
        run = again.best_run(self.objective)[0] if again else Run(start.number)
        # A run of a trial is compared with a run of a trial, and not with a longer one.
        own = Run(self.choice.record.number) if self._is_longer(again) else self.choice.run
        theirs, ours = self.predictions.get(run), self.predictions.get(own)
        if theirs is None or ours is None:
            return None
        metric = self.objective.metric
        read = metric.takes(ours.test), metric.takes(theirs.test)
        return compare(metric, self.y, *read, blocks=self.blocks)

    def _is_longer(self, again: Finalist | None) -> bool:
        """Return whether the winner's run had more epochs than that of the best start."""
        return again is None and self.choice.long_run is not None

    def _over_folds(self, start: TrialRecord, again: Finalist | None) -> Comparison | None:
        """Compare both over the folds, each by its fresh runs where it has some."""
        assert self.folds is not None
        ours = self._fold_costs(self.choice.record, self._finalist(self.choice.record))
        theirs = self._fold_costs(start, again)
        if ours.shape != theirs.shape or len(ours) < 2:  # the time was up
            return None
        return compare_folds(theirs - ours, self.folds.count)

    def _fold_costs(self, record: TrialRecord, again: Finalist | None) -> Array:
        """Return the costs of each fold, means over the fresh runs; of shape (folds,)."""
        histories = [run.history for run in again.runs.values()] if again else [record.history]
        return np.asarray(np.mean([self._costs(history) for history in histories], axis=0))

    def _costs(self, history: Sequence[EpochResult]) -> list[float]:
        return [self.objective.cost(e.fold.score) for e in history if e.fold is not None]

    def _finalist(self, record: TrialRecord) -> Finalist | None:
        same = (f for f in self.choice.finalists if f.record.number == record.number)
        return next(same, None)

    def _from_history(self) -> r.FromHistory | None:
        tried = [r for r in self.records if r.drawn_by == "history"]
        if not tried:
            return None
        found = r.FromHistory(configurations=len(tried), studies=self.taken.sources)
        best = self.objective.best(tried)
        source = None if best is None else self.taken.source(best.params)
        if best is None or source is None:
            return found
        return found.model_copy(
            update={
                "number": best.number,
                "valid_score": best.valid_score,
                "their_study": source.study,
                "their_trial": source.trial,
                "won": best.number == self.choice.record.number,
            }
        )

    def _from_model(self) -> r.FromModel | None:
        found = compare_with_chance(self.records, self.objective)
        if found is None:
            return None
        sign = self.objective.cost(1.0)  # costs are scores, or their negatives
        values = asdict(found)
        values["best_proposed"] *= sign
        values["best_random"] *= sign
        return r.FromModel(**values)

    def _say_start(self, found: r.FromStart) -> str:
        winner, name = self.choice.record.number, self.objective.metric.name
        if self.choice.record.drawn_by == "start":
            return (
                f"The winner, trial {winner}, is a start configuration: nothing that was sampled"
                " came out ahead of it."
            )
        score = format_score(name, found.valid_score)
        start = f"the best start configuration, trial {found.number} ({score} on validation rows)"
        came = "is from an earlier study" if self._winner_is_taken else "was sampled"
        again = any(f.record.number == found.number for f in self.choice.finalists)
        if found.comparison is None:
            longer = self.choice.long_run is not None and not again
            ahead = "trained for longer than" if longer else "is ahead of"
            return f"The winner, trial {winner}, {came}, and {ahead} {start}."
        c = found.comparison
        where = "on the test rows" if self.folds is None else "over the folds"
        return (
            f"The winner, trial {winner}, {came}; against {start} it gains"
            f" {format_difference(name, c.difference)} {where}"
            f" (95 % interval {self._span(c.low, c.high)})."
        )

    def _say_history(self, found: r.FromHistory) -> str:
        count, studies = found.configurations, name_some(found.studies)
        what = f"{count} configuration{'' if count == 1 else 's'}"
        tried = f"Tried first were {what} of {studies}"
        if found.valid_score is None:
            return (
                f"{tried}; none of them was among the best for long enough to be trained in full."
            )
        score = format_score(self.objective.metric.name, found.valid_score)
        return (
            f"{tried}; the best of them (trial {found.number}, which was trial {found.their_trial}"
            f" of {found.their_study}) came to {score} on validation rows and"
            f" {'is' if found.won else 'is not'} the winner."
        )

    def _say_model(self, found: r.FromModel) -> str:
        name = self.objective.metric.name
        return (
            f"The best of {found.proposed:,} proposed candidates is expected at"
            f" {format_score(name, found.best_proposed)} on validation rows, the best of"
            f" {found.random:,} random ones that take as long at"
            f" {format_score(name, found.best_random)}: the model gains"
            f" {format_difference(name, found.difference)}"
            f" (95 % interval {self._span(found.low, found.high)})."
        )

    def _span(self, low: float, high: float) -> str:
        name = self.objective.metric.name
        below = format_difference(name, low).removesuffix(" points")
        return f"{below} to {format_difference(name, high)}"


def _say_rungs(dropped: Sequence[Rung], unit: str) -> str:
    """Say what each rung dropped, and how many of these promised more than the best trial."""
    said = "; ".join(f"after {g.where(unit)} {g.dropped:,} of {g.reached:,}" for g in dropped)
    known = [g.promising for g in dropped if g.promising is not None]
    if not known:
        return f"Dropped were {said}."
    count = f"{sum(known):,}" if any(known) else "none"
    return (
        f"Dropped were {said}: {count} of them would have been better than the best trial, had they"
        " gained what complete trials gain from there on in the median."
    )
