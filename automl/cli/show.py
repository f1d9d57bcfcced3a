"""``automl studies`` and ``automl show``: looking at what was searched."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from automl.errors import StudyError

if TYPE_CHECKING:
    from automl.study.view import StudyView
    from automl.trial import TrialRecord


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("studies")(studies)
    app.command("show")(show)


def studies() -> None:
    """List the studies, and the models of `automl train`."""
    from automl.cli.views.tables import print_table
    from automl.evaluation.formatting import format_score
    from automl.locations import studies_folder
    from automl.study.view import model_names, read_study, study_names

    rows, broken = [], False
    for name in study_names():
        try:
            view = read_study(name)
        except StudyError as error:  # one that cannot be read does not hide the others
            print(f"{name}: {error}", file=sys.stderr)
            broken = True
            continue
        best = view.ranked()[:1]
        score = best[0].valid_score if best else None
        test = view.result.test if view.result else None
        rows.append(
            [
                name,
                view.config.get("dataset", "?"),
                str(len(view.records)),
                "-" if score is None else format_score(view.metric.name, score),
                "-" if test is None else format_score(view.metric.name, test.score),
            ]
        )
    models = model_names()
    if rows:
        print_table(["study", "data set", "trials", "best valid", "test"], rows, right=[2, 3, 4])
    elif not models and not broken:
        print(f"there are no studies in {studies_folder()}/ yet; make one with `automl search`")
    if models:
        print(f"trained without a search, for automl best NAME: {', '.join(models)}")
    if broken:
        raise typer.Exit(2)


def show(
    study: Annotated[str, typer.Argument(help="A name from `automl studies`.")],
    trial: Annotated[int | None, typer.Option(help="Show this one trial.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many trials to list.")] = 10,
) -> None:
    """Show a study's best trials and result, or everything about one trial."""
    from automl.cli.views.result import families_line, print_leaderboard
    from automl.report.collect.families import leading
    from automl.report.collect.fold_correction import comparable
    from automl.report.collect.importance import importance
    from automl.study.view import read_study

    view = read_study(study)
    if trial is not None:
        _show_trial(view, trial)
        return
    counts: dict[str, int] = {}
    for record in view.records:
        counts[record.status.value] = counts.get(record.status.value, 0) + 1
    said = ", ".join(f"{n} {status}" for status, n in sorted(counts.items())) or "none finished"
    running = f", {view.running} running" if view.running else ""
    waiting = f", {view.waiting} waiting" if view.waiting else ""
    print(f"study {study}: {len(view.records)} trials ({said}{running}{waiting})")
    ranked, several = view.ranked(), bool(view.space.families)
    if several and view.records:
        print(families_line(view.records, view.metric))
    if ranked:
        space, own = leading(view.space, view.records, view.metric)
        shares = importance(comparable(own), space.domains, view.metric)
        params = (list(shares) or list(space.domains))[: 4 if several else 5]
        print_leaderboard(ranked[:top], view.metric.name, params, families=several)
    else:
        print_leaderboard(view.records[:top], view.metric.name, families=several)
    if view.result and view.result.verdict:
        print(view.result.verdict)


def _show_trial(view: StudyView, number: int) -> None:
    from automl.evaluation.formatting import format_score

    record = view.trial(number)
    print(
        f"trial {number}: {record.status.value}, {record.seconds:.1f} s, "
        f"{record.n_weights:,} weights, worker {record.worker}"
    )
    for why in (record.error, record.note):
        if why:
            print(why)
    print(json.dumps(dict(record.params), indent=2))
    if record.glimpse is not None:
        score = format_score(view.metric.name, record.glimpse)
        print(f"after a part of its first epoch, on a part of the validation rows: {score}")
    if record.history:
        _print_history(record, view)


def _print_history(record: TrialRecord, view: StudyView) -> None:
    from automl.cli.views.tables import print_table
    from automl.evaluation.formatting import format_score

    rows = [
        [
            str(e.epoch) + ("*" if e.epoch == record.best_epoch and not e.fold else ""),
            f"{e.train_loss:.4f}",
            f"{e.valid_loss:.4f}",
            format_score(view.metric.name, e.valid_score),
            f"{e.seconds:.3f}",
            f"{e.samples_per_second:,.0f}",
            *(
                [format_score(view.metric.name, e.fold.score), str(e.fold.best_epoch)]
                if e.fold
                else []
            ),
        ]
        for e in record.history
    ]
    heads = [record.unit, "train loss", "valid loss", f"valid {view.metric.label}", "s", "rows/s"]
    if record.unit == "fold":  # all but the last two columns are means over the folds so far
        heads += ["this fold", "best epoch"]
    print_table(heads, rows, right=range(len(heads)))
