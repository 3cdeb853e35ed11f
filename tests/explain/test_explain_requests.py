"""Requests in the words of GraphQL: what each becomes, and what is said of those that GraphQL has no words for."""

import json
from typing import Any

import pytest

from diptych.explain import Explainer, InGraphql, InRest, NotUnderstood
from diptych.explain.curl import read_curl, shell_words
from diptych.explain.messages import Message

BASE = "http://127.0.0.1:8000"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")


def explained(explainer: Explainer, text: str) -> InGraphql:
    told = explainer.explain(text)
    assert isinstance(told, InGraphql)
    return told


@pytest.mark.parametrize(
    ("text", "call", "variables"),
    [
        pytest.param("GET /api/users/1", "user(id: $id)", {"id": "1"}, id="fetch"),
        pytest.param(
            "GET /api/users?role=admin&limit=5",
            "users(where: $where, first: $first)",
            {"where": {"role": {"eq": "admin"}}, "first": 5},
            id="list",
        ),
        pytest.param(
            "GET /api/documents?ownerId=7&order=-title",
            "documents(where: $where, orderBy: $orderBy)",
            {"where": {"ownerId": {"eq": "7"}}, "orderBy": ["TITLE_DESC"]},
            id="references",
        ),
        pytest.param("GET /api/users?before=WyJrMSIsMV0", "users(before: $before)", {"before": "WyJrMSIsMV0"}, id="backwards"),
        pytest.param(
            'PUT /api/users/1\nIf-Match: "3"\n\n{"name": "A", "email": "a@x"}',
            "replaceUser(id: $id, version: $version, input: $input)",
            {"id": "1", "version": 3, "input": {"name": "A", "email": "a@x"}},
            id="replace",
        ),
        pytest.param(
            'PUT /api/documents/d\nIf-None-Match: *\n\n{"title": "T"}',
            "replaceDocument(id: $id, version: $version, input: $input)",
            {"id": "d", "version": 0, "input": {"title": "T"}},
            id="if-nothing-is-there",
        ),
        pytest.param(
            'PATCH /api/documents/d\n\n{"ownerId": 2}',
            "patchDocument(id: $id, patch: $patch)",
            {"id": "d", "patch": {"ownerId": "2"}},
            id="merge-patch",
        ),
        pytest.param(
            'PATCH /api/users/1\nContent-Type: application/json-patch+json\n\n[{"op": "remove", "path": "/bio"}]',
            "jsonPatchUser(id: $id, operations: $operations)",
            {"id": "1", "operations": [{"op": "remove", "path": "/bio"}]},
            id="json-patch",
        ),
        pytest.param(
            'DELETE /api/users/1\nIf-Match: "x"', "deleteUser(id: $id, version: $version)", {"id": "1", "version": -1}, id="a-tag-of-none"
        ),
        pytest.param(
            'PUT /api/users/1\n\n{"id": 1, "name": "A", "email": "a@x"}',
            "replaceUser(id: $id, input: $input)",
            {"id": "1", "input": {"name": "A", "email": "a@x"}},
            id="the-key-in-the-document",
        ),
    ],
)
def test_the_operation(explainer: Explainer, text: str, call: str, variables: Any) -> None:
    told = explained(explainer, text)
    assert told.operation is not None, told.notes
    assert call in told.operation.query
    assert told.operation.variables == variables
    assert (told.exact, list(told.notes)) == (True, [])


