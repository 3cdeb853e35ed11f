"""Commands as a caller sends them through either door, and what comes back in terms that the two share."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

MERGE: Final = "application/merge-patch+json"
OPERATIONS: Final = "application/json-patch+json"
NDJSON: Final = "application/x-ndjson"

_CODES: Final = {401: "unauthenticated", 403: "forbidden", 404: "not_found", 409: "conflict", 412: "version_mismatch"}
_ROW: Final = {
    "Errand": "id owner team title code meta pay grade rank state satchelId vaultId createdBy createdAt changedBy changedAt version",
    "Satchel": "id owner team label remark version",
    "Leaflet": "id text version",
}
_PLURALS: Final = {"Errand": "errands", "Satchel": "satchels", "Leaflet": "leaflets"}


@dataclass(frozen=True)
class Asked:
    """One request. `path` and `query` may have `{key}` in them."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What came: `ok` or the code of a problem, the keys of the rows of a list where there is one, and the answer itself."""

    code: str
    response: httpx.Response
    keys: tuple[str, ...] = ()
    body: Any = None


async def send(client: httpx.AsyncClient, asked: Asked) -> httpx.Response:
    """Send a request whose body is JSON, or the very bytes."""
    content = {} if asked.body is None else {"content": asked.body} if isinstance(asked.body, bytes) else {"json": asked.body}
    return await client.request(asked.method, asked.path, headers=dict(asked.headers), **content)


def path_of(kind: str, key: Any = None) -> str:
    return f"/api/{_PLURALS[kind]}" if key is None else f"/api/{_PLURALS[kind]}/{key}"


def condition(version: int | None) -> dict[str, str]:
    if version is None:
        return {}
    return {"if-none-match": "*"} if version == 0 else {"if-match": f'"{version}"'}


def read_rest(response: httpx.Response) -> Told:
    if response.status_code >= 400:
        if not response.content:
            return Told(_CODES[response.status_code], response)
        return Told(response.json()["code"], response, body=response.json())
    if response.headers.get("content-type") == NDJSON:
        rows = [httpx.Response(200, content=line).json() for line in response.content.splitlines()]
        return Told("ok", response, _keys(rows), rows)
    body = response.json() if response.content else None
    listed = body["items"] if isinstance(body, dict) and "pageInfo" in body else []
    return Told("ok", response, _keys(listed), body)


def read_graphql(response: httpx.Response) -> Told:
    """Read the answer to an operation with one root field, called `asked`; a row that is null is not there."""
    body = response.json()
    if body.get("errors"):
        return Told(body["errors"][0].get("extensions", {}).get("code", "request_error"), response, body=body)
    answer = body["data"]["asked"]
    if answer is None:
        return Told("not_found", response, body=body)
    if isinstance(answer, list):
        return Told("ok", response, _keys([row for row in answer if row is not None]), answer)
    listed = [edge["node"] for edge in answer["edges"]] if "edges" in answer else []
    # A row may have a field of that name.
    refused = "__typename" in answer and "code" in answer
    return Told(answer["code"] if refused else "ok", response, _keys(listed), answer)


def graphql(query: str, variables: Mapping[str, Any] | None = None) -> Asked:
    return Asked("POST", "/graphql", {"query": query, "variables": dict(variables or {})}, {"accept": "application/json"})


def read_one(kind: str, key: Any, selected: str | None = None) -> Asked:
    return graphql(f"query($id: ID!) {{ asked: {kind.lower()}(id: $id) {{ {selected or _ROW[kind]} }} }}", {"id": str(key)})


def read_several(kind: str, keys: Sequence[Any]) -> Asked:
    query = f"query($ids: [ID!]!) {{ asked: {_PLURALS[kind]}ByIds(ids: $ids) {{ {_ROW[kind]} }} }}"
    return graphql(query, {"ids": [str(key) for key in keys]})


def read_page(kind: str, arguments: str = "", selected: str | None = None, *, counted: bool = False) -> Asked:
    given = f"({arguments})" if arguments else ""
    count = " totalCount" if counted else ""
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    return graphql(f"{{ asked: {_PLURALS[kind]}{given} {{ edges {{ cursor node {{ {selected or _ROW[kind]} }} }} {info}{count} }} }}")


_VERB: Final = {"create": "create", "replace": "replace", "merge": "patch", "json": "jsonPatch", "delete": "delete"}


def write(kind: str, verb: str, key: Any = None, document: Any = None, version: int | None = None) -> Asked:
    """A mutation, with everything selected that it can answer."""
    types = {"id": "ID!", "version": "Int", "input": f"{verb.capitalize()}{kind}Input!"}
    types |= {"patch": f"Patch{kind}Input!", "operations": "[JsonPatchOperation!]!"}
    given: dict[str, Any] = {} if verb == "create" else {"id": str(key)}
    if verb != "delete":
        given[{"merge": "patch", "json": "operations"}.get(verb, "input")] = document
    if version is not None:
        given["version"] = version
    signature = ", ".join(f"${name}: {types[name]}" for name in given)
    passed = ", ".join(f"{name}: ${name}" for name in given)
    query = f"mutation({signature}) {{ asked: {_VERB[verb]}{kind}({passed}) {{ {_answer(kind, verb)} }} }}"
    return graphql(query, given)


def _answer(kind: str, verb: str) -> str:
    row = f"{{ {_ROW[kind]} }}"
    selected = ["__typename", "... on Problem { code status title detail type }"]
    selected.append(f"... on {kind}VersionMismatch {{ currentVersion current {row} }}")
    if verb == "delete":
        selected += [f"... on {kind}Deleted {{ id version }}", "... on ReferenceConflict { resource fields }"]
        return " ".join([*selected, "... on NotFound { key }"])
    selected.append(f"... on {kind}Written {{ outcome version {kind.lower()} {row} }}")
    selected += ["... on Invalid { violations { pointer code message } }", "... on UniqueConflict { fields }"]
    selected.append("... on ReferenceConflict { resource fields }")
    selected.append("... on AlreadyExists { key currentVersion }" if verb == "create" else "... on NotFound { key }")
    if verb in ("merge", "json"):
        selected += ["... on PatchConflict { index pointer }", "... on PatchInvalid { index pointer }"]
    return " ".join(selected)


def _keys(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(str(row["id"]) for row in rows if "id" in row)


_MARK: Final = re.compile(r"mark-[a-zA-Z-]+?-end|mark-of-a-failing-rule")
_ENCODED: Final = re.compile(r"[A-Za-z0-9_-]{16,}")


def everything_in(response: httpx.Response) -> str:
    """All that an answer says, and what the opaque texts in it stand for."""
    said = "\n".join([*(f"{name}: {value}" for name, value in response.headers.multi_items()), response.text])
    return "\n".join([said, *map(_decoded, _ENCODED.findall(said))])


def marks_in(response: httpx.Response) -> set[str]:
    return set(_MARK.findall(everything_in(response)))


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "==").decode(errors="replace")
    except binascii.Error:
        return ""
