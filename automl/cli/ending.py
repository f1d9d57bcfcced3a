"""What is printed when a search is over."""

from __future__ import annotations

from automl.cli.tables import print_table, seconds_text, short_params
from automl.evaluation.verdict import format_score
from automl.result import SearchResult
from automl.trial import TrialRecord


def print_result(result: SearchResult, records: list[TrialRecord], sampled: list[str]) -> None:
    """The five best trials, the test score, the verdict, where things lie, what to type next.

    Parameters
    ----------
    result : SearchResult
    records : list of TrialRecord
        Complete ones, best first.
    sampled : list of str
        Names of the sampled parameters.
    """
    print_leaderboard(records[:5], result.metric)
    if result.best is not None:
        print(f"best settings: {short_params(result.best.params, sampled)}\n")
    counts = result.trials
    print(
        f"{counts.total} trials ({counts.complete} complete, {counts.pruned} pruned,"
        f" {counts.failed} failed) in {seconds_text(result.seconds)}"
    )
    if result.status == "interrupted":
        print("stopped; the best model so far is saved, and the same command goes on from here")
    if result.test is not None:
        test = result.test
        low, score, high = (
            format_score(result.metric, value) for value in (test.low, test.score, test.high)
        )
        print(f"test {result.metric} {score} (95 % interval {low} to {high})")
    if result.verdict:
        print(f"\n{result.verdict}")
    print(f"\nbest model  {result.folder}/best\nresult      {result.folder}/result.json")
    print(f"study       {result.folder}/study.db\n")
    print(f'next: automl show {result.study}, or automl.load_model("{result.study}") in Python')


def print_leaderboard(records: list[TrialRecord], metric: str) -> None:
    """One line a trial."""
    rows = [
        [
            str(r.number),
            r.status.value,
            "-" if r.valid_score is None else format_score(metric, r.valid_score),
            str(len(r.history)),
            f"{r.seconds:.1f}",
            f"{r.n_weights:,}",
        ]
        for r in records
    ]
    heads = ["trial", "status", f"valid {metric}", "epochs", "seconds", "weights"]
    print_table(heads, rows, right=[0, 2, 3, 4, 5])
