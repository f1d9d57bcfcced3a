"""``MODEL_CARD.md``: what the model is, how it was chosen, and its honest scores.

The fields in front are those of Hugging Face's model cards, so the folder can be published there
as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from automl.bundle.card_networks import networks, origins, training
from automl.bundle.members import has_probabilities, read_temperature

Info = Mapping[str, Any]

MAX_COLUMNS = 50
"""Columns of a table that are named; ``model.json`` has them all."""


def model_card(info: Info) -> str:
    """Write the card in Markdown.

    Parameters
    ----------
    info : mapping
        The fields of ``model.json``, but for its files.
    """
    parts = [_front(info), card_head(info), _use(info), _chosen(info), training(info)]
    return "\n\n".join([*parts, _limits(info)]) + "\n"


def card_head(info: Info) -> str:
    """Say what the model is and how good it is: what ``automl best`` prints."""
    return f"{_what(info)}\n\n{_scores(info)}"


def _front(info: Info) -> str:
    pipeline = _pipeline(info)
    lines = [
        "---",
        "library_name: automl",
        *([f"pipeline_tag: {pipeline}"] if pipeline else []),
        "tags: [automl, neural-architecture-search, pytorch, safetensors]",
        f"datasets: [{_quoted(info['dataset'])}]",
        f"metrics: [{info['metric']}]",
    ]
    test = info["scores"].get("test")
    if test is not None and pipeline:
        lines += [
            "model-index:",
            f"- name: {_quoted(info['name'])}",
            "  results:",
            f"  - task: {{type: {pipeline}}}",
            f"    dataset: {{type: {_quoted(info['dataset'])}, name: {_quoted(info['dataset'])},"
            " split: test}",
            f"    metrics: [{{type: {info['metric']}, value: {test['score']:.6g}}}]",
        ]
    return "\n".join([*lines, "---"])


def _pipeline(info: Info) -> str | None:
    """Hugging Face's name of the task, where it has one."""
    image, regression = info["input"]["kind"] == "image", info["task"]["kind"] == "regression"
    if image:
        return None if regression else "image-classification"
    if info["input"]["kind"] == "sequence":
        return None
    return "tabular-regression" if regression else "tabular-classification"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string


def _what(info: Info) -> str:
    classes = [str(label) for label in info["task"]["classes"]]
    if info["input"].get("forecast"):
        form = info["input"]["forecast"]
        target = f"the next {form['horizon']:,} steps of {form['target']['name']}"
    elif classes:
        shown = ", ".join(classes[:12]) + (", …" if len(classes) > 12 else "")
        target = f"one of {len(classes)} classes: {shown}"
    else:
        target = _numbers(info)
    headline = info["scores"].get("headline")
    return "\n".join(
        [
            f"# {info['name']}",
            "",
            *([f"**{headline}**", ""] if headline else []),
            f"{networks(info)}, trained on the data set `{info['dataset']}`.",
            *origins(info),
            "",
            f"- in: {_rows(info)}",
            f"- out: {target}",
        ]
    )


def _rows(info: Info) -> str:
    """Say what a raw row is."""
    inputs = info["input"]
    if inputs.get("columns"):
        count = len(inputs["columns"])
        shown = ", ".join(_column(column) for column in inputs["columns"][:MAX_COLUMNS])
        more = f" and {count - MAX_COLUMNS:,} more" if count > MAX_COLUMNS else ""
        plural = "s" if count > 1 else ""
        return f"rows of a table with {count:,} column{plural}: {shown}{more}; prepared inside"
    if inputs.get("forecast"):
        return _windows(inputs)
    if inputs["kind"] == "sequence":
        return _sequences(inputs)
    shape = " x ".join(map(str, inputs["shape"]))
    form = inputs.get("pictures")
    read = "" if form is None else f", read from pictures in {_form(form)}"
    return (
        f"{inputs['kind']} rows of shape {shape}, {inputs['dtype']} from {inputs['low']:g} to"
        f" {inputs['high']:g}{read}; prepared inside"
    )


def _form(form: Info) -> str:
    """Say what `automl.data.formats.pictures` brought pictures to."""
    colour = "red, green and blue" if form["colour"] else "grey"
    alpha = " and alpha" if form["alpha"] else ""
    return f"{colour}{alpha} of {form['bits']} bits"


def _windows(inputs: Info) -> str:
    """Say what is forecast from: a table of series, or the windows before."""
    form = inputs["forecast"]
    series = "a series" if form["series"] is None else f"series by {form['series']}"
    more = [column["name"] for column in (*form["past"], *form["known"])]
    beside = f" and {', '.join(more[:MAX_COLUMNS])}" if more else ""
    return (
        f"a table of {series}, with {form['time']['name']}, {form['target']['name']}{beside}; or"
        f" windows of {inputs['shape'][0]:,} steps, in units of their own"
    )


