"""What lists are filtered and ordered by, how many rows there are, and several rows by their keys."""

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest

from diptych.semantics.condition import DEEPEST_CONDITION, MOST_COMPARISONS, MOST_VALUES
from diptych.semantics.read import LARGEST_PAGE
from tests.graphql_door.client import Client

USERS = [
    ("Ada", "ada@x", "admin", None),
    ("Bob", "bob@x", "user", "likes bees"),
    ("Cyd", "cyd@y", "user", None),
    ("ann", "ann@y", "guest", "Likes 100%"),
]


@pytest.fixture
async def people(client: Client) -> Sequence[str]:
    """Four users; their keys."""
    query = "mutation ($input: CreateUserInput!) { createUser(input: $input) { ... on UserWritten { user { id } } } }"
    members = [dict(zip(("name", "email", "role", "bio"), user, strict=True)) for user in USERS]
    return [(await client.one(query, {"input": one}))["user"]["id"] for one in members]


async def names(client: Client, where: Any, order: Any = None) -> list[str]:
    """Asked by variable and by literal, which must come to the same."""
    query = "query ($where: UserWhere, $order: [UserOrder!]) { users(where: $where, orderBy: $order) { edges { node { name } } } }"
    by_variable = await client.one(query, {"where": where, "order": order})
    said = f"where: {literal(where)}" + (f", orderBy: {literal(order)}".replace('"', "") if order else "")
    assert await client.one(f"{{ users({said}) {{ edges {{ node {{ name }} }} }} }}") == by_variable
    return [edge["node"]["name"] for edge in by_variable["edges"]]


def literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(item)}" for name, item in value.items()) + "}"
    return "[" + ", ".join(map(literal, value)) + "]" if isinstance(value, list) else json.dumps(value)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        pytest.param(None, ["Ada", "Bob", "Cyd", "ann"], id="null"),
        pytest.param({}, ["Ada", "Bob", "Cyd", "ann"], id="no-members"),
        pytest.param({"role": {"eq": "user"}}, ["Bob", "Cyd"], id="eq"),
        pytest.param({"role": {"ne": "user"}}, ["Ada", "ann"], id="ne"),
        pytest.param({"role": {"in": ["admin", "guest"]}}, ["Ada", "ann"], id="in"),
        pytest.param({"role": {"in": "admin"}}, ["Ada"], id="in-a-single-value"),
        pytest.param({"role": {"nin": ["admin", "guest"]}}, ["Bob", "Cyd"], id="nin"),
        pytest.param({"id": {"eq": "2"}}, ["Bob"], id="key"),
        pytest.param({"id": {"in": [2, "3"]}}, ["Bob", "Cyd"], id="keys-as-numbers"),
        pytest.param({"name": {"lt": "B"}}, ["Ada"], id="lt"),
        pytest.param({"name": {"gte": "Cyd"}}, ["Cyd", "ann"], id="gte-by-code-point"),
        pytest.param({"name": {"startsWith": "A"}}, ["Ada"], id="starts"),
        pytest.param({"name": {"startsWithInsensitive": "A"}}, ["Ada", "ann"], id="starts-insensitive"),
        pytest.param({"email": {"endsWith": "@y"}}, ["Cyd", "ann"], id="ends"),
        pytest.param({"bio": {"contains": "100%"}}, ["ann"], id="contains-a-wildcard"),
        pytest.param({"bio": {"isNull": True}}, ["Ada", "Cyd"], id="is-null"),
        pytest.param({"bio": {"isNull": False, "contains": "likes"}}, ["Bob"], id="two-operators"),
        pytest.param({"role": {"eq": "user"}, "bio": {"isNull": True}}, ["Cyd"], id="two-fields"),
        pytest.param({"not": {"role": {"eq": "user"}}}, ["Ada", "ann"], id="not"),
        pytest.param({"or": [{"role": {"eq": "admin"}}, {"name": {"eq": "ann"}}]}, ["Ada", "ann"], id="or"),
        pytest.param({"and": [{"role": {"eq": "user"}}, {"not": {"name": {"eq": "Bob"}}}]}, ["Cyd"], id="and-not"),
        pytest.param({"and": {"role": {"eq": "admin"}}}, ["Ada"], id="a-single-condition"),
        pytest.param({"not": {"bio": {"eq": "x"}}}, ["Ada", "Bob", "Cyd", "ann"], id="null-equals-nothing"),
    ],
)
async def test_what_is_found(client: Client, people: Sequence[str], where: Any, expected: list[str]) -> None:
    assert await names(client, where) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param([], ["Ada", "Bob", "Cyd", "ann"], id="none"),
        pytest.param(["NAME_DESC"], ["ann", "Cyd", "Bob", "Ada"], id="descending"),
        pytest.param("NAME_ASC", ["Ada", "Bob", "Cyd", "ann"], id="a-single-value"),
        pytest.param(["EMAIL_DESC"], ["Cyd", "Bob", "ann", "Ada"], id="unique"),
        pytest.param(["ID_DESC"], ["ann", "Cyd", "Bob", "Ada"], id="key"),
    ],
)
async def test_orders(client: Client, people: Sequence[str], order: Any, expected: list[str]) -> None:
    assert await names(client, {}, order) == expected


