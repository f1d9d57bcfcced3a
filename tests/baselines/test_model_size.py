from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from automl.baselines._size import nbytes

X = np.random.default_rng(0).normal(size=(60, 5))
y = (X[:, 0] > 0).astype(int)


class Holder:
    def __init__(self, *values):
        self.values = values


def test_arrays_are_counted_wherever_they_hide():
    assert nbytes(Holder(np.zeros(10), {"a": [np.zeros(5)]}, Holder(np.zeros(1)))) == 16 * 8


def test_an_array_that_two_attributes_share_is_counted_once():
    shared = np.zeros(10)
    assert nbytes(Holder(shared, shared, shared[:])) == 80


def test_a_view_counts_with_what_it_shows():
    assert nbytes(Holder(np.zeros((100, 100))[:2])) == 2 * 100 * 8


def test_objects_that_point_at_each_other_end():
    one, two = Holder(), Holder()
    one.values, two.values = (two,), (one, np.zeros(2))
    assert nbytes(one) == 16


def test_a_machine_is_about_as_large_as_its_support_vectors():
    machine = make_pipeline(SVC().fit(X, y))
    vectors = machine[0].support_vectors_
    assert vectors.nbytes < nbytes(machine) < vectors.nbytes + 40 * len(vectors)


def test_a_linear_model_is_small():
    assert nbytes(LogisticRegression().fit(X, y)) < 200


def test_what_only_training_needs_is_no_part_of_the_model():
    network = MLPRegressor(max_iter=500, tol=1.0).fit(X, y)
    weights = sum(a.nbytes for a in network.coefs_ + network.intercepts_)
    assert weights <= nbytes(network) < weights + 100
