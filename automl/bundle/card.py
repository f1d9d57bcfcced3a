"""``MODEL_CARD.md``: what the model is, how it was chosen, and its honest scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def model_card(info: Mapping[str, Any]) -> str:
    """The card in Markdown, with the fields of Hugging Face's model cards in front.

    Parameters
    ----------
    info : mapping
        The fields of ``model.json``.
    """
    return (
        "\n\n".join([_front(info), _what(info), _scores(info), _chosen(info), _limits(info)]) + "\n"
    )


def _front(info: Mapping[str, Any]) -> str:
    pipeline = (
        "tabular-regression"
        if info["task"]["kind"] == "regression"
        else {"image": "image-classification"}.get(
            info["preprocessing"]["kind"], "tabular-classification"
        )
    )
    lines = [
        "---",
        "library_name: automl",
        f"pipeline_tag: {pipeline}",
        "tags: [automl, neural-architecture-search, pytorch]",
        f"datasets: [{_quoted(info['dataset'])}]",
        f"metrics: [{info['metric']}]",
        "---",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _what(info: Mapping[str, Any]) -> str:
    recipe = info["recipe"]
    settings = [
        f"| {section}.{name} | {value} |"
        for section in ("model", "optimizer", "training", "regularisation")
        for name, value in recipe[section].items()
    ]
    task = info["task"]
    target = f"{len(task['classes'])} classes" if task["classes"] else "numbers"
    return "\n".join(
        [
            f"# {info['name']}",
            "",
            f"A `{recipe['family']}` network for `{info['dataset']}`: {task['kind']}, {target}.",
            "",
            "| setting | value |",
            "| --- | --- |",
            *settings,
        ]
    )


def _scores(info: Mapping[str, Any]) -> str:
    scores = info["scores"]
    lines = ["## Scores", "", f"- validation {info['metric']}: {scores['valid']:.4f}"]
    test = scores.get("test")
    if test is None:
        lines.append("- test: not measured yet; the test split is opened once, after the search")
    else:
        lines.append(
            f"- test {info['metric']}: {test['score']:.4f}"
            f" (95 % interval {test['low']:.4f} to {test['high']:.4f})"
        )
    return "\n".join(lines)


def _chosen(info: Mapping[str, Any]) -> str:
    details = [f"- {name.replace('_', ' ')}: {value}" for name, value in info["training"].items()]
    return "\n".join(
        [
            "## How it was chosen",
            "",
            "By validation score alone; the test split played no part in it.",
            "",
            *details,
        ]
    )


def _limits(info: Mapping[str, Any]) -> str:
    shape = tuple(info["preprocessing"]["raw_shape"])
    return "\n".join(
        [
            "## Limits",
            "",
            f"It expects rows of shape {shape} that look like its training data, of which"
            f" SHA-256 is `{info['fingerprint'][:16]}…`. On other data the scores above say"
            " nothing.",
        ]
    )
