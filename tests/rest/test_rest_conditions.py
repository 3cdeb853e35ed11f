"""Preconditions on writes, as RFC 9110 section 13 has them."""

import httpx
import pytest

from tests.rest.calls import DOCUMENT, STOCK, USER, WRITES, Lines, new, told, write

pytestmark = pytest.mark.asyncio(loop_scope="module")


def match(*fields: str) -> Lines:
    return [("if-match", field) for field in fields]


def none_match(*fields: str) -> Lines:
    return [("if-none-match", field) for field in fields]


DONE, STALE, MALFORMED, REQUIRED = "done", "version_mismatch", "malformed", "precondition_required"
STATUS = {STALE: 412, MALFORMED: 400, REQUIRED: 428}


@pytest.mark.parametrize(
    ("lines", "optional", "required"),
    [
        pytest.param(match('"2"'), DONE, DONE, id="the-current-tag"),
        pytest.param(match('"1", "2"'), DONE, DONE, id="one-of-a-list"),
        pytest.param(match('"1"', '"2"'), DONE, DONE, id="one-of-two-lines"),
        pytest.param(match('"a,b", "2"'), DONE, DONE, id="after-a-tag-with-a-comma"),
        pytest.param(match(', "2",'), DONE, DONE, id="between-empty-elements"),
        pytest.param(match("*"), DONE, DONE, id="star"),
        pytest.param(match('"1"'), STALE, STALE, id="an-old-tag"),
        pytest.param(match('"3"'), STALE, STALE, id="a-tag-to-come"),
        pytest.param(match('W/"2"'), STALE, STALE, id="weak-never-matches"),
        pytest.param(match('""'), STALE, STALE, id="an-empty-tag"),
        pytest.param(match('"02"'), STALE, STALE, id="a-leading-zero-is-another-tag"),
        pytest.param(match('"+2"'), STALE, STALE, id="a-sign-is-another-tag"),
        pytest.param(match('"x"'), STALE, STALE, id="a-foreign-tag"),
        pytest.param(match('"0"'), STALE, STALE, id="zero-is-no-tag"),
        pytest.param(match('"' + "2" * 4000 + '"'), STALE, STALE, id="thousands-of-digits"),
        pytest.param(match("2"), MALFORMED, MALFORMED, id="unquoted"),
        pytest.param(match('"2'), MALFORMED, MALFORMED, id="half-quoted"),
        pytest.param(match(""), MALFORMED, MALFORMED, id="empty"),
        pytest.param(match('*, "2"'), MALFORMED, MALFORMED, id="star-and-a-tag"),
        pytest.param(match("*", '"2"'), MALFORMED, MALFORMED, id="star-and-a-tag-on-two-lines"),
        pytest.param(none_match("x"), MALFORMED, MALFORMED, id="none-match-unquoted"),
        pytest.param([*match('"2"'), *none_match("")], MALFORMED, MALFORMED, id="none-match-empty-beside-one-that-holds"),
        pytest.param([*match('"2"'), *none_match("*")], STALE, STALE, id="first-true-second-false"),
        pytest.param([*match('"1"'), *none_match('"x"')], STALE, STALE, id="first-false-second-true"),
        pytest.param([*match('"2"'), *none_match('"1"')], DONE, DONE, id="both-true"),
        pytest.param(none_match("*"), STALE, STALE, id="only-if-nothing-is-there"),
        pytest.param(none_match('"2"'), STALE, STALE, id="not-at-the-current-tag"),
        pytest.param(none_match('W/"2"'), STALE, STALE, id="not-at-compares-weakly"),
        pytest.param(none_match('"1"', 'W/"2"'), STALE, STALE, id="not-at-two-lines"),
        pytest.param(none_match('"1"'), DONE, REQUIRED, id="a-true-not-at-protects-nothing"),
        pytest.param([], DONE, REQUIRED, id="nothing-said"),
        pytest.param([("if-unmodified-since", "Fri, 17 May 2024 09:30:00 GMT")], DONE, REQUIRED, id="a-date-says-nothing"),
        pytest.param([("if-modified-since", "Fri, 17 May 2999 09:30:00 GMT")], DONE, REQUIRED, id="nor-does-a-date-to-come"),
        pytest.param([*match('"2"'), ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT")], DONE, DONE, id="nor-one-beside-a-tag"),
        pytest.param([*match('"1"'), ("if-unmodified-since", "Fri, 17 May 2999 09:30:00 GMT")], STALE, STALE, id="nor-does-one-mend-a-tag"),
    ],
)
async def test_conditions_on_a_row_at_version_2(client: httpx.AsyncClient, lines: Lines, optional: str, required: str) -> None:
    for subject, expected in ((USER, optional), (STOCK, required)):
        for kind in WRITES:
            item = await new(client, subject, version=2)
            answer = await write(client, kind, item, lines)
            if expected == DONE:
                assert answer.status_code == (204 if kind == "DELETE" else 200), (kind, answer.text)
                continue
            body = told(answer, STATUS[expected], expected)
            if expected == STALE:
                assert (answer.headers["etag"], body["currentVersion"], body["current"]) == ('"2"', 2, item.row)
            else:
                assert "etag" not in answer.headers
            if expected == REQUIRED:
                assert body["requires"] == "If-Match"
            unchanged = await client.get(item.path)
            assert (unchanged.headers["etag"], unchanged.json()) == ('"2"', item.row)


@pytest.mark.parametrize("path", ["/api/users/2147483647", "/api/users/nobody", "/api/stock-items/2147483647"])
@pytest.mark.parametrize(
    "lines", [[], match("*"), match('"1"'), none_match("*"), none_match('"1"'), [*match('"1"'), *none_match("*")]], ids=str
)
async def test_where_no_row_is_the_answer_is_404_whatever_the_conditions(client: httpx.AsyncClient, path: str, lines: Lines) -> None:
    for method in ("GET", "HEAD", "DELETE"):
        told(await client.request(method, path, headers=lines), 404, "not_found")
    for method in ("PUT", "PATCH"):
        for content in (b"{}", b"not JSON", b'{"version": 9}'):
            sent = await client.request(method, path, headers=[*lines, ("content-type", "application/json")], content=content)
            told(sent, 404, "not_found")


@pytest.mark.parametrize("field", ["if-match", "if-none-match"])
@pytest.mark.parametrize("path", ["/api/users", "/api/users/2147483647"])
async def test_a_malformed_condition_comes_before_404_on_every_method_but_options(door: httpx.AsyncClient, path: str, field: str) -> None:
    methods = ("GET", "HEAD", "POST") if path == "/api/users" else ("GET", "HEAD", "PUT", "PATCH", "DELETE")
    for method in methods:
        content: dict[str, str] | None = {} if method in ("POST", "PUT", "PATCH") else None
        told(await door.request(method, path, headers={field: "7"}, json=content), 400, "malformed")
    assert (await door.options(path, headers={field: "7"})).status_code == 204


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        pytest.param(match("*"), 412, id="nothing-is-there"),
        pytest.param(match('"1"'), 412, id="nothing-is-at-1"),
        pytest.param([*match('"1"'), *none_match("*")], 412, id="one-of-two-fails"),
        pytest.param(none_match("*"), 201, id="only-if-nothing-is-there"),
        pytest.param(none_match('"1"'), 201, id="not-at-1"),
        pytest.param([], 201, id="nothing-said"),
    ],
)
async def test_a_put_where_the_client_chooses_keys_and_nothing_is_there(client: httpx.AsyncClient, lines: Lines, status: int) -> None:
    path = f"/api/documents/{DOCUMENT.document()['id']}"
    answer = await client.put(path, json={"title": "t"}, headers=lines)
    if status == 412:
        body = told(answer, 412, "version_mismatch")
        assert (body["currentVersion"], body["current"], "etag" in answer.headers) == (0, None, False)
        assert (await client.get(path)).status_code == 404
    else:
        assert (answer.status_code, answer.headers["etag"], answer.headers["location"]) == (201, '"1"', path)


