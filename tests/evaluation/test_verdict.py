from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.evaluation import Entry, Interval, Verdict, compare, format_score, wilson
from automl.evaluation.formatting import format_bytes, format_difference, format_p, format_seconds
from automl.evaluation.paired import Comparison
from automl.metrics import METRICS


def verdict(a_only, b_only, rows=10_000, both=9_800, **more):
    """The network against the SVM on rows of which that many only one of them got right."""
    y = np.zeros(rows, dtype=int)
    network, svm = np.ones(rows, dtype=int), np.ones(rows, dtype=int)
    network[: both + a_only] = 0
    svm[:both] = 0
    svm[both + a_only : both + a_only + b_only] = 0
    entries = [
        Entry(
            "network",
            wilson(both + a_only, rows),
            0.99,
            {"tune": 300.0, "fit": 30.0, "predict_1000": 0.01},
            2_600_000,
        ),
        Entry(
            "svm",
            wilson(both + b_only, rows),
            None,
            {"tune": 35.0, "fit": 60.0, "predict_1000": 0.9},
            5_000_000,
            "RBF kernel, C=10",
        ),
    ]
    comparison = compare(METRICS["accuracy"], y, network, svm)
    return Verdict(
        entries[0], (entries[1],), {"svm": comparison}, "accuracy", "maximize", rows, **more
    )


def test_it_says_no_significant_difference_when_there_is_none():
    text = verdict(31, 39).paragraph()
    assert "no significant difference" in text
    assert "is better" not in text


def test_it_says_that_the_svm_is_better_when_it_is():
    text = verdict(20, 60).paragraph()
    assert "the SVM is better" in text
    assert "no significant difference" not in text


def test_it_says_that_the_network_is_better_when_it_is():
    assert "the network is better" in verdict(60, 20).paragraph()


def test_it_names_scores_intervals_test_and_costs():
    text = verdict(31, 39).paragraph()
    assert "The network has accuracy 98.31 % (95 % interval 98.04 to 98.54 %)" in text
    assert "on 10,000 test rows; on validation it was 0.69 points better." in text
    assert "The SVM (RBF kernel, C=10) has accuracy 98.39 % (95 % interval 98.12 to" in text
    assert "In favour of the network: -0.08 points (95 % interval -0.25 to +0.09 points;" in text
    assert (
        "McNemar exact, p = 0.4; 31 rows that only the network got right, 39 that only the SVM did"
        in text
    )
    assert "the network 5.0 min to tune, 30 s to fit, 0.01 s to predict 1,000 rows, 2.6 MB" in text
    assert "the SVM 35 s to tune, 60 s to fit, 0.9 s to predict 1,000 rows, 5.0 MB" in text


def test_it_is_one_paragraph():
    assert "\n" not in verdict(31, 39, test_reads=2).paragraph()


def test_it_says_how_often_the_test_split_was_read():
    assert "test split was read" not in verdict(31, 39).paragraph().lower()
    assert "test split was read 2 times" in verdict(31, 39, test_reads=2).paragraph().lower()


def test_it_says_when_the_test_split_is_too_small():
    text = verdict(2, 1, rows=30, both=26).paragraph()
    assert "With only 30 test rows the intervals are wide." in text
    assert (
        "The network and the SVM differ on 3 rows, too few for any test to tell them apart." in text
    )
    assert "no significant difference" in text


def test_one_test_row_is_no_error():
    text = verdict(1, 0, rows=1, both=0).paragraph()
    assert "on 1 test row;" in text
    assert "The network and the SVM differ on 1 row," in text
    assert "With only 1 test row the" in text


def test_models_that_predict_the_same_do_not_differ():
    text = verdict(0, 0).paragraph()
    assert "In favour of the network: 0.00 points" in text
    assert "p = 1" in text


