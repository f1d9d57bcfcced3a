"""``automl compare`` and ``automl scaling``: questions that come after a search."""

from __future__ import annotations

from typing import Annotated

import typer

from automl.cli.options import PLUGIN
from automl.cli.panels import QUESTIONS

StudyName = Annotated[str, typer.Argument(help="A name from `automl studies`.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("compare", rich_help_panel=QUESTIONS)(compare)
    app.command("scaling", rich_help_panel=QUESTIONS)(scaling)


def compare(
    study: StudyName,
    baselines: Annotated[
        str,
        typer.Option(
            help="Names with commas: boosting, catboost, dtw, dummy, ets, hog, last-value,"
            " lightgbm, logistic, mlp-sklearn, seasonal-naive, svm, one-epoch."
        ),
    ],
    plugin: PLUGIN = None,
) -> None:
    """Compare more baselines with a study's winner; this reads the test split once more."""
    import automl
    from automl.cli.views.search import PlainView
    from automl.cli.views.tables import print_table
    from automl.evaluation.formatting import format_score, metric_label

    result = automl.compare(study, baselines, observer=PlainView())
    rows = []
    scored = {"network": result.test, **{n: b.test for n, b in result.baselines.items()}}
    for name, score in scored.items():
        values = ("-", "-", "-")
        if score is not None:
            low, middle, high = (
                format_score(result.metric, value) for value in (score.low, score.score, score.high)
            )
            values = (middle, low, high)
        rows.append([name, *values])
    print_table(
        ["model", f"test {metric_label(result.metric)}", "low", "high"], rows, right=[1, 2, 3]
    )
    if result.headline:
        print(f"{result.headline}\n")
    print(result.verdict)


def scaling(
    study: StudyName,
    time_budget: Annotated[
        str | None, typer.Option(help="Time after which no further training begins: 90s, 5m, 1h.")
    ] = None,
    plugin: PLUGIN = None,
) -> None:
    """Measure how time and score grow with the data, for the winner and the SVM."""
    import automl
    from automl.cli.views.tables import print_table
    from automl.evaluation.formatting import format_score, metric_label

    metric = automl.read_study(study).metric.name
    label = metric_label(metric)
    found = automl.scaling(
        study,
        time_budget=time_budget,
        said=lambda p: print(
            f"{p.model} on {p.rows:,} rows: {p.seconds:.2f} s,"
            f" valid {label} {format_score(metric, p.valid_score)}",
            flush=True,
        ),
    )
    rows = [
        [p.model, f"{p.rows:,}", f"{p.seconds:.2f}", format_score(metric, p.valid_score)]
        for p in sorted(found.points, key=lambda p: (p.model, p.rows))
    ]
    print_table(["model", "rows", "seconds to fit", f"valid {label}"], rows, right=[1, 2, 3])
    for model, exponent in found.exponents.items():
        print(f"{model}: seconds grow with rows to the power of {exponent:.2f}")
    if found.stopped:
        print(f"{found.stopped}: larger sizes are missing")
