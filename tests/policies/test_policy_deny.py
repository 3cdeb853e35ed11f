"""Deny by default: what no rule speaks of is refused to everybody, through both doors, also where a policy says a part."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from diptych import Bridge
from diptych.resource.policy import Policy, anyone, nobody, roles
from tests.policies.asking import Asked, condition, path_of, read_graphql, read_one, read_page, read_rest, read_several, send, write
from tests.policies.office import Office
from tests.policies.world import CALLERS, ERRANDS, LEAFLETS, SATCHELS, ByName

DOCUMENT = {"text": "hello"}


async def open_office(database: str, policy: Policy, *, deny: bool, anonymous: bool = True) -> Office:
    resources = [ERRANDS, SATCHELS, replace(LEAFLETS, policy=policy)]
    made = Office(Bridge(database, resources, authenticator=ByName(), anonymous=anonymous, deny_by_default=deny, rates=False))
    await made.bridge.open()
    return made


@pytest.fixture
async def denying(database_url: str) -> AsyncIterator[Office]:
    made = await open_office(database_url, Policy(), deny=True)
    yield made
    await made.close()


def everything(key: int) -> list[tuple[str, Asked]]:
    return [
        *(("rest", Asked(method, path_of("Leaflet", key))) for method in ("GET", "HEAD", "DELETE")),
        *(("rest", Asked(method, path_of("Leaflet", key), DOCUMENT)) for method in ("PUT", "PATCH")),
        ("rest", Asked("GET", path_of("Leaflet"))),
        ("rest", Asked("GET", path_of("Leaflet"), None, {"accept": "application/x-ndjson"})),
        ("rest", Asked("POST", path_of("Leaflet"), DOCUMENT)),
        ("graphql", read_one("Leaflet", key)),
        ("graphql", read_page("Leaflet")),
        ("graphql", read_several("Leaflet", [key])),
        *(("graphql", write("Leaflet", verb, key, DOCUMENT)) for verb in ("replace", "merge", "delete")),
        ("graphql", write("Leaflet", "json", key, [])),
        ("graphql", write("Leaflet", "create", document=DOCUMENT)),
    ]


async def test_everything_is_refused(denying: Office) -> None:
    key, _ = await denying.put("Leaflet", DOCUMENT, "ann")
    before = await denying.everything()
    for caller in CALLERS:
        for door, asked in everything(key):
            response = await send(denying.client(caller), asked)
            told = read_rest(response) if door == "rest" else read_graphql(response)
            assert told.code == ("unauthenticated" if caller == "nobody" else "forbidden"), (caller, asked)
    assert before == await denying.everything()


async def test_what_can_be_made_only(database_url: str) -> None:
    """With a rule for creating alone, whoever makes a row is told its key and its version, and cannot look at it."""
    office = await open_office(database_url, Policy(create=anyone), deny=True)
    made = await send(office.client("ann"), Asked("POST", path_of("Leaflet"), DOCUMENT))
    assert (made.status_code, made.content, made.headers["etag"]) == (201, b"", '"1"')
    assert (await send(office.client("ann"), Asked("GET", made.headers["location"]))).status_code == 403
    answered = (await send(office.client("ann"), write("Leaflet", "create", document=DOCUMENT))).json()
    assert answered == {"data": {"asked": {"__typename": "LeafletWritten", "outcome": "CREATED", "version": 1, "leaflet": None}}}
    await office.close()


async def test_write_stands_for_four(database_url: str) -> None:
    office = await open_office(database_url, Policy(read=anyone, write=roles("admin"), delete=roles("reads")), deny=True)
    key, _ = await office.put("Leaflet", DOCUMENT, "ann")
    path = path_of("Leaflet", key)
    codes = {
        caller: [
            (await send(office.client(caller), asked)).status_code
            for asked in (
                Asked("GET", path),
                Asked("POST", path_of("Leaflet"), DOCUMENT),
                Asked("PUT", path, {"text": caller}),
                Asked("PATCH", path, {"text": f"{caller} again"}),
                Asked("DELETE", path_of("Leaflet", 900)),
            )
        ]
        for caller in ("nobody", "ann", "ada", "rae")
    }
    assert codes == {
        "nobody": [200, 401, 401, 401, 401],
        "ann": [200, 403, 403, 403, 403],
        "ada": [200, 201, 200, 200, 403],
        "rae": [200, 403, 403, 403, 404],
    }
    await office.close()


async def test_nobody_comes_in_unnamed(database_url: str) -> None:
    """Without `anonymous`, whoever does not say who they are is turned away before any rule is asked, and so is a wrong name."""
    office = await open_office(database_url, Policy(), deny=False, anonymous=False)
    for headers in ({}, {"x-caller": "mallory"}):
        for asked in (Asked("GET", path_of("Leaflet"), None, headers), Asked("GET", path_of("Leaflet", 1), None, headers)):
            response = await send(office.client("nobody"), asked)
            assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
            assert response.headers["www-authenticate"] == ByName.challenge
        query = Asked("POST", "/graphql", {"query": "{ __typename }"}, headers)
        response = await send(office.client("nobody"), query)
        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["code"] == "unauthenticated"
    assert (await send(office.client("ann"), Asked("GET", path_of("Leaflet")))).status_code == 200
    await office.close()


async def test_a_replace_without_create(database_url: str) -> None:
    """Who may replace and not create finds nothing to replace where nothing is, nor where a row is that it may not see."""
    seen_by_team = replace(SATCHELS.policy, create=nobody, write=anyone)
    resources = [ERRANDS, replace(SATCHELS, policy=seen_by_team), LEAFLETS]
    office = Office(Bridge(database_url, resources, authenticator=ByName(), anonymous=True, rates=False))
    await office.bridge.open()
    await office.tidy()
    before, document = await office.everything(), {"owner": "ann", "team": "red", "label": "new"}
    for key in ("satchel-of-cid", "satchel-of-dan"):
        for version in (None, 0, 1):
            asked = [
                Asked("PUT", path_of("Satchel", key), document, condition(version)),
                write("Satchel", "replace", key, document, version),
            ]
            told = [read_rest(await send(office.client("ann"), asked[0])), read_graphql(await send(office.client("ann"), asked[1]))]
            assert [one.code for one in told] == ["not_found", "not_found"], (key, version)
    assert before == await office.everything()
    assert (await send(office.client("ann"), Asked("PUT", path_of("Satchel", "satchel-of-bob"), document))).status_code == 200
    await office.close()