PAGE = """query ($where: UserWhere, $orderBy: [UserOrder!], $first: Int, $after: String) {
    users(where: $where, orderBy: $orderBy, first: $first, after: $after) {
        totalCount edges { cursor node { id } } pageInfo { endCursor hasNextPage } } }"""


async def test_pages_of_an_order_lead_on(client: Client, people: Sequence[str]) -> None:
    given = {"orderBy": ["NAME_DESC"], "where": {"role": {"ne": "guest"}}, "first": 2}
    first = await client.one(PAGE, given)
    second = await client.one(PAGE, {**given, "after": first["pageInfo"]["endCursor"]})
    assert [edge["node"]["id"] for page in (first, second) for edge in page["edges"]] == [people[2], people[1], people[0]]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    # On every page the same: how many rows there are, not how many are left.
    assert (first["totalCount"], second["totalCount"]) == (3, 3)


async def test_a_cursor_of_another_order(client: Client, people: Sequence[str]) -> None:
    first = await client.one(PAGE, {"orderBy": ["NAME_DESC"], "first": 2})
    refused = (await client.post(PAGE, {"after": first["pageInfo"]["endCursor"]})).json()
    assert pointers(refused) == [("/after", "format")]


def pointers(answer: Any) -> list[tuple[str, str]]:
    (error,) = answer["errors"]
    assert (answer["data"], error["path"], error["extensions"]["code"]) == (None, ["users"], "invalid")
    return [(violation["pointer"], violation["code"]) for violation in error["extensions"]["violations"]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"where": {"role": None}}, [("/where/role", "type")], id="field-null"),
        pytest.param({"where": {"role": {}}}, [("/where/role", "too_short")], id="no-operator"),
        pytest.param({"where": {"role": {"eq": None}}}, [("/where/role/eq", "null")], id="eq-null"),
        pytest.param({"where": {"role": {"in": []}}}, [("/where/role/in", "too_short")], id="in-empty"),
        pytest.param({"where": {"role": {"in": None}}}, [("/where/role/in", "type")], id="in-null"),
        pytest.param({"where": {"or": []}}, [("/where/or", "too_short")], id="or-empty"),
        pytest.param({"where": {"and": None}}, [("/where/and", "type")], id="and-null"),
        pytest.param({"where": {"not": None}}, [("/where/not", "type")], id="not-null"),
        pytest.param({"where": {"bio": {"isNull": None}}}, [("/where/bio/isNull", "type")], id="is-null-null"),
        pytest.param({"where": {"id": {"eq": "x"}}}, [("/where/id/eq", "type")], id="key-unreadable"),
        pytest.param({"where": {"id": {"in": ["1", "01"]}}}, [("/where/id/in/1", "type")], id="key-in-another-spelling"),
        pytest.param({"where": {"name": {"eq": "\0"}}}, [("/where/name/eq", "not_allowed")], id="unprintable"),
        pytest.param({"where": {"name": {"eq": "x" * 5000}}}, [("/where/name/eq", "too_long")], id="text-too-long"),
        pytest.param({"orderBy": ["NAME_ASC", "NAME_DESC"]}, [("/orderBy/1", "not_allowed")], id="ordered-twice"),
        pytest.param({"orderBy": ["NAME_ASC"] * 9}, [("/orderBy", "too_large")], id="too-many-orders"),
        pytest.param(
            {"first": 0, "where": {"role": {"eq": None}}, "orderBy": ["ID_ASC", "ID_ASC"]},
            [("/first", "too_small"), ("/orderBy/1", "not_allowed"), ("/where/role/eq", "null")],
            id="all-at-once",
        ),
    ],
)
async def test_what_cannot_be_asked(client: Client, given: Any, expected: list[tuple[str, str]]) -> None:
    assert pointers((await client.post(PAGE, given)).json()) == expected


