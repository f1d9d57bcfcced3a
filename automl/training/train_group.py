"""Train a group: epoch after epoch, until its members have come to their ends."""

from __future__ import annotations

import time
from collections.abc import Iterator

from torch import Tensor

from automl.job import ShouldStop
from automl.training.group import Group, Member
from automl.training.loop import Diverged
from automl.trial import TrialResult, TrialStatus


def train_group(group: Group, should_stop: ShouldStop) -> Iterator[TrialResult]:
    """Train the members of a group to their ends.

    Yields
    ------
    TrialResult
        Of each member, in their order, as if one had been trained after the other. One that fails
        or is told to stop is the last.
    """
    results: dict[int, TrialResult] = {}
    following = 0
    while group.members:
        first = group.members[0]
        if not _train_epoch(group, results, should_stop):
            yield first.training.result(first.seconds, should_stop(), None, cut=True)
            return
        while following in results:
            yield results[following]
            if results[following].status is not TrialStatus.COMPLETE:
                return
            following += 1


def _train_epoch(group: Group, results: dict[int, TrialResult], should_stop: ShouldStop) -> bool:
    """Train an epoch, and take out who has come to its end; false when told to stop."""
    started = time.perf_counter()
    losses = group.train_epoch(should_stop)
    if losses is None:
        return False
    trained = time.perf_counter()
    judged = [
        _judge(m, loss, out)
        for m, loss, out in zip(group.members, losses, group.outputs(), strict=True)
    ]
    count = len(group.members)
    in_training, seconds = (end - started for end in (trained, time.perf_counter()))
    staying: list[Member] = []
    for m, found in zip(group.members, judged, strict=True):
        m.seconds += seconds / count
        if isinstance(found, Diverged):
            results[m.index] = m.training.result(m.seconds, should_stop(), found, cut=False)
            break  # of those behind it nobody will ask
        loss, *scores = found
        m.training.add_epoch(loss, (scores[0], scores[1]), seconds / count, in_training / count)
        if m.training.is_over:
            results[m.index] = m.training.result(m.seconds, should_stop(), None, cut=False)
        else:
            staying.append(m)
    group.keep(staying)
    return True


def _judge(
    member: Member, loss: float | Diverged, out: Tensor
) -> tuple[float, float, float] | Diverged:
    if isinstance(loss, Diverged):
        return loss
    try:
        return loss, *member.training.judge(out)
    except Diverged as error:
        return error
