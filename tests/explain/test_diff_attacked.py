"""Schemas that are nasty, or odd, or not what they say they are."""

from typing import Any

import pytest

from diptych.explain.changes import Effect
from diptych.explain.errors import NotUnderstood
from diptych.explain.graphql_changes import graphql_changes
from diptych.explain.openapi_changes import openapi_changes

QUERY = "type Query { a: Int }\n"
ONE_OF = "input I @oneOf { a: Int, b: Int }"
WITH_MUTATION = QUERY + "type Mutation { m: Int }\n"


@pytest.mark.parametrize(
    ("old", "new", "effect", "path"),
    [
        pytest.param(QUERY + ONE_OF.replace("@oneOf ", ""), QUERY + ONE_OF, "breaking", "I", id="exactly-one-now"),
        pytest.param(QUERY + ONE_OF, QUERY + ONE_OF.replace("@oneOf ", ""), "safe", "I", id="several-now"),
        pytest.param(
            WITH_MUTATION + "schema { query: Query mutation: Mutation }",
            WITH_MUTATION + "schema { query: Query }",
            "breaking",
            "Mutation",
            id="no-root-any-more",
        ),
        pytest.param(
            WITH_MUTATION + "schema { query: Query }",
            WITH_MUTATION + "schema { query: Query mutation: Mutation }",
            "safe",
            "Mutation",
            id="a-root-now",
        ),
        pytest.param(
            QUERY + "type Other { b: Int } schema { query: Query }",
            QUERY + "type Other { b: Int } schema { query: Other }",
            "breaking",
            "Query",
            id="another-root",
        ),
    ],
)
def test_a_change_of_a_graphql_schema(old: str, new: str, effect: Effect, path: str) -> None:
    assert [(change.effect, change.path) for change in graphql_changes(old, new)] == [(effect, path)]


@pytest.mark.parametrize("wrong", ["type Query { a: Int @deprecated(reason: 1) }", QUERY + "scalar A @specifiedBy(url: 1)"])
def test_a_directive_that_is_used_wrongly(wrong: str) -> None:
    with pytest.raises(NotUnderstood, match=r"The new schema cannot be: .*invalid value"):
        graphql_changes(QUERY, wrong)
    with pytest.raises(NotUnderstood, match=r"The old schema cannot be: .*invalid value"):
        graphql_changes(wrong, QUERY)


def document(schema: Any, *, answer: bool = False) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}}
    operation = {"responses": {"200": content}} if answer else {"requestBody": content, "responses": {}}
    return {"openapi": "3.1.0", "paths": {"/a": {"post": operation}}}


def effects(old: Any, new: Any, *, answer: bool = False) -> list[tuple[Effect, str]]:
    changes = openapi_changes(document(old, answer=answer), document(new, answer=answer))
    return [(change.effect, change.path.partition("/schema")[2]) for change in changes]


@pytest.mark.parametrize(
    ("old", "new", "request_", "answer"),
    [
        pytest.param({"nullable": True}, {"nullable": False}, [("breaking", "")], [("safe", "")], id="null-no-more-in-3.0"),
        pytest.param({}, {"nullable": True}, [("safe", "")], [("breaking", "")], id="null-now-in-3.0"),
        pytest.param({"enum": [1, {"a": 1, "b": 2}]}, {"enum": [{"b": 2, "a": 1.0}, 1.0]}, [], [], id="the-same-values"),
        pytest.param({"items": True}, {"items": {}}, [], [], id="true-is-anything"),
        pytest.param(
            {"properties": {"a": True}},
            {"properties": {"a": False}},
            [("breaking", "/properties/a")],
            [("safe", "/properties/a")],
            id="false-is-nothing",
        ),
        pytest.param(
            {"required": ["a"]}, {"required": ["a", "b"]}, [("breaking", "/required/b")], [("safe", "/required/b")], id="required-unlisted"
        ),
        pytest.param({"required": ["a"]}, {}, [("safe", "/required/a")], [("breaking", "/required/a")], id="required-no-more"),
    ],
)
def test_a_change_of_a_schema(old: Any, new: Any, request_: Any, answer: Any) -> None:
    assert effects(old, new) == request_
    assert effects(old, new, answer=True) == answer


def test_a_document_that_is_nested_too_deeply() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"items": deep}
    with pytest.raises(NotUnderstood, match="nested too deeply"):
        effects(deep, {**deep, "type": "array"})
