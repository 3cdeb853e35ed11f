"""Introspection switched off: whoever guesses at the schema learns no name that was not sent, and not which guess was near."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import strawberry

from diptych import Limits
from tests.limits.asked import ask, refused

Serving = Callable[..., httpx.AsyncClient]

# A guess that is right or nearly so, and one that is not, in the same place; neither is an operation that runs.
GUESSES = [
    pytest.param("{ usr(id: 1) { id } }", "{ zzz(id: 1) { id } }", id="field-nearly"),
    pytest.param("{ user }", "{ zzzz }", id="field-without-selection"),
    pytest.param("{ users }", "{ zzzzz }", id="list-without-selection"),
    pytest.param("{ user(id: 1) { nam } }", "{ user(id: 1) { zzz } }", id="field-of-a-type"),
    pytest.param("{ user(id: 1) { id { x } } }", "{ user(id: 1) { zz { x } } }", id="selection-of-a-leaf"),
    pytest.param("{ user(di: 1) { id } }", "{ user(zz: 1) { id } }", id="argument"),
    pytest.param("{ user { id } }", "{ zzzz { id } }", id="argument-missing"),
    pytest.param("{ users(first: true) { totalCount } }", "{ users(zzzzz: true) { totalCount } }", id="argument-of-another-type"),
    pytest.param("{ users(where: {nam: {eq: 1}}) { totalCount } }", "{ users(where: {zzz: {eq: 1}}) { totalCount } }", id="input-field"),
    pytest.param("{ users(orderBy: [ID_AS]) { totalCount } }", "{ users(orderBy: [ZZ_ZZ]) { totalCount } }", id="enum-value"),
    pytest.param(
        "query ($x: UserWher) { users(where: $x) { totalCount } }", "query ($x: Zzzzzzzz) { users(where: $x) { totalCount } }", id="type"
    ),
    pytest.param("{ user(id: 1) { ... on Usr { id } } }", "{ user(id: 1) { ... on Zzz { id } } }", id="fragment-type"),
    pytest.param("{ user(id: 1) { ... on Document { id } } }", "{ user(id: 1) { ... on Zzzzzzzz { id } } }", id="fragment-that-cannot-be"),
    pytest.param(
        "mutation { createUser(input: {}) { __typename } }", "mutation { zzzzzzUser(input: {}) { __typename } }", id="required-fields"
    ),
    pytest.param("mutation { createUser { __typename } }", "mutation { zzzzzzzzzz { __typename } }", id="required-argument"),
    pytest.param("{ __typename @skp(if: true) }", "{ __typename @zzz(if: true) }", id="directive"),
    pytest.param("{ __typename @skip }", "{ __typename @zzzz }", id="directive-without-argument"),
    pytest.param("subscription { users { totalCount } }", "subscription { zzzzz { totalCount } }", id="no-such-root"),
]


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


@pytest.mark.parametrize(("right", "wrong"), GUESSES)
async def test_a_guess_tells_nothing(serving: Serving, right: str, wrong: str) -> None:
    http = serving(limits=Limits(introspection=False))
    near, far = await ask(http, right), await ask(http, wrong)
    assert near.content == far.content
    assert near.status_code == far.status_code == 400
    assert "Did you mean" not in near.text


@pytest.mark.parametrize("guess", [pytest.param(case.values[0], id=case.id) for case in GUESSES])
async def test_one_sentence_is_all_that_comes_back(serving: Serving, guess: Any) -> None:
    said = "The document does not fit the schema. Nothing more is said here: introspection is off."
    answer = await ask(serving(limits=Limits(introspection=False)), guess)
    assert answer.json() == {"errors": [{"message": said, "extensions": {"code": "invalid"}}]}
    # With introspection on, more is said of the same guess, so that there is something to be silent of.
    told = (await ask(serving(), guess)).json()["errors"]
    assert all(error["message"] != said and error["locations"] for error in told)


VARIABLES = [
    pytest.param({"i": {}}, {"i": 5}, id="required-fields"),
    pytest.param({"i": {"name": "n", "email": "e@x", "rol": 1}}, {"i": {"name": "n", "email": "e@x", "zzz": 1}}, id="field-nearly"),
    pytest.param({"i": {"name": 1, "email": "e@x"}}, {"i": [1]}, id="field-of-another-type"),
    pytest.param({}, {"i": None}, id="missing"),
]


@pytest.mark.parametrize(("near", "far"), VARIABLES)
async def test_variables_tell_nothing_either(serving: Serving, near: Any, far: Any) -> None:
    http = serving(limits=Limits(introspection=False))
    query = "mutation ($i: CreateUserInput!) { createUser(input: $i) { __typename } }"
    answers = [await ask(http, query, given) for given in (near, far)]
    assert answers[0].content == answers[1].content
    assert "fit the schema" in refused(answers[0])["message"]
    assert words(answers[0].text) & {"CreateUserInput", "String", "role", "email"} == set()
    assert "fit the schema" not in (await ask(serving(), query, near)).text, "with introspection more is told"


async def test_an_argument_that_fails_while_running_tells_nothing(serving: Serving) -> None:
    query = "mutation ($v: Int = 1) { deleteStockItem(id: 1, version: $v) { __typename } }"
    told = (await ask(serving(), query, {"v": None})).json()["errors"][0]["message"]
    assert "Int!" in told
    silent = (await ask(serving(limits=Limits(introspection=False)), query, {"v": None})).json()["errors"][0]
    assert "fit the schema" in silent["message"]
    assert silent["path"] == ["deleteStockItem"]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{ __schema { types { name } } }", id="schema"),
        pytest.param('{ __type(name: "User") { name } }', id="type"),
        pytest.param('{ a: __type(name: "User") { name } }', id="alias"),
        pytest.param("{ ...Q } fragment Q on Query { __schema { queryType { name } } }", id="fragment"),
        pytest.param("{ ... on Query { __schema { queryType { name } } } }", id="inline-fragment"),
        pytest.param("query A { __typename } query B { __schema { queryType { name } } }", id="the-other-operation"),
        pytest.param("{ user(id: 1) { id } __schema { queryType { name } } }", id="beside-our-own"),
        pytest.param("mutation { __schema { queryType { name } } }", id="mutation"),
    ],
)
async def test_the_schema_is_not_told(serving: Serving, query: str) -> None:
    error = refused(await ask(serving(limits=Limits(introspection=False)), query, operationName="A" if " A " in query else None))
    assert error["extensions"]["code"] == "introspection_off"


async def test_the_name_of_a_type_that_one_has_stays(serving: Serving) -> None:
    http = serving(limits=Limits(introspection=False))
    answer = (await ask(http, "{ __typename user(id: 1) { __typename id } }")).json()
    assert answer["data"] == {"__typename": "Query", "user": {"__typename": "User", "id": "1"}}


async def test_what_is_wrong_with_a_document_of_the_service_stays(serving: Serving) -> None:
    """Who may write gets to know why not: those are the service's own words."""
    http = serving(limits=Limits(introspection=False))
    query = 'mutation { createUser(input: {name: "", email: "e@x"}) { ... on Invalid { violations { pointer } } } }'
    assert (await ask(http, query)).json()["data"]["createUser"]["violations"] == [{"pointer": "/name"}]
    error = (await ask(http, "{ users(first: 1000) { totalCount } }")).json()["errors"][0]
    assert error["extensions"]["violations"][0]["message"] == "Must be between 1 and 100."


async def test_a_field_of_the_users_own_has_its_own_words(serving: Serving) -> None:
    @strawberry.type
    class Own:
        @strawberry.field
        def refusing(self) -> int:
            raise strawberry.exceptions.StrawberryGraphQLError("Closed on Sundays. Did you mean Monday?")

    http = serving(limits=Limits(introspection=False), query=Own)
    assert (await ask(http, "{ refusing }")).json()["errors"][0]["message"] == "Closed on Sundays."
    assert "fit the schema" in refused(await ask(http, "{ refusin }"))["message"]
