"""What machines write to each other: plain data comes back as it was, and nothing else does."""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.baselines._job import BaselineJob, BaselineResult
from automl.bundle.onnx.job import ExportJob
from automl.bundle.save import OnnxFile
from automl.executors import JobError, WorkerInfo
from automl.executors.remote.wire import WireError, decode, encode, pack, unpack
from automl.job import MemberMessage
from automl.training.jobs import TrainJob
from automl.trial import EpochResult, FoldResult, Glimpse, Stop, TrialResult, TrialStatus

EPOCH = EpochResult(3, 1, 0.5, math.inf, 0.25, 0.1, 1e3, FoldResult(0.5, 2))


def _sent(value: Any) -> Any:
    """What arrives of it as text."""
    return json.loads(json.dumps(encode(value)))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (EPOCH, TrainJob.says),
        (MemberMessage(2, Glimpse(1, 0.5)), TrainJob.says),
        (TrialResult(3, TrialStatus.PRUNED, (EPOCH,), 1.5, 1, "/w/3"), TrainJob.says),
        (BaselineResult(1, "svm", {"C": 1e-3}, 0.5, layers=[{"a": [1]}]), BaselineJob.says),
        (OnnxFile("/m.onnx", {"rows": 3}), ExportJob.says),
        (JobError("late", blame="worker", member=3), ()),
        (WorkerInfo("pc1", 7, 3, "cuda:0"), ()),
        ({0: Stop.FINISH, "a": (1, [None, True])}, ()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_job_says_comes_back_as_it_was(value: Any, says: tuple[type, ...]) -> None:
    assert decode(_sent(value), says) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inside: (
            st.lists(inside) | st.lists(inside).map(tuple) | st.dictionaries(st.text(), inside)
        ),
        max_leaves=8,
    )
)
def test_plain_data_comes_back_to_the_last_bit(value: Any) -> None:
    assert decode(_sent(value)) == value


def test_numbers_of_numpy_come_back_as_numbers() -> None:
    back = decode(_sent([np.float64(0.1), np.int64(3), np.float32("nan"), np.bool_(True)]))
    assert back[:2] == [0.1, 3]
    assert math.isnan(back[2])
    assert back[3] is True


@pytest.mark.parametrize("value", [object(), b"raw", {1, 2}, np.zeros(3), EpochResult])
def test_anything_else_is_not_sent(value: object) -> None:
    with pytest.raises(WireError, match="cannot be sent to another machine"):
        encode([value])


@pytest.mark.parametrize(
    "plain",
    [
        {"is": "Popen", "has": {"args": "true"}},
        {"is": "Stop", "has": {}},
        {"is": "Glimpse", "has": {"number": 1}},
        {"is": "Glimpse", "has": {"number": "one", "score": 0.5}},
        {"is": "Glimpse", "has": {"number": 1, "score": 0.5, "more": 1}},
        {"is": "TrialResult", "has": encode(Glimpse(1, 0.5))["has"]},
        {"is": "JobError", "has": {**encode(JobError("x"))["has"], "blame": "nobody"}},
        {"enum": "Stop", "name": "__class__"},
        {"enum": "TrialResult", "name": "COMPLETE"},
        {"map": [[[1], 2]]},
        {"map": [1]},
        {"tuple": 3},
        {},
    ],
    ids=str,
)
def test_what_no_job_says_is_refused(plain: Any) -> None:
    with pytest.raises(WireError):
        decode(plain, TrainJob.says)


def test_a_type_that_the_job_does_not_say_is_refused() -> None:
    with pytest.raises(WireError):
        decode(_sent(Glimpse(1, 0.5)), BaselineJob.says)


def test_a_letter_brings_its_bytes() -> None:
    assert unpack(pack({"what": "x"}, [b"", b"abc", b"\0"])) == (
        {"what": "x"},
        [b"", b"abc", b"\0"],
    )


@pytest.mark.parametrize(
    "letter",
    [
        b"",
        b"\0\0\0\x05{",
        pickle.dumps(print),
        pack({}, [b"abc"])[:-1],
        pack({}) + b"more",
        pack([]),  # type: ignore[arg-type]
        b"\0\0\0\x17" + b'{"sizes":[-1],"head":{}}'[:23],
    ],
    ids=repr,
)
def test_anything_else_is_no_letter(letter: bytes) -> None:
    with pytest.raises(WireError):
        unpack(letter)
