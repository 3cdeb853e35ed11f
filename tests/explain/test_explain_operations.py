"""Operations in the words of REST: what each becomes, word for word, and what is said of those that become nothing."""

from typing import Any
from urllib.parse import quote

import pytest

from diptych.explain import Explainer, InRest, NotUnderstood, Step
from diptych.rest.spelling import Request

JSON = ("Content-Type", "application/json")
OR = '{"or":[{"role":{"eq":"x"}},{"bio":{"isNull":true}}]}'


def steps(explainer: Explainer, text: str, variables: Any = None, name: str | None = None) -> list[Step]:
    explained = explainer.explain(text, variables, name)
    assert isinstance(explained, InRest)
    return list(explained.steps)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        pytest.param('{ user(id: "1") { id name email role bio version } }', Request("GET", "/api/users/1"), id="a-whole-row"),
        pytest.param("{ user(id: 7) { name version } }", Request("GET", "/api/users/7?fields=name,version"), id="some-fields"),
        pytest.param('{ user(id: "1") { __typename } }', Request("GET", "/api/users/1?fields=id"), id="no-field"),
        pytest.param(
            '{ document(id: "a/b ü") { title owner { name } } }',
            Request("GET", "/api/documents/a%2Fb%20%C3%BC?fields=title&include=owner"),
            id="include",
        ),
        pytest.param(
            "{ users { totalCount edges { node { id } } } }",
            Request("GET", "/api/users?fields=id", (("Prefer", "count=exact"),)),
            id="count",
        ),
        pytest.param(
            '{ users(where: {role: {in: ["a&b", "c"]}, name: {contains: "é"}}, orderBy: [NAME_DESC, ID_ASC], first: 3)'
            " { edges { node { id } } } }",
            Request("GET", "/api/users?name[contains]=%C3%A9&role[in]=a%26b&role[in]=c&order=-name,id&fields=id&limit=3"),
            id="filters",
        ),
        pytest.param(
            '{ users(where: {or: [{role: {eq: "x"}}, {bio: {isNull: true}}]}) { edges { node { id } } } }',
            Request("GET", f"/api/users?where={quote(OR, safe=':,')}&fields=id"),
            id="nested-filters",
        ),
        pytest.param(
            '{ documents(where: {tags: {contains: ["demo"]}, ownerId: {eq: "1"}}) { edges { node { id } } } }',
            Request("GET", "/api/documents?tags[contains]=%5B%22demo%22%5D&ownerId=1&fields=id"),
            id="json-and-references",
        ),
        pytest.param(
            'mutation { createUser(input: {name: "A", email: "a@x"}) { __typename } }',
            Request("POST", "/api/users", (JSON,), {"name": "A", "email": "a@x", "role": "user", "bio": None}),
            id="create",
        ),
        pytest.param(
            'mutation { createUser(version: 3, input: {name: "A", email: "a@x"}) { __typename } }',
            Request("POST", "/api/users", (("If-Match", '"3"'), JSON), {"name": "A", "email": "a@x", "role": "user", "bio": None}),
            id="create-from-something",
        ),
        pytest.param(
            'mutation { replaceDocument(id: "d", version: 0, input: {title: "T", ownerId: "2"}) { __typename } }',
            Request(
                "PUT",
                "/api/documents/d",
                (("If-None-Match", "*"), JSON),
                {"title": "T", "content": "", "tags": [], "metadata": {}, "ownerId": 2},
            ),
            id="replace-nothing",
        ),
        pytest.param(
            "mutation { patchStockItem(id: 1, version: 7, patch: {location: null, quantity: 3}) { __typename } }",
            Request(
                "PATCH",
                "/api/stock-items/1",
                (("If-Match", '"7"'), ("Content-Type", "application/merge-patch+json")),
                {"quantity": 3, "location": None},
            ),
            id="merge-patch",
        ),
        pytest.param(
            'mutation { jsonPatchUser(id: 1, operations: [{op: "move", path: "/bio", from: "/name"}]) { __typename } }',
            Request(
                "PATCH",
                "/api/users/1",
                (("Content-Type", "application/json-patch+json"),),
                [{"op": "move", "path": "/bio", "from": "/name"}],
            ),
            id="json-patch",
        ),
        pytest.param('mutation { deleteUser(id: "x") { __typename } }', Request("DELETE", "/api/users/x"), id="a-key-that-no-row-has"),
    ],
)
def test_the_request(explainer: Explainer, text: str, request_: Request) -> None:
    (step,) = steps(explainer, text)
    assert step.request == request_
    assert (step.exact, list(step.notes), list(step.further)) == (True, [], [])


