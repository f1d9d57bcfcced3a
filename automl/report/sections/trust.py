"""Section 2: validation against test, mistakes, calibration."""

from __future__ import annotations

import math

import numpy as np

from automl.arrays import Array
from automl.evaluation.formatting import format_difference, format_score
from automl.report.collect.thinning import MAX_POINTS, left_out, thin
from automl.report.collect.trust import (
    Mistake,
    confusion,
    mistakes,
    reliability,
    reliability_before,
)
from automl.report.draw.trust import confusion_map, predicted_against_true, reliability_diagram
from automl.report.facts import Facts, Judged
from automl.report.parts import Chart, Paragraph, Part, Picture, Pictures, Table
from automl.report.pictures import brightest, data_uri, is_picture
from automl.report.sections import Section
from automl.report.sections._forecast import forecast_parts
from automl.result import Best, Score, SearchResult

MAX_VALUES = 10
"""Values of a row that the table of mistakes shows."""


MAX_TARGETS = 6
"""Targets that get a picture of their own, where there are several."""


class Trust(Section):
    """Can I trust it."""

    order = 2
    question = "Can I trust it?"

    def parts(self, facts: Facts) -> list[Part]:
        result = facts.result
        if result is None or result.test is None or result.best is None:
            return []
        found: list[Part] = [
            Paragraph(_reads(result)),
            _three_scores(facts, result.best, result.test, result),
        ]
        if result.confusion:
            found.append(_confusion(result))
        if facts.judged is not None and result.forecast is not None:
            found += forecast_parts(facts.judged, result)
        elif facts.judged is not None:
            found += _agreement(facts.judged, result)
            found += _mistakes(facts, facts.judged)
        return found


def _reads(result: SearchResult) -> str:
    times = "once" if result.test_reads == 1 else f"{result.test_reads} times"
    said = (
        "The data was split in three. Networks learned from the training rows, were chosen by the"
        f" validation rows, and the test rows were opened {times}, after everything was chosen."
    )
    if result.folds is not None:
        again = f", {result.folds.repeats} times over" if result.folds.repeats > 1 else ""
        said = (
            f"The test rows were set aside, and opened {times}, after everything was chosen. The"
            f" others are few, so networks were chosen by cross-validation: of {result.folds.count}"
            f" parts each validated once what had learned from the rest{again}. The winner was then"
            " trained on all of them, for as many epochs as it had needed on average."
        )
        if result.forecast is not None:
            said += " The parts are blocks of time, and the test rows are later than all of them."
        elif result.handed_over == "ensemble":
            said += " The networks of the ensemble are those of the parts."
    if result.test_reads > 1:
        said += (
            " A score that was seen before a choice is no longer a fair one: read this one with"
            " care."
        )
    return said


def _three_scores(facts: Facts, best: Best, test: Score, result: SearchResult) -> Table:
    name = facts.metric.name
    low, high = format_score(name, test.low), format_score(name, test.high)
    runs = next((f for f in result.finalists if f.number == best.number), None)
    rows = [
        ["validation, in the search", format_score(name, best.trial_score), "one run of many"],
        ["validation, trained again", format_score(name, best.valid_score), _runs(facts, runs)],
        ["test", format_score(name, test.score), f"95 % interval {low} to {high}"],
    ]
    if runs is None:
        del rows[1]
    together = result.ensemble
    if together is not None and together.handed_over and together.judged_scores is not None:
        score = format_score(name, together.judged_scores[0])
        rows.insert(-1, ["validation, the ensemble", score, "rows that did not choose it"])
    gap = result.gap or 0.0
    size = format_difference(name, abs(gap), sign=False)
    better = "better" if gap > 0 else "worse"
    return Table(
        "Validation against test",
        ["measured on", facts.metric.label, ""],
        rows,
        right=(1,),
        caption=(
            f"On validation it was {size} {better} than on test. A little better is usual, for it"
            " was chosen there; much better would mean that it only fits those rows."
        ),
    )


def _runs(facts: Facts, finalist: object) -> str:
    scores = getattr(finalist, "valid_scores", [])
    listed = ", ".join(format_score(facts.metric.name, s) for s in scores)
    of_folds = ", all folds each" if facts.unit == "fold" else ""
    return f"mean of {len(scores)} fresh seeds{of_folds}: {listed}"


