"""The numbers behind the figures."""

from __future__ import annotations

import numpy as np
import pytest
from made_studies import DOMAINS, make_record, make_records, make_result

from automl.metrics import METRICS
from automl.report.collect.cost import costs, growth, pareto
from automl.report.collect.matter import (
    architectures,
    layer_widths,
    parallel,
    position,
    surface,
)
from automl.report.collect.progress import (
    best_so_far,
    curves,
    lines,
    phases,
    reasons,
    spans,
    visible,
    window,
    worker_seconds,
)
from automl.report.collect.scores import bars, opponents
from automl.report.collect.thinning import left_out, thin
from automl.report.collect.trust import confusion, mistakes, reliability
from automl.report.draw.progress import time_line
from automl.report.facts import Judged
from automl.space.domains import ChoiceDomain, FloatDomain, IntDomain
from automl.trial import TrialStatus

ACCURACY, RMSE = METRICS["accuracy"], METRICS["rmse"]


def test_best_so_far_takes_complete_trials_in_the_order_they_finished() -> None:
    records = [
        make_record(0, 0.8, finished=5.0),
        make_record(1, 0.7, finished=1.0),
        make_record(2, 0.99, status=TrialStatus.PRUNED, finished=2.0),
        make_record(3, 0.75, finished=6.0),
    ]
    assert [(s.trial, s.score) for s in best_so_far(records, ACCURACY)] == [(1, 0.7), (0, 0.8)]


def test_best_so_far_goes_down_where_less_is_better() -> None:
    records = [make_record(n, score) for n, score in enumerate((50.0, 60.0, 40.0))]
    assert [s.trial for s in best_so_far(records, RMSE)] == [0, 2]


def test_a_score_that_is_not_finite_is_not_drawn() -> None:
    assert best_so_far([make_record(0, float("nan"))], ACCURACY) == []


def test_baselines_are_lines_at_their_test_score() -> None:
    records = [make_record(0, 0.8), make_record(1, 0.9)]
    found = lines(records, make_result(records))
    assert found == [("first configuration", 0.8), ("svm, on test", 0.87), ("dummy, on test", 0.33)]


def test_a_line_that_errs_far_more_than_the_best_is_off_the_scale() -> None:
    records = [make_record(0, 0.9)]
    shown = visible(lines(records, make_result(records)), 0.9, ACCURACY)
    assert "dummy, on test" not in [line.name for line in shown]


def test_the_window_holds_every_score_and_does_not_exceed_one_by_much() -> None:
    low, high = window([0.9, 0.95], 1.0, ACCURACY)
    assert low < 0.9
    assert 1.0 <= high < 1.01


def test_a_window_around_a_single_score_is_not_empty() -> None:
    low, high = window([], 50.0, RMSE)
    assert low < 50.0 < high


def test_of_too_many_curves_one_in_four_is_a_pruned_one() -> None:
    drawn = curves(make_records(600), most=40)
    assert sum(r.status is TrialStatus.COMPLETE for r in drawn) == 30
    assert len(drawn) == 40


def test_few_curves_are_all_drawn() -> None:
    records = make_records(12)
    assert len(curves(records)) == sum(bool(r.history) for r in records)


def test_of_too_many_spans_the_longest_stay() -> None:
    records = [make_record(n, 0.9, seconds=float(n)) for n in range(10)]
    assert {s.trial for s in spans(records, most=3)} == {7, 8, 9}


def test_spans_are_by_host_where_there_are_several() -> None:
    hosts = ["pc2", "pc1", "pc2"]
    records = [make_record(n, 0.9, host=host, worker=n) for n, host in enumerate(hosts)]
    found = spans(records)
    assert [s.row for s in found] == ["pc1, worker 1", "pc2, worker 0", "pc2, worker 2"]
    assert [s.row for s in spans(records[1:2])] == ["worker 1"]
    drawn = time_line(found)
    assert list(drawn.layout.yaxis.categoryarray) == [s.row for s in reversed(found)]


def test_phases_add_up_to_the_whole_search() -> None:
    found = phases(make_result([make_record(0, 0.9)]))
    assert sum(s.seconds for s in found) == pytest.approx(20.0)


def test_worker_seconds_are_told_apart_by_what_became_of_the_trial() -> None:
    records = [make_record(0, 0.9), make_record(1, 0.5, status=TrialStatus.PRUNED, epochs=1)]
    assert worker_seconds(records, None) == [("complete trials", 1.5), ("pruned trials", 0.5)]


def test_the_most_frequent_reason_comes_first() -> None:
    failed = TrialStatus.FAILED
    errors = ["out of memory", "not finite", "not finite", None]
    records = [make_record(n, None, status=failed, error=e) for n, e in enumerate(errors)]
    assert reasons(records)[0] == ("not finite", 2)
    assert ("no reason was kept", 1) in reasons(records)


def test_bars_begin_with_the_network() -> None:
    found = bars(make_result([make_record(0, 0.9)]))
    assert [b.name for b in found] == ["network", "svm", "dummy"]
    assert (found[0].low, found[0].score, found[0].high) == (0.8, 0.9, 0.95)


def test_an_insignificant_difference_is_a_draw() -> None:
    found = opponents(make_result([make_record(0, 0.9)]))
    assert [(o.name, o.outcome) for o in found] == [("svm", "equal"), ("dummy", "better")]


