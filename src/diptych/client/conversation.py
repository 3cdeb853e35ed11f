"""What can be asked of one resource, as steps: the same for both doors, and for callers that wait or await."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from diptych.client.difference import difference
from diptych.client.doubt import settle
from diptych.client.errors import ClientError, MaybeWritten
from diptych.client.known import Key, Known, Page
from diptych.client.likeness import Likeness, likeness
from diptych.client.merge import Conflicts, Merged, merge
from diptych.client.persist import Question, persist
from diptych.client.refusals import AlreadyExists, Refused, VersionMismatch
from diptych.client.rest import RestSpeech
from diptych.client.retries import Retries
from diptych.client.rows import Rows
from diptych.client.speech import Speech, Wanted
from diptych.client.spelled import spelled
from diptych.client.steps import Steps
from diptych.client.streaming import StreamPlace
from diptych.client.write import Write
from diptych.semantics.json_value import JSON

T = TypeVar("T")
R = TypeVar("R")

# Whatever names the fields to be written: an instance of a model, or a mapping.
Given = BaseModel | Mapping[str, Any]


class Conversation(Generic[T]):
    """One resource behind one door. `read_only` are JSON names that are left out of every document."""

    def __init__(self, speech: Speech[T], rows: Rows[T], read_only: frozenset[str], retries: Retries, timeout: float) -> None:
        self._speech = speech
        self._rows = rows
        self._read_only = read_only
        self._retries = retries
        self._timeout = timeout

    def get(self, key: Key, seen: Known[T] | None = None) -> Steps[Known[T]]:
        yield from self.introduce()
        return (yield from self.ask(self._speech.fetch(_plain(key), seen)))

    def page(self, wanted: Wanted) -> Steps[Page[T]]:
        yield from self.introduce()
        return (yield from self.ask(self._speech.page(_as_json(wanted))))

    def create(self, given: Given) -> Steps[Known[T]]:
        document = self._document(given, given_only=True)
        key_name = self._rows.key_name
        if document.get(key_name) is None:
            # None in a model stands for a key that the server is to choose.
            document.pop(key_name, None)
        document.pop("version", None)
        try:
            return self._there((yield from self._write(Write("create", document.get(key_name), None, document))))
        except AlreadyExists as refusal:
            if not refusal.after_lost_answer:
                raise
            settled = yield from self._settle_create(document, refusal)
            if settled is refusal:
                raise
            raise settled from refusal

    def replace(self, row: Known[T] | Key, given: Given, version: int | None) -> Steps[Known[T]]:
        key = _key_of(row)
        document = self._content(given, key, version, given_only=False)
        return self._there((yield from self._write(Write("replace", key, version, document, _base_of(row)))))

    def patch(self, row: Known[T] | Key, given: Given, version: int | None) -> Steps[Known[T]]:
        key = _key_of(row)
        changes = self._content(given, key, version, given_only=True)
        return self._there((yield from self._write(Write("patch", key, version, changes, _base_of(row)))))

    def json_patch(self, row: Known[T] | Key, operations: Sequence[Mapping[str, Any]], version: int | None) -> Steps[Known[T]]:
        body = [spelled(operation) for operation in operations]
        return self._there((yield from self._write(Write("json_patch", _key_of(row), version, body, _base_of(row)))))

    def delete(self, row: Known[T] | Key, version: int | None) -> Steps[None]:
        yield from self._write(Write("delete", _key_of(row), version, None, _base_of(row)))

    def edit(self, row: Known[T] | Key, change: Callable[[T], T | None], attempts: int) -> Steps[Known[T]]:
        """Send the difference that `change` makes, and make it anew on the current state for as long as others are faster."""
        if attempts < 1:
            raise ValueError("attempts= is 1 or more.")
        seen = row if isinstance(row, Known) else (yield from self.get(row))
        while True:
            attempts -= 1
            try:
                return (yield from self._edit_once(seen, change))
            except VersionMismatch as mismatch:
                if mismatch.current is None or not attempts:
                    raise
                seen = mismatch.current

    def merge(self, base: Known[T], mine: T, theirs: Known[T]) -> Merged[T] | Conflicts[T]:
        codec = self._rows.codec
        before, other = (codec.document(codec.read(known.document)) for known in (base, theirs))
        changed = codec.document(mine)
        # Whichever version mine was made on, what comes out is theirs with my changes.
        changed |= {name: before[name] for name in ("version", self._rows.key_name) if name in before}
        merged = merge(before, changed, other)
        value = codec.read(merged.value)
        return Merged(value) if isinstance(merged, Merged) else Conflicts(merged.places, value)

    def begin_stream(self, speech: RestSpeech[T], wanted: Wanted) -> StreamPlace[T]:
        return StreamPlace(speech, _as_json(wanted), self._rows.key_name, self._retries)

    def name(self, attribute: str) -> str:
        return self._rows.codec.name(attribute)

    def introduce(self) -> Steps[None]:
        while (question := self._speech.introduction()) is not None:
            yield from self.ask(question)

    def ask(self, question: Question[R]) -> Steps[R]:
        return (yield from persist(question, self._retries, self._timeout))

    def _write(self, write: Write) -> Steps[Known[T] | None]:
        yield from self.introduce()
        try:
            return (yield from self.ask(self._speech.write(write)))
        except Refused as refusal:
            if refusal.after_lost_answer and (settled := settle(write, refusal)) is not refusal:
                raise settled from refusal
            raise

    def _edit_once(self, seen: Known[T], change: Callable[[T], T | None]) -> Steps[Known[T]]:
        codec = self._rows.codec
        draft = codec.read(seen.document)
        before = self._content(draft, seen.key, None, given_only=False)
        changed = change(draft)
        found = difference(before, self._content(draft if changed is None else changed, seen.key, None, given_only=False))
        if found is None:
            return seen
        return self._there((yield from self._write(Write(found.kind, seen.key, seen.version, found.body, seen.document))))

    def _settle_create(self, document: dict[str, JSON], refusal: AlreadyExists) -> Steps[ClientError]:
        """Look whether the row that has the key is the one that the lost answer told of."""
        try:
            current = yield from self.get(refusal.key)
        except ClientError as failure:
            told = f"An answer was lost, and the create was sent again: a row had this key, and cannot be read now ({failure})."
            return MaybeWritten(told, same=False, current=None, current_version=refusal.current_version, yours=None)
        found = likeness(Write("create", current.key, None, document), current.document)
        if found is Likeness.OTHER and current.version == 1:
            refusal.may_be_written = False
            return refusal
        same = found is Likeness.SAME
        said = (
            "the row under this key is as it was sent"
            if same
            else "the row under this key is another, has been changed since, or cannot all be seen"
        )
        message = f"An answer was lost, and the create was sent again: {said}."
        return MaybeWritten(message, same=same, current=current, current_version=current.version, yours=None)

    def _document(self, given: Any, *, given_only: bool) -> dict[str, JSON]:
        members = self._rows.codec.document(given, given_only=given_only)
        return {name: value for name, value in members.items() if name not in self._read_only}

    def _content(self, given: Any, key: int | str, version: int | None, *, given_only: bool) -> dict[str, JSON]:
        """What is to be written at a key, less the key and the version, which stand beside it. Raises ValueError for others than those."""
        document = self._document(given, given_only=given_only)
        stated_key, stated = document.pop(self._rows.key_name, key), document.pop("version", None)
        # What a model says of itself, it says of when it was made: no key, or the version of then. A mapping's was written on purpose.
        on_purpose = isinstance(given, Mapping)
        if str(stated_key) != str(key) and (on_purpose or stated_key is not None):
            raise ValueError(f"The document's {self._rows.key_name!r} is another key than the one that is addressed.")
        if on_purpose and None not in (version, stated) and stated != version:
            raise ValueError(f"The document has version {stated}, and the write names {version}.")
        return document

    @staticmethod
    def _there(known: Known[T] | None) -> Known[T]:
        assert known is not None, "only a delete leaves nothing"
        return known


def _as_json(wanted: Wanted) -> Wanted:
    return wanted if wanted.where is None else replace(wanted, where=spelled(wanted.where))


def _plain(key: Key) -> int | str:
    return key if isinstance(key, int) else str(key)


def _key_of(row: Known[Any] | Key) -> int | str:
    return row.key if isinstance(row, Known) else _plain(row)


def _base_of(row: Known[Any] | Key) -> Mapping[str, JSON] | None:
    return row.document if isinstance(row, Known) else None
