"""What a model takes and gives, told from its ``model.json``: for the protocol, and for a form.

Plain Python: the web process loads neither NumPy nor a model for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

TENSOR = "rows"
"""Name of the one tensor of a model that is no table's."""

PLATFORM = "automl"

_DATATYPES = {"number": "FP64", "category": "BYTES", "boolean": "BOOL", "date": "BYTES"}

MOST_CATEGORIES = 200
"""Categories of a column that a form offers."""


def signature_of(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a client needs to know, from the fields of a ``model.json``.

    Parameters
    ----------
    info : mapping
        As `automl.bundle.format.read_info` returns it.
    """
    task, given = info["task"], info["input"]
    scores = info["scores"]
    return {
        "task": task["kind"],
        "classes": [_label(label) for label in task["classes"]],
        "targets": _targets(info),
        "metric": info["metric"],
        "scores": {"valid": scores.get("valid"), "test": scores.get("test")},
        "family": _families(info),
        "kind": given["kind"],
        "shape": list(given["shape"]),
        "low": given["low"],
        "high": given["high"],
        "columns": _columns(info),
        "forecast": _forecast(given.get("forecast")),
        "takes_pictures": given["kind"] == "image",
        "has_onnx": "model.onnx" in info["files"],
        "inputs": _inputs(given),
        "outputs": _outputs(info),
    }


def metadata(name: str, versions: Sequence[str], signature: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's metadata as the Open Inference Protocol v2 has it."""
    return {
        "name": name,
        "versions": list(versions),
        "platform": PLATFORM,
        "inputs": signature["inputs"],
        "outputs": signature["outputs"],
    }


def _families(info: Mapping[str, Any]) -> str:
    return ", ".join(sorted({str(member["recipe"]["family"]) for member in _members(info)}))


def _members(info: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return info.get("members") or [info]


def _label(label: Any) -> Any:
    if isinstance(label, dict):  # bytes, in hexadecimal
        return bytes.fromhex(label["bytes"]).decode("utf-8", "backslashreplace")
    return label


def _targets(info: Mapping[str, Any]) -> list[str]:
    count, names = info["task"]["n_targets"], info.get("targets")
    if isinstance(names, list) and len(names) == count:
        return [str(name) for name in names]
    return ["prediction"] if count == 1 else [f"target {i + 1}" for i in range(count)]


def _forecast(form: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what a forecast reads of a table, by the names of its columns."""
    if form is None:
        return None
    return {
        "target": form["target"]["name"],
        "time": form["time"]["name"],
        "series": form["series"],
        "past": [column["name"] for column in form["past"]],
        "known": [column["name"] for column in form["known"]],
        "horizon": form["horizon"],
    }


def _columns(info: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of a table, each with a value that is usual among the training rows."""
    columns = info["input"].get("columns", [])
    first = (info.get("preparations") or [info])[0]["preprocessing"]
    fills = first.get("fills", [])
    return [
        {
            "name": column["name"],
            "kind": column["kind"],
            "categories": column["categories"][:MOST_CATEGORIES],
            "usual": _usual(column, fills[i] if i < len(fills) else None),
        }
        for i, column in enumerate(columns)
    ]


def _usual(column: Mapping[str, Any], fill: Any) -> Any:
    """Return the value that stands in for a missing one, as a client writes it."""
    if type(fill) not in (int, float) or not math.isfinite(fill):
        return None
    match column["kind"]:
        case "number":
            return float(f"{fill:.4g}")
        case "boolean":
            return fill >= 0.5
        case "date":
            try:
                return datetime.fromtimestamp(fill, UTC).strftime("%Y-%m-%d")
            except (OverflowError, ValueError, OSError):
                return None
    categories = column["categories"]
    return categories[int(fill)] if 0 <= fill < len(categories) else None


def _inputs(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    columns = given.get("columns", [])
    if columns:
        return [
            {"name": column["name"], "datatype": _DATATYPES[column["kind"]], "shape": [-1]}
            for column in columns
        ]
    datatype = "FP64" if given["dtype"] in ("float64", "int64", "uint64") else "FP32"
    return [{"name": TENSOR, "datatype": datatype, "shape": [-1, *given["shape"]]}]


def _outputs(info: Mapping[str, Any]) -> list[dict[str, Any]]:
    classes = info["task"]["classes"]
    if not classes:
        names = ["prediction"] if info["task"]["n_targets"] == 1 else _targets(info)
        return [{"name": name, "datatype": "FP32", "shape": [-1]} for name in names]
    outputs = [{"name": "prediction", "datatype": label_type(classes), "shape": [-1]}]
    if _has_probabilities(info):
        outputs.append({"name": "probabilities", "datatype": "FP32", "shape": [-1, len(classes)]})
    return outputs


def _has_probabilities(info: Mapping[str, Any]) -> bool:
    """Return whether a model of classes has probabilities, which a baseline may lack."""
    return all(m["recipe"].get("has_probabilities", True) is True for m in _members(info))


def label_type(classes: Sequence[Any]) -> str:
    """Return the protocol's data type of a task's labels."""
    kinds = {bool: "BOOL", int: "INT64", float: "FP64"}
    return kinds.get(type(classes[0]), "BYTES")
