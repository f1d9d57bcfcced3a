"""Section 1: the winner's score and the verdict, in plain words."""

from __future__ import annotations

from automl.evaluation.formatting import (
    format_bytes,
    format_difference,
    format_p,
    format_score,
    format_seconds,
    metric_label,
)
from automl.report.collect.matter import layer_widths
from automl.report.collect.progress import reasons
from automl.report.collect.scores import Bar, Opponent, bars, opponents
from automl.report.draw.scores import score_bars, score_intervals
from automl.report.facts import Facts, score_of
from automl.report.parts import Chart, Paragraph, Part, Table, Tile, Tiles
from automl.report.sections import Section
from automl.result import SearchResult
from automl.space.space import FAMILY
from automl.trial import TrialStatus


class Found(Section):
    """What was found."""

    order = 1
    question = "What was found?"

    def parts(self, facts: Facts) -> list[Part]:
        result = facts.result
        if result is None or result.test is None:
            return _unfinished(facts)
        first = [result.headline] if result.headline else []
        found: list[Part] = [
            *(Paragraph(text, "lead") for text in [*first, _lead(result)]),
            *(Paragraph(_against(facts, result, o)) for o in opponents(result)),
            _tiles(facts, result),
        ]
        return [*found, *_charts(facts, bars(result)), *_verdict(result)]


def _unfinished(facts: Facts) -> list[Part]:
    """Say what there is to say when nothing was judged on the test split."""
    best = facts.complete[:1]
    if best:
        score = format_score(facts.metric.name, score_of(best[0]))
        text = (
            f"The best of {len(facts.records):,} trials so far is trial {best[0].number}, with"
            f" {facts.metric.label} {score} on the validation rows. The search has not come to its"
            " end, so nothing has been measured on the test rows yet, and no baseline compared."
        )
        return [Paragraph(text, "lead")]
    failed = sum(r.status is TrialStatus.FAILED for r in facts.records)
    count = f"{len(facts.records):,} trial" + ("s" if len(facts.records) != 1 else "")
    if not facts.records:
        return [Paragraph("No trial has finished yet, so there is no model.", "lead")]
    text = f"No model was found: of {count}, none came to its end, and {failed:,} failed."
    rows = [[reason, f"{n:,}"] for reason, n in reasons(facts.records)]
    why = Table("Why trials failed", ["reason", "trials"], rows, right=(1,))
    return [Paragraph(text, "lead"), *([why] if rows else [])]


def _lead(result: SearchResult) -> str:
    assert result.test is not None
    test, name = result.test, result.metric
    low, score, high = (format_score(name, v) for v in (test.low, test.score, test.high))
    rows = result.rows.get("test", 0)
    if name == "accuracy":
        said = (
            f"The {result.handed_over} gets {score} of {rows:,} test rows right, which it had never"
            " seen."
        )
    else:
        said = (
            f"On {rows:,} test rows, which it had never seen, the {result.handed_over} has"
            f" {metric_label(name)} {score}"
            f" ({'higher' if result.direction == 'maximize' else 'lower'} is better)."
        )
    return f"{said} On new data of the same kind, expect {low} to {high} (95 % interval)."


def _against(facts: Facts, result: SearchResult, opponent: Opponent) -> str:
    c, name = opponent.comparison, facts.metric.name
    called = "the SVM" if opponent.name == "svm" else f"the baseline “{opponent.name}”"
    size = format_difference(name, abs(c.difference), sign=False)
    test = f"{c.method}, {_together(format_p(c.p_value))}"
    if opponent.outcome == "equal":
        low, high = (format_difference(name, v) for v in (c.low, c.high))
        return (
            f"Between the {result.handed_over} and {called} there is no significant difference"
            f" ({test}): the advantage of the {result.handed_over} lies between {low} and {high}."
        )
    return f"The {result.handed_over} is {opponent.outcome} than {called} by {size} ({test})."


def _together(text: str) -> str:
    """Replace spaces by those at which no line is broken."""
    return text.replace(" ", "\u00a0")


def _tiles(facts: Facts, result: SearchResult) -> Tiles:
    assert result.test is not None
    name, best = result.metric, result.best
    low, high = (format_score(name, v) for v in (result.test.low, result.test.high))
    items = [
        Tile(
            f"test {metric_label(name)}", format_score(name, result.test.score), f"{low} to {high}"
        )
    ]
    if best is not None:
        widths = layer_widths(best.params)
        family = str(best.params[FAMILY])
        shape = f"{family} of {' → '.join(map(str, widths))}" if widths else family
        items.append(Tile("the winner", f"trial {best.number}", shape))
        size = format_bytes(best.size_bytes) if best.size_bytes else ""
        items.append(Tile("weights", f"{best.n_weights:,}", size))
    together = result.ensemble
    if together is not None and together.handed_over:
        size = format_bytes(together.size_bytes) if together.size_bytes else ""
        items.append(Tile("handed over", together.made_of, size))
    counts = result.trials
    detail = f"{counts.complete:,} complete, {counts.pruned:,} pruned, {counts.failed:,} failed"
    items.append(Tile("trials", f"{counts.total:,}", detail))
    cores = f"on {result.cores} core" + ("s" if result.cores != 1 else "")
    items.append(Tile("the whole search took", format_seconds(result.seconds), cores))
    return Tiles(items)


def _charts(facts: Facts, found: list[Bar]) -> list[Part]:
    name, called = facts.metric.name, facts.metric.label
    alt = "; ".join(f"{b.name} {format_score(name, b.score)}" for b in found)
    shown: list[Part] = [
        Chart(
            "scores",
            f"The {found[0].name} beside the others: {called} on the test rows",
            score_bars(found, facts.metric),
            f"Bars of test {called} with 95 % intervals: {alt}.",
            "The thin lines are 95 % intervals: where the score of the same model on other rows of"
            f" the same kind would lie.{_about_sibling(facts.result)}",
        )
    ]
    close = _close(found, facts)
    if len(close) > 1:
        shown.append(
            Chart(
                "scores-close",
                "The same, close up",
                score_intervals(close, facts.metric),
                f"Test {called} with 95 % intervals on a scale that begins near the scores: {alt}.",
                "The scale does not begin at zero here. Intervals of models that were judged on the"
                " same rows may overlap although one of them is significantly better: the"
                " comparison above is made row by row.",
            )
        )
    return shown


def _about_sibling(result: SearchResult | None) -> str:
    together = None if result is None else result.ensemble
    if together is None or together.comparison is None:
        return ""
    first = f"the average of {together.made_of}" if together.handed_over else "the single network"
    place = "single" if together.handed_over else "ensemble"
    return (
        f" Handed over is {first}: {together.why}. The other one is in the folder “{place}”"
        " of the study."
    )


def _close(found: list[Bar], facts: Facts) -> list[Bar]:
    """Return those near the winner's score, if their bars can hardly be told apart."""
    best = found[0].score
    return [b for b in found if abs(b.score - best) <= 0.15 * abs(best)]


def _verdict(result: SearchResult) -> list[Part]:
    return [Paragraph(f"In full: {result.verdict}", "note")] if result.verdict else []


SECTION = Found()