async def test_an_absent_variable_is_an_absent_member(client: Client, people: Sequence[str]) -> None:
    query = """query ($role: String, $bio: NullableStringFilter) {
        users(where: {role: {eq: $role, ne: "user"}, bio: $bio}) { edges { node { name } } } }"""
    found = await client.one(query)
    assert [edge["node"]["name"] for edge in found["edges"]] == ["Ada", "ann"]
    assert pointers((await client.post(query, {"role": None})).json()) == [("/where/role/eq", "null")]
    assert pointers((await client.post(query, {"bio": None})).json()) == [("/where/bio", "type")]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        pytest.param({"color": {"eq": "DARK_BLUE"}}, True, id="enum-by-name"),
        pytest.param({"color": {"nin": ["DARK_BLUE"]}}, False, id="enums"),
        pytest.param({"shades": {"contains": ["dark-blue"]}}, True, id="list-as-on-rest"),
        pytest.param({"notes": {"contains": {"a": 1}}}, True, id="json"),
        pytest.param({"notes": {"contains": {"a": True}}}, False, id="json-true-is-not-1"),
        pytest.param({"price": {"gt": "1.4"}}, True, id="decimal"),
        pytest.param({"price": {"eq": "1.500"}}, True, id="decimal-of-another-scale"),
        pytest.param({"serial": {"lte": 2**40}}, True, id="big-integer"),
        pytest.param({"ratio": {"eq": 0.5}}, True, id="float"),
        pytest.param({"active": {"ne": True}}, False, id="boolean"),
        pytest.param({"token": {"in": ["123e4567-e89b-12d3-a456-426614174000"]}}, True, id="uuid"),
        pytest.param({"seen": {"gt": "2024-05-01T12:29:59Z"}}, True, id="moment"),
        pytest.param({"day": {"eq": "2024-05-01"}}, True, id="day"),
        pytest.param({"blob": {"eq": "AAE="}}, True, id="bytes"),
        pytest.param({"parentId": {"isNull": True}}, True, id="reference"),
        pytest.param({"parentId": {"ne": "7"}}, True, id="reference-null-is-not-7"),
    ],
)
async def test_values_of_every_kind(gadgets: Client, where: Any, found: bool) -> None:
    new = {
        "name": "g",
        "color": "DARK_BLUE",
        "shades": ["RED", "DARK_BLUE"],
        "serial": 2**40,
        "notes": {"a": 1, "b": 2},
        "blob": "AAE=",
        "token": "123e4567-e89b-12d3-a456-426614174000",
        "seen": "2024-05-01T12:30:00Z",
        "day": "2024-05-01",
    }
    await gadgets.run("mutation ($new: CreateGadgetInput!) { createGadget(input: $new) { __typename } }", {"new": new})
    query = "query ($where: GadgetWhere) { gadgets(where: $where) { totalCount } }"
    assert await gadgets.one(query, {"where": where}) == {"totalCount": int(found)}


BY_IDS = "query ($ids: [ID!]!) { usersByIds(ids: $ids) { id name } }"


async def test_rows_by_keys(client: Client, people: Sequence[str]) -> None:
    """In the order of the keys, one that stands there twice too; null for those that are missing or can be no row's."""
    told = await client.one(BY_IDS, {"ids": [people[2], "77", people[0], "x", "01", people[2]]})
    assert [row and row["name"] for row in told] == ["Cyd", None, "Ada", None, None, "Cyd"]
    assert await client.one(BY_IDS, {"ids": []}) == []


async def test_too_many_keys(client: Client) -> None:
    assert await client.one(BY_IDS, {"ids": ["1"] * LARGEST_PAGE}) == [None] * LARGEST_PAGE
    (error,) = (await client.post(BY_IDS, {"ids": ["1"] * (LARGEST_PAGE + 1)})).json()["errors"]
    assert error["extensions"]["code"] == "invalid"
    assert [(wrong["pointer"], wrong["code"]) for wrong in error["extensions"]["violations"]] == [("/ids", "too_large")]


def nested(depth: int) -> Any:
    where: Any = {"role": {"eq": "user"}}
    for _ in range(depth):
        where = {"not": where}
    return where


HOSTILE = [
    pytest.param({"or": [{"role": {"eq": "x"}}] * 10_000}, "/where/or", id="ten-thousand-conditions"),
    pytest.param({"role": {"in": ["x"] * 10_000}}, "/where/role/in", id="ten-thousand-values"),
    pytest.param({"or": [{"role": None}] * 10_000}, "/where/or/0/role", id="ten-thousand-wrong"),
    pytest.param({"or": [{"or": [{"or": [{}] * 100}] * 100}] * 3}, "/where/or/0/or", id="empty-conditions-multiplied"),
    pytest.param(nested(DEEPEST_CONDITION), "/where" + "/not" * DEEPEST_CONDITION, id="just-too-deep"),
    pytest.param({"role": {"eq": "x" * 1_000_000}}, "/where/role/eq", id="a-million-characters"),
]


@pytest.mark.parametrize(("where", "pointer"), HOSTILE)
async def test_hostile_filters(client: Client, where: Any, pointer: str) -> None:
    """Refused in words, in a fraction of a second, and in an answer that is no larger than the question."""
    began = time.process_time()
    answer = await client.post(PAGE, {"where": where})
    # Both executors have run by then, and the comparison of the two.
    assert time.process_time() - began < 3
    assert pointers(answer.json())[0][0].startswith(pointer)
    assert len(answer.content) < 200_000


async def test_a_filter_deeper_than_any_request(client: Client) -> None:
    answer = await client.post(PAGE, {"where": nested(100)})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "malformed"


async def test_as_much_as_is_allowed(client: Client, people: Sequence[str]) -> None:
    assert await names(client, nested(DEEPEST_CONDITION - 1)) == ["Ada", "ann"]
    assert (await client.one(PAGE, {"where": {"role": {"in": ["user"] * MOST_VALUES}}}))["totalCount"] == 2
    assert (await client.one(PAGE, {"where": {"or": [{"role": {"eq": "user"}}] * MOST_COMPARISONS}}))["totalCount"] == 2
