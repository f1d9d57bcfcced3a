"""Section 4: which parameters mattered, and how the best networks look."""

from __future__ import annotations

from automl.evaluation.formatting import format_score, format_seconds
from automl.report.collect import matter
from automl.report.collect.progress import dots
from automl.report.collect.thinning import left_out
from automl.report.collect.window import score_window
from automl.report.draw import matter as draw
from automl.report.draw.style import short_name
from automl.report.facts import Facts, score_of, scored
from automl.report.parts import Chart, Network, Networks, Paragraph, Part, Table
from automl.report.sections import Section

MAX_AXES = 6
"""Parameters that parallel coordinates show: more do not fit a phone."""

MIN_TRIALS = 5
"""Below, a picture of parameters against scores says nothing."""


HINT = 50
"""Below, the importance is called a hint: five trials are compared with fewer than fifty."""


class Mattered(Section):
    """What mattered."""

    order = 4
    question = "What mattered?"

    def parts(self, facts: Facts) -> list[Part]:
        found: list[Part] = _families(facts) if facts.families else []
        usable = [r for r in facts.siblings if scored(r)]
        if facts.importance:
            found.append(_importance(facts))
        elif usable:
            text = (
                f"{len(usable)} trial{'s' if len(usable) != 1 else ''} with a score"
                f" {'are' if len(usable) != 1 else 'is'} too few to tell which parameters matter."
            )
            found.append(Paragraph(text))
        names = facts.matters
        if len(usable) >= MIN_TRIALS and len(names) > 1:
            found.append(_parallel(facts, names[:MAX_AXES]))
            found += _two_most_important(facts, (names[0], names[1]))
        return found + _architectures(facts)


def _families(facts: Facts) -> list[Part]:
    """Say which kind of architecture fits the data."""
    name = facts.metric.name
    rows = [
        [
            family.family,
            "-" if family.best is None else format_score(name, family.best),
            f"{family.trials:,}",
            f"{family.complete:,}",
            format_seconds(family.seconds),
        ]
        for family in facts.families
    ]
    first, *others = (family.family for family in facts.families)
    ahead = f"{first} fits best" if others else f"{first}, so far alone"
    heads = ["family", f"best valid {facts.metric.label}", "trials", "complete", "training"]
    return [
        Table(
            f"Of the families, {ahead}",
            heads,
            rows,
            (1, 2, 3, 4),
            "All families begin with as many trials; those that are behind get no more. What"
            f" follows is about the {len(facts.siblings):,} trials of {first}.",
        )
    ]


def _importance(facts: Facts) -> Chart:
    first = [f"{short_name(n)} ({s:.0%})" for n, s in list(facts.importance.items())[:3]]
    return Chart(
        "importance",
        f"{short_name(next(iter(facts.importance))).capitalize()} mattered most",
        draw.importance_bars(facts.importance),
        f"Importance of the parameters; the largest: {', '.join(first)}.",
        "How much a parameter's values among the best trials differ from those among all"
        " (PED-ANOVA, Watanabe et al. 2023), as shares. Pruned trials count with the best score"
        " that they had reached, failed ones as the worst. It tells what set the best apart in"
        f" this search, not what is best in general.{_few(facts)}",
    )


def _few(facts: Facts) -> str:
    count = len(facts.siblings)
    return f" With {count} trials it is no more than a hint." if count < HINT else ""


def _parallel(facts: Facts, names: list[str]) -> Chart:
    found = matter.parallel(facts.siblings, facts.metric, facts.domains, names)
    drawn = len(found.top) + len(found.rest)
    rest = len(facts.domains) - len(names)
    notes = [
        left_out(found.total, drawn, "trials"),
        f"{rest} parameters that matter less are left out." if rest > 0 else "",
    ]
    return Chart(
        "parallel",
        "Where the best trials lie",
        draw.parallel_lines(found, facts.domains),
        f"Parallel coordinates of {', '.join(map(short_name, names))}.",
        "One line a trial, from parameter to parameter; green is the best tenth. Where green lines"
        " meet, a value did well; where they spread, it did not matter. "
        + " ".join(filter(None, notes)),
    )


def _two_most_important(facts: Facts, pair: tuple[str, str]) -> list[Part]:
    shown = dots(facts.siblings)
    window = score_window(facts)
    inside = [r for r in shown if window[0] <= score_of(r) <= window[1]]
    found: list[Part] = [
        Chart(
            f"slice-{i + 1}",
            f"The score against {short_name(name)}",
            draw.slice_dots(inside, name, facts.domains[name], facts.metric, window),
            f"Validation {facts.metric.label} of each trial against {short_name(name)}.",
            "One dot a trial; those below the picture are left out." if i == 0 else "",
            half=True,
        )
        for i, name in enumerate(pair)
    ]
    surface = matter.surface(facts.siblings, facts.metric, facts.domains, pair)
    if surface.z:
        found.append(
            Chart(
                "contour",
                f"{short_name(pair[0]).capitalize()} and {short_name(pair[1])} together",
                draw.contour(surface, pair, facts.domains, shown),
                f"A map of how well trials did over {short_name(pair[0])} and"
                f" {short_name(pair[1])}.",
                "The bluer, the better the trials around rank among all (100 % is the best);"
                " dots are the trials. Where none is near, nothing is drawn.",
            )
        )
    return found


def _architectures(facts: Facts) -> list[Part]:
    found = matter.architectures(facts.complete)
    if not found:
        return []
    widest = max((w for a in found for w in a.widths), default=1)
    items = []
    for a in found:
        shape = ", ".join(f"{w:,}" for w in a.widths) or "no hidden layer"
        score = format_score(facts.metric.name, a.score)
        items.append(
            Network(
                f"trial {a.trial}",
                [score, f"{a.n_weights:,} weights"],
                f"{a.family} of trial {a.trial} with hidden layers of {shape} units",
                draw.network_layers(a, widest),
            )
        )
    count = "The best network" if len(items) == 1 else f"The {len(items)} best networks"
    return [
        Networks(
            f"{count}, drawn",
            items,
            "One bar a hidden layer, from the input on the left to the output on the right, with"
            " its number of units; of a convolutional network, one bar a stage with its channels."
            " The score is on the validation rows, in the search.",
        )
    ]


SECTION = Mattered()
