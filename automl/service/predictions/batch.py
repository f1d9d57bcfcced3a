"""Answer requests that wait for one model together: one run of the network for all of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl.arrays import Array
from automl.errors import AutomlError, DataError, DataWarning
from automl.service.predictions.decode import Given, Rows, decode
from automl.service.predictions.encode import Outputs, encode
from automl.service.predictions.engine import Engine
from automl.service.predictions.messages import Answer, Request, refuse
from automl.warning_filters import warnings_as

UNPROCESSABLE, TOO_LARGE, BROKEN = 422, 413, 500

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """A request whose rows could be read, with its place, and what was said in reading."""

    place: int
    request: Request
    given: Given
    said: Sequence[str]


def answer_all(engine: Engine, requests: Sequence[Request]) -> list[Answer]:
    """Answer every request; what is wrong with one of them does not touch the others."""
    answers: list[Answer | None] = [None] * len(requests)
    groups: dict[object, list[_Read]] = {}
    for place, request in enumerate(requests):
        try:
            with warnings_as("record", DataWarning) as records:
                given = decode(request, engine.inputs)
        except Exception as error:  # noqa: BLE001 - sorted out in `_refusal`
            answers[place] = _refusal(error)
        else:
            read = _Read(place, request, given, [str(record.message) for record in records])
            groups.setdefault(_group(given.rows), []).append(read)
    for group in groups.values():
        for read, answer in zip(group, _answer_group(engine, group), strict=True):
            answers[read.place] = answer
    return [answer or refuse(BROKEN, "nothing was answered") for answer in answers]


def _group(rows: Rows) -> object:
    """Return what rows have in common that can be predicted in one run."""
    if isinstance(rows, list):
        return tuple(rows[0])  # the columns, in one order
    return rows.shape[1:], rows.dtype


def _answer_group(engine: Engine, group: Sequence[_Read]) -> list[Answer]:
    """Answer requests of one form; one by one where together is not without a remark."""
    if len(group) > 1:
        try:
            values, said = _run(engine, _joined([read.given.rows for read in group]))
        except Exception:  # noqa: BLE001 - each is told its own
            said = ["some request is wrong"]
        if not said:
            ends = np.cumsum([len(read.given.rows) for read in group])
            parts = np.split(values, ends[:-1])
            return [
                _encode(engine, read, part, read.said)
                for read, part in zip(group, parts, strict=True)
            ]
    return [_answer_one(engine, read) for read in group]


def _answer_one(engine: Engine, read: _Read) -> Answer:
    try:
        values, said = _run(engine, read.given.rows)
        return _encode(engine, read, values, [*read.said, *said])
    except Exception as error:  # noqa: BLE001 - sorted out in `_refusal`
        return _refusal(error)


def _joined(every: Sequence[Rows]) -> Rows:
    arrays = [rows for rows in every if isinstance(rows, np.ndarray)]
    return np.concatenate(arrays) if arrays else [record for rows in every for record in rows]


def _run(engine: Engine, rows: Rows) -> tuple[Array, list[str]]:
    if not len(rows):
        raise DataError("there must be one row or more")
    with warnings_as("record", DataWarning) as records:
        values = engine.outputs(rows)
    return values, [str(record.message) for record in records]


def _encode(engine: Engine, read: _Read, values: Array, said: Sequence[str]) -> Answer:
    likely = engine.has_probabilities
    outputs = Outputs(values, engine.task, engine.predicted, likely, said)
    return encode(read.request, read.given, outputs)


def _refusal(error: Exception) -> Answer:
    if isinstance(error, AutomlError):
        return refuse(UNPROCESSABLE, str(error))
    if isinstance(error, MemoryError):
        return refuse(TOO_LARGE, "the rows need more memory than there is; send fewer at a time")
    log.error("a request for predictions failed", exc_info=error)
    return refuse(BROKEN, "the prediction failed for a reason that is not the rows'; see the log")
