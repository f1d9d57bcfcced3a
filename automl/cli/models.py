"""``automl best``, ``predict``, ``export`` and ``replay``: what can be done with a model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from automl.cli.options import PLUGIN
from automl.cli.panels import MODELS, QUESTIONS
from automl.errors import ConfigError

STUDY = typer.Argument(help="A name from `automl studies`.")

MODEL = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Another model of the study than the best: single, ensemble, or a baseline such as"
        " svm.",
    ),
]


def _named(study: str, model: str | None) -> str:
    """Return the name by which the functions know a model of a study."""
    return study if model is None else f"{study}/{model}"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("best", rich_help_panel=MODELS)(best)
    app.command("predict", rich_help_panel=MODELS)(predict)
    app.command("export", rich_help_panel=MODELS)(export)
    app.command("replay", rich_help_panel=QUESTIONS)(replay)


def best(
    study: Annotated[str, STUDY],
    to: Annotated[
        Path | None, typer.Option(help="Copy the model to this new folder, or to FILE.zip.")
    ] = None,
    model: MODEL = None,
) -> None:
    """Show the best model of a study, or copy it."""
    import automl

    study = _named(study, model)
    found = automl.describe_model(study)
    if to is not None:
        automl.copy_model(study, to)
    print(found.card)
    if not found.has_onnx:
        first = f"{found.how_to_add_onnx}, then " if found.how_to_add_onnx else ""
        single = found.info["training"].get("configuration")
        again = f"train {single} --dataset {found.info['dataset']} --onnx"
        option = again if single else f"export {study} --format onnx"
        print(f"\nIt has no model.onnx; to add it: {first}automl {option}")
    print(f"\ncopied to {to}" if to else f"\nmodel  {found.path}")
    name = to or study
    print(f'next   automl.load_model("{name}") in Python, or automl predict {name} DATA')


def predict(
    study: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A study, a model's folder, or a zip of it."),
    ],
    data: Annotated[
        Path,
        typer.Argument(
            help="CSV, Parquet, NPY, NPZ (X), IDX (.gz), an image, or a folder of images."
        ),
    ],
    model: MODEL = None,
    proba: Annotated[
        bool, typer.Option("--proba", help="Write probabilities, a column for each class.")
    ] = False,
    invert: Annotated[
        bool,
        typer.Option(
            "--invert",
            help="Invert images that are dark where those of the training data are bright.",
        ),
    ] = False,
    quantiles: Annotated[
        str | None,
        typer.Option(
            help="Quantiles of a forecast to write beside it, a column each, such as 0.1,0.9."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="CSV file to write; by default, or with -, print."),
    ] = None,
    plugin: PLUGIN = None,
) -> None:
    """Predict the rows of a file with a saved model, as CSV."""
    import automl
    from automl.cli.csv_output import check_output, format_predictions, write_output

    check_output(output, data)
    write_output(
        format_predictions(
            automl.predict_file(
                _named(study, model),
                data,
                proba=proba,
                invert=invert,
                quantiles=_levels(quantiles),
            )
        ),
        output,
    )


def _levels(text: str | None) -> list[float]:
    """Return ``"0.1,0.9"`` as numbers.

    Raises
    ------
    ConfigError
        When they are none.
    """
    try:
        found = [] if text is None else [float(part) for part in text.split(",")]
    except ValueError:
        found = [0.0]
    if not all(0 < level < 1 for level in found):
        raise ConfigError(
            f"quantiles: must be numbers between 0 and 1, such as 0.1,0.9, but got {text!r:.80}"
        )
    return found


def export(
    study: Annotated[str, STUDY],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="onnx: one file; torch: a folder for automl.load_model; zip: that folder, packed.",
        ),
    ],
    model: MODEL = None,
    trial: Annotated[
        int | None, typer.Option(help="Export the trial of this number in place of the best model.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="File or folder to write; by default, one named after the study."),
    ] = None,
    plugin: PLUGIN = None,
) -> None:
    """Export the best model of a study, or any of its trials."""
    import automl

    study = _named(study, model)
    automl.export(study, format_, trial=trial, to=to, said=lambda line: print(line, flush=True))


def replay(
    study: Annotated[str, STUDY],
    trial: Annotated[int, typer.Option(help="Number of the trial.")],
    plugin: PLUGIN = None,
) -> None:
    """Train a trial again from its seed; exit code 1 if any loss or score differs."""
    import automl
    from automl.cli.views.tables import print_table
    from automl.evaluation.formatting import format_score

    found = automl.replay(study, trial)
    record, result, metric = found.record, found.result, found.metric
    print(f"trial {trial}: {record.status.value}" + (f", {record.note}" if record.note else ""))
    rows = []
    for i in range(max(len(record.history), len(result.history))):
        both = [h[i] if i < len(h) else None for h in (record.history, result.history)]
        rows.append(
            [str(i + 1)]
            + ["-" if e is None else f"{e.train_loss:.6f}" for e in both]
            + ["-" if e is None else f"{e.valid_loss:.6f}" for e in both]
            + ["-" if e is None else format_score(metric, e.valid_score) for e in both]
        )
    heads = [
        f"{what}{when}" for what in ("train loss", "valid loss", metric) for when in ("", " now")
    ]
    if rows:
        print_table([record.unit, *heads], rows, right=range(7))
    if record.error or (record.history and result.error):
        print(f"then: {record.error or 'no error'}\nnow: {result.error or 'no error'}")
    if found.difference is None:
        print(f"they agree: {record.extent}, every loss and score to the last bit")
        return
    print(
        f"they differ: {found.difference}; this machine, its versions or its device compute"
        " otherwise",
        file=sys.stderr,
    )
    raise typer.Exit(1)
