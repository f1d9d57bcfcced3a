"""``automl studies`` and ``automl show``: looking at what was searched."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from json import dumps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from automl.cli.panels import STUDIES

if TYPE_CHECKING:
    from automl import StudyList, StudySummary, StudyView, TrialRecord

SHOWN_STUDIES = 5
"""Earlier studies that are named; `--json` has all."""

JSON = Annotated[bool, typer.Option("--json", help="Print everything as JSON, for programs.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("studies", rich_help_panel=STUDIES)(studies)
    app.command("show", rich_help_panel=STUDIES)(show)


def studies(json: JSON = False) -> None:
    """List the studies, and the models of `automl train`."""
    import automl

    found = automl.studies()
    if json:
        _print_json(found.to_json())
    else:
        _print_studies(found)
    for name, why in found.unreadable.items():
        print(f"{name}: {why}", file=sys.stderr)
    if found.unreadable:
        raise typer.Exit(2)


def _print_studies(found: StudyList) -> None:
    from automl.cli.views.tables import print_table
    from automl.evaluation.formatting import format_score

    def score(study: StudySummary, value: float | None) -> str:
        return "-" if value is None else format_score(study.metric, value)

    rows = [
        [s.study, s.dataset, str(s.trials), score(s, s.best_valid_score), score(s, s.test_score)]
        for s in found.studies
    ]
    if rows:
        print_table(["study", "data set", "trials", "best valid", "test"], rows, right=[2, 3, 4])
    elif not found.models and not found.unreadable:
        print(f"there are no studies in {found.folder}/ yet; make one with `automl search`")
    if found.models:
        print(f"trained without a search, for automl best NAME: {', '.join(found.models)}")


def show(
    study: Annotated[str, typer.Argument(help="A name from `automl studies`.")],
    trial: Annotated[
        int | None, typer.Option(help="Show everything about the trial of this number.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Best trials to list.")] = 10,
    json: JSON = False,
) -> None:
    """Show a study's best trials and result, or everything about one trial."""
    import automl

    view = automl.read_study(study)
    if json:
        _print_json(view.to_json() if trial is None else view.trial(trial).to_json())
    elif trial is None:
        _show_study(view, top)
    else:
        _show_trial(view, trial)


def _show_study(view: StudyView, top: int) -> None:
    import automl
    from automl.cli.views.result import families_line, print_added, print_leaderboard

    counts: dict[str, int] = {}
    for record in view.records:
        counts[record.status.value] = counts.get(record.status.value, 0) + 1
    said = ", ".join(f"{n} {status}" for status, n in sorted(counts.items())) or "none finished"
    running = f", {view.running} running" if view.running else ""
    waiting = f", {view.waiting} waiting" if view.waiting else ""
    print(f"study {view.folder.name}: {len(view.records)} trials ({said}{running}{waiting})")
    for line in (*_history_lines(view), *_machine_lines(view)):
        print(line)
    board = automl.leaderboard(view, top)
    if board.families:
        print(families_line(board.families, view.metric.name))
    print_leaderboard(board, view.metric.name)
    if view.result and view.result.headline:
        print(f"{view.result.headline}\n")
    if view.result and view.result.verdict:
        print(view.result.verdict)
        print_added(view.result)


def _history_lines(view: StudyView) -> Iterator[str]:
    """Yield what the study took from earlier ones, and why it did not take from others."""
    starts, skipped = view.history.get("starts", []), view.history.get("skipped", {})
    if starts:
        names = list(dict.fromkeys(start["study"] for start in starts))
        what = f"configuration{'' if len(starts) == 1 else 's'}"
        yield f"started from {len(starts)} {what} of {_some(names)}"
    if skipped:
        yield f"did not learn from {_some([f'{name} ({why})' for name, why in skipped.items()])}"


def _machine_lines(view: StudyView) -> Iterator[str]:
    """Yield where a study's trials ran, if on several machines, and how these differ."""
    if len(view.machines) > 1:
        trials = Counter(record.host for record in view.records)
        each = [f"{m.host} ({trials[m.host]}; {m.kinds})" for m in view.machines]
        yield f"trials of {len(each)} machines: {_some(each)}"
    if view.unlike is not None:
        yield view.unlike


def _some(names: list[str]) -> str:
    """Return names in a line, of many the first."""
    more = len(names) - SHOWN_STUDIES
    return ", ".join(names[:SHOWN_STUDIES]) + (f" and {more} more" if more > 0 else "")


def _print_json(plain: Any) -> None:
    print(dumps(plain, indent=2, ensure_ascii=False, allow_nan=False))


_DRAWN_BY = {
    "start": "a start configuration",
    "history": "a configuration of an earlier study",
    "random": "drawn at random",
    "model": "proposed by the sampler's model",
    "": "",
}


def _show_trial(view: StudyView, number: int) -> None:
    from automl.evaluation.formatting import format_bytes, format_score

    record = view.trial(number)
    print(
        f"trial {number}: {record.status.value}, {record.seconds:.1f} s, "
        f"{record.n_weights:,} weights, worker {record.worker}"
    )
    if record.host:
        memory = format_bytes(record.memory) if record.memory else "unknown memory"
        print(f"on {record.host}, {record.device or 'no device'}; its worker had {memory}")
    for why in (_DRAWN_BY[record.drawn_by], record.error, record.note):
        if why:
            print(why)
    print(dumps(dict(record.params), indent=2))
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
