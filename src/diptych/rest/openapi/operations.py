"""The operations of one resource: what each takes and what it answers."""

from typing import Final

from diptych.resource.shape import ResourceShape
from diptych.rest.admission import JSON_MEDIA, JSON_PATCH_MEDIA, MERGE_PATCH_MEDIA, NDJSON_MEDIA
from diptych.rest.openapi import descriptions
from diptych.rest.openapi.answers import (
    Refusals,
    Responses,
    answered,
    create_refusals,
    delete_refusals,
    fetch_refusals,
    list_refusals,
    patch_refusals,
    refused,
    replace_refusals,
    with_example,
)
from diptych.rest.openapi.documents import Schema, ref
from diptych.rest.openapi.examples import Examples
from diptych.rest.openapi.fields import IF_MATCH, parameter_refs
from diptych.rest.openapi.lists import list_parameters, view_parameters
from diptych.semantics.json_value import JSON

_READ: Final = ("ETag", "Cache-Control", "Vary")
_PAGED: Final = ("Page-ETag", "Cache-Control", "Vary")
_LISTED: Final = (*_PAGED, "Link", "Preference-Applied")
_WRITTEN: Final = ("ETag", "Cache-Control", "Preference-Applied")
_PAGE: Final = parameter_refs("Limit", "After", "Before")
_ON_LIST: Final = parameter_refs("IfMatchOnList", "IfNoneMatchOnList", "PreferCount")
_ON_READ: Final = parameter_refs("IfMatch", "IfNoneMatchOnRead")
_ON_WRITE: Final = parameter_refs("IfMatch", "IfNoneMatchOnWrite", "Prefer")


class Operations:
    """Writes the path items of one resource; any operation may be refused as `everywhere` says."""

    def __init__(self, shape: ResourceShape, examples: Examples, everywhere: Refusals) -> None:
        self._shape = shape
        self._everywhere = everywhere
        self._name = shape.name
        self._plural = shape.names.plural[:1].upper() + shape.names.plural[1:]
        self._examples = examples

    def collection(self) -> Schema:
        page = answered("A page; or all rows line by line, as NDJSON.", _LISTED, f"{self._name}Page", self._examples.page)
        page["content"][NDJSON_MEDIA] = with_example(ref(f"{self._name}Lines"), self._examples.lines)
        return {
            "get": self._list("get", page),
            "head": self._list("head", answered("What GET would answer, without the content.", _LISTED)),
            "post": self._create(),
            "options": self._options(f"options{self._plural}", ("Allow", "Accept-Post")),
        }

    def item(self) -> Schema:
        row = answered("The row.", _READ, self._name, self._examples.representation)
        return {
            "parameters": [self._key()],
            "get": self._fetch("get", row),
            "head": self._fetch("head", answered("What GET would answer, without the content.", _READ)),
            "put": self._replace(),
            "patch": self._patch(),
            "delete": self._delete(),
            "options": self._options(f"options{self._name}", ("Allow", "Accept-Patch")),
        }

    def _list(self, method: str, page: Schema) -> Schema:
        name = f"{'list' if method == 'get' else 'head'}{self._plural}"
        same = answered("The client has this page already.", _PAGED)
        taken: Schema = {"parameters": [*parameter_refs(*list_parameters(self._shape)), *_PAGE, *_ON_LIST]}
        return self._operation(
            method,
            name,
            f"Read a page of {self._shape.names.plural}, or all of them",
            taken,
            {"200": page, "304": same},
            list_refusals(),
            description=descriptions.LIST,
        )

    def _create(self) -> Schema:
        taken = {"parameters": _ON_WRITE, "requestBody": _content({JSON_MEDIA: (f"Create{self._name}", self._examples.create)})}
        responses = {"201": self._born()}
        summary = f"Create a {self._name}"
        return self._operation("post", f"create{self._name}", summary, taken, responses, create_refusals(), description=descriptions.CREATE)

    def _fetch(self, method: str, row: Schema) -> Schema:
        responses = {"200": row, "304": answered("The client has this state already.", _READ)}
        taken: Schema = {"parameters": [*parameter_refs(*view_parameters(self._shape)), *_ON_READ]}
        summary = f"Read one {self._name}"
        return self._operation(method, f"{method}{self._name}", summary, taken, responses, fetch_refusals(), description=descriptions.FETCH)

    def _replace(self) -> Schema:
        taken = {"parameters": _ON_WRITE, "requestBody": _content({JSON_MEDIA: (f"Replace{self._name}", self._examples.replace)})}
        born = {"201": self._born()} if self._shape.client_keyed else {}
        summary = f"Replace a {self._name} whole" + (", or create it" if born else "")
        responses = {**born, **self._changed()}
        refusals = replace_refusals(self._shape)
        return self._operation("put", f"replace{self._name}", summary, taken, responses, refusals, description=descriptions.REPLACE)

    def _patch(self) -> Schema:
        merge = (f"Patch{self._name}", self._examples.merge_patch)
        content = _content({MERGE_PATCH_MEDIA: merge, JSON_PATCH_MEDIA: ("JsonPatch", self._examples.json_patch), JSON_MEDIA: merge})
        taken = {"parameters": _ON_WRITE, "requestBody": content}
        summary = f"Change some members of a {self._name}"
        refusals = patch_refusals(self._shape)
        return self._operation("patch", f"patch{self._name}", summary, taken, self._changed(), refusals, description=descriptions.PATCH)

    def _delete(self) -> Schema:
        # A delete has no document that could name the version.
        match = {**IF_MATCH, "required": True} if self._shape.versions_required else parameter_refs("IfMatch")[0]
        taken: Schema = {"parameters": [match, *parameter_refs("IfNoneMatchOnWrite")]}
        responses = {"204": answered("The row is gone.", ("Cache-Control",))}
        summary = f"Delete a {self._name}"
        refusals = delete_refusals(self._shape)
        return self._operation("delete", f"delete{self._name}", summary, taken, responses, refusals, description=descriptions.DELETE)

    def _options(self, name: str, fields: tuple[str, ...]) -> Schema:
        responses = {"204": answered("The methods of this path, and the media types that it takes.", fields)}
        summary = "Ask what this path takes"
        told = {"summary": summary, "description": descriptions.OPTIONS}
        return {"operationId": name, "tags": [self._name], **told, "responses": responses}

    def _born(self) -> Schema:
        fields = ("Location", *_WRITTEN)
        return answered(
            "The row was created; without content under `Prefer: return=minimal`.", fields, self._name, self._examples.representation
        )

    def _changed(self) -> Responses:
        row = self._examples.representation
        return {
            "200": answered("The row as it is now.", ("Content-Location", *_WRITTEN), self._name, row),
            "204": answered("The write happened; `Prefer: return=minimal` asked for no content.", _WRITTEN),
        }

    def _operation(
        self, method: str, name: str, summary: str, taken: Schema, responses: Responses, refusals: Refusals, *, description: str
    ) -> Schema:
        told = {**responses, **refused({**refusals, **self._everywhere}, self._shape, self._examples, method=method)}
        said = {"summary": summary, "description": description}
        return {"operationId": name, "tags": [self._name], **said, **taken, "responses": told}

    def _key(self) -> Schema:
        key = self._shape.key
        schema = {name: value for name, value in key.json_schema.items() if name != "default"}
        description = key.description or f"The key of the {self._name}."
        return {"name": key.json_name, "in": "path", "required": True, "description": description, "schema": schema}


def _content(media: dict[str, tuple[str, JSON]]) -> Schema:
    return {"required": True, "content": {name: with_example(ref(schema), example) for name, (schema, example) in media.items()}}
