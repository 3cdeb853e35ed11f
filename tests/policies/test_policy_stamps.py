"""Stamps: set by the server with what changes a row and by nothing else, for whoever makes the change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned
from diptych.resource.stamps import Stamp
from diptych.semantics.principal import Principal
from tests.policies.asking import MERGE, OPERATIONS, Asked, read_rest, send
from tests.policies.office import Office
from tests.policies.world import STAMPS, ByName

MADE = ("createdBy", "createdAt")
CHANGED = ("changedBy", "changedAt")


class Stamped(Versioned):
    """The fields of both, one keyed by the server and one by its client."""

    text: str = "default"
    created_by: str | None = None
    created_at: datetime
    changed_by: str | None = None
    changed_at: datetime
    team: str = ""


class Postcard(Stamped, table=True):
    __tablename__ = "policy_postcard"
    id: int | None = Field(default=None, primary_key=True)


class Parcel(Stamped, table=True):
    __tablename__ = "policy_parcel"
    id: str = Field(primary_key=True)


def _team(principal: Principal) -> str:
    return str(principal.claims.get("team", "no team"))


@pytest.fixture
async def stamping(database_url: str) -> Any:
    stamps = {**STAMPS, "team": Stamp(_team, each_change=True)}
    resources = [
        Resource(Postcard, versions="optional", stamps=stamps),
        Resource(Parcel, keys="client", versions="optional", stamps=stamps),
    ]
    made = Office(Bridge(database_url, resources, authenticator=ByName(), anonymous=True, rates=False))
    await made.bridge.open()
    yield made
    await made.close()


def is_now(text: str) -> bool:
    return abs(datetime.now(UTC) - datetime.fromisoformat(text)) < timedelta(minutes=5)


async def tell(office: Office, caller: str, asked: Asked) -> Any:
    response = await send(office.client(caller), asked)
    assert response.status_code < 300, response.text
    return response.json()


@pytest.mark.parametrize("maker", ["ann", "nobody"])
@pytest.mark.parametrize("changer", ["cid", "nobody"])
@pytest.mark.parametrize("way", ["post", "graphql", "upsert"])
async def test_stamps_follow_the_changes(stamping: Office, way: str, maker: str, changer: str) -> None:
    match way:
        case "post":
            born = await tell(stamping, maker, Asked("POST", "/api/postcards", {"text": "a"}))
        case "graphql":
            query = 'mutation { createPostcard(input: {text: "a"}) { ... on PostcardWritten { postcard { id } } } }'
            made = await tell(stamping, maker, Asked("POST", "/graphql", {"query": query}))
            key = made["data"]["createPostcard"]["postcard"]["id"]
            born = await tell(stamping, maker, Asked("GET", f"/api/postcards/{key}"))
        case _:
            born = await tell(stamping, maker, Asked("PUT", "/api/parcels/one", {"text": "a"}))
    path = f"/api/{'parcels' if way == 'upsert' else 'postcards'}/{born['id']}"
    names = {"nobody": (None, "no team"), "ann": ("ann", "red"), "cid": ("cid", "blue")}
    assert [born["createdBy"], born["changedBy"], born["team"]] == [names[maker][0], *names[maker]]
    assert is_now(born["createdAt"])
    assert is_now(born["changedAt"])
    same = [
        Asked("PUT", path, {"text": "a"}),
        Asked("PUT", path, born),
        Asked("PUT", path, {"text": "a"}, {"if-match": '"1"'}),
        Asked("PATCH", path, {"text": "a"}, {"content-type": MERGE}),
        Asked("PATCH", path, [{"op": "test", "path": "/createdBy", "value": born["createdBy"]}], {"content-type": OPERATIONS}),
    ]
    for asked in same:
        assert await tell(stamping, changer, asked) == born, asked
    before = born
    changes = [
        Asked("PUT", path, {"text": "b"}),
        Asked("PUT", path, {"text": "c"}, {"if-match": '"2"'}),
        Asked("PATCH", path, {"text": "d"}, {"content-type": MERGE}),
        Asked("PATCH", path, [{"op": "replace", "path": "/text", "value": "e"}], {"content-type": OPERATIONS}),
    ]
    for number, asked in enumerate(changes, 2):
        after = await tell(stamping, changer, asked)
        assert (after["version"], after["createdBy"], after["createdAt"]) == (number, born["createdBy"], born["createdAt"])
        assert (after["changedBy"], after["team"]) == names[changer]
        assert after["changedAt"] > before["changedAt"]
        assert await tell(stamping, "nobody", Asked("GET", path)) == after
        before = after


@pytest.mark.parametrize("name", [*MADE, *CHANGED, "team"])
async def test_no_document_sets_a_stamp(stamping: Office, name: str) -> None:
    value = "2001-01-01T00:00:00Z" if name.endswith("At") else "somebody"
    born = await tell(stamping, "ann", Asked("POST", "/api/postcards", {"text": "a"}))
    path = f"/api/postcards/{born['id']}"
    refused = [
        Asked("POST", "/api/postcards", {"text": "a", name: value}),
        Asked("PUT", "/api/parcels/one", {"text": "a", name: value}),
        Asked("PUT", path, {"text": "b", name: value}),
        Asked("PATCH", path, {name: value}, {"content-type": MERGE}),
        Asked("PATCH", path, {name: None}, {"content-type": MERGE}),
        Asked("PATCH", path, [{"op": "replace", "path": f"/{name}", "value": value}], {"content-type": OPERATIONS}),
    ]
    for asked in refused:
        told = read_rest(await send(stamping.client("ada"), asked))
        assert (told.code, [one["pointer"] for one in told.body["violations"]]) == ("invalid", [f"/{name}"]), asked
    # GraphQL's inputs have them not; its JSON Patch is as REST's.
    query = f'mutation {{ createPostcard(input: {{text: "a", {name}: "x"}}) {{ __typename }} }}'
    response = await send(stamping.client("ada"), Asked("POST", "/graphql", {"query": query}))
    assert "data" not in response.json()
    operations = f'[{{op: "add", path: "/{name}", value: "{value}"}}]'
    query = f'mutation {{ asked: jsonPatchPostcard(id: "{born["id"]}", operations: {operations}) {{ __typename }} }}'
    response = await send(stamping.client("ada"), Asked("POST", "/graphql", {"query": query}))
    assert response.json()["data"]["asked"]["__typename"] == "Invalid"
    # Removed from what was read, it stays as it is.
    removed = Asked("PATCH", path, [{"op": "remove", "path": f"/{name}"}], {"content-type": OPERATIONS})
    assert await tell(stamping, "ada", removed) == born
    assert await tell(stamping, "ada", Asked("GET", path)) == born


async def test_a_refused_change_leaves_no_stamp(stamping: Office) -> None:
    born = await tell(stamping, "ann", Asked("POST", "/api/postcards", {"text": "a"}))
    path = f"/api/postcards/{born['id']}"
    for asked in (Asked("PUT", path, {"text": "b"}, {"if-match": '"9"'}), Asked("PUT", path, {"text": 1})):
        assert (await send(stamping.client("cid"), asked)).status_code >= 400
    assert await tell(stamping, "cid", Asked("GET", path)) == born