@pytest.mark.parametrize("field", ["*", '"1"', '"x"', 'W/"1"'])
async def test_a_create_starts_from_nothing_so_no_if_match_holds(client: httpx.AsyncClient, field: str) -> None:
    for subject in (USER, DOCUMENT, STOCK):
        answer = await client.post(subject.path, json=subject.document(), headers=match(field))
        body = told(answer, 412, "version_mismatch")
        assert (body["currentVersion"], body["current"], "etag" in answer.headers) == (0, None, False)


async def test_a_taken_key_is_a_conflict_or_under_star_a_failed_condition(client: httpx.AsyncClient) -> None:
    taken = await new(client, DOCUMENT, version=2)
    document = {**taken.document, "id": taken.row["id"]}
    for lines, status in (([], 409), (none_match('"1"'), 409), (none_match("*"), 412)):
        answer = await client.post(DOCUMENT.path, json=document, headers=lines)
        body = told(answer, status, "already_exists")
        assert (answer.headers["etag"], body["key"], body["currentVersion"]) == ('"2"', taken.row["id"], 2)
    free = await client.post(DOCUMENT.path, json=DOCUMENT.document(), headers=none_match("*"))
    assert free.status_code == 201


async def test_a_stale_write_is_refused_even_when_its_effect_is_there(client: httpx.AsyncClient) -> None:
    """A client whose answer was lost sends again: the refusal shows that the write has happened."""
    item = await new(client, STOCK)
    first = await client.put(item.path, json=item.changed, headers=match('"1"'))
    assert first.status_code == 200
    again = await client.put(item.path, json=item.changed, headers=match('"1"'))
    assert told(again, 412, "version_mismatch")["current"] == first.json()


