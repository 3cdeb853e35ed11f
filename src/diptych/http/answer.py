"""Answers: a status, header fields and bytes, written once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from pydantic_core import to_json

from diptych.http.asgi import Send
from diptych.semantics.frozen import frozen
from diptych.semantics.json_value import JSON
from diptych.semantics.problems import Problem

Fields: TypeAlias = Sequence[tuple[bytes, bytes]]

JSON_TYPE: Final = (b"content-type", b"application/json")
PROBLEM_TYPE: Final = (b"content-type", b"application/problem+json")
NO_STORE: Final = (b"cache-control", b"no-store")


@frozen
class Answer:
    """`body` is None where the status allows no content; otherwise its length is sent, to HEAD as well."""

    status: int
    fields: Fields
    body: bytes | None = None

    def stamped(self, stamps: Fields) -> "Answer":
        """The same with more header fields."""
        return replace(self, fields=(*self.fields, *stamps))


def json_bytes(value: JSON) -> bytes:
    """Write JSON text, in UTF-8 and without spaces. Integers may be of any size."""
    return to_json(value)


def problem_answer(problem: Problem, prefix: str, fields: Fields = ()) -> Answer:
    """Write a problem. `prefix` is the application's root path, which `type` carries. Source: RFC 9457 section 3."""
    body = {
        "type": prefix + problem.kind.path,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.facts,
        # `code` after the facts: it is ours, and no fact may take its place.
        "code": problem.code,
    }
    return Answer(problem.status, (PROBLEM_TYPE, NO_STORE, *fields), json_bytes(body))


async def send_answer(send: Send, answer: Answer, *, head: bool = False) -> None:
    """Send an answer; to HEAD, every field and no content (RFC 9110 section 9.3.2)."""
    fields = list(answer.fields)
    if answer.body is not None:
        fields.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if head or answer.body is None else answer.body})
