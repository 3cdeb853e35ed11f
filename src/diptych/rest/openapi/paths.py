"""The REST door's part of an OpenAPI 3.1 document."""

from collections.abc import Mapping, Sequence

from diptych.resource.shape import ResourceShape
from diptych.rest.openapi.answers import (
    Refusals,
    create_refusals,
    delete_refusals,
    fetch_refusals,
    list_refusals,
    patch_refusals,
    replace_refusals,
)
from diptych.rest.openapi.documents import PAGE_INFO, document_schemas
from diptych.rest.openapi.examples import Examples
from diptych.rest.openapi.fields import HEADERS, PARAMETERS, page_size
from diptych.rest.openapi.lists import list_parameters, where_name, where_schema
from diptych.rest.openapi.operations import Operations
from diptych.rest.openapi.patches import patch_schemas
from diptych.rest.openapi.problems import VIOLATION, problem_schema, schema_name
from diptych.semantics.json_value import JSON


def openapi_paths(
    resources: Sequence[ResourceShape], base: str = "/api", everywhere: Refusals | None = None
) -> tuple[dict[str, JSON], dict[str, JSON]]:
    """Describe the door: `paths`, and `components` by kind, to be merged into a document of version 3.1.

    `everywhere` has what any operation may be refused with besides, by status, such as 401 where the server asks who comes.

    Raises ValueError when two schemas of different content have one name, such as those of resources `User` and `UserPage`.
    """
    paths: dict[str, JSON] = {}
    schemas: dict[str, JSON] = {"PageInfo": PAGE_INFO, "Violation": VIOLATION, **patch_schemas()}
    parameters: dict[str, JSON] = dict(PARAMETERS)
    shown: dict[str, JSON] = {}
    for shape in resources:
        examples = Examples(shape)
        own = {**(everywhere or {}), **_of_policy(shape)}
        operations = Operations(shape, examples, own)
        collection = f"{base}/{shape.names.path}"
        paths[collection] = operations.collection()
        paths[f"{collection}/{{{shape.key_name}}}"] = operations.item()
        # All resources of a bridge have its limits.
        parameters |= {"Limit": page_size(shape.limits), **list_parameters(shape)}
        _add(schemas, {**document_schemas(shape), where_name(shape): where_schema(shape)})
        for code, status in _every_refusal(shape, own):
            _add(schemas, {schema_name(code, status, shape): problem_schema(code, status, shape)})
            shown[examples.problem_name(code, status)] = {"summary": code, "value": examples.problem(code, status)}
    asked = 401 in (everywhere or {})
    headers = {name: header for name, header in HEADERS.items() if asked or name != "WWWAuthenticate"}
    return paths, {"schemas": schemas, "parameters": parameters, "headers": headers, "examples": shown}


def _of_policy(shape: ResourceShape) -> Refusals:
    return {} if shape.policy.is_empty else {403: ("forbidden",)}


def _every_refusal(shape: ResourceShape, everywhere: Refusals) -> Sequence[tuple[str, int]]:
    """Each code and status that any operation can be refused with, in one order, so that the document stays the same."""
    return sorted(
        {(code, status) for refusals in (*_all_refusals(shape), everywhere) for status, codes in refusals.items() for code in codes}
    )


def _all_refusals(shape: ResourceShape) -> Sequence[Refusals]:
    return (
        list_refusals(),
        fetch_refusals(),
        create_refusals(),
        replace_refusals(shape),
        patch_refusals(shape),
        delete_refusals(shape),
    )


def _add(schemas: dict[str, JSON], more: Mapping[str, JSON]) -> None:
    for name, schema in more.items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"Two schemas of the OpenAPI document are called {name}; rename one of the models.")
