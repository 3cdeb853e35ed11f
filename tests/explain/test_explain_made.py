"""Operations made at random out of the schema, with fragments, aliases, directives and variables: explained, they do the same."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from diptych.explain import NotUnderstood, Step
from diptych.rest.spelling import Request
from tests.explain.twins import Twins
from tests.graphql_door.operation_maker import Maker

ROWS = [
    Request("POST", "/api/users", (("Content-Type", "application/json"),), {"name": "a", "email": "a@y"}),
    Request("POST", "/api/documents", (("Content-Type", "application/json"),), {"id": "a", "title": "t", "ownerId": 1}),
    Request("POST", "/api/stock-items", (("Content-Type", "application/json"),), {"sku": "a", "name": "n", "quantity": 1}),
    Request("POST", "/api/blanks", (("Content-Type", "application/json"),), {"text": "a"}),
]


def told_alike(step: Step, value: Any, answer: Any) -> None:
    """What one root field answered and what its request did, as far as the selection lets it be seen."""
    body: Any = answer.json() if answer.content else None
    if value is None:
        assert answer.status_code == 404 or body["code"] == "invalid", (step, answer.text)
    elif "code" in value:
        assert body["code"] == value["code"], (step, answer.text)
    elif "edges" in value and step.command == "list":
        assert len(value["edges"]) == len(body["items"]), (step, answer.text)
    if value is not None and value.get("__typename", "").endswith(("Written", "Deleted")):
        assert answer.status_code < 300, (step, answer.text)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 8))])
def test_operations_made_at_random(twins: Twins, seed: int) -> None:
    schema = twins.bridges[0].schema._schema
    random, seen = Random(seed), Counter[str]()
    for row in ROWS:
        twins.both(row)
    for _ in range(40):
        made = Maker(schema, random, 0.05).operation()
        try:
            explained = twins.explainer.operation(made.query, made.variables[0])
        except NotUnderstood:
            seen["not understood"] += 1
            continue
        told = twins.run(made.query, made.variables[0])
        assert "data" in told, (made, told)
        for step in explained.steps:
            seen["no request" if step.request is None else step.command] += 1
            if step.request is not None:
                answer = twins.send(step.request)
                if step.command != "fetch many" and told["data"] is not None:
                    told_alike(step, told["data"][step.field], answer)
    one, other = twins.states()
    assert one == other
    # Most that is made is understood, and it is not all of one kind.
    assert seen["not understood"] < 30, seen
    assert len(seen) >= 5, seen
