"""The OpenAPI document tells the truth: what it says is so, and what is so it says."""

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from diptych.resource.reading import read_resources
from tests.doors import specimens
from tests.rest.shapes import SHAPES
from tests.rest.told import Told

DEMO = tuple(SHAPES.values())
SPECIMENS = tuple(read_resources(specimens.RESOURCES))
BOTH = pytest.mark.parametrize("shapes", [DEMO, SPECIMENS], ids=["demo", "specimens"])


@BOTH
def test_the_document_is_valid(shapes: Any) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(Told(shapes).document).iter_errors()] == []


def test_operation_ids() -> None:
    expected = {
        *(f"{verb}{name}" for verb in ("create", "replace", "patch", "delete", "get", "head", "options") for name in SHAPES),
        *(f"{verb}{plural}" for verb in ("list", "head", "options") for plural in ("Users", "Documents", "StockItems")),
    }
    listed = [operation["operationId"] for _, operation in Told(DEMO).operations()]
    assert len(listed) == len(set(listed))
    assert set(listed) == expected


@BOTH
def test_no_document_is_of_an_anonymous_shape(shapes: Any) -> None:
    for _, operation in Told(shapes).operations():
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (media for content in contents for media in content.get("content", {}).values()):
            assert all(set(schema) == {"$ref"} for schema in media["schema"].get("oneOf", [media["schema"]]))


@BOTH
def test_everything_has_a_description(shapes: Any) -> None:
    told = Told(shapes)
    for name, schema in told.components["schemas"].items():
        if name not in {definition for shape in shapes for definition in shape.definitions}:
            assert schema["description"], name
    for _, operation in told.operations():
        assert operation["summary"]
        assert operation["tags"]
        assert all(response["description"] for response in operation["responses"].values())


@BOTH
def test_examples_are_what_they_exemplify(shapes: Any) -> None:
    """And there is one wherever content comes or goes."""
    told = Told(shapes)
    for _, operation in told.operations():
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (media for content in contents for media in content.get("content", {}).values()):
            shown = [told.components["examples"][one["$ref"].rsplit("/", 1)[-1]]["value"] for one in media.get("examples", {}).values()]
            values = [media["example"]] if "example" in media else shown
            assert values
            for value in values:
                assert told.violations(media["schema"], value) == [], operation["operationId"]
