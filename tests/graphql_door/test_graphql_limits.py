"""Hostile documents: none crashes the door, none grows it, and none fills the log."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest
import strawberry

from diptych.graphql.documents import LONGEST_KEPT, MOST_BYTES_KEPT, MOST_KEPT, Document, Documents
from diptych.resource.shape import ResourceShape
from diptych.semantics.limits import Limits
from tests.graphql_door.client import Client


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


def chain(length: int, inner: str = "...f{}") -> str:
    """Fragments that spread one another without any bracket growing deep."""
    spreads = "".join(f"fragment f{number} on Query {{ {inner.format(number + 1)} }} " for number in range(length))
    return "{ ...f0 } " + spreads + f"fragment f{length} on Query {{ __typename }}"


def with_metadata(literal: str) -> str:
    """A mutation that puts a literal at the fourth level of brackets."""
    return f'mutation {{ createDocument(input: {{id: "a", title: "t", metadata: {literal}}}) {{ __typename }} }}'


HOSTILE = [
    pytest.param("{" * 65 + "__typename" + "}" * 65, id="65-braces"),
    pytest.param("{ user(id: " + "[" * 100_000 + ") { id } }", id="100000-brackets"),
    pytest.param("{ user(id: " + "[" * 70 + "]" * 70 + ") { id } }", id="70-brackets"),
    pytest.param(
        'mutation { createDocument(input: {id: "a", title: "t", metadata: ' + "[" * 62 + "]" * 62 + "}) { __typename } }", id="json"
    ),
    pytest.param("query ($a: " + "[" * 100 + "Int" + "]" * 100 + ") { __typename }", id="type-of-100-lists"),
    pytest.param("{ user(id: " + "9" * 5000 + ") { id } }", id="5000-digits"),
    pytest.param('mutation { patchDocument(id: "a", patch: {metadata: 1e999}) { __typename } }', id="1e999"),
    pytest.param('mutation { patchDocument(id: "a", patch: {metadata: -1e999}) { __typename } }', id="-1e999"),
    pytest.param('{ user(id: "\\ud800") { id } }', id="surrogate"),
    pytest.param('{ user(id: "' + "x" * 100, id="text-without-end"),
    pytest.param("{ " + "__typename " * 5000 + "}", id="5000-tokens"),
    pytest.param("{ __typename } " + "# c\n" * 5000, id="5000-comments"),
    pytest.param("{ __typename " + "@skip(if: false) " * 700 + "}", id="700-directives"),
    pytest.param(chain(1200), id="1200-fragments"),
    pytest.param(chain(390), id="390-fragments"),
    pytest.param(chain(300, "... {{ ...f{} }}"), id="300-fragments-in-fragments"),
    pytest.param("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", id="a-circle"),
    pytest.param("\0", id="nul"),
    pytest.param("{ __typename \0 }", id="nul-inside"),
    pytest.param("{ user(id: 1) { ...F } } fragment F on Nothing { id }", id="unknown-type"),
    pytest.param("query ($a: Int, $a: Int) { __typename }", id="variable-declared-twice"),
]


@pytest.mark.parametrize("query", HOSTILE)
async def test_hostile_documents_are_request_errors(client: Client, query: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await client.post(query)
    assert (answer.status_code, answer.json().keys()) == (400, {"errors"})
    assert [record for record in caplog.records if record.levelno > logging.INFO or record.exc_info] == []


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{ " + "... { " * 62 + "__typename" + " }" * 63, id="63-levels"),
        pytest.param(
            'mutation { createDocument(input: {id: "a", title: "t", metadata: {a: ' + "[" * 60 + "]" * 60 + "}}) { __typename } }", id="64"
        ),
        pytest.param("{ a: user(id: " + "9" * 400 + ") { id } }", id="400-digits"),
        pytest.param(chain(100), id="100-fragments"),
        pytest.param('{ user(id: "' + "{[(" * 1000 + '") { id } }', id="brackets-in-text"),
        pytest.param("{ __typename } # " + "{[(" * 1000, id="brackets-in-a-comment"),
        pytest.param("{ " + "".join(f"a{number}: user(id: 1) {{ id }} " for number in range(100)) + "}", id="100-aliases"),
    ],
)
async def test_what_is_merely_large_runs(client: Client, query: str) -> None:
    assert (await client.post(query)).status_code == 200


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        pytest.param("query ($id: ID!) { user(id: $id) { id } }", {"id": [[[["x"]]]]}, id="list-for-an-id"),
        pytest.param("query ($id: ID!) { user(id: $id) { id } }", {"id": "x" * 500_000}, id="long-text"),
        pytest.param("query ($f: Int) { users(first: $f) { __typename } }", {"f": "z" * 500_000}, id="long-wrong-text"),
        pytest.param("query ($f: Int) { users(first: $f) { __typename } }", {"f": 10**390}, id="long-number"),
        pytest.param(
            "mutation ($i: CreateDocumentInput!) { createDocument(input: $i) { __typename } }",
            {"i": {"id": "a", "title": "t", "metadata": {"a": [[[[[[[[[[1]]]]]]]]]]}, "tags": [[[[[[[[]]]]]]]]}},
            id="nested-wrong",
        ),
    ],
)
async def test_hostile_variables(client: Client, query: str, variables: Any) -> None:
    answer = await client.post(query, variables)
    assert answer.status_code in (200, 400)
    assert "internal" not in answer.text


async def test_expected_errors_are_not_logged(client: Client, ada: str, caplog: pytest.LogCaptureFixture) -> None:
    """Strawberry by itself logs every one of them, with a stack."""
    with caplog.at_level(logging.DEBUG):
        await client.post("{ nothing }")
        await client.post("{")
        await client.post("query ($a: Int!) { users(first: $a) { __typename } }", {"a": "x"})
        await client.post("{ users(first: 0) { __typename } }")
        await client.post('mutation { createUser(input: {name: "", email: ""}) { __typename } }')
        await client.post("mutation ($id: ID!) { deleteUser(id: $id, version: 7) { __typename } }", {"id": ada})
    assert [record for record in caplog.records if record.levelno > logging.INFO or record.exc_info] == []


# What is remembered of documents


def test_what_a_plan_takes_is_not_counted_for_a_document_that_was_dropped(documents: Documents) -> None:
    """The operation may still be running when others push its document out."""
    dropped = read(documents, "{ __typename }")
    for number in range(MOST_KEPT):
        read(documents, f"{{ a{number}: __typename }}")
    weight = documents.weight
    documents.grown(dropped, 1000)
    assert (documents.keeps(dropped), documents.weight) == (False, weight)


@pytest.fixture
def documents(schema: strawberry.Schema, shapes: Sequence[ResourceShape]) -> Documents:
    # What is remembered is bounded by itself, also where documents may be larger than usual.
    return Documents(schema, shapes, Limits(aliases=1000, root_fields=1000))


def read(documents: Documents, text: str) -> Document:
    document = documents.read(text)
    assert isinstance(document, Document)
    return document


def test_a_document_is_read_once(documents: Documents) -> None:
    assert read(documents, "{ __typename }") is read(documents, "{ __typename }")
    assert len(documents) == 1


def test_documents_are_told_apart_by_every_character(documents: Documents) -> None:
    texts = ["{ __typename }", "{ __typename  }", "{ a: __typename }", "{ A: __typename }", "{ __typename }\n"]
    assert len({id(read(documents, text).tree) for text in texts}) == len(texts) == len(documents)


def test_variety_does_not_grow_what_is_remembered(documents: Documents) -> None:
    often = read(documents, "{ often: __typename }")
    for number in range(MOST_KEPT * 3):
        read(documents, f"{{ a{number}: __typename }}")
        assert read(documents, "{ often: __typename }") is often, "what is used stays"
    assert len(documents) == MOST_KEPT
    kept = [read(documents, f"{{ a{number}: __typename }}") for number in range(MOST_KEPT * 3 - 1, MOST_KEPT * 2, -1)]
    assert documents.weight == often.weight + sum(document.weight for document in kept)


def test_large_documents_do_not_grow_it_either(documents: Documents) -> None:
    many = " ".join(f"a{number}: __typename" for number in range(900))
    for number in range(40):
        read(documents, f"{{ b{number}: __typename {many} }}")
    assert 10 < len(documents) < 40
    assert documents.weight <= MOST_BYTES_KEPT


def test_very_long_documents_are_not_remembered(documents: Documents) -> None:
    read(documents, "{ __typename }" + " " * LONGEST_KEPT)
    assert len(documents) == documents.weight == 0


def test_refused_documents_are_not_remembered(documents: Documents) -> None:
    for text in ("{", "{ nothing }", "{" * 70):
        assert not isinstance(documents.read(text), Document)
    assert len(documents) == documents.weight == 0
