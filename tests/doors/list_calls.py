"""Questions about lists, put to both doors in the spellings that each has, and the answers in one form."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import httpx

from tests.doors.albums import JSON_FIELDS, MEMBERS
from tests.doors.door import Graphql, Subject
from tests.doors.plain_lists import Question, Told

JSON: TypeAlias = Any
Cursors: TypeAlias = Mapping[int, str]

NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class Spelling:
    """How a question is written. The fields of `parameters` are filtered on REST by a parameter, all others in `where`.

    `bare` leaves `[eq]` away; `literal` writes the arguments of GraphQL into the operation instead of variables.
    """

    parameters: frozenset[str] = frozenset()
    bare: bool = False
    literal: bool = False


# REST


def can_ask(question: Question) -> bool:
    """REST has one size: it counts back only where `before` alone is given."""
    backwards = question.before is not None and question.after is None
    return question.end == ("last" if backwards else "first")


def rest_parameters(question: Question, cursors: Cursors, spelling: Spelling) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []
    where: dict[str, JSON] = {}
    for name, value in question.where.items():
        if name not in spelling.parameters:
            where[name] = value
            continue
        for operator, compared in value.items():
            # A field that is called like a parameter has the form in brackets alone.
            bare = spelling.bare and operator == "eq" and name != "limit"
            several = compared if operator in ("in", "nin") else [compared]
            asked += [(name if bare else f"{name}[{operator}]", _text(name, one)) for one in several]
    if where:
        asked.append(("where", json.dumps(where)))
    if question.order:
        asked.append(("order", ",".join(question.order)))
    if question.members is not None:
        asked.append(("fields", ",".join(question.members)))
    ends = (("after", question.after), ("before", question.before))
    return [*asked, *((name, cursors[key]) for name, key in ends if key is not None)]


async def ask_rest(
    client: httpx.AsyncClient, subject: Subject, question: Question, cursors: Cursors, spelling: Spelling, *, include: str | None = None
) -> Told:
    asked = [*rest_parameters(question, cursors, spelling), ("limit", str(question.size))]
    headers = {"prefer": "count=exact"} if question.counted else {}
    answer = await client.get(
        f"{subject.path}?{urlencode([*asked, *([('include', include)] if include else [])], quote_via=quote)}", headers=headers
    )
    assert answer.status_code == 200, answer.text
    return read_page(answer.json())


async def stream_rest(
    client: httpx.AsyncClient, subject: Subject, question: Question, cursors: Cursors, spelling: Spelling
) -> Sequence[Mapping[str, JSON]]:
    query = urlencode(rest_parameters(question, cursors, spelling), quote_via=quote)
    answer = await client.get(f"{subject.path}?{query}", headers={"accept": NDJSON})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def read_page(body: JSON) -> Told:
    info = body["pageInfo"]
    ends = (info["startCursor"], info["endCursor"])
    return Told(body["items"], info["hasPreviousPage"], info["hasNextPage"], info.get("totalCount"), ends)


def _text(name: str, value: JSON) -> str:
    return value if isinstance(value, str) and name not in JSON_FIELDS else json.dumps(value)


# GraphQL


class Name(str):
    """A value of an enum, which stands without quotes in an operation."""

    __slots__ = ()


@dataclass
class Operation:
    """An operation that is being written, and its variables."""

    literal: bool
    declared: list[str] = field(default_factory=list)
    variables: dict[str, JSON] = field(default_factory=dict)

    def arguments(self, subject: Subject, question: Question, cursors: Cursors) -> str:
        order = [Name(_enum_name(part)) for part in question.order]
        given: dict[str, tuple[str, JSON]] = {question.end: ("Int", question.size)}
        if question.where:
            given["where"] = (f"{subject.name}Where", _where(subject, question.where))
        if order:
            given["orderBy"] = (f"[{subject.name}Order!]", order)
        given |= {
            name: ("String", cursors[key]) for name, key in (("after", question.after), ("before", question.before)) if key is not None
        }
        return "(" + ", ".join(f"{name}: {self._value(kind, value)}" for name, (kind, value) in given.items()) + ")"

    def _value(self, kind: str, value: JSON) -> str:
        if self.literal:
            return _literal(value)
        name = f"v{len(self.variables)}"
        self.declared.append(f"${name}: {kind}")
        self.variables[name] = value
        return f"${name}"

    def written(self, roots: str) -> str:
        return f"query Asked{'(' + ', '.join(self.declared) + ')' if self.declared else ''} {{ {roots} }}"

    async def run(self, graphql: Graphql, roots: str) -> JSON:
        answer = (await graphql.send(self.written(roots), self.variables)).json()
        assert "errors" not in answer, (answer, self.written(roots), self.variables)
        return answer["data"]


def page_selection(subject: Subject, question: Question, more: str = "") -> str:
    members = " ".join(MEMBERS[subject.name] if question.members is None else question.members)
    counted = "totalCount" if question.counted else ""
    return (
        f"{{ {counted} pageInfo {{ hasPreviousPage hasNextPage startCursor endCursor }} edges {{ cursor node {{ {members} {more} }} }} }}"
    )


async def ask_graphql(graphql: Graphql, subject: Subject, question: Question, cursors: Cursors, spelling: Spelling) -> Told:
    operation = Operation(spelling.literal)
    asked = f"asked: {subject.plural}{operation.arguments(subject, question, cursors)} {page_selection(subject, question)}"
    return read_connection(subject, (await operation.run(graphql, asked))["asked"])


def read_connection(subject: Subject, page: JSON) -> Told:
    info = page["pageInfo"]
    ends = (info["startCursor"], info["endCursor"])
    edges = [edge["cursor"] for edge in page["edges"]]
    assert ends == ((edges[0], edges[-1]) if edges else (None, None))
    rows = [read_node(subject, edge["node"]) for edge in page["edges"]]
    return Told(rows, info["hasPreviousPage"], info["hasNextPage"], page.get("totalCount"), ends)


def read_node(subject: Subject, node: Mapping[str, JSON]) -> dict[str, JSON]:
    """A row in REST's spelling."""
    row = dict(node)
    for name in subject.numbers & row.keys():
        row[name] = None if row[name] is None else int(row[name])
    for name in subject.enums.keys() & row.keys():
        row[name] = None if row[name] is None else subject.enums[name][row[name]]
    return row


def _where(subject: Subject, where: Mapping[str, JSON]) -> dict[str, JSON]:
    """A filter in GraphQL's spelling: keys as text, enum values by name."""
    written: dict[str, JSON] = {}
    for name, value in where.items():
        if name in ("and", "or"):
            written[name] = [_where(subject, one) for one in value]
        elif name == "not":
            written[name] = _where(subject, value)
        else:
            written[name] = {operator: _compared(subject, name, operator, one) for operator, one in value.items()}
    return written


def _compared(subject: Subject, name: str, operator: str, value: JSON) -> JSON:
    if operator == "isNull":
        return value
    if operator in ("in", "nin"):
        return [_compared(subject, name, "eq", one) for one in value]
    if name in subject.numbers:
        return str(value)
    if name in subject.enums:
        return Name(next(key for key, known in subject.enums[name].items() if known == value))
    return value


def _enum_name(part: str) -> str:
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", part.removeprefix("-")).upper()
    return f"{snake}_{'DESC' if part.startswith('-') else 'ASC'}"


def _literal(value: JSON) -> str:
    match value:
        case Name():
            return str(value)
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{name}: {_literal(one)}' for name, one in value.items())}}}"
        case _:
            return json.dumps(value, ensure_ascii=False)
