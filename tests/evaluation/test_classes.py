from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from automl.evaluation import confusion_matrix, per_class

rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


def test_rows_are_true_classes_and_columns_predicted_ones():
    matrix = confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


@given(rows)
def test_counts_and_scores_agree_with_scikit_learn(pairs):
    y, pred = np.array(pairs).T
    matrix = confusion_matrix(y, pred, 5)
    assert np.array_equal(matrix, metrics.confusion_matrix(y, pred, labels=range(5)))
    theirs = metrics.precision_recall_fscore_support(y, pred, labels=range(5), zero_division=0)
    ours = [(c.precision, c.recall, c.f1, c.support) for c in per_class(matrix)]
    assert np.array(ours) == pytest.approx(np.array(theirs).T)


def test_classes_carry_the_labels_that_users_see():
    matrix = confusion_matrix(np.array([0, 1]), np.array([0, 1]), 2)
    assert [c.label for c in per_class(matrix, ("cat", "dog"))] == ["cat", "dog"]
    assert [c.label for c in per_class(matrix)] == [0, 1]


@pytest.mark.parametrize("codes", [[0, 3], [-1, 0]])
def test_a_code_that_is_no_class_is_refused(codes):
    with pytest.raises(ValueError, match="0 <= code < 3"):
        confusion_matrix(np.array([0, 1]), np.array(codes), 3)
