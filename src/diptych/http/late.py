"""What is answered where a request did not come in time: the same through both doors."""

from typing import Final

from diptych.http.answer import Answer, problem_answer
from diptych.semantics.limits import Limits
from diptych.semantics.problems import problem

# What is left of the content is not waited for, so the connection cannot be used again (RFC 9112 section 9.6).
_FIELDS: Final = ((b"retry-after", b"1"), (b"connection", b"close"))


def too_slow(limits: Limits, prefix: str) -> Answer:
    said = f"The content did not come within {limits.request_seconds:g} seconds; nothing was written."
    return problem_answer(problem("unavailable", said), prefix, _FIELDS)
