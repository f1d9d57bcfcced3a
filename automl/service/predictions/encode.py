"""From a model's outputs to the bytes of an answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.service.predictions.decode import Ahead, Given
from automl.service.predictions.messages import Answer, Request
from automl.service.signature import label_type
from automl.task import Task, label_text

OK = 200


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a model says of the rows of one request.

    Attributes
    ----------
    values : array of shape (rows, classes), (rows,) or (rows, targets)
        Class probabilities, or numbers.
    task : Task
    predicted : sequence of str
        A name for each predicted column.
    has_probabilities : bool
        Whether the values for classes are more than which one it is.
    warnings : sequence of str
        What the rows hold that the client should know of.
    """

    values: Array
    task: Task
    predicted: Sequence[str]
    has_probabilities: bool
    warnings: Sequence[str] = ()

    def labels(self) -> list[Any]:
        """Return the predictions as JSON has them."""
        if not self.task.is_classification:
            return list(self.values.tolist())
        classes = self.classes()
        return [classes[i] for i in self.values.argmax(axis=1).tolist()]

    def classes(self) -> list[Any]:
        """Return the classes as JSON has them."""
        return [label_text(c) if isinstance(c, bytes) else c for c in self.task.classes]


def encode(request: Request, given: Given, outputs: Outputs) -> Answer:
    """Return the answer to a request in the form that it asks for."""
    if request.form == "infer":
        return _json(_infer(request, given, outputs))
    if request.as_csv:
        return Answer(OK, "text/csv; charset=utf-8", _csv(request, given, outputs))
    return _json(_plain(request, given, outputs))


def _json(content: dict[str, Any]) -> Answer:
    return Answer(OK, "application/json", json.dumps(content, ensure_ascii=False).encode())


def _plain(request: Request, given: Given, outputs: Outputs) -> dict[str, Any]:
    content: dict[str, Any] = {"model": request.label, "predictions": outputs.labels()}
    if given.id is not None:
        content["id"] = given.id
    if outputs.task.is_classification:
        content["classes"] = outputs.classes()
        if request.proba and outputs.has_probabilities:
            content["probabilities"] = outputs.values.tolist()
    elif outputs.task.n_targets > 1:
        content["targets"] = list(outputs.predicted)
    if given.names:
        content["names"] = list(given.names)
    if given.ahead is not None:
        content["times"] = [list(times) for times in given.ahead.times]
    if outputs.warnings:
        content["warnings"] = list(outputs.warnings)
    return content


def _csv(request: Request, given: Given, outputs: Outputs) -> bytes:
    if given.ahead is not None:
        return _csv_ahead(given, given.ahead, outputs)
    columns = [np.asarray(outputs.labels(), dtype=object).reshape(len(outputs.values), -1)]
    header = list(outputs.predicted)
    likely = request.proba and outputs.has_probabilities
    if outputs.task.is_classification and likely:
        columns.append(outputs.values.astype(object))
        header += [label_text(c) for c in outputs.task.classes]
    if given.names:
        columns.insert(0, np.asarray(given.names, dtype=object)[:, None])
        header.insert(0, "name")
    return _lines(header, np.concatenate(columns, axis=1).tolist())


def _csv_ahead(given: Given, ahead: Ahead, outputs: Outputs) -> bytes:
    """Return a line for each series and step, as ``automl predict`` writes them."""
    names = [[name] for name in given.names] or [[]] * len(ahead.times)
    steps = zip(names, ahead.times, outputs.values.reshape(len(names), -1).tolist(), strict=True)
    header = [*([ahead.series] if ahead.series else []), ahead.time, "prediction"]
    lines = [
        [*name, time, value]
        for name, times, values in steps
        for time, value in zip(times, values, strict=True)
    ]
    return _lines(header, lines)


def _lines(header: Sequence[str], lines: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue().encode()


def _infer(request: Request, given: Given, outputs: Outputs) -> dict[str, Any]:
    name, _, version = request.label.rpartition("/")
    content: dict[str, Any] = {"model_name": name, "model_version": version}
    if given.id is not None:
        content["id"] = given.id
    values, rows = outputs.values, len(outputs.values)
    if outputs.task.is_classification:
        kind = label_type(outputs.task.classes)
        labels = outputs.labels()
        content["outputs"] = [_tensor("prediction", kind, [rows], labels)]
        if outputs.has_probabilities:
            shape, data = list(values.shape), values.ravel().tolist()
            content["outputs"].append(_tensor("probabilities", _float(values), shape, data))
    else:
        by_column = values.reshape(rows, -1).T
        content["outputs"] = [
            _tensor(name, _float(values), [rows], column.tolist())
            for name, column in zip(outputs.predicted, by_column, strict=True)
        ]
    if outputs.warnings:
        content["parameters"] = {"warnings": "; ".join(outputs.warnings)}
    return content


def _float(values: Array) -> str:
    return "FP64" if values.dtype == np.float64 else "FP32"


def _tensor(name: str, kind: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": kind, "shape": shape, "data": data}
