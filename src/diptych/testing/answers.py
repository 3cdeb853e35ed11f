"""What a door said, in terms that both doors share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import httpx

from diptych.semantics.json_value import JSON
from diptych.semantics.problems import PROBLEMS

Key: TypeAlias = int | str
RowValues: TypeAlias = Mapping[str, Any]

# Members of a problem that are its words; all others are its facts. Source: RFC 9457 section 3.1.
WORDS: Final = frozenset({"type", "title", "status", "detail", "instance", "code"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door said. Two answers are equal where the doors tell the same.

    `code` is `created`, `written`, `deleted`, `found` or `page`, else the code of a refusal; `request_error` stands for an operation
    that the GraphQL schema did not take. `written` is replaced, patched or unchanged, which REST does not tell apart; `effect` has
    GraphQL's word for it. `row` is spelled as on REST through both doors; a field that the caller may not read is None in it, and the
    row itself is None where the caller may see none of it. `status`, `title`, `detail` and `facts` are a refusal's.
    """

    code: str
    key: Key | None = None
    version: int | None = None
    row: RowValues | None = None
    status: int | None = None
    title: str | None = None
    detail: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[RowValues] = ()
    page: Mapping[str, JSON] = field(default_factory=dict)
    effect: str | None = field(default=None, compare=False)
    response: httpx.Response | None = field(default=None, compare=False, repr=False)

    @property
    def accepted(self) -> bool:
        """Whether what was asked for was done."""
        return self.code in _ACCEPTED


_ACCEPTED: Final = frozenset({"created", "written", "deleted", "found", "page"})


def refusal(said: Mapping[str, Any], response: httpx.Response) -> Answer:
    """A refusal from its words and facts, as both doors tell them."""
    facts = {name: value for name, value in said.items() if name not in WORDS and name != "__typename"}
    return Answer(said["code"], status=said["status"], title=said["title"], detail=said["detail"], facts=facts, response=response)


def error(code: str, message: str, facts: Mapping[str, Any], response: httpx.Response) -> Answer:
    """A refusal that came as an error of GraphQL's, with the words that REST has for the same."""
    kind = PROBLEMS.get(code)
    if kind is None:
        return Answer("request_error", detail=message, response=response)
    told = {name: value for name, value in facts.items() if name in kind.facts}
    return Answer(code, status=kind.status, title=kind.title, detail=message, facts=told, response=response)


def is_problem(response: httpx.Response) -> bool:
    """Whether the answer is a problem document, which GraphQL's door gives too before an operation is read."""
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0] == "application/problem+json"