def test_views_are_selections(explainer: Explainer) -> None:
    told = explained(explainer, "GET /api/users/1?fields=id,name&include=documents")
    assert told.operation is not None
    assert "bio" not in told.operation.query
    assert "documents {" in told.operation.query
    back = explainer.operation(told.operation.query, told.operation.variables)
    assert back.steps[0].request is not None
    assert back.steps[0].request.target == "/api/users/1?fields=id,name&include=documents"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("DELETE /api/users/1\nPrefer: return=minimal", "Prefer has no GraphQL spelling", id="prefer"),
        pytest.param('GET /api/users/1\nIf-None-Match: "3"', "GraphQL has no conditional reads", id="conditional-read"),
        pytest.param("HEAD /api/users/1", "GraphQL has no HEAD", id="head"),
        pytest.param("GET /api/users\nAccept: application/x-ndjson", "GraphQL has no streams", id="stream"),
        pytest.param('PATCH /api/users/1\n\n{"version": 3}', "REST answers 409 for it and 412 for If-Match", id="version-in-document"),
        pytest.param('POST /api/users\nIf-None-Match: *\n\n{"name": "A", "email": "a@x"}', "A create starts from nothing", id="create"),
    ],
)
def test_what_differs_is_said(explainer: Explainer, text: str, said: str) -> None:
    told = explained(explainer, text)
    assert told.operation is not None
    assert not told.exact
    assert said in told.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('DELETE /api/users/1\nIf-Match: "1", "2"', "If-Match has several", id="several-tags"),
        pytest.param("DELETE /api/users/1\nIf-Match: *", "nothing like `If-Match: *`", id="star"),
        pytest.param('DELETE /api/users/1\nIf-None-Match: "7"', "name the version that was read", id="not-at"),
        pytest.param('DELETE /api/users/1\nIf-Match: "1"\nIf-None-Match: "7"', "two conditions", id="both"),
        pytest.param("PUT /api/users/1\n\n{", r"The content cannot be read: The content is not JSON (at byte 1)", id="unreadable"),
        pytest.param('POST /api/users\n\n{"name": 1}', "The schema refuses what REST answers as it finds it", id="wrong-type"),
        pytest.param('PATCH /api/documents/d\n\n{"ownerId": "2"}', "it would read the values as others", id="text-for-a-number"),
        pytest.param('PATCH /api/users/1\n\n{"version": "3"}', "The schema refuses", id="version-is-text"),
        pytest.param("GET /api/users?id[gt]=1", "The schema refuses", id="keys-have-no-order"),
        pytest.param("DELETE /api/stock-items/1", "The schema refuses", id="version-required"),
    ],
)
def test_what_has_no_operation(explainer: Explainer, text: str, said: str) -> None:
    told = explained(explainer, text)
    assert told.operation is None
    assert not told.exact
    assert said in told.notes[-1]


