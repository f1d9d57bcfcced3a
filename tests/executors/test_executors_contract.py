"""What every executor must do: this suite runs over each file of `automl/executors`."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

import pytest

from automl.data import PreparedStore
from automl.executors import Executor
from automl.models import FAMILIES
from automl.testing import check_executor
from automl.testing.executors import CHECKS, check_families

Check = Callable[[Executor, PreparedStore], None]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_its_contract(executor: Executor, store: PreparedStore, check: Check) -> None:
    check(executor, store)
    executor.close()
    executor.close()
    assert multiprocessing.active_children() == [], "a closed executor leaves no child"


def test_its_workers_know_the_families_of_the_user(
    store: PreparedStore, executor_kind: type[Executor]
) -> None:
    check_families(executor_kind, store)
    assert "contract-suite" not in FAMILIES.names()


def test_a_broken_executor_is_found(store: PreparedStore, elsewhere_kind: type[Executor]) -> None:
    class Deaf(elsewhere_kind):  # type: ignore[misc, valid-type]
        def kill(self, ticket: int, reason: str, member: int | None = None) -> None: ...

        own_process = True

    with pytest.raises(AssertionError):
        check_executor(Deaf, store)
    check_executor(elsewhere_kind, store)
