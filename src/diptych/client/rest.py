"""Speaks REST."""

import json
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from diptych.client.content import bad_answer, json_bytes, read_object
from diptych.client.known import Known, Page
from diptych.client.persist import Question
from diptych.client.refusals import Refused, Told
from diptych.client.rows import NotARow, Rows
from diptych.client.speech import Wanted
from diptych.client.steps import Answered, Ask
from diptych.client.telling import refusal_of
from diptych.client.write import Write

T = TypeVar("T")
R = TypeVar("R")

_METHODS: Final = {"create": "POST", "replace": "PUT", "patch": "PATCH", "json_patch": "PATCH", "delete": "DELETE"}
_MEDIA_TYPES: Final = {
    "create": "application/json",
    "replace": "application/json",
    "patch": "application/merge-patch+json",
    "json_patch": "application/json-patch+json",
}
_WORDS: Final = frozenset({"type", "title", "status", "detail", "code"})
_JSON: Final = {"accept": "application/json, application/problem+json"}
NDJSON: Final = "application/x-ndjson"


class RestSpeech(Generic[T]):
    """`path` is the collection's, `/api/users`."""

    def __init__(self, path: str, rows: Rows[T]) -> None:
        self._path = path
        self._rows = rows

    def introduction(self) -> Question[None] | None:
        return None

    def fetch(self, key: int | str, seen: Known[T] | None = None) -> Question[Known[T]]:
        fields = _JSON if seen is None else {**_JSON, "if-none-match": seen.tag}
        ask = Ask("GET", self._item(key), fields)

        def read(answered: Answered) -> Known[T]:
            if answered.status == 304 and seen is not None:
                return seen
            return self._whole(answered, ask, lambda body: self._rows.known(body))

        return Question(ask, read, writes=False, repeatable=True)

    def page(self, wanted: Wanted) -> Question[Page[T]]:
        fields = {**_JSON, "prefer": "count=exact"} if wanted.total else _JSON
        ask = Ask("GET", self._path, fields, params=_params(wanted))

        def read(answered: Answered) -> Page[T]:
            return self._whole(answered, ask, self._page)

        return Question(ask, read, writes=False, repeatable=True)

    def stream(self, wanted: Wanted) -> Question[Answered]:
        """The answer is left open, for its lines to be read."""
        ask = Ask("GET", self._path, {"accept": f"{NDJSON}, application/problem+json"}, params=_params(wanted), stream=True)

        def read(answered: Answered) -> Answered:
            if answered.opened is None:
                self._whole(answered, ask, lambda body: body)
            return answered

        return Question(ask, read, writes=False, repeatable=True)

    def line(self, line: bytes) -> Known[T]:
        """One row of a stream. Raises ValueError for a line that is none."""
        return self._rows.known(json.loads(line))

    def write(self, write: Write) -> Question[Known[T] | None]:
        fields = dict(_JSON)
        if write.version is not None:
            fields |= {"if-match": f'"{write.version}"'} if write.version else {"if-none-match": "*"}
        content = None
        if write.kind != "delete":
            content, fields["content-type"] = json_bytes(write.body), _MEDIA_TYPES[write.kind]
        path = self._path if write.kind == "create" or write.key is None else self._item(write.key)
        ask = Ask(_METHODS[write.kind], path, fields, content=content)

        def read(answered: Answered) -> Known[T] | None:
            if answered.status == 204 and write.kind == "delete":
                return None
            return self._whole(answered, ask, lambda body: self._rows.known(body), write)

        return Question(ask, read, writes=True, repeatable=write.repeatable)

    def _item(self, key: int | str) -> str:
        # Dots alone would be taken for a step up the path (RFC 3986 section 5.2.4).
        segment = quote(str(key), safe="") if str(key) not in (".", "..") else str(key).replace(".", "%2E")
        return f"{self._path}/{segment}"

    def _whole(self, answered: Answered, ask: Ask, read: Callable[[Any], R], write: Write | None = None) -> R:
        """Read a whole answer, or raise what it says."""
        asked = f"{ask.method} {ask.path}"
        body = read_object(answered, asked)
        try:
            if answered.status >= 400:
                raise self._refusal(answered, body, write)
            return read(body)
        except (KeyError, TypeError, AttributeError):
            raise bad_answer(answered, asked, "which has not the form that diptych's answers have") from None
        except NotARow as error:
            raise bad_answer(answered, asked, f"which cannot be taken: {error}") from None

    def _refusal(self, answered: Answered, body: dict[str, Any], write: Write | None) -> Refused:
        facts = {name: value for name, value in body.items() if name not in _WORDS}
        return refusal_of(
            Told(body["code"], body["title"], answered.status, body.get("detail", ""), facts),
            known=self._rows.known,
            retry_after=answered.fields.get("retry-after"),
            yours=None if write is None else write.version,
            sent=None if write is None else write.body,
        )

    def _page(self, body: dict[str, Any]) -> Page[T]:
        place = body["pageInfo"]
        rows = tuple(map(self._rows.known, body["items"]))
        return Page(rows, place["hasNextPage"], place["hasPreviousPage"], place["startCursor"], place["endCursor"], place.get("totalCount"))


def _params(wanted: Wanted) -> tuple[tuple[str, str], ...]:
    given = {
        "where": None if wanted.where is None else json_bytes(dict(wanted.where)).decode(),
        "order": ",".join(wanted.order) or None,
        "limit": None if wanted.size is None else str(wanted.size),
        "after": wanted.after,
        "before": wanted.before,
    }
    return tuple((name, value) for name, value in given.items() if value is not None)
