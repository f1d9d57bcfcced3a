"""Numbers as Optuna's tables hold them."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from optuna.storages._rdb.models import TrialIntermediateValueModel, TrialValueModel

from automl.study.cell_codec import number_columns, read_number


@given(st.floats())
def test_every_number_comes_back(value: float) -> None:
    columns = number_columns("value", value)
    back = read_number(columns["value"], columns["value_type"])
    assert back == value or (math.isnan(back) and math.isnan(value))


@given(st.floats(allow_nan=False))
def test_optuna_reads_the_same_as_the_value_of_a_trial(value: float) -> None:
    columns = number_columns("value", value)
    kind = TrialValueModel.TrialValueType[columns["value_type"]]
    assert TrialValueModel.stored_repr_to_value(columns["value"], kind) == value


@given(st.floats())
def test_optuna_reads_the_same_as_an_intermediate_value(value: float) -> None:
    columns = number_columns("value", value)
    kind = TrialIntermediateValueModel.TrialIntermediateValueType[columns["value_type"]]
    back = TrialIntermediateValueModel.stored_repr_to_intermediate_value(columns["value"], kind)
    assert back == value or (math.isnan(back) and math.isnan(value))
