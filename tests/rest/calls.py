"""Rows to begin with, and the words that these tests are told in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeAlias

import httpx

MERGE: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"
PROBLEM: Final = "application/problem+json"

Lines: TypeAlias = Sequence[tuple[str, str]]

_numbers = count(1)


@dataclass(frozen=True)
class Subject:
    """A resource of the demo. `document` makes one that no other row is in conflict with; `change` is a merge patch of it."""

    name: str
    path: str
    versions_required: bool
    client_keyed: bool = False

    def document(self) -> dict[str, Any]:
        number = next(_numbers)
        match self.name:
            case "User":
                return {"name": "Ada", "email": f"ada{number}@example.org"}
            case "Document":
                return {"id": f"d{number}", "title": "A title"}
            case _:
                return {"sku": f"S-{number}", "name": "Bolt", "quantity": 5}

    @property
    def change(self) -> dict[str, Any]:
        return {"title": "Changed"} if self.name == "Document" else {"name": "Changed"}

    @property
    def operations(self) -> list[dict[str, Any]]:
        return [{"op": "replace", "path": f"/{name}", "value": value} for name, value in self.change.items()]


USER: Final = Subject("User", "/api/users", versions_required=False)
DOCUMENT: Final = Subject("Document", "/api/documents", versions_required=False, client_keyed=True)
STOCK: Final = Subject("StockItem", "/api/stock-items", versions_required=True)


@dataclass(frozen=True)
class Item:
    """A row that is there: its path, and its representation when it was made."""

    subject: Subject
    path: str
    row: dict[str, Any]

    @property
    def document(self) -> dict[str, Any]:
        return {name: value for name, value in self.row.items() if name not in ("id", "version")}

    @property
    def changed(self) -> dict[str, Any]:
        return {**self.document, **self.subject.change}


async def new(client: httpx.AsyncClient, subject: Subject, *, version: int = 1, **members: Any) -> Item:
    """Make a row and bring it to a version."""
    answer = await client.post(subject.path, json={**subject.document(), **members})
    assert answer.status_code == 201, answer.text
    path = answer.headers["location"]
    for current in range(1, version):
        answer = await client.patch(path, json={**subject.change, "version": current} | _flip(subject, current))
        assert answer.status_code == 200, answer.text
    return Item(subject, path, answer.json())


def _flip(subject: Subject, number: int) -> dict[str, Any]:
    return {"title" if subject.name == "Document" else "name": f"Name {number}"}


# How each kind of write is asked for.
WRITES: Final = ("PUT", "PATCH merge", "PATCH operations", "DELETE")


async def write(client: httpx.AsyncClient, kind: str, item: Item, lines: Lines = (), **more: Any) -> httpx.Response:
    """Send a write that would change a row."""
    method, _, patch = kind.partition(" ")
    content: Mapping[str, Any] = {}
    media: Lines = ()
    if method == "PUT":
        content = {"json": item.changed}
    elif method == "PATCH":
        content = {"json": item.subject.operations if patch == "operations" else item.subject.change}
        media = (("content-type", JSON_PATCH if patch == "operations" else MERGE),)
    return await client.request(method, item.path, headers=[*lines, *media], **{**content, **more})


def told(answer: httpx.Response, status: int, code: str | None = None) -> Any:
    """Check an answer's status and, for a refusal, that it is a whole problem that nothing may store; return its JSON."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    if code is None:
        return answer.json() if answer.content else None
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["cache-control"] == "no-store"
    if answer.request.method == "HEAD":
        assert answer.content == b""
        return None
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code), body
    assert body["type"] == f"/problems/{code.replace('_', '-')}"
    assert {"title", "detail"} <= body.keys()
    return body


def pointers(body: Any) -> list[tuple[str, str]]:
    return [(violation["pointer"], violation["code"]) for violation in body["violations"]]
