"""Section 3: how the search went."""

from __future__ import annotations

from collections.abc import Sequence

from automl.evaluation.formatting import format_score, format_seconds
from automl.evaluation.rungs import rungs
from automl.objective import Objective
from automl.report.collect import progress
from automl.report.collect.thinning import left_out
from automl.report.collect.window import curve_window, score_window
from automl.report.draw import progress as draw
from automl.report.facts import Facts, score_of, scored
from automl.report.parts import Chart, Paragraph, Part, Table
from automl.report.sections import Section
from automl.study.machines import difference
from automl.trial import TrialStatus

_BY: dict[draw.By, str] = {"trials": "trials", "seconds": "time"}


class Progress(Section):
    """How did the search go."""

    order = 3
    question = "How did the search go?"

    def parts(self, facts: Facts) -> list[Part]:
        if not facts.records:
            return []
        found: list[Part] = [Paragraph(_in_words(facts)), *_added(facts)]
        if facts.complete:
            found += _best_so_far(facts)
        if any(r.history for r in facts.records):
            found += [_curves(facts), *_rungs(facts)]
        return found + _time(facts) + _failures(facts)


def _in_words(facts: Facts) -> str:
    counts = {s: sum(r.status is s for r in facts.records) for s in TrialStatus}
    total = len(facts.records)
    said = (
        f"{total:,} candidate network{'s' if total != 1 else ''} "
        f"{'were' if total != 1 else 'was'} drawn: {counts[TrialStatus.COMPLETE]:,} trained to the"
        f" end, {counts[TrialStatus.PRUNED]:,} dropped early because others were ahead,"
        f" {counts[TrialStatus.FAILED]:,} failed."
    )
    steps = progress.best_so_far(facts.records, facts.metric)
    if len(steps) > 1:
        first, last = (format_score(facts.metric.name, s.score) for s in (steps[0], steps[-1]))
        said += (
            f" The best score rose from {first} to {last}"
            if facts.metric.direction == "maximize"
            else f" The best score fell from {first} to {last}"
        )
        said += f", and after trial {steps[-1].trial} nothing better came."
    if facts.running:
        said += f" {facts.running:,} more are running, or were left by a search that was killed."
    return said


def _added(facts: Facts) -> list[Part]:
    """Say what the search added to its start configurations and to chance, and what it dropped."""
    result = facts.result
    return [Paragraph(said) for said in result.added.said] if result and result.added else []


def _best_so_far(facts: Facts) -> list[Part]:
    steps = progress.best_so_far(facts.records, facts.metric)
    lines = progress.lines(facts.records, facts.result)
    shown = progress.visible(lines, steps[-1].score, facts.metric)
    low, high = score_window(facts)
    dots = progress.dots(facts.records)
    inside = [r for r in dots if low <= score_of(r) <= high]
    total = sum(scored(r) for r in facts.records)
    notes = [
        left_out(total, len(dots), "trials"),
        f"{len(dots) - len(inside):,} dots lie outside of the picture."
        if len(inside) < len(dots)
        else "",
        *(
            f"“{li.name}” ({format_score(facts.metric.name, li.score)}) is off the scale."
            for li in lines
            if li not in shown
        ),
    ]
    caption = " ".join(
        [
            "The green stair is the best complete trial until then; a dot is a trial. A pruned one"
            f" stands at {_reached(facts.unit)}. Baselines are drawn at their test score.",
            *filter(None, notes),
        ]
    )
    name = facts.metric.name
    said = ", ".join(f"{li.name} {format_score(name, li.score)}" for li in lines)
    alt = f"The best score ends at {format_score(name, steps[-1].score)}. To compare: {said}."
    return [
        Chart(
            f"best-by-{by}",
            f"Best so far, by {what}",
            draw.best_so_far(steps, inside, shown, facts.metric, (low, high), by),
            alt,
            caption if by == "trials" else "",
            half=True,
        )
        for by, what in _BY.items()
    ]


