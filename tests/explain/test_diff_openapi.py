"""Single changes planted into the demo's OpenAPI document, each judged by what it does to clients."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diptych.explain.changes import Effect
from diptych.explain.errors import NotUnderstood
from diptych.explain.openapi_changes import openapi_changes

DOCUMENT: Any = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
SCHEMAS = "/components/schemas"
USERS = "/paths/~1api~1users"
ITEM = "/paths/~1api~1users~1{id}"
KEYED: list[Any] = [{"key": []}]


def at(pointer: str, document: Any) -> Any:
    for part in pointer.split("/")[1:]:
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


def put(pointer: str, value: Any) -> Callable[[Any], Any]:
    """Put a value at a place that may be there or not."""
    where, _, name = pointer.rpartition("/")
    return lambda document: at(where, document).__setitem__(name.replace("~1", "/"), value)


def drop(pointer: str) -> Callable[[Any], Any]:
    where, _, name = pointer.rpartition("/")
    return lambda document: at(where, document).pop(name.replace("~1", "/"))


def add(pointer: str, value: Any) -> Callable[[Any], Any]:
    return lambda document: at(pointer, document).append(value)


def take(pointer: str, value: Any) -> Callable[[Any], Any]:
    return lambda document: at(pointer, document).remove(value)


CREATE = f"{SCHEMAS}/CreateUser"
USER = f"{SCHEMAS}/User"
VIOLATION = f"{SCHEMAS}/Violation/properties/code"
NEW_PARAMETER = {"name": "like", "in": "query", "schema": {"type": "string"}}
WHERE = {"$ref": "#/components/parameters/User.where"}
TEXT = {"type": "string"}

CHANGES = [
    pytest.param(drop(USERS), "breaking", USERS, id="path-removed"),
    pytest.param(put("/paths/~1api~1more", {}), "safe", "/paths/~1api~1more", id="path-added"),
    pytest.param(drop(f"{ITEM}/delete"), "breaking", f"{ITEM}/delete", id="method-removed"),
    pytest.param(put(f"{ITEM}/trace", {"responses": {}}), "safe", f"{ITEM}/trace", id="method-added"),
    pytest.param(put(f"{ITEM}/put/operationId", "x"), "dangerous", f"{ITEM}/put/operationId", id="operation-renamed"),
    pytest.param(put(f"{ITEM}/put/deprecated", True), "safe", f"{ITEM}/put", id="operation-deprecated"),
    pytest.param(take(f"{USERS}/get/parameters", WHERE), "breaking", f"{USERS}/get/parameters/query.where", id="query-parameter-removed"),
    pytest.param(
        take(f"{ITEM}/put/parameters", {"$ref": "#/components/parameters/Prefer"}),
        "dangerous",
        f"{ITEM}/put/parameters/header.Prefer",
        id="header-parameter-removed",
    ),
    pytest.param(
        add(f"{USERS}/get/parameters", NEW_PARAMETER), "safe", f"{USERS}/get/parameters/query.like", id="optional-parameter-added"
    ),
    pytest.param(
        add(f"{USERS}/get/parameters", {**NEW_PARAMETER, "required": True}),
        "breaking",
        f"{USERS}/get/parameters/query.like",
        id="required-parameter-added",
    ),
    pytest.param(
        put("/components/parameters/IfMatch/required", True),
        "breaking",
        f"{ITEM}/put/parameters/header.If-Match",
        id="parameter-required-now",
    ),
    pytest.param(
        put("/components/parameters/Limit/schema/maximum", 50),
        "breaking",
        f"{USERS}/get/parameters/query.limit/schema/maximum",
        id="parameter-bound-tightened",
    ),
    pytest.param(
        put("/components/parameters/Limit/schema/maximum", 500),
        "safe",
        f"{USERS}/get/parameters/query.limit/schema/maximum",
        id="parameter-bound-loosened",
    ),
    pytest.param(
        put("/components/parameters/Limit/schema/default", 10),
        "dangerous",
        f"{USERS}/get/parameters/query.limit/schema",
        id="default-changed",
    ),
    pytest.param(
        take("/components/parameters/User.order/schema/items/enum", "-name"),
        "breaking",
        f"{USERS}/get/parameters/query.order/schema/items",
        id="parameter-value-removed",
    ),
    pytest.param(
        put("/components/parameters/User.order/explode", True),
        "breaking",
        f"{USERS}/get/parameters/query.order/explode",
        id="parameter-written-otherwise",
    ),
    pytest.param(add(f"{CREATE}/required", "role"), "breaking", f"{CREATE}/properties/role", id="request-member-required-now"),
    pytest.param(take(f"{CREATE}/required", "email"), "safe", f"{CREATE}/properties/email", id="request-member-optional-now"),
    pytest.param(put(f"{CREATE}/properties/age", TEXT), "safe", f"{CREATE}/properties/age", id="request-member-added"),
    pytest.param(drop(f"{CREATE}/properties/bio"), "breaking", f"{CREATE}/properties/bio", id="request-member-removed"),
    pytest.param(put(f"{CREATE}/properties/name/maxLength", 50), "breaking", f"{CREATE}/properties/name/maxLength", id="request-tightened"),
    pytest.param(put(f"{CREATE}/properties/name/maxLength", 500), "safe", f"{CREATE}/properties/name/maxLength", id="request-loosened"),
    pytest.param(drop(f"{CREATE}/properties/name/minLength"), "safe", f"{CREATE}/properties/name/minLength", id="request-bound-dropped"),
    pytest.param(put(f"{CREATE}/properties/role/enum", ["a"]), "breaking", f"{CREATE}/properties/role", id="request-values-listed"),
    pytest.param(
        put(f"{CREATE}/properties/role/pattern", "^a"), "breaking", f"{CREATE}/properties/role/pattern", id="request-pattern-added"
    ),
    pytest.param(put(f"{CREATE}/properties/bio", TEXT), "breaking", f"{CREATE}/properties/bio", id="request-null-refused-now"),
    pytest.param(
        put(f"{CREATE}/properties/name/type", ["string", "null"]), "safe", f"{CREATE}/properties/name", id="request-null-taken-now"
    ),
    pytest.param(put(f"{CREATE}/properties/name/type", "integer"), "breaking", f"{CREATE}/properties/name", id="request-type-changed"),
    pytest.param(put(f"{CREATE}/additionalProperties", True), "safe", f"{CREATE}/additionalProperties", id="request-others-taken-now"),
    pytest.param(drop(f"{ITEM}/put/requestBody"), "breaking", f"{ITEM}/put/requestBody", id="content-removed"),
    pytest.param(put(f"{ITEM}/put/requestBody/required", False), "safe", f"{ITEM}/put/requestBody", id="content-optional-now"),
    pytest.param(
        drop(f"{ITEM}/patch/requestBody/content/application~1json-patch+json"),
        "breaking",
        f"{ITEM}/patch/requestBody/content/application~1json-patch+json",
        id="media-type-removed",
    ),
    pytest.param(drop(f"{USER}/properties/bio"), "breaking", f"{USER}/properties/bio", id="answer-member-removed"),
    pytest.param(take(f"{USER}/required", "bio"), "breaking", f"{USER}/properties/bio", id="answer-member-optional-now"),
    pytest.param(add(f"{USER}/required", "documents"), "safe", f"{USER}/properties/documents", id="answer-member-always-there-now"),
    pytest.param(put(f"{USER}/properties/age", TEXT), "safe", f"{USER}/properties/age", id="answer-member-added"),
    pytest.param(put(f"{USER}/properties/name/type", "integer"), "breaking", f"{USER}/properties/name", id="answer-type-changed"),
    pytest.param(put(f"{USER}/properties/id/type", "number"), "breaking", f"{USER}/properties/id", id="answer-integer-may-be-any-number"),
    pytest.param(put(f"{USER}/properties/name/type", ["string", "null"]), "breaking", f"{USER}/properties/name", id="answer-null-now"),
    pytest.param(put(f"{USER}/properties/bio", TEXT), "safe", f"{USER}/properties/bio", id="answer-never-null-now"),
    pytest.param(put(f"{USER}/properties/name/maxLength", 500), "dangerous", f"{USER}/properties/name/maxLength", id="answer-longer-now"),
    pytest.param(put(f"{USER}/properties/name/maxLength", 50), "safe", f"{USER}/properties/name/maxLength", id="answer-shorter-now"),
    pytest.param(add(f"{VIOLATION}/enum", "odd"), "dangerous", VIOLATION, id="answer-value-added"),
    pytest.param(take(f"{VIOLATION}/enum", "null"), "safe", VIOLATION, id="answer-value-removed"),
    pytest.param(drop(f"{ITEM}/put/responses/200"), "breaking", f"{ITEM}/put/responses/200", id="success-removed"),
    pytest.param(drop(f"{ITEM}/put/responses/412"), "safe", f"{ITEM}/put/responses/412", id="refusal-removed"),
    pytest.param(put(f"{ITEM}/put/responses/418", {}), "dangerous", f"{ITEM}/put/responses/418", id="refusal-added"),
    pytest.param(drop(f"{ITEM}/put/responses/200/headers/ETag"), "breaking", f"{ITEM}/put/responses/200/headers/ETag", id="field-removed"),
    pytest.param(
        add(f"{ITEM}/put/responses/400/content/application~1problem+json/schema/oneOf", {"$ref": "#/components/schemas/NotFoundProblem"}),
        "dangerous",
        f"{ITEM}/put/responses/400/content/application~1problem+json/schema/oneOf",
        id="answer-alternative-added",
    ),
    pytest.param(put("/security", KEYED), "breaking", f"{ITEM}/put/security", id="caller-must-say-who-asks"),
    pytest.param(put(f"{ITEM}/put/security", [{}, *KEYED]), "safe", f"{ITEM}/put/security", id="caller-may-say-who-asks"),
    pytest.param(put("/servers", [{"url": "/v2"}]), "dangerous", "/servers", id="server-moved"),
    pytest.param(
        lambda document: [put("/components/schemas/Spare", TEXT)(document), put(f"{CREATE}/minProperties", 9)(document)],
        "breaking",
        f"{CREATE}/minProperties",
        id="two-at-once",
    ),
]


@pytest.mark.parametrize(("plant", "effect", "path"), CHANGES)
def test_a_planted_change(plant: Callable[[Any], Any], effect: Effect, path: str) -> None:
    """The change is found at its place, and the worst that is said of it is what it does."""
    changed = copy.deepcopy(DOCUMENT)
    plant(changed)
    changes = openapi_changes(DOCUMENT, changed)
    assert path in [change.path for change in changes], changes
    assert {change.effect for change in changes if change.path == path} == {effect}, changes
    assert changes[0].effect == effect, changes
    assert all(change.said.endswith(".") for change in changes)


def demanding(security: Any) -> Any:
    return {**DOCUMENT, "security": security}


@pytest.mark.parametrize(
    ("before", "after", "effects"),
    [
        pytest.param(KEYED, [*KEYED, {"token": []}], {"safe"}, id="another-way"),
        pytest.param([*KEYED, {"token": []}], KEYED, {"breaking"}, id="one-way-less"),
        pytest.param(KEYED, [], {"safe"}, id="nobody-is-asked-any-more"),
        pytest.param([{"token": ["read"]}], [{"token": ["read", "write"]}], {"breaking"}, id="more-scopes"),
        pytest.param([{"token": ["read", "write"]}], [{"token": ["read"]}], {"safe"}, id="fewer-scopes"),
        pytest.param(KEYED, KEYED, set(), id="the-same"),
    ],
)
def test_who_may_ask(before: Any, after: Any, effects: set[Effect]) -> None:
    assert {change.effect for change in openapi_changes(demanding(before), demanding(after))} == effects


def test_a_scheme_that_works_otherwise() -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    before = {**DOCUMENT, "components": {**DOCUMENT["components"], "securitySchemes": schemes}}
    after = copy.deepcopy(before)
    after["components"]["securitySchemes"]["key"]["name"] = "X-Other"
    (change,) = openapi_changes(before, after)
    assert (change.effect, change.path) == ("breaking", "/components/securitySchemes/key")


def test_nothing_has_changed() -> None:
    """Words that say nothing of what is valid may change as they like."""
    changed = copy.deepcopy(DOCUMENT)
    changed["info"]["version"] = "9"
    changed["components"]["schemas"]["User"]["description"] = "Somebody."
    changed["paths"]["/api/users"]["get"]["summary"] = "Read them"
    assert openapi_changes(DOCUMENT, changed) == []


@pytest.mark.parametrize(
    ("document", "said"),
    [
        pytest.param([], "The new document is no OpenAPI 3 document", id="a-list"),
        pytest.param({"swagger": "2.0"}, "The new document is no OpenAPI 3 document", id="another-version"),
        pytest.param(
            {**DOCUMENT, "paths": {**DOCUMENT["paths"], "/api/users": {"$ref": "#/nope"}}},
            "refers to #/nope, which is not in it",
            id="lost",
        ),
        pytest.param({**DOCUMENT, "paths": 7}, "in a place where OpenAPI has another kind of value", id="another-kind"),
    ],
)
def test_what_is_no_document(document: Any, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        openapi_changes(DOCUMENT, document)
