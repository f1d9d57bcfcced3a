"""The page as text: what stands on it, whatever the study."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from made_studies import make_judged, make_record, make_result

from automl.metrics import METRICS
from automl.report.facts import Facts, Judged
from automl.report.page import render, write_report
from automl.report.sections import SECTIONS, in_order
from automl.report.sections.usage import command_of
from automl.testing import check_section
from automl.trial import TrialStatus

HOSTILE = "<script>alert(1)</script>"

MakeFacts = Callable[..., Facts]


class _Page(HTMLParser):
    """Scripts apart from everything else."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.text = ""
        self.attributes: list[str] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag in ("script", "style")
        self.attributes += [f"{name}={value}" for name, value in attrs]
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.text += " ".join(data.split()) + " "
        elif self.scripts:
            self.scripts[-1] += data


def _charts(page: str) -> dict[str, dict]:
    return json.loads(_Page(page).scripts[0])


FACTS = {
    "finished": lambda make: make(30),
    "images": lambda make: make(30, judged=make_judged(picture=True)),
    "one trial": lambda make: make(records=[make_record(0, 0.9)], importance={}),
    "only failed": lambda make: make(
        records=[
            make_record(n, None, status=TrialStatus.FAILED, error="loss is not finite")
            for n in range(3)
        ],
        importance={},
    ),
    "only pruned": lambda make: make(
        records=[make_record(n, 0.5, status=TrialStatus.PRUNED) for n in range(3)], importance={}
    ),
    "nothing yet": lambda make: Facts("made", METRICS["accuracy"], [], running=2),
    "of another origin": lambda make: Facts(
        "made", METRICS["rmse"], [make_record(0, 5.0, params={"x": 1.0}, history=())]
    ),
}


@pytest.mark.parametrize("kind", FACTS)
@pytest.mark.parametrize("name", SECTIONS.names())
def test_every_section_answers_for_every_kind_of_study(
    name: str, kind: str, make_facts: MakeFacts
) -> None:
    check_section(SECTIONS.get(name), [FACTS[kind](make_facts)])


def test_the_questions_come_in_their_order() -> None:
    assert [section.question for _, section in in_order()] == [
        "What was found?",
        "Can I trust it?",
        "How did the search go?",
        "What mattered?",
        "What did it cost?",
        "How do I use it?",
    ]


@pytest.mark.parametrize("kind", FACTS)
def test_the_page_is_whole_for_every_kind_of_study(kind: str, make_facts: MakeFacts) -> None:
    page = render(FACTS[kind](make_facts))
    assert page.startswith("<!doctype html>")
    assert "</html>" in page
    assert "What was found?" in page
    assert not re.search(r"\bnan\b|NaN|None\b|Undefined", _Page(page).text)


def test_a_finished_search_leads_with_its_score_and_interval(make_facts: MakeFacts) -> None:
    text = _Page(render(make_facts())).text
    assert "The network gets 90.00 % of 30 test rows right" in text
    assert "expect 80.00 % to 95.00 %" in text
    assert "Between the network and the SVM there is no significant difference" in text


def test_a_search_where_every_trial_failed_says_why(make_facts: MakeFacts) -> None:
    text = _Page(render(FACTS["only failed"](make_facts))).text
    assert "No model was found: of 3 trials, none came to its end, and 3 failed." in text
    assert "loss is not finite" in text


def test_a_single_trial_is_too_few_to_tell_what_matters(make_facts: MakeFacts) -> None:
    text = _Page(render(FACTS["one trial"](make_facts))).text
    assert "1 trial with a score is too few" in text


def test_the_figures_are_those_of_the_result(make_facts: MakeFacts) -> None:
    facts = make_facts()
    bars = _charts(render(facts))["scores"]["data"][0]
    assert bars["x"] == [0.9, 0.87, 0.33]
    assert bars["error_x"]["arrayminus"] == pytest.approx([0.1, 0.1, 0.13])


def test_images_are_shown_as_pictures_and_rows_as_values(make_facts: MakeFacts) -> None:
    pictures = render(make_facts(judged=make_judged(picture=True)))
    assert pictures.count('<img src="data:image/png;base64,') == 3
    rows = render(make_facts())
    assert "<img" not in rows
    assert "value 5" in rows


def test_without_the_data_set_mistakes_have_no_values_and_the_page_says_so(
    make_facts: MakeFacts,
) -> None:
    judged = make_judged()
    text = _Page(render(make_facts(judged=Judged(judged.y, judged.output)))).text
    assert "because the data set could not be read" in text


def test_regression_shows_errors_and_no_classes(make_facts: MakeFacts) -> None:
    records = [make_record(n, 50.0 + n) for n in range(20)]
    result = make_result(records).model_copy(
        update={
            "task": "regression",
            "metric": "rmse",
            "direction": "minimize",
            "classes": [],
            "confusion": [],
        }
    )
    y = np.linspace(0, 100, 30)
    facts = make_facts(
        records=records,
        metric=METRICS["rmse"],
        result=result,
        judged=Judged(y, y + np.sin(y), np.ones((30, 4))),
    )
    page = render(facts)
    text = _Page(page).text
    assert "lower is better" in text
    assert "off by" in text
    charts = _charts(page)
    assert "agreement" in charts
    assert "confusion" not in charts
    assert "calibration" not in charts