def test_variables_fragments_aliases_and_defaults(explainer: Explainer) -> None:
    """What a document says in a roundabout way is said straight; a variable that was left out is an absent field."""
    text = """
        query Other { __typename }
        mutation Change($id: ID!, $name: String, $bio: String, $role: String = "admin", $wanted: Boolean!) {
          first: patchUser(id: $id, patch: {name: $name, bio: $bio, role: $role}) { ...Done }
          deleteUser(id: 2) @include(if: $wanted) { __typename }
          last: deleteUser(id: 3) @skip(if: $wanted) { __typename }
        }
        fragment Done on PatchUserResult { ... on UserWritten { user { name } } }
    """
    first, second = steps(explainer, text, {"id": 1, "bio": None, "wanted": True}, "Change")
    assert (first.field, second.field) == ("first", "deleteUser")
    assert first.request is not None
    assert first.request.body == {"bio": None, "role": "admin"}
    assert second.request == Request("DELETE", "/api/users/2")


def test_relations_that_need_requests_of_their_own(explainer: Explainer) -> None:
    """What `include` cannot say is a template for each row, and those inside it for each of theirs."""
    text = "{ users { edges { node { documents(first: 2) { edges { node { title owner { documents { totalCount } } } } } } } } }"
    (step,) = steps(explainer, text)
    assert step.request == Request("GET", "/api/users?fields=id")
    assert [(one.each, one.request.target) for one in step.further] == [
        ("users", "/api/documents?ownerId={id}&fields=title,ownerId&limit=2"),
        ("users.documents", "/api/users/{ownerId}?fields=id"),
        ("users.documents.owner", "/api/documents?ownerId={id}&fields=id"),
    ]
    assert not step.exact
    assert len(step.notes) == 3


def test_a_write_shows_its_relations_by_further_requests(explainer: Explainer) -> None:
    text = 'mutation { patchDocument(id: "a", patch: {}) { ... on DocumentWritten { document { owner { name } } } } }'
    (step,) = steps(explainer, text)
    assert [(one.each, one.request.target) for one in step.further] == [("patchDocument", "/api/users/{ownerId}?fields=name")]


def test_rows_by_their_keys(explainer: Explainer) -> None:
    (step,) = steps(explainer, '{ usersByIds(ids: ["2", "1", "2", "x"]) { name } }')
    assert step.request == Request("GET", "/api/users?id[in]=2&id[in]=1&fields=name")
    assert not step.exact
    assert "in the order of their keys" in step.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{ users(last: 3) { totalCount } }", "in front of a cursor", id="the-last-rows"),
        pytest.param("{ users(first: 1000) { totalCount } }", "Refused as invalid: /first: Must be between 1 and 100", id="too-many"),
        pytest.param('{ document(id: "..") { id } }', 'No path addresses the key ".."', id="dots"),
        pytest.param('mutation { deleteDocument(id: "") { __typename } }', 'No path addresses the key ""', id="empty-key"),
        pytest.param('{ usersByIds(ids: ["x"]) { id } }', "None of these keys can be a row's", id="no-keys"),
        pytest.param('{ users(before: "WyJrMSIsMV0", first: 2) { totalCount } }', "`before` alone", id="the-first-before"),
    ],
)
def test_what_has_no_request(explainer: Explainer, text: str, said: str) -> None:
    (step,) = steps(explainer, text)
    assert step.request is None
    assert not step.exact
    assert said in step.notes[0]


@pytest.mark.parametrize(
    ("text", "variables", "name", "said"),
    [
        pytest.param("{ users {", None, None, r"Syntax Error: Expected Name, found <EOF>. \(line 1, column 10\)", id="no-grammar"),
        pytest.param("{ user(id: 1) { nope } }", None, None, "Cannot query field 'nope' on type 'User'", id="unknown-field"),
        pytest.param("{ user { id } }", None, None, "of type 'ID!' is required", id="missing-argument"),
        pytest.param("subscription { users { totalCount } }", None, None, "A subscription has no REST spelling", id="subscription"),
        pytest.param("{ __schema { types { name } } }", None, None, "__schema asks about the schema", id="introspection"),
        pytest.param("{ __typename }", None, None, "selects nothing but __typename", id="nothing"),
        pytest.param("query A { __typename } query B { __typename }", None, None, "There are A, B", id="several"),
        pytest.param("query A { __typename }", None, "C", "There are A", id="no-such-operation"),
        pytest.param("query($id: ID!) { user(id: $id) { id } }", {}, None, r"'\$id'", id="missing-variable"),
        pytest.param(
            "query($n: Int) { users(first: $n) { totalCount } }", {"n": "x"}, None, r"'\$n' has invalid value", id="wrong-variable"
        ),
        pytest.param("   ", None, None, "Nothing was given", id="empty"),
    ],
)
def test_what_is_not_understood(explainer: Explainer, text: str, variables: Any, name: str | None, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        explainer.explain(text, variables, name)
