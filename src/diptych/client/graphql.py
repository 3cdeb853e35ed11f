"""Speaks GraphQL."""

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

from diptych.client.content import bad_answer, json_bytes, read_object
from diptych.client.graphql_documents import ANSWER, INTROSPECTION, body_argument, fetch_document, page_document, write_document
from diptych.client.graphql_errors import raise_errors
from diptych.client.introspection import names_in, readable
from diptych.client.json_names import GraphqlNames, screaming_snake_case
from diptych.client.known import Known, Page
from diptych.client.persist import Question
from diptych.client.refusals import NotFound, Refused, Told
from diptych.client.rows import NotARow, Rows
from diptych.client.speech import Wanted
from diptych.client.steps import Answered, Ask
from diptych.client.telling import refusal_of
from diptych.client.write import Write
from diptych.semantics.json_value import JSON, Document

T = TypeVar("T")
R = TypeVar("R")

_FIELDS: Final = {"accept": "application/graphql-response+json, application/json;q=0.9", "content-type": "application/json"}
_WORDS: Final = frozenset({"__typename", "type", "title", "status", "code", "detail"})


class GraphqlSpeech(Generic[T]):
    """Where `names` is None, the schema is asked for them, by the name of its list, `plural`; so it is for the fields of rows without a
    model."""

    def __init__(self, path: str, rows: Rows[T], names: GraphqlNames | None, plural: str) -> None:
        self._path = path
        self._rows = rows
        self._names = names
        self._plural = plural
        fields = rows.codec.spelling.fields
        # The key and the version are read whatever the model has.
        self._selected = None if fields is None else tuple(dict.fromkeys((*fields, rows.key_name, "version")))

    def introduction(self) -> Question[None] | None:
        """Rows without a model: first the names are asked for, then the fields."""
        if self._names is None:
            return self._introspect("Query", self._learn_names)
        if self._selected is None:
            return self._introspect(self._names.type, self._learn_fields)
        return None

    def fetch(self, key: int | str, seen: Known[T] | None = None) -> Question[Known[T]]:
        def read(found: JSON) -> Known[T]:
            if found is None:
                name = self._called.type
                raise NotFound(Told("not_found", "Not found", 404, f"There is no {name} with this key.", {"key": key}))
            return self._known(found)

        return self._question(fetch_document(self._called, self._fields), {"id": str(key)}, read, null_is_data=True)

    def page(self, wanted: Wanted) -> Question[Page[T]]:
        variables = {
            "where": None if wanted.where is None else self._rows.codec.spelling.where_to_graphql(wanted.where),
            "orderBy": [_order_value(name) for name in wanted.order] or None,
            "last" if wanted.before is not None and wanted.after is None else "first": wanted.size,
            "after": wanted.after,
            "before": wanted.before,
        }
        given = {name: value for name, value in variables.items() if value is not None}
        return self._question(page_document(self._called, self._fields, wanted), given, self._page)

    def write(self, write: Write) -> Question[Known[T] | None]:
        variables: dict[str, JSON] = {}
        if write.kind != "create":
            variables["id"] = str(write.key)
        if write.version is not None:
            variables["version"] = write.version
        if write.kind != "delete":
            # The operations of a JSON Patch are in REST's spelling on both doors.
            body = write.body if write.kind == "json_patch" else self._rows.codec.spelling.to_graphql(write.body)
            variables[body_argument(write)] = body

        def read(answer: JSON) -> Known[T] | None:
            if answer["__typename"] == f"{self._called.type}Written":
                return self._known(answer[self._called.singular])
            if answer["__typename"] == f"{self._called.type}Deleted":
                return None
            raise self._refusal(answer, write)

        return self._question(write_document(self._called, self._fields, write), variables, read, write)

    @property
    def _called(self) -> GraphqlNames:
        assert self._names is not None, "the introduction comes first"
        return self._names

    @property
    def _fields(self) -> tuple[str, ...]:
        assert self._selected is not None, "the introduction comes first"
        return self._selected

    def _known(self, representation: Document) -> Known[T]:
        return self._rows.known(self._rows.codec.spelling.from_graphql(representation))

    def _refusal(self, answer: Mapping[str, JSON], write: Write) -> Refused:
        facts = {name: value for name, value in answer.items() if name not in _WORDS}
        if "key" in facts:
            facts |= {"key": self._rows.codec.spelling.from_graphql({self._rows.key_name: facts["key"]})[self._rows.key_name]}
        told = Told(answer["code"], answer["title"], answer["status"], answer["detail"], facts)
        return refusal_of(told, known=self._known, yours=write.version, sent=write.body)

    def _page(self, answer: JSON) -> Page[T]:
        place = answer["pageInfo"]
        rows = tuple(self._known(edge["node"]) for edge in answer["edges"])
        return Page(
            rows, place["hasNextPage"], place["hasPreviousPage"], place["startCursor"], place["endCursor"], answer.get("totalCount")
        )

    def _introspect(self, type_name: str, learn: Callable[[list[dict[str, JSON]]], None]) -> Question[None]:
        ask = self._ask(INTROSPECTION, {"type": type_name})

        def read(answered: Answered) -> None:
            body = read_object(answered, f"the schema, at {self._path},")
            try:
                raise_errors(body, answered, None)
                learn(body["data"]["__type"]["fields"])
            except (KeyError, TypeError):
                raise bad_answer(answered, "the schema", f"and does not tell of {type_name}; rows need a model, or names=") from None

        return Question(ask, read, writes=False, repeatable=True)

    def _learn_names(self, fields: list[dict[str, JSON]]) -> None:
        self._names = names_in(fields, self._plural)

    def _learn_fields(self, fields: list[dict[str, JSON]]) -> None:
        self._selected = readable(fields)

    def _ask(self, document: str, variables: Mapping[str, JSON]) -> Ask:
        return Ask("POST", self._path, _FIELDS, content=json_bytes({"query": document, "variables": variables}))

    def _question(
        self,
        document: str,
        variables: Mapping[str, JSON],
        read: Callable[[JSON], R],
        write: Write | None = None,
        *,
        null_is_data: bool = False,
    ) -> Question[R]:
        asked = f"{document.partition(' ')[0]} {self._called.type} at {self._path}"

        def read_answer(answered: Answered) -> R:
            body = read_object(answered, asked)
            try:
                raise_errors(body, answered, write)
                answer = body["data"][ANSWER]
                if answer is None and not null_is_data:
                    raise bad_answer(answered, asked, "which has neither a result nor an error")
                return read(answer)
            except (KeyError, TypeError, AttributeError):
                raise bad_answer(answered, asked, "which has not the form that diptych's answers have") from None
            except NotARow as error:
                raise bad_answer(answered, asked, f"which cannot be taken: {error}") from None

        return Question(self._ask(document, variables), read_answer, write is not None, write is None or write.repeatable)


def _order_value(name: str) -> str:
    """`-ownerId` is `OWNER_ID_DESC`."""
    return f"{screaming_snake_case(name.removeprefix('-'))}_{'DESC' if name.startswith('-') else 'ASC'}"