def test_a_regression_is_judged_in_the_direction_of_its_metric():
    rng = np.random.default_rng(0)
    y = rng.normal(size=200) * 50
    network, svm = y + rng.normal(size=200) * 60, y + rng.normal(size=200) * 40
    comparison = compare(METRICS["rmse"], y, network, svm)
    found = Verdict(
        Entry("network", Interval(60.0, 55.0, 65.0), 55.0),
        (Entry("svm", Interval(40.0, 37.0, 43.0)),),
        {"svm": comparison},
        "rmse",
        "minimize",
        200,
    )
    text = found.paragraph()
    assert "RMSE 60.00 (95 % interval 55.00 to 65.00)" in text
    assert "on validation it was 5.000 better" in text
    assert "paired bootstrap, p < 0.001" in text
    assert "the SVM is better" in text
    assert found.to_json()["winner"]["gap"] == 5.0


def test_other_baselines_follow_with_their_outcome():
    base = verdict(31, 39)
    dummy = Entry("dummy", wilson(1135, 10_000))
    far = Comparison(0.87, 0.86, 0.88, 0.0, "McNemar exact", 8700, 0)
    found = Verdict(
        base.winner,
        (dummy, *base.others),
        {**base.comparisons, "dummy": far},
        "accuracy",
        "maximize",
        10_000,
    )
    text = found.paragraph()
    assert "dummy 11.35 % (the network is better, p < 0.001)" in text
    assert text.index("The SVM") < text.index("dummy")


def test_without_a_baseline_it_is_about_the_winner_alone():
    text = Verdict(verdict(1, 1).winner, (), {}, "accuracy", "maximize", 10_000).paragraph()
    assert text.startswith("The network has accuracy")
    assert "difference" not in text


def test_a_baseline_without_a_comparison_is_only_named():
    base = verdict(31, 39)
    found = Verdict(base.winner, base.others, {}, "accuracy", "maximize", 10_000)
    assert "Other baselines: svm 98.39 %." in found.paragraph()


def test_the_json_holds_what_the_paragraph_says():
    found = json.loads(json.dumps(verdict(20, 60, test_reads=2).to_json(), allow_nan=False))
    assert found["comparisons"]["svm"]["outcome"] == "the SVM is better"
    assert found["comparisons"]["svm"]["a_only"] == 20
    assert found["winner"]["test"]["score"] == pytest.approx(0.982)
    assert found["winner"]["gap"] == pytest.approx(0.008)
    assert found["others"][0]["gap"] is None
    assert found["test_reads"] == 2
    assert found["paragraph"] == verdict(20, 60, test_reads=2).paragraph()


@pytest.mark.parametrize(
    ("metric", "score", "text"),
    [
        ("accuracy", 0.98605, "98.61 %"),
        ("accuracy", 1.0, "100.00 %"),
        ("rmse", 54.321, "54.32"),
        ("rmse", 0.0123456, "0.01235"),
        ("rmse", 123456.7, "123457"),
        ("rmse", 9.99996, "10.00"),
        ("rmse", 0.0, "0"),
        ("rmse", 1.5e-9, "1.5e-09"),
    ],
)
def test_scores_are_printed_with_fitting_digits(metric, score, text):
    assert format_score(metric, score) == text


@given(st.floats(1e-4, 1e6))
def test_four_digits_are_close_enough(score):
    assert float(format_score("rmse", score)) == pytest.approx(score, rel=5.1e-4)


def test_differences_have_a_sign_and_no_minus_zero():
    assert format_difference("accuracy", 0.0012) == "+0.12 points"
    assert format_difference("accuracy", -0.00001) == "0.00 points"
    assert format_difference("rmse", -1.25) == "-1.250"
    assert format_difference("rmse", -1.25, sign=False) == "1.250"


def test_amounts_are_printed_for_people():
    assert [format_p(p) for p in (0.0004, 0.0312, 0.52, 1.0)] == [
        "p < 0.001",
        "p = 0.031",
        "p = 0.52",
        "p = 1",
    ]
    assert [format_seconds(s) for s in (0.0123, 7.0, 42.3, 300.0)] == [
        "0.0123 s",
        "7 s",
        "42 s",
        "5.0 min",
    ]
    assert [format_bytes(n) for n in (12, 4_536, 4_535_680, 355_076)] == [
        "12 B",
        "4.5 kB",
        "4.5 MB",
        "355 kB",
    ]