def test_ten_thousand_trials_are_thinned_out_and_the_page_says_so(make_facts: MakeFacts) -> None:
    page = render(make_facts(10_000))
    assert len(page) < 10_000_000
    charts = _charts(page)
    for chart in charts.values():
        drawn = sum(len(trace.get("x") or ()) for trace in chart["data"])
        assert drawn < 5_000
    text = _Page(page).text
    assert re.search(r"2,000 of [\d,]+ trials are drawn, evenly chosen", text)
    assert "Only the 1,500 longest of" in text


def test_the_scaling_figure_is_there_where_it_was_computed(make_facts: MakeFacts) -> None:
    points = [
        {"model": model, "rows": rows, "seconds": rows / 10, "valid_score": 0.9}
        for model in ("network", "svm")
        for rows in (10, 20)
    ]
    scaling = {"points": points, "exponents": {"network": 1.0, "svm": 1.9}, "stopped": None}
    page = render(make_facts(scaling=scaling))
    assert "scaling" in _charts(page)
    assert "svm: to the power of 1.90" in _Page(page).text
    assert "scaling" not in _charts(render(make_facts()))


def _hostile(make_facts: MakeFacts) -> Facts:
    """Every text of a study that somebody else decides, set to a script."""
    records = [
        make_record(0, 0.9),
        *(make_record(n, 0.5 + n / 100) for n in range(1, 20)),
        make_record(20, None, status=TrialStatus.FAILED, error=HOSTILE, note=HOSTILE),
    ]
    records = [
        make_record(
            r.number,
            r.valid_score,
            status=r.status,
            error=r.error,
            params={**r.params, "optimizer.name": HOSTILE},
        )
        for r in records
    ]
    made = make_result(records, (HOSTILE, "b", "c"))
    result = made.model_copy(
        update={
            "study": HOSTILE,
            "dataset": HOSTILE,
            "verdict": HOSTILE,
            "versions": {HOSTILE: HOSTILE},
            "command": HOSTILE,
            "baselines": {HOSTILE: made.baselines["svm"]},
            "phases": {HOSTILE: 3.0},
        }
    )
    from made_studies import DOMAINS

    from automl.space.domains import ChoiceDomain

    return make_facts(
        records=records,
        study=HOSTILE,
        result=result,
        domains=DOMAINS | {"optimizer.name": ChoiceDomain((HOSTILE, "sgd"))},
        importance={"optimizer.name": 0.6, "model.width": 0.4},
    )


def test_hostile_names_are_text_and_never_markup(make_facts: MakeFacts) -> None:
    page = render(_hostile(make_facts))
    assert HOSTILE not in page.replace(_plotly(page), "")
    parsed = _Page(page)
    assert len(parsed.scripts) == 3
    assert HOSTILE in parsed.text
    assert "<" not in parsed.scripts[0]


def test_hostile_names_in_figures_are_escaped_for_plotly_too(make_facts: MakeFacts) -> None:
    charts = _charts(render(_hostile(make_facts)))
    assert HOSTILE not in json.dumps(charts)
    assert "&lt;script&gt;" in json.dumps(charts)


def _plotly(page: str) -> str:
    return _Page(page).scripts[1]


def test_the_page_refers_to_nothing_outside_of_itself(make_facts: MakeFacts) -> None:
    page = render(make_facts(judged=make_judged(picture=True)))
    parsed = _Page(page)
    outside = [a for a in parsed.attributes if re.match(r"(src|href|action)=(?!data:|#)", a)]
    assert outside == []
    assert page.count("plotly.js v") == 1


def test_the_page_is_written_whole_or_not_at_all(
    make_facts: MakeFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("the old page")

    def broken(facts: Facts) -> str:
        raise OSError("no space left")

    monkeypatch.setattr("automl.report.page.render", broken)
    with pytest.raises(OSError, match="no space left"):
        write_report(path, make_facts())
    assert path.read_text() == "the old page"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("config", "command"),
    [
        ({}, None),
        ({"dataset": "iris"}, "automl search --dataset iris"),
        (
            {"dataset": "iris", "trials": 7, "baselines": [], "fixed": {"model.depth": 2}},
            "automl search --dataset iris --trials 7 --set model.depth=2 --baselines none",
        ),
        (
            {"dataset": "iris", "time_budget": 90.0, "onnx": False, "keep": 500_000_000},
            "automl search --dataset iris --time-budget 90s --keep 500MB --no-onnx",
        ),
        ({"dataset": "a b; rm"}, "automl search --dataset 'a b; rm'"),
    ],
)
def test_the_command_gives_the_options_that_differ_from_their_default(config, command) -> None:
    assert command_of(config) == command
