"""The table of the form of the request, row by row and through both doors: what is refused before any row is looked at."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from diptych.semantics.problems import PROBLEMS
from tests.docs.conditions import FORM, TABLES

pytestmark = pytest.mark.asyncio(loop_scope="module")

REST: Final = "/api/server-optional"
ITEM: Final = f"{REST}/KEY"
GRAPHQL: Final = "/graphql"

COLLECTION_METHODS: Final = "GET, HEAD, POST, OPTIONS"
ITEM_METHODS: Final = "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
PATCHES: Final = "application/merge-patch+json, application/json-patch+json"

JSON: Final = "application/json"
DOCUMENT: Final = b'{"name": "new"}'
MUTATION: Final = json.dumps({"query": 'mutation { createNumbered(input: {name: "new"}) { __typename } }'}).encode()
LARGE: Final = b" " * (1 << 20)


@dataclass(frozen=True)
class Asked:
    """A request of which all is in order but what its row is about; `told` are fields that its answer must have."""

    method: str
    path: str
    content_type: str | None = JSON
    content: bytes = b""
    fields: tuple[tuple[str, str], ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    in_pieces: bool = False

    @property
    def name(self) -> str:
        return " ".join(
            [self.method, self.path, *(f"{name}:{value}" for name, value in self.fields), *(["pieces"] if self.in_pieces else [])]
        )


def writes(content_type: str | None = JSON, fields: tuple[tuple[str, str], ...] = (), told: Any = None, **more: Any) -> tuple[Asked, ...]:
    """Every request with content, on both doors. `told` has the field of each method, or is the same for all."""
    return tuple(
        Asked(method, path, content_type, content, fields, (told[method] if isinstance(told, dict) else told,) if told else (), **more)
        for method, path, content in (
            ("POST", REST, DOCUMENT),
            ("PUT", ITEM, DOCUMENT),
            ("PATCH", ITEM, DOCUMENT),
            ("POST", GRAPHQL, MUTATION),
        )
    )


READABLE: Final = {"POST": ("accept", JSON), "PUT": ("accept", JSON), "PATCH": ("accept-patch", PATCHES)}
TRIALS: Final[dict[str, tuple[Asked, ...]]] = {
    "trailing slash, unknown path": tuple(
        Asked(method, path, content=content)
        for path, content in (
            (f"{REST}/", DOCUMENT),
            (f"{ITEM}/", DOCUMENT),
            ("/api/nothing", DOCUMENT),
            ("/api", DOCUMENT),
            (f"{GRAPHQL}/", MUTATION),
            (f"{GRAPHQL}/more", MUTATION),
        )
        for method in ("GET", "POST", "PUT", "OPTIONS")
    ),
    "method that the path does not have": (
        *(Asked(method, REST, told=(("allow", COLLECTION_METHODS),)) for method in ("PUT", "PATCH", "DELETE", "TRACE", "CONNECT")),
        *(Asked(method, ITEM, told=(("allow", ITEM_METHODS),)) for method in ("POST", "TRACE", "CONNECT", "BREW")),
        *(Asked(method, GRAPHQL, told=(("allow", "GET, POST"),)) for method in ("PUT", "PATCH", "DELETE", "TRACE", "CONNECT")),
    ),
    "no `Content-Type`, or another one than is read": (
        *writes(None, told=READABLE),
        *writes("text/plain", told=READABLE),
        *writes("application/x-www-form-urlencoded", told=READABLE),
        *writes("multipart/form-data; boundary=x", told=READABLE),
        *(
            Asked(method, path, "application/merge-patch+json", DOCUMENT, told=(READABLE["POST"],))
            for method, path in (("POST", REST), ("PUT", ITEM))
        ),
    ),
    "a charset other than UTF-8": (*writes(f"{JSON}; charset=utf-16", told=READABLE), *writes(f"{JSON}; charset=latin-1", told=READABLE)),
    "a `Content-Encoding`": writes(fields=(("content-encoding", "gzip"),), told=("accept-encoding", "identity")),
    "`Accept` that admits no JSON": (
        *writes(fields=(("accept", "text/html"),)),
        *writes(fields=(("accept", f"{JSON};q=0"),)),
        *(Asked(method, path, None, fields=(("accept", "text/csv"),)) for method, path in (("GET", REST), ("GET", ITEM), ("DELETE", ITEM))),
        Asked("GET", f"{GRAPHQL}?query=%7B__typename%7D", None, fields=(("accept", "text/csv"),)),
    ),
    "content above the limit": tuple(
        Asked(asked.method, asked.path, JSON, LARGE + asked.content, in_pieces=in_pieces)
        for asked in writes()
        for in_pieces in (False, True)
    ),
    "`Content-Range` on PUT": (Asked("PUT", ITEM, content=DOCUMENT, fields=(("content-range", "bytes 0-14/15"),)),),
    "a body with DELETE": (Asked("DELETE", ITEM, "text/plain", b"{"), Asked("DELETE", ITEM, JSON, LARGE + b"x")),
    "OPTIONS": (
        Asked("OPTIONS", REST, None, told=(("allow", COLLECTION_METHODS), ("accept-post", JSON))),
        Asked("OPTIONS", ITEM, None, told=(("allow", ITEM_METHODS), ("accept-patch", PATCHES))),
        Asked("OPTIONS", GRAPHQL, None, told=(("allow", "GET, POST"),)),
        Asked("OPTIONS", ITEM, None, fields=(("if-match", "7"), ("accept", "text/html")), told=(("allow", ITEM_METHODS),)),
    ),
}


async def test_every_row_has_a_trial_and_every_trial_a_row() -> None:
    assert [row[0] for row in TABLES[FORM][1:]] == list(TRIALS)
    assert [condition for condition, trials in TRIALS.items() if not trials] == []


def cases() -> list[Any]:
    """Each request with the status of its row, and the code where the row names one."""
    found = []
    for condition, answer in TABLES[FORM][1:]:
        status = re.match(r"(\d{3})(?: `(\w+)`)?", answer)
        assert status is not None, answer
        found += [pytest.param(asked, int(status[1]), status[2], id=f"{condition}: {asked.name}") for asked in TRIALS.get(condition, ())]
    return found


@pytest.mark.parametrize(("asked", "status", "code"), cases())
async def test_each_row(client: httpx.AsyncClient, asked: Asked, status: int, code: str | None) -> None:
    made = (await client.post(REST, json={"name": "there"})).json()
    path = f"{REST}/{made['id']}"

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(asked.content), 1 << 16):
            yield asked.content[start : start + (1 << 16)]

    headers = [*asked.fields, *([] if asked.content_type is None else [("content-type", asked.content_type)])]
    content = pieces() if asked.in_pieces else asked.content
    answer = await client.request(asked.method, asked.path.replace("KEY", str(made["id"])), headers=headers, content=content)
    assert answer.status_code == status, answer.text
    for name, value in asked.told:
        assert answer.headers[name] == value
    if status >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert problem["status"] == PROBLEMS[problem["code"]].status == status
        assert code in (None, problem["code"])
        assert (await client.get(path)).json() == made
        # Nothing was made either: the next row has the next number.
        assert (await client.post(REST, json={"name": "next"})).json()["id"] == made["id"] + 1
