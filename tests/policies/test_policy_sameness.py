"""A row that a caller may not see answers as one that is not there: the same status, fields and bytes, but for the key."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.policies.asking import MERGE, OPERATIONS, Asked, condition, path_of, read_one, read_several, send, write
from tests.policies.commands import absent_number
from tests.policies.office import Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONDITIONS: dict[str, dict[str, str]] = {
    "unconditional": {},
    "its-version": {"if-match": '"1"'},
    "another-version": {"if-match": '"900"'},
    "any-version": {"if-match": "*"},
    "nothing-there": {"if-none-match": "*"},
    "not-its-version": {"if-none-match": '"1"'},
    "weak": {"if-match": 'W/"1"'},
    "both": {"if-match": '"1"', "if-none-match": '"1"'},
    "malformed": {"if-match": "1"},
    "minimal": {"prefer": "return=minimal"},
}


def good(kind: str, owner: str = "ann") -> dict[str, Any]:
    texts = {"title": "t", "code": "c", "satchelId": None} if kind == "Errand" else {"label": "l"}
    return {"owner": owner, "team": "red", **texts}


BODIES: dict[str, Any] = {
    "empty": {},
    "unknown": {"nothing": 1},
    "its-key": None,
    "stated": {"version": 1},
    "stated-otherwise": {"version": 900},
    "nothing-stated": {"version": 0},
    "no-object": [],
    "unreadable": b"{",
    "twice": b'{"owner": "a", "owner": "b"}',
    "hidden": {"pin": "x"},
    "read-only": {"state": "new", "createdBy": "x"},
    "masked": {"pay": "x", "vaultId": "x"},
    "nested": {"meta": {"a": {"b": None}}},
    "no-row": {"satchelId": "satchel-of-nobody"},
}
PATCHES: dict[str, Any] = {
    "none": [],
    "test": [{"op": "test", "path": "/owner", "value": "cid"}],
    "masked": [{"op": "test", "path": "/grade", "value": "x"}],
    "whole": [{"op": "replace", "path": "", "value": {}}],
    "no-operation": [{"op": "guess"}],
    "no-list": {},
}


def rest(kind: str, key: Any, caller: str) -> Iterator[tuple[str, Asked]]:
    path, document = path_of(kind, key), good(kind, caller)
    for name, headers in CONDITIONS.items():
        for method in ("GET", "HEAD", "DELETE"):
            yield f"{method} {name}", Asked(method, path, None, headers)
        yield f"part {name}", Asked("GET", f"{path}?fields=owner", None, headers)
        for case, body in BODIES.items():
            sent = {"id": key, **document} if case == "its-key" else body
            complete = {**document, **sent} if isinstance(sent, dict) else sent
            media = {"content-type": "application/json", **headers}
            yield f"PUT {case} {name}", Asked("PUT", path, complete, media)
            yield f"PATCH {case} {name}", Asked("PATCH", path, sent, {"content-type": MERGE, **headers})
        for case, operations in PATCHES.items():
            yield f"JSON PATCH {case} {name}", Asked("PATCH", path, operations, {"content-type": OPERATIONS, **headers})
    relation = "satchel" if kind == "Errand" else "errands"
    yield "include", Asked("GET", f"{path}?include={relation}")
    yield "masked include", Asked("GET", f"{path}?include={'vault' if kind == 'Errand' else 'locked'}")
    yield "by key", Asked("GET", f"{path_of(kind)}?id={key}", None, {"prefer": "count=exact"})
    yield "by keys", Asked("GET", f"{path_of(kind)}?id[in]={key}&include={relation}", None, condition(None))
    yield "parameter", Asked("GET", f"{path}?nothing=1")
    yield "media type", Asked("PUT", path, b"x", {"content-type": "text/plain"})
    yield "not acceptable", Asked("GET", path, None, {"accept": "text/html"})


def graphql(kind: str, key: Any, caller: str) -> Iterator[tuple[str, Asked]]:
    yield "fetch", read_one(kind, key)
    yield "several", read_several(kind, [key])
    relation = "satchel { id }" if kind == "Errand" else "errands { totalCount }"
    yield "related", read_one(kind, key, f"id {relation}")
    for version in (None, 0, 1, 900):
        yield f"delete {version}", write(kind, "delete", key, version=version)
        yield f"replace {version}", write(kind, "replace", key, good(kind, caller), version)
        yield f"replace refers {version}", write(kind, "replace", key, good(kind, "cid"), version)
        yield f"merge {version}", write(kind, "merge", key, {"owner": "cid"}, version)
        yield f"merge nothing {version}", write(kind, "merge", key, {}, version)
        for case, operations in PATCHES.items():
            if isinstance(operations, list):
                whole = [{"op": "test", "path": "", **one} for one in operations]
                yield f"json {case} {version}", write(kind, "json", key, whole, version)


def hidden_and_absent(office: Office, kind: str) -> tuple[Any, Any]:
    """Keys of as many characters, so that nothing but their characters can differ."""
    if kind == "Satchel":
        return office.satchels["cid"][0], "satchel-of-dan"
    return office.errands["cid"][0], absent_number(office)


def told(response: httpx.Response, key: Any) -> Any:
    """All of an answer, the key taken out; a number only where it stands by itself and is not that of a line or a column."""
    text = "\n".join([str(response.status_code), *(f"{name}: {value}" for name, value in response.headers.multi_items()), response.text])
    return re.sub(rf"(?<![0-9A-Za-z.-])(?<!line\":)(?<!column\":){re.escape(str(key))}(?![0-9A-Za-z])", "KEY", text)


def would_make_a_row(response: httpx.Response) -> bool:
    """Whether a document that could be stored was sent to where nothing is: it was stored, or is not for this caller to store."""
    return response.status_code == 201 or "CREATED" in response.text or "may not do this" in response.text


@pytest.mark.parametrize(
    "caller", ["ann", "bob", "max", "nobody", *(pytest.param(one, marks=pytest.mark.thorough) for one in ("rae", "dot"))]
)
@pytest.mark.parametrize("kind", ["Errand", "Satchel"])
async def test_hidden_is_absent(office: Office, kind: str, caller: str) -> None:
    await office.tidy()
    before = await office.everything()
    hidden, absent = hidden_and_absent(office, kind)
    client, wrong, made = office.client(caller), [], 0
    pairs = [
        *(
            (f"rest {name}", one, other)
            for (name, one), (_, other) in zip(rest(kind, hidden, caller), rest(kind, absent, caller), strict=True)
        ),
        *(
            (f"graphql {name}", one, other)
            for (name, one), (_, other) in zip(graphql(kind, hidden, caller), graphql(kind, absent, caller), strict=True)
        ),
    ]
    for name, asked, instead in pairs:
        one, other = await send(client, asked), await send(client, instead)
        assert one.status_code < 500, (name, one.text)
        if kind == "Satchel" and caller in ("ann", "bob") and would_make_a_row(other):
            # What a client-chosen key cannot hide from who would make a row under it: that it is taken. No more is told.
            made += 1
            refused = one.json() if name.startswith("rest") else one.json()["data"]["asked"]
            assert (refused["code"], refused["fields"]) == ("unique_conflict", ["id"]), name
            await office.tidy()
            before = await office.everything()
        elif told(one, hidden) != told(other, absent):
            wrong.append(f"{name}:\n{told(one, hidden)}\n---\n{told(other, absent)}")
    assert not wrong, "\n\n".join(wrong[:10])
    assert before == await office.everything()
    assert (made > 0) == (kind == "Satchel" and caller in ("ann", "bob"))
    assert len(pairs) > 350


async def test_a_wrong_body_tells_nothing_of_a_taken_key(office: Office) -> None:
    """Only a document that could be stored is told that its key is taken."""
    await office.tidy()
    for key in ("satchel-of-cid", "satchel-of-dan"):
        response = await send(office.client("ann"), Asked("PUT", path_of("Satchel", key), {"owner": "ann", "team": "red"}))
        assert response.json()["violations"] == [{"pointer": "/label", "code": "required", "message": "Must be given."}]


async def test_a_row_that_leaves_sight(office: Office) -> None:
    """Nobody moves a row to where they could not see it, nor gives it away, by any command."""
    await office.tidy()
    before = await office.everything()
    key = office.errands["ann"][0]
    ann, path = office.client("ann"), path_of("Errand", key)
    for moved in ({"team": "blue"}, {"owner": "bob"}, {"owner": "cid", "team": "blue"}):
        operations = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in moved.items()]
        asked = [
            Asked("PATCH", path, moved, {"content-type": MERGE}),
            Asked("PATCH", path, operations, {"content-type": OPERATIONS}),
            Asked("PUT", path, {**good("Errand"), **moved}),
            Asked("PUT", path, {**good("Errand"), **moved}, condition(1)),
        ]
        assert [(await send(ann, one)).status_code for one in asked] == [403] * len(asked)
        for verb, document in (("merge", moved), ("json", operations), ("replace", {**good("Errand"), **moved})):
            response = await send(ann, write("Errand", verb, key, document))
            assert response.json()["errors"][0]["extensions"]["code"] == "forbidden"
    assert before == await office.everything()
