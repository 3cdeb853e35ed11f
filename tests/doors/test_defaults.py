"""A default is one thing, wherever it stands: in the class, in OpenAPI, in the GraphQL schema, and in a row that was made without it."""

from typing import Any

import httpx
import pytest
from graphql import parse_const_value, value_from_ast_untyped
from pydantic_core import PydanticUndefined

from diptych.demo.models import RESOURCES
from tests.doors.door import DOCUMENT, STOCK, USER, Door, Subject

REQUIRED: dict[str, dict[str, Any]] = {
    "User": {"name": "Jane", "email": "jane@example.com"},
    "Document": {"id": "one", "title": "A title"},
    "StockItem": {"sku": "B-1", "name": "Bolt", "quantity": 5},
}
JSON_NAMES = {"owner_id": "ownerId", "metadata_": "metadata"}
SUBJECTS = [pytest.param(subject, id=subject.name) for subject in (USER, DOCUMENT, STOCK)]


def declared(subject: Subject) -> dict[str, Any]:
    """What the class says, by the names of JSON."""
    (model,) = [resource.model for resource in RESOURCES if resource.model.__name__ == subject.name]
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        if name not in ("id", "version") and default is not PydanticUndefined:
            found[JSON_NAMES.get(name, name)] = default
    return found


async def of_openapi(client: httpx.AsyncClient, name: str) -> tuple[dict[str, Any], set[str]]:
    schema = (await client.get("/openapi.json")).json()["components"]["schemas"][name]
    return {name: member["default"] for name, member in schema["properties"].items() if "default" in member}, set(schema["required"])


async def of_graphql(client: httpx.AsyncClient, name: str) -> tuple[dict[str, Any], set[str]]:
    query = "query Fields($name: String!) { __type(name: $name) { inputFields { name defaultValue } } }"
    answer = await client.post("/graphql", json={"query": query, "variables": {"name": name}})
    printed = {field["name"]: field["defaultValue"] for field in answer.json()["data"]["__type"]["inputFields"]}
    found = {name: value_from_ast_untyped(parse_const_value(text)) for name, text in printed.items() if text is not None}
    return found, printed.keys() - found.keys()


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("verb", ["Create", "Replace"])
async def test_every_schema_has_the_defaults_of_the_class(client: httpx.AsyncClient, subject: Subject, verb: str) -> None:
    """A default of null and none at all are told apart, and what has no default is required."""
    defaults = declared(subject)
    required = REQUIRED[subject.name].keys() - ({"id"} if verb == "Replace" else set())
    assert await of_openapi(client, f"{verb}{subject.name}") == (defaults, required)
    assert await of_graphql(client, f"{verb}{subject.name}Input") == (defaults, required)


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_row_that_was_made_without_them_has_them(door: Door, other: Door, subject: Subject) -> None:
    made = await door.create(subject, REQUIRED[subject.name])
    assert made.row is not None
    assert {name: made.row[name] for name in declared(subject)} == declared(subject)
    document = {name: value for name, value in REQUIRED[subject.name].items() if name != "id"}
    same = await other.replace(subject, made.key, document, version=1)
    assert (same.code, same.row) == ("written", made.row), "left out once more, they are the same"