@pytest.mark.parametrize(
    ("lines", "version", "status", "code"),
    [
        pytest.param([], 2, 200, None, id="the-document-names-the-version"),
        pytest.param([], 2.0, 200, None, id="as-a-number-with-a-fraction-of-nothing"),
        pytest.param([], 1, 409, "version_mismatch", id="the-document-names-an-old-one"),
        pytest.param([], 0, 409, "version_mismatch", id="the-document-says-that-nothing-is-there"),
        pytest.param([], -1, 409, "version_mismatch", id="a-number-that-no-version-has"),
        pytest.param([], 10**30, 409, "version_mismatch", id="a-number-beyond-all-versions"),
        pytest.param([], "2", 400, "invalid", id="text"),
        pytest.param([], None, 400, "invalid", id="null"),
        pytest.param([], True, 400, "invalid", id="true-is-not-1"),
        pytest.param(match('"2"'), 2, 200, None, id="both-name-it"),
        pytest.param(match('"2"'), 1, 400, "invalid", id="they-contradict-each-other"),
        pytest.param(match('"1"'), 2, 412, "version_mismatch", id="the-field-is-judged-first"),
        pytest.param(match('"1", "2"'), 1, 409, "version_mismatch", id="named-by-the-field-but-not-current"),
        pytest.param(match("*"), 1, 409, "version_mismatch", id="star-names-no-version"),
        pytest.param(match("*"), 2, 200, None, id="star-and-the-current-one"),
        pytest.param(none_match('"1"'), 2, 200, None, id="beside-a-condition-that-protects-nothing"),
    ],
)
async def test_a_version_in_the_document(client: httpx.AsyncClient, lines: Lines, version: object, status: int, code: str | None) -> None:
    for subject in (USER, STOCK):
        for kind in ("PUT", "PATCH merge"):
            item = await new(client, subject, version=2)
            document = {**(item.changed if kind == "PUT" else subject.change), "version": version}
            answer = await write(client, kind, item, lines, json=document)
            body = told(answer, status, code)
            if status == 409:
                assert (answer.headers["etag"], body["currentVersion"], body["current"]) == ('"2"', 2, item.row)
            if status == 400:
                assert [violation["pointer"] for violation in body["violations"]] == ["/version"]


@pytest.mark.parametrize("content", [b'{"quantity": "many"}', b"{", b"[]", b"", b'{"version": 1, "quantity": 1', b"\xff"])
async def test_conditions_are_judged_before_the_content(client: httpx.AsyncClient, content: bytes) -> None:
    """RFC 9110 section 13.2.1: a stale or unconditional write is told so, whatever it carries."""
    item = await new(client, STOCK, version=2)
    for method, media in (("PUT", "application/json"), ("PATCH", "application/merge-patch+json"), ("PATCH", "application/json-patch+json")):
        typed = ("content-type", media)
        stale = await client.request(method, item.path, content=content, headers=[typed, *match('"1"')])
        told(stale, 412, "version_mismatch")
        unconditional = await client.request(method, item.path, content=content, headers=[typed])
        told(unconditional, 428, "precondition_required")


async def test_both_weak_and_strong_tags_stay_with_the_row_through_a_refused_write(client: httpx.AsyncClient) -> None:
    item = await new(client, USER, version=2)
    for content in (b'[{"op": "replace", "path": "/name", "value": "New"}, {"op": "test", "path": "/role", "value": "x"}]', b"[{}]"):
        answer = await client.patch(item.path, content=content, headers={"content-type": "application/json-patch+json"})
        assert answer.status_code in (409, 422)
    now = await client.get(item.path)
    assert (now.json(), now.headers["etag"]) == (item.row, '"2"')
