"""Examples of the OpenAPI document: made of what a model says of its fields, and none where guessing does not meet it."""

from typing import Annotated, Any, Literal

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import AfterValidator, BaseModel, StringConstraints
from pydantic import Field as PlainField
from sqlalchemy import JSON, String
from sqlalchemy.orm import registry
from sqlmodel import Field

from diptych import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.resource.shape import ResourceShape
from diptych.rest.openapi import openapi_paths
from diptych.rest.openapi.sample import sample


class Size(BaseModel):
    wide: int
    unit: Literal["mm"]


def never(value: str) -> str:
    raise ValueError("never")


def thing(annotation: Any, default: Any = ..., name: str = "Thing", key: Any = int | None, **options: Any) -> Resource:
    """A resource of one field."""

    class Free(Versioned, registry=registry()):
        pass

    body = {
        "__annotations__": {"id": key, "field": annotation},
        "__module__": __name__,
        "id": Field(primary_key=True) if key is not int | None else Field(default=None, primary_key=True),
        **({} if default is ... else {"field": default}),
    }
    parent: Any = Free
    return Resource(type(parent)(name, (parent,), body, table=True), **options)


def read(resource: Resource) -> ResourceShape:
    (shape,) = read_resources([resource])
    return shape


@pytest.mark.parametrize(
    ("resource", "value"),
    [
        pytest.param(thing(str), "Some field", id="text"),
        pytest.param(thing(str, Field(min_length=12)), "Some fieldxx", id="text-of-a-length"),
        pytest.param(thing(Annotated[str, StringConstraints(pattern="^[A-Z]")]), "Some field", id="pattern-that-the-words-meet"),
        pytest.param(thing(Annotated[str, StringConstraints(pattern="^[a-z]$")]), "a", id="pattern-that-a-letter-meets"),
        pytest.param(thing(int, Field(ge=5)), 5, id="integer-with-a-bound"),
        pytest.param(thing(int, Field(gt=5)), 6, id="integer-above-a-bound"),
        pytest.param(thing(bool), True, id="boolean"),
        pytest.param(thing(Literal["b"], Field(sa_type=String)), "b", id="constant"),
        pytest.param(thing(Size, Field(sa_type=JSON)), {"wide": 1, "unit": "mm"}, id="object"),
        pytest.param(thing(list[int], Field(sa_type=JSON, min_length=2)), [1, 1], id="array"),
        pytest.param(thing(Any, Field(sa_type=JSON)), None, id="anything"),
        pytest.param(thing(str, "d"), "d", id="default"),
        pytest.param(thing(int | None, Field(foreign_key="x.id")), None, id="reference-that-may-be-null"),
    ],
)
def test_a_sample(resource: Resource, value: Any) -> None:
    made = sample(read(resource))
    assert made is not None
    assert (made.document, made.row.values) == ({"field": value}, {"field": value})


NONE = [
    pytest.param(thing(Annotated[str, StringConstraints(pattern="^~$")]), id="pattern-that-nothing-meets"),
    pytest.param(thing(Annotated[str, AfterValidator(never)]), id="validator-that-takes-nothing"),
    pytest.param(thing(str, key=Annotated[str, PlainField(pattern="^~$")], keys="client"), id="key-that-nothing-meets"),
]


@pytest.mark.parametrize("resource", NONE)
def test_no_sample(resource: Resource) -> None:
    """The document is as valid without any example of content."""
    shape = read(resource)
    assert sample(shape) is None
    paths, components = openapi_paths([shape])
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, "components": components}
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    page: Any = paths["/api/things"]
    assert "example" not in str(page["get"]["responses"]["200"]["content"])


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        pytest.param(Any, {}, id="anything"),
        pytest.param(dict[str, Any], {"type": "object", "additionalProperties": True}, id="an-object"),
        pytest.param(dict[str, Any] | None, {"type": ["object", "null"], "additionalProperties": True}, id="an-object-or-null"),
    ],
)
def test_a_merge_patch_of_json_has_the_members_to_change(annotation: Any, told: dict[str, Any]) -> None:
    _, components = openapi_paths(
        [read(thing(annotation, Field(sa_type=JSON, nullable=annotation != dict[str, Any], description="Whatever.")))]
    )
    schemas: Any = components["schemas"]
    assert schemas["PatchThing"]["properties"]["field"] == {**told, "description": "Whatever."}


def test_two_schemas_of_one_name_are_refused() -> None:
    shapes = read_resources([thing(str), thing(str, name="ThingPage")])
    with pytest.raises(ValueError, match="Two schemas of the OpenAPI document are called ThingPage"):
        openapi_paths(shapes)
