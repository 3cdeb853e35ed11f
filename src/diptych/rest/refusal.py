"""What the door itself refuses, before there is a command: problems of HTTP, with the fields that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.http.answer import Answer, Fields, problem_answer
from diptych.semantics.json_value import JSON
from diptych.semantics.problems import Problem, problem


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that goes no further; `fields` are those of its answer besides the usual ones."""

    problem: Problem
    fields: Fields = ()

    def answer(self, prefix: str) -> Answer:
        return problem_answer(self.problem, prefix, self.fields)


def no_such_path() -> Refused:
    return Refused(problem("not_found", "Nothing is served at this path."))


def method_not_allowed(methods: Sequence[str]) -> Refused:
    """Name every method of the path. Source: RFC 9110 sections 10.2.1, 15.5.6."""
    listed = ", ".join(methods)
    return Refused(problem("method_not_allowed", f"This path takes {listed}."), ((b"allow", listed.encode()),))


def unsupported_media_type(field: bytes, media: Sequence[str]) -> Refused:
    """Name the types that are read; `field` is Accept, or Accept-Patch on a PATCH.

    Source: RFC 9110 section 15.5.16, RFC 5789 section 2.2.
    """
    listed = ", ".join(media)
    return Refused(problem("unsupported_media_type", f"The content must be {listed}, in UTF-8."), ((field, listed.encode()),))


def unsupported_coding() -> Refused:
    """Say that content is taken as it is only. Source: RFC 9110 section 12.5.3."""
    return Refused(problem("unsupported_media_type", "The content must come without a coding."), ((b"accept-encoding", b"identity"),))


def not_acceptable(*media: str) -> Refused:
    return Refused(problem("not_acceptable", f"Only {' or '.join(media)} can be produced here."))


def content_too_large(most_bytes: int) -> Refused:
    return Refused(problem("content_too_large", f"The content must have at most {most_bytes} bytes."))


def malformed(reason: str) -> Refused:
    return Refused(problem("malformed", reason))


def no_tag_matches() -> Refused:
    """A condition that asks for a strong tag of a collection, which has none. Source: RFC 9110 section 13.1.1."""
    nothing: dict[str, JSON] = {"currentVersion": 0, "current": None}
    return Refused(problem("version_mismatch", "A collection has no strong entity-tag, so none can match.", **nothing))