def _curves(facts: Facts) -> Chart:
    drawn = progress.curves(facts.records)
    total = sum(bool(r.history) for r in facts.records)
    best = facts.result.best.number if facts.result and facts.result.best else None
    window, unit = curve_window(facts), facts.unit
    return Chart(
        "curves",
        "Learning curves" if facts.unit == "epoch" else "Mean score, fold by fold",
        draw.learning_curves(drawn, best, facts.metric, window, unit),
        f"Validation {facts.metric.label} of {len(drawn):,} trials, {unit} by {unit}.",
        f"One line a trial; grey ones were pruned. {_means(unit)}Where a line begins below"
        f" the picture, its first {unit}s were far off. {left_out(total, len(drawn), 'curves')}",
        half=True,
    )


def _reached(unit: str) -> str:
    if unit == "epoch":
        return "the best score it had reached"
    return "the mean of its folds, corrected by what those folds were worth to complete trials"


def _means(unit: str) -> str:
    return "" if unit == "epoch" else "A point is the mean over the folds until then. "


def _rungs(facts: Facts) -> list[Part]:
    found = rungs(facts.records, Objective(facts.metric))
    if not found:
        return []
    said = "; ".join(f"after {r.where(facts.unit)}, {r.dropped} of {r.reached}" for r in found[:12])
    return [
        Chart(
            "rungs",
            "What each rung dropped",
            draw.rung_bars(found, facts.unit),
            f"Trials dropped: {said}.",
            f"After a few {facts.unit}s a trial is compared with those before it at the same point;"
            " the ones that lag behind are dropped, and their time goes to others.",
            half=True,
        )
    ]


def _time(facts: Facts) -> list[Part]:
    spans = progress.spans(facts.records)
    found: list[Part] = []
    if spans:
        total = sum(r.seconds > 0 for r in facts.records)
        rest = f" Only the {len(spans):,} longest of {total:,} trials are drawn."
        found.append(
            Chart(
                "time-line",
                "What the workers did, when",
                draw.time_line(spans),
                f"{len(spans):,} trials on {_workers(spans)}.",
                "One bar a trial; gaps are baselines, or time in which a worker waited."
                + (rest if len(spans) < total else ""),
            )
        )
    found += _machines(facts)
    walls = progress.phases(facts.result)
    if walls:
        found.append(_spent("phases", "Where the time went", walls, "seconds on the clock"))
    workers = progress.worker_seconds(facts.records, facts.result)
    if workers:
        title = "What the workers' time went to"
        found.append(_spent("worker-seconds", title, workers, "seconds of all workers together"))
    return found


def _workers(spans: Sequence[progress.Span]) -> str:
    hosts = {s.host for s in spans}
    workers = f"{len({s.row for s in spans})} workers"
    return f"{workers} of {len(hosts)} machines" if len(hosts) > 1 else workers


def _machines(facts: Facts) -> list[Part]:
    """Return what each machine did, where there were several or they differ."""
    why = difference(facts.machines)
    if len(facts.machines) < 2 and why is None:
        return []
    rows = [
        [
            share.machine.host,
            ", ".join(share.machine.processors),
            ", ".join(share.machine.trained_on),
            f"{share.trials:,}",
            format_seconds(share.seconds),
        ]
        for share in progress.shares(facts.machines, facts.records)
    ]
    heads = ["machine", "processor", "networks trained on", "trials", "time of its workers"]
    caption = f"{why[0].upper()}{why[1:]}." if why else ""
    return [Table("Which machines did it", heads, rows, right=(3, 4), caption=caption)]


def _spent(name: str, title: str, spent: Sequence[progress.Spent], unit: str) -> Chart:
    alt = "; ".join(f"{s.name} {format_seconds(s.seconds)}" for s in spent)
    return Chart(name, title, draw.spent_bars(spent, unit), f"{alt}.", half=True)


def _failures(facts: Facts) -> list[Part]:
    rows = [[reason, f"{count:,}"] for reason, count in progress.reasons(facts.records)]
    # Without any model, the first section has told them already.
    if not rows or not facts.complete:
        return []
    return [Table("Why trials failed", ["reason", "trials"], rows, right=(1,))]


SECTION = Progress()
