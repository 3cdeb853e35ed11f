"""Many pages of rows, only some of which are there for a caller: forwards, backwards, as a stream, and at the cursors of others."""

from collections.abc import AsyncIterator

import pytest

from diptych.graphql.cached import cached
from diptych.http.answer import Answer
from diptych.semantics.command import Fetch
from diptych.semantics.outcome import Found
from diptych.semantics.principal import ANONYMOUS, Caller, Principal
from tests.policies.asking import NDJSON, Asked, marks_in, path_of, read_graphql, read_page, read_rest, send
from tests.policies.office import OWNERS, Office, errand_document, marks_open_to
from tests.policies.world import office as new_office

MANY = 130


@pytest.fixture
async def full_office(database_url: str) -> AsyncIterator[Office]:
    made = Office(new_office(database_url))
    await made.bridge.open()
    for place in range(MANY):
        owner = list(OWNERS)[place % 3]
        # Long titles make cursors that mark rows rather than tell where they stand.
        document = errand_document(owner, OWNERS[owner]) | {"code": f"{place}", "satchelId": None, "vaultId": None}
        await made.put("Errand", document | {"title": document["title"] + "x" * 30}, owner)
    yield made
    await made.close()


async def keys_of(office: Office, caller: str) -> list[str]:
    """The keys that are there for a caller, by the rows themselves."""
    shape = office.shape("Errand")
    found: list[str] = []
    teams = {"ann": {"red"}, "cid": {"blue"}, "ada": {"red", "blue"}}[caller]
    for key in range(1, MANY + 1):
        outcome = await office.bridge.service.fetch(shape, Fetch(key))
        assert isinstance(outcome, Found)
        if outcome.row.values["team"] in teams:
            found.append(str(key))
    return found


@pytest.mark.parametrize("caller", ["ann", "cid", "ada"])
async def test_all_pages(full_office: Office, caller: str) -> None:
    expected, client = await keys_of(full_office, caller), full_office.client(caller)
    streamed = read_rest(await send(client, Asked("GET", path_of("Errand"), None, {"accept": NDJSON})))
    assert list(streamed.keys) == expected
    assert marks_in(streamed.response) <= marks_open_to(caller)
    forwards: list[str] = []
    arguments = "first: 9"
    while arguments:
        page = read_graphql(await send(client, read_page("Errand", arguments, counted=True)))
        forwards += page.keys
        info = page.body["pageInfo"]
        assert page.body["totalCount"] == len(expected)
        assert info["hasNextPage"] == (len(forwards) < len(expected))
        arguments = f'first: 9, after: "{info["endCursor"]}"' if info["hasNextPage"] else ""
    assert forwards == expected
    backwards: list[str] = []
    asked: str | None = f"{path_of('Errand')}?limit=11&order=-title&before=" + await _last(full_office, caller)
    while asked:
        answer = read_rest(await send(client, Asked("GET", asked)))
        backwards = [*answer.keys, *backwards]
        asked = answer.response.links.get("prev", {}).get("url")
    assert len(backwards) == len(expected) - 1
    assert set(backwards) < set(expected)


async def _last(office: Office, caller: str) -> str:
    answer = read_graphql(await send(office.client(caller), read_page("Errand", "last: 1, orderBy: [TITLE_DESC]")))
    return str(answer.body["pageInfo"]["endCursor"])


async def test_the_cursor_of_another(full_office: Office) -> None:
    """A cursor at a row that is not there for a caller is a place like any other, and shows nothing of the row."""
    ada, ann = full_office.client("ada"), full_office.client("ann")
    first = read_graphql(await send(ada, read_page("Errand", "first: 3")))
    assert first.body["edges"][-1]["node"]["owner"] == "cid"
    after = first.body["pageInfo"]["endCursor"]
    page = read_graphql(await send(ann, read_page("Errand", f'first: 3, after: "{after}"', counted=True)))
    expected = await keys_of(full_office, "ann")
    assert list(page.keys) == expected[2:5]
    assert page.body["pageInfo"]["hasPreviousPage"] is True
    rest = read_rest(await send(ann, Asked("GET", f"{path_of('Errand')}?limit=3&after={after}")))
    assert rest.keys == page.keys


@pytest.mark.parametrize(
    ("principal", "is_public"),
    [
        pytest.param(ANONYMOUS, True, id="nobody"),
        pytest.param(Principal("ann"), False, id="somebody"),
        pytest.param(Principal(None, frozenset({"inside"})), False, id="nobody-with-a-role"),
        pytest.param(Principal(None, frozenset(), {"address": "::1"}), False, id="nobody-with-a-claim"),
    ],
)
def test_only_what_is_for_nobody_in_particular_is_shared(principal: Principal, is_public: bool) -> None:
    """A cache on the way keeps no answer that was made for a caller of whom anything is known."""
    scope = {"type": "http", "headers": []}
    answer = cached(Answer(200, (), b"{}"), 60, scope, Caller(principal))
    assert (dict(answer.fields)[b"cache-control"] == b"public, max-age=60") is is_public
