"""What the OpenAPI document says of parameters is so: each one that it tells of is taken, and no other is."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from diptych.rest.parameters import LIST_PARAMETERS, read_listing
from diptych.rest.view import read_item_view
from diptych.semantics.condition import OPERATORS
from diptych.semantics.outcome import Invalid
from tests.rest.listed import LISTED
from tests.rest.told import Told

PART = LISTED["Part"]
TOLD = Told(tuple(LISTED.values()))


def parameters(path: str, method: str) -> dict[str, dict[str, Any]]:
    """The query parameters of an operation, by name."""
    given = [TOLD.components["parameters"][one["$ref"].rsplit("/", 1)[-1]] for one in TOLD.paths[path][method]["parameters"]]
    return {one["name"]: one for one in given if one["in"] == "query"}


def schema_of(parameter: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = parameter["schema"]
    inner: dict[str, Any] = schema.get("contentSchema", schema)
    return inner


def values(schema: dict[str, Any]) -> Iterator[Any]:
    """Some values of a schema, those at its ends among them."""
    match schema:
        case {"$ref": _}:
            yield {"name": {"eq": "a"}}
        case {"enum": list(members)}:
            yield from members
        case {"type": "array", "items": dict(items), "maxItems": int(most)}:
            each = list(values(items))
            yield each[:1]
            yield each[:most]
        case {"type": "boolean"}:
            yield from (True, False)
        case {"type": "integer" | "number"}:
            yield from (schema.get("minimum", -1.5), schema.get("maximum", 1.5))
        case {"type": "string", "format": str(named)}:
            yield {
                "decimal": "-1.5",
                "date-time": "2024-05-17T09:30:00Z",
                "date": "2024-05-17",
                "duration": "PT1H",
                "uuid": "2f1d3a52-9c0b-4e1f-8f57-6a1c7d1f0b3e",
            }[named]
        case {"type": "string", "contentEncoding": "base64"}:
            yield "AA=="
        case {"type": "string", "maxLength": int(longest)}:
            yield from ("", "a", "x" * longest)
        case {"type": "string"}:
            yield "09:30:00"
        case _:
            yield from (["a"], {"a": 1}, 7, "x")


def query(parameter: dict[str, Any], value: Any) -> bytes:
    """Write a parameter as OpenAPI says: JSON text where it says so, arrays with a name for each value unless they are not exploded."""
    schema = schema_of(parameter)
    if "contentSchema" in parameter["schema"]:
        texts = [json.dumps(value)]
    elif schema.get("type") == "array":
        each = [plain(one) for one in value]
        texts = each if parameter.get("explode", True) else [",".join(each)]
    else:
        texts = [plain(value)]
    return "&".join(f"{parameter['name']}={quote(text, safe='')}" for text in texts).encode()


def plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def test_the_document_is_valid() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(TOLD.document).iter_errors()] == []


@pytest.mark.parametrize("method", ["get", "head"])
def test_parameters_are_taken_with_the_values_that_they_may_have(method: str) -> None:
    told = parameters("/api/parts", method)
    assert set(told) >= LIST_PARAMETERS
    assert len(told) > 100
    for parameter in told.values():
        for value in values(schema_of(parameter)):
            assert TOLD.violations(schema_of(parameter), value) == [], parameter["name"]
            if parameter["name"] in ("after", "before"):
                continue
            text = query(parameter, value)
            if parameter["name"] != "order" or len({one.removeprefix("-") for one in value}) == len(value):
                read = read_listing(text, PART)
                assert not isinstance(read, Invalid), (text, read)


@pytest.mark.parametrize("method", ["get", "head"])
def test_no_other_comparison_is_taken(method: str) -> None:
    told = parameters("/api/parts", method)
    for field in (*PART.readable_names, *PART.hidden, "nobody"):
        for operator in OPERATORS:
            name = f"{field}[{operator}]"
            plainly = operator == "eq" and field in told and field not in LIST_PARAMETERS
            read = read_listing(f"{name}=".encode(), PART)
            wrong = [violation.message for violation in read.violations] if isinstance(read, Invalid) else []
            unknown = any(said.startswith(("There is no such", "Part is not filtered")) for said in wrong)
            assert unknown is not (plainly or name in told), name


@pytest.mark.parametrize("method", ["get", "head"])
def test_parameters_of_one_row(method: str) -> None:
    told = parameters("/api/parts/{id}", method)
    assert set(told) == {"fields", "include"}
    for parameter in told.values():
        for value in values(schema_of(parameter)):
            assert not isinstance(read_item_view(query(parameter, value), PART), Invalid)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"name": {"eq": "a"}}, id="a-comparison"),
        pytest.param({"name": {"eq": "a", "ne": "b"}, "count": {"in": [1, 2]}}, id="several"),
        pytest.param({"or": [{"flag": {"eq": True}}, {"not": {"and": [{}]}}]}, id="joined"),
        pytest.param({"labels": {"contains": {"a": [1]}}}, id="json"),
        pytest.param({"note": {"isNull": True}}, id="null"),
        pytest.param({"name": {}}, id="no-operator"),
        pytest.param({"name": "a"}, id="no-operators"),
        pytest.param({"nobody": {"eq": 1}}, id="no-such-field"),
        pytest.param({"secret": {"eq": "a"}}, id="hidden"),
        pytest.param({"plain": {"eq": "a"}}, id="not-declared"),
        pytest.param({"name": {"like": "a"}}, id="no-such-operator"),
        pytest.param({"name": {"isNull": True}}, id="never-null"),
        pytest.param({"name": {"eq": 1}}, id="another-type"),
        pytest.param({"name": {"eq": None}}, id="null-as-a-value"),
        pytest.param({"count": {"eq": 2**31}}, id="too-large"),
        pytest.param({"count": {"in": []}}, id="none-of-none"),
        pytest.param({"count": {"in": 1}}, id="no-list"),
        pytest.param({"level": {"eq": 2}}, id="no-member-of-an-enum"),
        pytest.param({"or": []}, id="or-without-conditions"),
        pytest.param({"or": {}}, id="or-of-an-object"),
        pytest.param({"not": []}, id="not-of-a-list"),
        pytest.param([], id="a-list"),
    ],
)
def test_the_schema_takes_the_conditions_that_the_door_takes(where: Any) -> None:
    taken = not isinstance(read_listing(f"where={quote(json.dumps(where))}".encode(), PART), Invalid)
    assert (TOLD.violations(TOLD.schema("PartWhere"), where) == []) is taken
