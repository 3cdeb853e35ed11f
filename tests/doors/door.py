"""Both doors as clients of one kind: commands go in, and answers come back in terms that the two share.

A door here knows the contract and HTTP, and nothing of the code under test; it reaches an application in this process or a
server by its address. Answers compare equal when the contract says that the two doors tell the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote

import httpx

JSON: TypeAlias = Any
Key: TypeAlias = int | str

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


@dataclass(frozen=True)
class Subject:
    """A resource as its clients know it.

    `numbers` are the JSON names of keys and references that are numbers on REST and `ID` in GraphQL; `enums` has the values of
    enum fields by their GraphQL names.
    """

    name: str
    path: str
    plural: str
    numbers: frozenset[str] = frozenset()
    enums: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)

    @property
    def singular(self) -> str:
        return self.name[0].lower() + self.name[1:]


USER = Subject("User", "/api/users", "users", frozenset({"id"}))
DOCUMENT = Subject("Document", "/api/documents", "documents", frozenset({"ownerId"}))
STOCK = Subject("StockItem", "/api/stock-items", "stockItems", frozenset({"id"}))


@dataclass(frozen=True)
class Answer:
    """What a door said. `code` is `created`, `written`, `deleted`, `found`, `page`, the code of a problem, or `request_error`.

    `written` stands for replaced, patched and unchanged, which REST does not tell apart; `effect` has GraphQL's word.
    `status` is a problem's. A `request_error` has no words to compare: the schema refused the operation.
    """

    code: str
    version: int | None = None
    row: Mapping[str, JSON] | None = None
    status: int | None = None
    title: str | None = None
    detail: str | None = None
    facts: Mapping[str, JSON] = field(default_factory=dict)
    rows: tuple[Mapping[str, JSON], ...] = ()
    page: Mapping[str, JSON] = field(default_factory=dict)
    effect: str | None = field(default=None, compare=False)
    response: httpx.Response | None = field(default=None, compare=False, repr=False)

    @property
    def accepted(self) -> bool:
        return self.code in ("created", "written", "deleted", "found", "page")

    @property
    def key(self) -> Key:
        """The key of the row that came back."""
        assert self.row is not None, self
        return self.row["id"]  # type: ignore[no-any-return]


class Door(Protocol):
    """`version` names the state the command is for, 0 that nothing is there; None names none."""

    @property
    def name(self) -> str: ...

    async def create(self, subject: Subject, document: JSON, *, version: int | None = None) -> Answer: ...

    async def replace(self, subject: Subject, key: Key, document: JSON, *, version: int | None = None) -> Answer: ...

    async def merge_patch(self, subject: Subject, key: Key, patch: JSON, *, version: int | None = None) -> Answer: ...

    async def json_patch(self, subject: Subject, key: Key, operations: JSON, *, version: int | None = None) -> Answer: ...

    async def delete(self, subject: Subject, key: Key, *, version: int | None = None) -> Answer: ...

    async def fetch(self, subject: Subject, key: Key) -> Answer: ...

    async def list(
        self,
        subject: Subject,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Answer: ...


@dataclass(frozen=True)
class Rest:
    """The REST door. A version travels as `If-Match: "n"`, version 0 as `If-None-Match: *`."""

    client: httpx.AsyncClient
    name: str = "rest"

    async def create(self, subject: Subject, document: JSON, *, version: int | None = None) -> Answer:
        return read_rest(await self.client.post(subject.path, json=document, headers=condition(version)))

    async def replace(self, subject: Subject, key: Key, document: JSON, *, version: int | None = None) -> Answer:
        return read_rest(await self.client.put(item(subject, key), json=document, headers=condition(version)))

    async def merge_patch(self, subject: Subject, key: Key, patch: JSON, *, version: int | None = None) -> Answer:
        headers = {"content-type": MERGE_PATCH, **condition(version)}
        return read_rest(await self.client.patch(item(subject, key), json=patch, headers=headers))

    async def json_patch(self, subject: Subject, key: Key, operations: JSON, *, version: int | None = None) -> Answer:
        headers = {"content-type": JSON_PATCH, **condition(version)}
        return read_rest(await self.client.patch(item(subject, key), json=operations, headers=headers))

    async def delete(self, subject: Subject, key: Key, *, version: int | None = None) -> Answer:
        return read_rest(await self.client.delete(item(subject, key), headers=condition(version)))

    async def fetch(self, subject: Subject, key: Key) -> Answer:
        return read_rest(await self.client.get(item(subject, key)))

    async def list(
        self,
        subject: Subject,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Answer:
        # REST has one size: it counts from `after`, or back from `before` where only that is given.
        size = first if first is not None else last
        wanted = {"limit": size, "after": after, "before": before}
        return read_rest(await self.client.get(subject.path, params={name: value for name, value in wanted.items() if value is not None}))


def item(subject: Subject, key: Key) -> str:
    return f"{subject.path}/{quote(str(key), safe='')}"


def condition(version: int | None) -> dict[str, str]:
    """The header field that asks for a version, 0 for "nothing is there"."""
    if version is None:
        return {}
    return {"if-none-match": "*"} if version == 0 else {"if-match": f'"{version}"'}


def read_rest(response: httpx.Response) -> Answer:
    kind = response.headers.get("content-type", "").partition(";")[0]
    if response.status_code >= 400:
        assert kind == "application/problem+json", (response.status_code, kind, response.text)
        problem = response.json()
        assert problem["status"] == response.status_code
        facts = {name: value for name, value in problem.items() if name not in _WORDS}
        return Answer(
            problem["code"],
            status=problem["status"],
            title=problem["title"],
            detail=problem["detail"],
            facts=facts,
            response=response,
        )
    if response.status_code == 204:
        return Answer("deleted", response=response)
    body = response.json()
    assert kind == "application/json", kind
    if "pageInfo" in body:
        return Answer("page", rows=tuple(body["items"]), page=body["pageInfo"], response=response)
    assert response.headers["etag"] == f'"{body["version"]}"'
    effect = "created" if response.status_code == 201 else "found" if response.request.method == "GET" else "written"
    return Answer(effect, version=body["version"], row=body, response=response)


_WORDS = ("type", "title", "status", "detail", "instance", "code")


class Graphql:
    """The GraphQL door. It reads the schema once, so that every selection takes every field of a row that there is."""

    name = "graphql"

    def __init__(self, client: httpx.AsyncClient, path: str = "/graphql") -> None:
        self.client = client
        self._path = path
        self._types: dict[str, Any] = {}

    async def create(self, subject: Subject, document: JSON, *, version: int | None = None) -> Answer:
        return await self._write(subject, f"create{subject.name}", input=_into_graphql(subject, document), version=version)

    async def replace(self, subject: Subject, key: Key, document: JSON, *, version: int | None = None) -> Answer:
        changed = _into_graphql(subject, document)
        return await self._write(subject, f"replace{subject.name}", id=str(key), input=changed, version=version)

    async def merge_patch(self, subject: Subject, key: Key, patch: JSON, *, version: int | None = None) -> Answer:
        changed = _into_graphql(subject, patch)
        return await self._write(subject, f"patch{subject.name}", id=str(key), patch=changed, version=version)

    async def json_patch(self, subject: Subject, key: Key, operations: JSON, *, version: int | None = None) -> Answer:
        return await self._write(subject, f"jsonPatch{subject.name}", id=str(key), operations=operations, version=version)

    async def delete(self, subject: Subject, key: Key, *, version: int | None = None) -> Answer:
        return await self._write(subject, f"delete{subject.name}", id=str(key), version=version)

    async def fetch(self, subject: Subject, key: Key) -> Answer:
        answer = await self._ask("query", subject.singular, id=str(key))
        if isinstance(answer, Answer):
            return answer
        response, row = answer
        if row is None:
            # A missing row is null here, so it is told in REST's words.
            facts = {"key": _number(key) if "id" in subject.numbers else str(key)}
            detail = f"There is no {subject.name} with this key."
            return Answer("not_found", status=404, title="Not found", detail=detail, facts=facts, response=response)
        return Answer("found", version=row["version"], row=_row(subject, row), response=response)

    async def list(
        self,
        subject: Subject,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Answer:
        wanted = {"first": first, "after": after, "last": last, "before": before}
        answer = await self._ask("query", subject.plural, **{name: value for name, value in wanted.items() if value is not None})
        if isinstance(answer, Answer):
            return answer
        response, page = answer
        cursors = [edge["cursor"] for edge in page["edges"]]
        info = {name: value for name, value in page["pageInfo"].items() if name != "__typename"}
        assert (info["startCursor"], info["endCursor"]) == ((cursors[0], cursors[-1]) if cursors else (None, None))
        return Answer("page", rows=tuple(_row(subject, edge["node"]) for edge in page["edges"]), page=info, response=response)

    async def send(self, query: str, variables: Mapping[str, JSON] | None = None, **more: JSON) -> httpx.Response:
        """Send a document as it is."""
        body = {"query": query, **({} if variables is None else {"variables": variables}), **more}
        return await self.client.post(self._path, json=body, headers={"accept": "application/json"})

    async def selection(self, root: str, name: str) -> str:
        """The selection of everything that a root field can answer."""
        await self._learn()
        field_ = self._field(root, name)
        return self._select(_named(field_["type"]), 0)

    async def _write(self, subject: Subject, name: str, *, version: int | None, **arguments: JSON) -> Answer:
        if version is not None:
            arguments["version"] = version
        answer = await self._ask("mutation", name, **arguments)
        if isinstance(answer, Answer):
            return answer
        return _from_result(subject, *answer)

    async def _ask(self, root: str, name: str, **arguments: JSON) -> "Answer | tuple[httpx.Response, Any]":
        """Send one root field with all its arguments as variables, and take everything that it answers."""
        await self._learn()
        known = {argument["name"]: _spelled(argument["type"]) for argument in self._field(root, name)["args"]}
        # Every argument the schema demands is declared; one that is not given is then the schema's to refuse.
        declared = [argument for argument, kind in known.items() if argument in arguments or kind.endswith("!")]
        signature = ", ".join(f"${argument}: {known[argument]}" for argument in declared)
        passed = ", ".join(f"{argument}: ${argument}" for argument in declared)
        query = f"{root} Asked{f'({signature})' if declared else ''} {{ asked: {name}{f'({passed})' if declared else ''} "
        query += (await self.selection(root, name)) + " }"
        response = await self.send(query, arguments)
        body = response.json()
        assert response.status_code == 200, (response.status_code, body)
        assert response.headers["cache-control"] == "no-store"
        if "data" not in body:
            return Answer("request_error", response=response)
        if body.get("errors"):
            error = body["errors"][0]
            return Answer(error.get("extensions", {}).get("code", "no code"), detail=error["message"], response=response)
        return response, body["data"]["asked"]

    def _field(self, root: str, name: str) -> Any:
        return self._types[root.capitalize()]["fields"][name]

    async def _learn(self) -> None:
        if self._types:
            return
        body = (await self.send(_INTROSPECTION)).json()
        assert "errors" not in body, body["errors"]
        for kind in body["data"]["__schema"]["types"]:
            self._types[kind["name"]] = {**kind, "fields": {one["name"]: one for one in kind["fields"] or ()}}

    def _select(self, type_name: str, depth: int) -> str:
        kind = self._types[type_name]
        if kind["kind"] in ("UNION", "INTERFACE"):
            members = (f"... on {member['name']} {self._select(member['name'], depth + 1)}" for member in kind["possibleTypes"])
            return f"{{ __typename {' '.join(members)} }}"
        if kind["kind"] != "OBJECT" or depth > 5:
            return ""
        fields = {name: _named(one["type"]) for name, one in kind["fields"].items()}
        if f"{type_name}Edge" in self._types:
            # Of a row itself; what belongs to it is others' rows.
            fields = {name: inner for name, inner in fields.items() if self._types[inner]["kind"] != "OBJECT"}
        return f"{{ {' '.join(f'{name} {self._select(inner, depth + 1)}'.strip() for name, inner in fields.items())} }}"


_INTROSPECTION = """
query { __schema { types {
  kind name
  fields(includeDeprecated: true) { name args { name type { ...T } } type { ...T } }
  possibleTypes { name }
} } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }
"""


def _named(kind: Any) -> str:
    while kind["ofType"] is not None:
        kind = kind["ofType"]
    return str(kind["name"])


def _spelled(kind: Any) -> str:
    if kind["kind"] == "NON_NULL":
        return _spelled(kind["ofType"]) + "!"
    return f"[{_spelled(kind['ofType'])}]" if kind["kind"] == "LIST" else str(kind["name"])


def _from_result(subject: Subject, response: httpx.Response, result: Any) -> Answer:
    assert result is not None, response.text
    kind = result["__typename"]
    if kind == f"{subject.name}Written":
        row = _row(subject, result[subject.singular])
        assert row["version"] == result["version"]
        effect = result["outcome"]
        return Answer(
            "created" if effect == "CREATED" else "written", version=row["version"], row=row, effect=effect.lower(), response=response
        )
    if kind == f"{subject.name}Deleted":
        return Answer("deleted", effect=f"deleted at {result['version']}", response=response)
    facts = {name: value for name, value in result.items() if name not in (*_WORDS, "__typename")}
    if facts.get("current") is not None:
        facts["current"] = _row(subject, facts["current"])
    if "key" in facts and "id" in subject.numbers:
        facts["key"] = _number(facts["key"])
    return Answer(
        result["code"],
        status=result["status"],
        title=result["title"],
        detail=result["detail"],
        facts=facts,
        response=response,
    )


def _number(text: Key) -> Key:
    """The number that an ID stands for; text that stands for none of 32 bits stays text, as on REST."""
    digits = str(text).removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or str(int(text)) != str(text):
        return text
    return int(text) if -(2**31) <= int(text) < 2**31 else text


def _row(subject: Subject, row: Mapping[str, JSON]) -> dict[str, JSON]:
    """A representation in REST's spelling: IDs of numbers as numbers, enum names as values."""
    spelled = {name: value for name, value in row.items() if name != "__typename"}
    for name in subject.numbers & spelled.keys():
        spelled[name] = None if spelled[name] is None else _number(spelled[name])
    for name, values in subject.enums.items():
        spelled[name] = _each(spelled[name], values)
    return spelled


def _into_graphql(subject: Subject, document: JSON) -> JSON:
    """A document in GraphQL's spelling: enum values as names. Anything else is sent as it is, for the schema to judge."""
    if not isinstance(document, dict):
        return document
    spelled = dict(document)
    for name, values in subject.enums.items():
        if name in spelled:
            spelled[name] = _each(spelled[name], {value: key for key, value in values.items()})
    return spelled


def _each(value: JSON, names: Mapping[JSON, JSON]) -> JSON:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_each(one, names) for one in value]
    return names.get(value, value) if type(value) in (str, int) else value
