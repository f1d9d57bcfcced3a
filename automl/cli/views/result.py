"""What is printed when a search is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import automl
from automl.cli.views.tables import (
    param_label,
    print_table,
    seconds_text,
    short_count,
    short_params,
    short_value,
)
from automl.evaluation.formatting import format_score, metric_label

if TYPE_CHECKING:
    from automl import FamilyOutcome, Leaderboard, SearchResult, StudyView


def print_result(result: SearchResult, view: StudyView) -> None:
    """Print the best trials, the test score, the verdict, where all lies, and what to type next.

    Parameters
    ----------
    result : SearchResult
    view : StudyView
        The study of that result.
    """
    board = automl.leaderboard(view, 5, params=0)
    print_leaderboard(board, result.metric)
    if board.families:
        print(families_line(board.families, result.metric))
    if result.best is not None:
        params = result.best.params
        print(f"best settings: {short_params(params, view.space.sampled(params))}\n")
    counts = result.trials
    print(
        f"{counts.total} trials ({counts.complete} complete, {counts.pruned} pruned,"
        f" {counts.failed} failed) in {seconds_text(result.seconds)}"
    )
    if result.status == "interrupted":
        saved = "the best model so far is saved" if result.best else "there is no model yet"
        print(f"stopped; {saved}, and the same command goes on from here")
    if result.headline:
        print(result.headline)
    if result.test is not None:
        test = result.test
        low, score, high = (
            format_score(result.metric, value) for value in (test.low, test.score, test.high)
        )
        print(f"test {metric_label(result.metric)} {score} (95 % interval {low} to {high})")
        if result.handed_over == "ensemble" and result.ensemble is not None:
            print(f"of an ensemble of {result.ensemble.made_of}")
    if result.verdict:
        print(f"\n{result.verdict}")
    print_added(result)
    print()
    if result.best is not None:
        print(f"best model  {view.folder.best}")
        other = view.folder.other_model
        if other is not None:
            print(f"the other   {other}")
        if kept := view.folder.baseline_models():
            print(f"baselines   {kept[0].parent}: {', '.join(path.name for path in kept)}")
    folder = view.folder
    database = folder.url if folder.address.exists() else folder.database
    print(f"result      {folder.result}\nstudy       {database}")
    if folder.report.exists():
        print(f"report      {folder.report}")
    print()
    model = f', or automl.load_model("{result.study}") in Python' if result.best else ""
    print(f"next: automl show {result.study}{model}")


def print_added(result: SearchResult) -> None:
    """Print what the search added to its start configurations and to chance."""
    if result.added is not None and result.added.said:
        print()
        for said in result.added.said:
            print(said)


def families_line(families: Sequence[FamilyOutcome], metric: str) -> str:
    """Say how each family fared: ``cnn 99.20 % (84 trials), mlp 98.80 % (16 trials)``."""
    said = []
    for family in families:
        score = "no score" if family.best is None else format_score(metric, family.best)
        trials = f"{family.trials:,} trial{'s' if family.trials != 1 else ''}"
        said.append(f"{family.family} {score} ({trials})")
    return f"families, on validation rows: {', '.join(said)}"


def print_leaderboard(board: Leaderboard, metric: str) -> None:
    """Print a line for each trial, with its parameters; five of them fit 80 columns."""
    records, params = board.trials, board.params
    if not records:
        return
    rows = [
        [
            str(r.number),
            *([r.status.value] if not params else []),
            "-" if r.valid_score is None else format_score(metric, r.valid_score),
            "<1" if r.only_glimpsed else str(len(r.history)),
            f"{r.seconds:.1f}",
            short_count(r.n_weights),
            *(short_value(r.params[name]) if name in r.params else "-" for name in params),
        ]
        for r in records
    ]
    heads = [
        "trial",
        *([] if params else ["status"]),
        f"valid {metric_label(metric)}",
        f"{records[0].unit}s",
        "s",
        "weights",
    ]
    names = [param_label(name).replace("_", " ") for name in params]
    right = [i for i in range(len(heads)) if heads[i] != "status"]
    print_table([*heads, *names], rows, right, tight=bool(params))