def _sequences(inputs: Info) -> str:
    steps, features = inputs["shape"]
    most = "at most " if inputs.get("padded") else ""
    long = inputs.get("long")
    named = "" if long is None else f" ({', '.join(map(_column, long['columns'][:MAX_COLUMNS]))})"
    plural = "s" if features > 1 else ""
    return (
        f"sequences of {most}{steps:,} steps with {features:,} feature{plural}{named},"
        f" {inputs['dtype']}"
        f" from {inputs['low']:g} to {inputs['high']:g}; prepared inside"
    )


def _column(column: Mapping[str, Any]) -> str:
    name = " ".join(column["name"].replace("`", "'").split())
    if column["kind"] != "category":
        return f"`{name:.60}` ({column['kind']})"
    count = len(column["categories"])
    return f"`{name:.60}` ({count:,} {'category' if count == 1 else 'categories'})"


def _numbers(info: Info) -> str:
    count, names = info["task"]["n_targets"], info.get("targets") or []
    if count == 1:
        return "a number"
    named = f": {', '.join(names[:12])}{', …' if len(names) > 12 else ''}" if names else ""
    return f"{count} numbers{named}"


def _scores(info: Info) -> str:
    scores, metric = info["scores"], info["metric"]
    lines = ["## Scores", ""]
    if scores["valid"] is None:
        lines.append(f"- validation {metric}: none; the model was trained on those rows too")
    else:
        lines.append(f"- validation {metric}: {scores['valid']:.4f}, by which it was chosen")
    test = scores.get("test")
    if test is None:
        lines.append(
            f"- test {metric}: not measured; the test split is opened once, for the winner"
        )
    else:
        lines.append(
            f"- test {metric}: {test['score']:.4f}"
            f" (95 % interval {test['low']:.4f} to {test['high']:.4f})"
        )
    if scores.get("verdict"):
        lines += ["", scores["verdict"]]
    return "\n".join(lines)


def _use(info: Info) -> str:
    likely = info["task"]["classes"] and has_probabilities(info)
    call = "predict_proba" if likely else "predict"
    is_table = bool(info["input"].get("columns"))
    needs = "torch, numpy, safetensors and pandas" if is_table else "torch, numpy and safetensors"
    rows = "  # a DataFrame with these columns, or a list of one dictionary a row"
    if info["input"].get("padded"):
        rows = "  # a list of arrays (steps, features), or an array and lengths="
    lines = [
        "## Use",
        "",
        "```python",
        f"import automl  # {needs} are all it needs here",
        "",
        'model = automl.load_model("FOLDER OR ZIP OF THIS BUNDLE")',
        f"model.{call}(rows)" + (rows if is_table or info["input"].get("padded") else ""),
        "```",
    ]
    onnx = info.get("onnx")
    if onnx is None:
        return "\n".join([*lines, "", "There is no `model.onnx` in this bundle."])
    return "\n".join(
        [
            *lines,
            "",
            "Or without automl and torch:",
            "",
            "```python",
            "import onnxruntime",
            "",
            'session = onnxruntime.InferenceSession("model.onnx")',
            f'session.run(["{onnx["output"]}"],'
            f' {{"{onnx["input"]}": rows.astype("{onnx["input_dtype"]}")}})',
            "```",
            "",
            *(_NUMBERS if is_table else _PADDED if info["input"].get("padded") else []),
            f"On {onnx['rows']:,} test rows, onnxruntime and torch differ by"
            f" {onnx['largest_difference']:.2g} at most.",
        ]
    )


_NUMBERS = [
    "There the rows are numbers, in the order of `input.columns` of `model.json`: a number as it"
    " is, a category as its place among the categories, a boolean as 0 or 1, a date as seconds"
    " since 1970-01-01 in UTC, and NaN for what is missing.",
    "",
]


_PADDED = [
    "There every sequence has as many steps as the longest, with NaN behind its end.",
    "",
]


def _chosen(info: Info) -> str:
    details = [f"- {name.replace('_', ' ')}: {value}" for name, value in info["training"].items()]
    return "\n".join(
        [
            "## How it was chosen",
            "",
            _how(info),
            "",
            *details,
        ]
    )


def _how(info: Info) -> str:
    if "configuration" not in info["training"]:
        return "By validation score alone; the test split played no part in it."
    epoch = "The epoch was chosen by validation score" if info["scores"]["valid"] else "Nothing was"
    return f"{epoch}; the settings were given. The test split played no part in it."


def _limits(info: Info) -> str:
    lines = [
        "## Limits",
        "",
        f"- It knows rows that look like its training data (SHA-256 of the data set"
        f" `{info['fingerprint'][:16]}…`). On other data the scores above say nothing.",
        "- The interval covers the luck of the test rows, and not a change of the world they come"
        " from.",
    ]
    if info["task"]["classes"]:
        lines += [
            "- It always answers with one of its classes, also for a row that is none of them.",
            _calibration(info),
        ]
    else:
        lines.append("- It gives numbers without an interval.")
    return "\n".join(lines)


def _calibration(info: Info) -> str:
    temperature = read_temperature(info)
    if temperature == 1.0:
        return "- Its probabilities were not calibrated."
    return (
        f"- Its probabilities were calibrated on validation rows, by a temperature of"
        f" {temperature:.3g}; on other data they may be off."
    )
