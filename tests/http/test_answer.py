"""Answers are written once, and problems have one shape (RFC 9457)."""

import json

from diptych.http.answer import JSON_TYPE, NO_STORE, PROBLEM_TYPE, Answer, json_bytes, problem_answer, send_answer
from diptych.http.asgi import Message
from diptych.semantics.problems import problem


def test_json_is_compact_utf_8_with_integers_of_any_size() -> None:
    assert json_bytes({"é": [1, 2**70, None, 1.5]}) == '{"é":[1,1180591620717411303424,null,1.5]}'.encode()


def test_a_problem() -> None:
    answer = problem_answer(problem("version_exhausted", "No more.", key="a"), "/shop", [(b"etag", b'"7"')])
    assert answer.status == 409
    assert answer.fields == (PROBLEM_TYPE, NO_STORE, (b"etag", b'"7"'))
    assert json.loads(answer.body or b"") == {
        "type": "/shop/problems/version-exhausted",
        "title": "Versions exhausted",
        "status": 409,
        "detail": "No more.",
        "key": "a",
        "code": "version_exhausted",
    }


async def sent(answer: Answer, *, head: bool) -> list[Message]:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await send_answer(send, answer, head=head)
    return messages


async def test_head_has_every_field_and_no_content() -> None:
    answer = Answer(200, (JSON_TYPE, (b"etag", b'"7"')), b"{}")
    start = {"type": "http.response.start", "status": 200, "headers": [JSON_TYPE, (b"etag", b'"7"'), (b"content-length", b"2")]}
    assert await sent(answer, head=False) == [start, {"type": "http.response.body", "body": b"{}"}]
    assert await sent(answer, head=True) == [start, {"type": "http.response.body", "body": b""}]


async def test_an_answer_that_allows_no_content_has_no_length() -> None:
    start = {"type": "http.response.start", "status": 204, "headers": []}
    assert await sent(Answer(204, ()), head=False) == [start, {"type": "http.response.body", "body": b""}]
