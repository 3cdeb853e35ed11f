"""Single rows and pages. Contract, section 4; GraphQL Cursor Connections."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.graphql_door.client import Client

PAGE = """query ($first: Int, $after: String, $last: Int, $before: String) {
    documents(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { id title version } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }"""
CREATE = 'mutation ($id: ID!) { createDocument(input: {id: $id, title: "t"}) { __typename } }'


@pytest.fixture
async def letters(client: Client) -> Sequence[str]:
    """Documents a to e; their cursors, in order."""
    for key in "bdace":
        await client.one(CREATE, {"id": key})
    return [edge["cursor"] for edge in (await client.one(PAGE))["edges"]]


def keys(page: Any) -> str:
    return "".join(edge["node"]["id"] for edge in page["edges"])


@pytest.mark.parametrize(
    ("arguments", "expected", "more"),
    [
        pytest.param({}, "abcde", (False, False), id="all"),
        pytest.param({"first": None, "after": None}, "abcde", (False, False), id="nulls-are-absent"),
        pytest.param({"first": 2}, "ab", (True, False), id="first"),
        pytest.param({"last": 2}, "de", (False, True), id="last"),
        pytest.param({"first": 2, "after": 1}, "cd", (True, True), id="first-after"),
        pytest.param({"first": 3, "after": 1}, "cde", (False, True), id="first-after-to-the-end"),
        pytest.param({"last": 2, "before": 3}, "bc", (True, True), id="last-before"),
        pytest.param({"last": 3, "before": 3}, "abc", (True, False), id="last-before-from-the-start"),
        pytest.param({"before": 2}, "ab", (True, False), id="before-alone"),
        pytest.param({"after": 2}, "de", (False, True), id="after-alone"),
        pytest.param({"after": 0, "before": 4, "first": 2}, "bc", (True, True), id="between"),
        pytest.param({"after": 4}, "", (False, True), id="behind-the-last"),
        pytest.param({"before": 0}, "", (True, False), id="before-the-first"),
    ],
)
async def test_pages(client: Client, letters: Sequence[str], arguments: Any, expected: str, more: tuple[bool, bool]) -> None:
    given = {name: letters[value] if name in ("after", "before") and value is not None else value for name, value in arguments.items()}
    page = await client.one(PAGE, given)
    info = page["pageInfo"]
    assert keys(page) == expected
    assert (info["hasNextPage"], info["hasPreviousPage"]) == more
    ends = (page["edges"][0]["cursor"], page["edges"][-1]["cursor"]) if expected else (None, None)
    assert (info["startCursor"], info["endCursor"]) == ends


async def test_pages_stay_in_place_while_rows_come_and_go(client: Client, letters: Sequence[str]) -> None:
    first = await client.one(PAGE, {"first": 2})
    await client.one(CREATE, {"id": "aa"})
    await client.one('mutation { deleteDocument(id: "b") { __typename } }')
    second = await client.one(PAGE, {"first": 2, "after": first["pageInfo"]["endCursor"]})
    assert (keys(first), keys(second)) == ("ab", "cd")


@pytest.mark.parametrize(
    ("arguments", "pointers"),
    [
        pytest.param({"first": 0}, ["/first"], id="zero"),
        pytest.param({"first": -1}, ["/first"], id="negative"),
        pytest.param({"first": 101}, ["/first"], id="too-many"),
        pytest.param({"last": 0}, ["/last"], id="last-zero"),
        pytest.param({"last": 101}, ["/last"], id="last-too-many"),
        pytest.param({"first": 1, "last": 1}, ["/last"], id="first-and-last"),
        pytest.param({"after": "x"}, ["/after"], id="bad-cursor"),
        pytest.param({"before": "bm90IG91cnM"}, ["/before"], id="base64-of-something-else"),
        pytest.param({"after": "", "before": "%"}, ["/after", "/before"], id="both-cursors-bad"),
    ],
)
async def test_a_page_that_cannot_be_asked_for(client: Client, arguments: Any, pointers: list[str]) -> None:
    answer = await client.post(PAGE, arguments)
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] is None
    (error,) = body["errors"]
    assert error["path"] == ["documents"]
    assert error["extensions"]["code"] == "invalid"
    assert [violation["pointer"] for violation in error["extensions"]["violations"]] == pointers


async def test_twenty_rows_unless_asked(client: Client) -> None:
    for number in range(22):
        await client.one(CREATE, {"id": f"{number:02}"})
    page = await client.one(PAGE)
    assert len(page["edges"]) == 20
    assert page["pageInfo"]["hasNextPage"] is True
    whole = await client.one(PAGE, {"first": 100})
    assert len(whole["edges"]) == 22
    # A cursor to end before, and nothing else, asks for the page that ends there.
    ending = await client.one(PAGE, {"before": whole["pageInfo"]["endCursor"]})
    assert keys(ending) == "".join(f"{number:02}" for number in range(1, 21))
    ending = await client.one(PAGE, {"before": whole["pageInfo"]["endCursor"], "last": 3})
    assert keys(ending) == "181920"


async def test_a_row_that_is_not_there_is_null(client: Client) -> None:
    assert await client.run('{ user(id: "1") { id } document(id: "x") { id } stockItem(id: "no number") { id } }') == {
        "user": None,
        "document": None,
        "stockItem": None,
    }
