"""What is described is what is answered: random requests of every operation, and what they get."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from service_people import People

EXAMPLES = 3
"""Requests of each operation and kind; `schemathesis run` makes as many as one has time for."""

LOSES_THE_LOGIN = r"/v1/logout|/v1/tokens/\{token_id\}"


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_operation_answers_as_it_is_described(
    make_people: Callable[..., People], mode: GenerationMode
) -> None:
    people = make_people(names=("testserver",))
    token = people.admin.post("/v1/tokens", json={"name": "schema"}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", people.app, headers=headers)
    schema.config.update(headers=headers)
    seen: defaultdict[int, set[str]] = defaultdict(set)
    for found in schema.exclude(path_regex=LOSES_THE_LOGIN).get_all_operations():

        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
        @given(found.ok().as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            # A description says how a request looks, not whether its bytes are a table.
            answer = case.call_and_validate(excluded_checks=[positive_data_acceptance])
            seen[answer.status_code].add(case.path)

        with suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
            ask()
    assert seen[401] <= {"/v1/login"}  # or nothing was asked behind the login
    assert len(seen) >= 3
