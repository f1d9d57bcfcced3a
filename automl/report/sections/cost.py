"""Section 5: what it cost."""

from __future__ import annotations

from automl.evaluation.formatting import format_bytes, format_score, format_seconds, metric_label
from automl.report.collect.cost import By, costs, growth, pareto
from automl.report.collect.thinning import MAX_POINTS, left_out, thin
from automl.report.draw.cost import cost_front, growth_lines
from automl.report.facts import Facts
from automl.report.parts import Chart, Part, Table
from automl.report.sections import Section
from automl.result import SearchResult, Seconds


class Cost(Section):
    """What did it cost."""

    order = 5
    question = "What did it cost?"

    def parts(self, facts: Facts) -> list[Part]:
        found: list[Part] = [_models(facts.result)] if facts.result and facts.result.test else []
        titles: dict[By, str] = {"seconds": "seconds to train", "n_weights": "number of weights"}
        for by, title in titles.items():
            found += _front(facts, by, title)
        return found + _growth(facts)


def _models(result: SearchResult) -> Table:
    best, together = result.best, result.ensemble
    test = result.test if best is None or best.test is None else best.test
    entries = [
        ("network", test, best.seconds if best else None, best.size_bytes if best else None),
        *(
            [("ensemble", together.test, together.seconds, together.size_bytes)]
            if together is not None and together.seconds is not None
            else []
        ),
        *((name, b.test, b.seconds, b.size_bytes) for name, b in result.baselines.items()),
    ]
    rows = [
        [
            name,
            "-" if test is None else format_score(result.metric, test.score),
            *_seconds(seconds),
            "-" if size is None else format_bytes(size),
        ]
        for name, test, seconds, size in entries
    ]
    return Table(
        "Every model's price",
        [
            "model",
            f"test {metric_label(result.metric)}",
            "to tune",
            "to fit",
            "to predict 1,000 rows",
            "size",
        ],
        rows,
        right=(1, 2, 3, 4, 5),
        caption="To tune counts the seconds of all workers together; to fit is one training of"
        " the final model.",
    )


def _seconds(seconds: Seconds | None) -> list[str]:
    if seconds is None:
        return ["-"] * 3
    return [format_seconds(s) for s in (seconds.tune, seconds.fit, seconds.predict_1000)]


def _front(facts: Facts, by: By, title: str) -> list[Part]:
    found = costs(facts.complete, by)
    if not found:
        return []
    front = pareto(found, facts.metric)
    drawn = thin(found, MAX_POINTS)
    best = facts.result.best.number if facts.result and facts.result.best else None
    name = facts.metric.name
    said = "; ".join(
        f"{c.cost:,.4g} {'s' if by == 'seconds' else 'weights'} for {format_score(name, c.score)}"
        for c in front[:6]
    )
    return [
        Chart(
            f"cost-{by.replace('_', '-')}",
            f"Score against {title}",
            cost_front(drawn, front, best, facts.metric, title),
            f"The Pareto front: {said}.",
            "No trial beats one on the green line without costing more."
            f" {left_out(len(found), len(drawn), 'trials')}",
            half=True,
        )
    ]


def _growth(facts: Facts) -> list[Part]:
    found = growth(facts.scaling) if facts.scaling else []
    if not found:
        return []
    said = "; ".join(
        f"{g.model}: to the power of {g.exponent:.2f}" for g in found if g.exponent is not None
    )
    return [
        Chart(
            "scaling",
            "How the time to fit grows with the data",
            growth_lines(found, facts.metric),
            f"Seconds to fit against training rows. {said}",
            "Fitted on a sixteenth of the training rows up to all of them, one at a time. The time"
            f" grows with the rows like a power: {said}. At 1, twice the rows take twice the time;"
            " at 2, four times.",
        )
    ]


SECTION = Cost()