def _confusion(result: SearchResult) -> Chart:
    found = confusion([c.label for c in result.classes], result.confusion)
    wrong = sum(map(sum, result.confusion)) - sum(row[i] for i, row in enumerate(result.confusion))
    rest = (
        f" {found.left_out:,} classes with fewer mistakes are left out." if found.left_out else ""
    )
    worst = min(result.classes, key=lambda c: c.f1)
    return Chart(
        "confusion",
        "Which classes it takes for which",
        confusion_map(found),
        f"Confusion matrix of the test rows; {wrong:,} lie off the diagonal. The class with the"
        f" lowest F1 is {worst.label}.",
        "Rows are the true classes, columns what the network said; what is right lies on the"
        f" diagonal, mistakes are coloured. Hardest is the class “{worst.label}”: of its"
        f" {worst.rows:,} rows {worst.recall:.1%} were found, and of those that were called so"
        f" {worst.precision:.1%} were.{rest}",
        half=True,
    )


def _mistakes(facts: Facts, judged: Judged) -> list[Part]:
    found = mistakes(judged, facts.labels)
    if not found:
        return [Paragraph("On the test rows it made no mistake at all.")]
    rows = judged.rows
    if judged.is_classification and rows is not None and is_picture(rows):
        return [_pictures(found, judged)]
    return [_table_of(found, judged)]


def _pictures(found: list[Mistake], judged: Judged) -> Pictures:
    assert judged.rows is not None
    white = brightest(judged.rows)
    items = [
        Picture(data_uri(judged.rows[m.row], white), m.true, m.predicted, f"{m.confidence:.1%}")
        for m in found
    ]
    wrong = int((judged.predicted != judged.y).sum())
    return Pictures(
        "The worst mistakes",
        items,
        f"Of {len(judged.y):,} test rows it got {wrong:,} wrong. These are the ones of which it was"
        " most certain. Would you have known better?",
    )


def _table_of(found: list[Mistake], judged: Judged) -> Table:
    rows = judged.rows
    size_of_row = 0 if rows is None else math.prod(rows.shape[1:])
    shown = min(MAX_VALUES, size_of_row)
    last = "confidence" if judged.is_classification else "off by"
    body = []
    for m in found:
        size = f"{m.confidence:.1%}" if judged.is_classification else f"{m.confidence:.4g}"
        first = () if rows is None else np.ravel(rows[m.row])[:shown]
        values = [f"{v:.4g}" for v in first]
        body.append([str(m.row), m.true, m.predicted, size, *values])
    heads = ["test row", "true", "predicted", last, *(f"value {i + 1}" for i in range(shown))]
    caption = "Wrong, and most certain of it." if judged.is_classification else "Farthest off."
    if judged.y.ndim == 2:
        caption += " Off by so many standard deviations of the targets, all of them together."
    if rows is None:
        caption += " The values are not shown, because the data set could not be read."
    elif shown < size_of_row:
        caption += f" The first {shown} of {size_of_row:,} values of each row."
    return Table("The worst mistakes", heads, body, _right(judged, len(heads)), caption)


def _right(judged: Judged, columns: int) -> tuple[int, ...]:
    """Columns of numbers."""
    return tuple(range(3 if judged.is_classification else 1, columns))


def _agreement(judged: Judged, result: SearchResult) -> list[Part]:
    if judged.is_classification:
        return [_calibration(judged, result)]
    y, output = (values.reshape(len(judged.y), -1) for values in (judged.y, judged.output))
    if y.shape[1] == 1:
        return [_against_true("agreement", "", y[:, 0], output[:, 0])]
    return [
        _against_true(f"agreement-{i + 1}", f", target {i + 1}", y[:, i], output[:, i])
        for i in range(min(y.shape[1], MAX_TARGETS))
    ]


def _against_true(name: str, which: str, y: Array, output: Array) -> Chart:
    drawn = thin(range(len(y)), MAX_POINTS)
    return Chart(
        name,
        f"Predicted against true{which}",
        predicted_against_true(y[drawn].tolist(), output[drawn].tolist()),
        f"Each test row's predicted value against its true one{which}.",
        "On the dotted line a prediction is exactly right."
        f" {left_out(len(y), len(drawn), 'test rows')}",
        half=bool(which),
    )


def _calibration(judged: Judged, result: SearchResult) -> Chart:
    found, before, said = reliability(judged), reliability_before(judged), ""
    if before is not None and result.calibration is not None:
        said = (
            f" That is with a temperature of {result.calibration.temperature:.2f}, which validation"
            f" rows chose; without it, the error is {before.error:.2%}."
        )
    return Chart(
        "calibration",
        "When it says 90 %, is it right 90 % of the time?",
        reliability_diagram(found, before),
        f"Reliability diagram; the expected calibration error is {found.error:.2%}.",
        f"On average its confidence is {found.error:.2%} away from how often it is right (expected"
        " calibration error). Dots below the dotted line: it is too sure of itself; above: too"
        f" modest. The larger a dot, the more rows.{said}",
        half=True,
    )


SECTION = Trust()