def test_other_fields_are_named_and_not_shown(explainer: Explainer) -> None:
    """A secret stays where it was."""
    told = explained(explainer, "GET /api/users/1\nAuthorization: Bearer hunter2")
    assert told.exact
    assert told.notes == ("Send Authorization with the GraphQL request too.",)
    assert "hunter2" not in json.dumps(told.to_json(BASE))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("GET /api/nothing", "Nothing is served at /api/nothing; there are /api/users, /api/documents", id="no-path"),
        pytest.param("GET /api/users/", "Nothing is served at /api/users/", id="slash-at-the-end"),
        pytest.param("GET /", "Nothing is served at /", id="root"),
        pytest.param("PUT /api/users", "/api/users takes GET, HEAD, POST, OPTIONS; PUT is none of them", id="no-method"),
        pytest.param("OPTIONS /api/users", "OPTIONS asks what a path takes", id="options"),
        pytest.param("PUT /graphql", "takes GET and POST", id="method-of-graphql"),
        pytest.param("PUT /api/users/1\nContent-Type: text/plain\n\nx", "would answer 415 unsupported_media_type", id="media-type"),
        pytest.param("GET /api/users/1\nAccept: text/html", "would answer 406 not_acceptable", id="not-acceptable"),
        pytest.param("DELETE /api/users/1\nIf-Match: 3", "would answer 400 malformed", id="malformed-condition"),
        pytest.param(
            "GET /api/users?colour=red&limit=x", "/colour: There is no such parameter.; /limit: Must be an integer", id="parameters"
        ),
        pytest.param("GET /api/users/1\nno field", "write it as Name: value", id="no-field"),
        pytest.param("GET /api/users/1\nX-Ü: 1", "write it as Name: value", id="no-name"),
        pytest.param("GET /api/users/1\nX-A: Ω", "must be Latin-1", id="no-latin"),
        pytest.param("GET /api/users?name=ü", "percent-encoded", id="not-encoded"),
        pytest.param("GET http://[::1/api/users", "cannot be read", id="no-address"),
        pytest.param("curl", "has no address", id="curl-without-anything"),
        pytest.param("curl a b", "has 2 addresses", id="two-addresses"),
        pytest.param("curl 'http://h/api/users", "No closing quotation|no closing quotation", id="open-quote"),
        pytest.param("curl -F x=y http://h/api/users", "The curl option -F is not known here", id="unknown-option"),
        pytest.param("curl --upload-file x http://h/", "The curl option --upload-file is not known here", id="unknown-long-option"),
        pytest.param("curl -d @file http://h/api/users", "from a file", id="file"),
        pytest.param("curl http://h/api/users -H", "-H has no value", id="no-value"),
        pytest.param("curl --json {} -d x http://h/api/users", "--json together with -d", id="content-twice"),
        pytest.param("curl http://h/api/users -d '{}'", "would answer 415", id="a-form"),
    ],
)
def test_what_is_not_understood(explainer: Explainer, text: str, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        explainer.explain(text)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(f"curl {BASE}/api/users", Message("GET", "/api/users"), id="an-address"),
        pytest.param("curl localhost:8000/api/users?a=b", Message("GET", "/api/users?a=b"), id="no-scheme"),
        pytest.param(f"curl -si -XDELETE {BASE}/api/users/1", Message("DELETE", "/api/users/1"), id="letters-together"),
        pytest.param(f"curl -isX put --url={BASE}/a", Message("PUT", "/a"), id="long-with-equals"),
        pytest.param(f"curl {BASE}/a -d a=1 --data b=2", Message("POST", "/a", (FORM,), b"a=1&b=2"), id="a-form"),
        pytest.param(
            f"curl -X PUT {BASE}/a \\\n  -H 'content-type: application/json' \\\n--data-raw '@x'",
            Message("PUT", "/a", (("content-type", "application/json"),), b"@x"),
            id="several-lines",
        ),
        pytest.param(f"curl --json '{{}}' {BASE}/a", Message("POST", "/a", (JSON, ("Accept", "application/json")), b"{}"), id="json"),
        pytest.param(f"curl -G {BASE}/a --data-urlencode 'w={{\"a b\"}}' -d c", Message("GET", "/a?w=%7B%22a%20b%22%7D&c"), id="get"),
        pytest.param(f"curl -I {BASE}/a -H 'X:' -H 'Y: 1'", Message("HEAD", "/a", (("Y", "1"),)), id="a-field-taken-away"),
    ],
)
def test_curl_lines(line: str, message: Message) -> None:
    assert read_curl(shell_words(line)[1:]) == message


def test_a_request_that_carries_an_operation(explainer: Explainer) -> None:
    """What goes to the GraphQL door is explained as what it carries, by POST and by GET."""
    body = json.dumps({"query": "query($id: ID!) { user(id: $id) { name } }", "variables": {"id": "1"}})
    for text in (
        f"curl {BASE}/graphql --json '{body}'",
        f"curl -G {BASE}/graphql --data-urlencode 'query={{ user(id: \"1\") {{ name }} }}'",
    ):
        told = explainer.explain(text)
        assert isinstance(told, InRest)
        (step,) = told.steps
        assert step.request is not None
        assert step.request.target == "/api/users/1?fields=name"
    with pytest.raises(NotUnderstood, match="This is no GraphQL request"):
        explainer.explain("POST /graphql\n\n[]")