def test_confusion_keeps_the_classes_with_the_most_mistakes() -> None:
    counts = [[5, 0, 0, 0], [0, 5, 3, 0], [0, 1, 5, 0], [0, 0, 0, 5]]
    found = confusion(["a", "b", "c", "d"], counts, most=2)
    assert found == (["b", "c"], [[5, 3], [1, 5]], 2)


def test_mistakes_are_sorted_by_confidence_in_the_wrong_class() -> None:
    output = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
    found = mistakes(Judged(np.array([1, 1, 0]), output), ["no", "yes"])
    assert [(m.row, m.true, m.predicted) for m in found] == [(0, "yes", "no"), (2, "no", "yes")]


def test_in_regression_mistakes_are_the_rows_farthest_off() -> None:
    judged = Judged(np.array([1.0, 2.0, 3.0]), np.array([1.0, 5.0, 3.5]))
    assert [m.row for m in mistakes(judged, [], most=2)] == [1, 2]


def test_calibration_error_is_the_mean_gap_between_confidence_and_accuracy() -> None:
    # Four rows at 80 % confidence of which three are right, and one at 95 % that is right.
    output = np.array([[0.8, 0.2]] * 4 + [[0.95, 0.05]])
    found = reliability(Judged(np.array([0, 0, 0, 1, 0]), output))
    assert [b.rows for b in found.bins] == [4, 1]
    assert found.error == pytest.approx((4 * 0.05 + 1 * 0.05) / 5)


def test_confidence_of_exactly_one_falls_in_the_last_bin() -> None:
    found = reliability(Judged(np.array([0]), np.array([[1.0, 0.0]])))
    assert [(b.low, b.high) for b in found.bins] == [(0.9, 1.0)]
    assert found.error == 0.0


@pytest.mark.parametrize(
    ("domain", "value", "where"),
    [
        (IntDomain(1, 5), 3, 0.5),
        (FloatDomain(1e-4, 1e-2, log=True), 1e-3, 0.5),
        (ChoiceDomain(("a", "b", "c")), "c", 1.0),
        (ChoiceDomain(("only",)), "only", 0.0),
        (IntDomain(7, 7), 7, 0.5),
        (FloatDomain(0.0, 1.0), 4.0, 1.0),
    ],
)
def test_position_is_measured_on_the_scale_of_sampling(domain, value, where) -> None:
    assert position(domain, value) == pytest.approx(where)


def test_parallel_parts_the_best_tenth_from_the_rest() -> None:
    records = [make_record(n, n / 100) for n in range(40)]
    found = parallel(records, ACCURACY, DOMAINS, ["model.depth", "optimizer.name"], most=30)
    assert len(found.top) == 4
    assert len(found.top) + len(found.rest) <= 30
    assert found.total == 40


def test_the_surface_is_higher_where_trials_rank_higher() -> None:
    pair = ("model.width", "optimizer.learning_rate")
    records = []
    for number in range(60):
        record = make_record(number, 0.0)
        rate = record.params["optimizer.learning_rate"]
        records.append(make_record(number, position(DOMAINS[pair[1]], rate)))
    found = surface(records, ACCURACY, DOMAINS, pair)
    middle = len(found.x) // 2
    low, high = found.z[2][middle], found.z[-3][middle]
    assert low is not None
    assert high is not None
    assert low < 0.3 < 0.7 < high


def test_the_surface_of_no_trials_is_empty() -> None:
    assert surface([], ACCURACY, DOMAINS, ("model.depth", "model.width")).z == []


def test_architectures_tell_the_width_of_each_layer() -> None:
    params = {"family": "mlp", "model.depth": 3, "model.width": 100, "model.taper": 0.5}
    found = architectures([make_record(4, 0.9, params=params)])
    assert (found[0].trial, found[0].widths) == (4, [100, 50, 25])


@pytest.mark.parametrize("params", [{}, {"family": "nobody-knows"}, {"x": 1.0}])
def test_a_study_of_another_origin_has_no_layers_to_draw(params) -> None:
    assert layer_widths(params) is None


def test_the_front_holds_whoever_is_beaten_by_no_cheaper_trial() -> None:
    scores_and_seconds = [(0.8, 1.0), (0.7, 2.0), (0.9, 3.0), (0.9, 4.0)]
    records = [make_record(n, s, seconds=t) for n, (s, t) in enumerate(scores_and_seconds)]
    front = pareto(costs(records, "seconds"), ACCURACY)
    assert [c.trial for c in front] == [0, 2]


def test_a_trial_that_copied_an_equal_one_costs_nothing_and_is_left_out() -> None:
    assert costs([make_record(1, 0.9, seconds=0.0, note="same as trial 0")], "seconds") == []


def test_growth_sorts_a_models_points_by_rows() -> None:
    points = [
        {"model": "svm", "rows": rows, "seconds": rows / 10, "valid_score": 0.9}
        for rows in (40, 10, 20)
    ]
    found = growth({"points": points, "exponents": {"svm": 1.0}})
    assert found[0].rows == [10, 20, 40]
    assert found[0].exponent == 1.0


def test_thinning_keeps_the_ends() -> None:
    assert thin(range(100), 4) == [0, 33, 66, 99]
    assert thin([1, 2], 4) == [1, 2]


def test_what_was_left_out_is_said() -> None:
    assert left_out(10_000, 2_000, "trials") == ("2,000 of 10,000 trials are drawn, evenly chosen.")
    assert left_out(5, 5, "trials") == ""
