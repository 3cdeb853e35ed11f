"""The contract's refusals as exceptions, named after their codes; the same through both doors."""

from dataclasses import dataclass
from typing import Any

from diptych.client.errors import ClientError
from diptych.client.known import Known
from diptych.semantics.json_value import Document


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a document. `pointer` is empty for the whole of it. Source: RFC 6901."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as a server tells it. `facts` are its own members, as JSON by name. Source: RFC 9457."""

    code: str
    title: str
    status: int
    detail: str
    facts: Document


class Refused(ClientError):
    """The server understood, and said no. `code` is the word that both doors have for it.

    `after_lost_answer` says that an earlier try of the same write was sent and its answer lost.
    """

    after_lost_answer: bool = False

    def __init__(self, told: Told) -> None:
        super().__init__(f"{told.title}: {told.detail}" if told.detail else told.title)
        self.code = told.code
        self.title = told.title
        self.status = told.status
        self.detail = told.detail
        self.facts = told.facts


class NotFound(Refused):
    """No row is stored under `key`, which is None where the path itself is not served."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.key: int | str | None = told.facts.get("key")


class VersionMismatch(Refused):
    """The row is not in the state that the write named, and nothing was written.

    `yours` is the version that was named, None where none was; `sent` is what was to be written. `current` is None where the row is
    gone, `current_version` then 0.
    """

    def __init__(self, told: Told, *, current: Known[Any] | None, yours: int | None, sent: Any) -> None:
        super().__init__(told)
        self.current = current
        self.current_version: int = told.facts["currentVersion"]
        self.yours = yours
        self.sent = sent


class PreconditionRequired(Refused):
    """This resource takes no write that names no version."""


class Invalid(Refused):
    """The document, or a parameter, is none that the resource takes; every violation is told at once."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        # Where introspection is off, GraphQL does not tell what its schema refused.
        self.violations = tuple(Violation(v["pointer"], v["code"], v["message"]) for v in told.facts.get("violations", ()))

    def __str__(self) -> str:
        listed = "; ".join(f"{violation.pointer or 'the document'}: {violation.message}" for violation in self.violations[:5])
        return f"{self.title}: {listed or self.detail}"


class Malformed(Refused):
    """The content could not be read as JSON, or a header field not by its grammar."""


class AlreadyExists(Refused):
    """A create named a key that a row has, which is at `current_version`."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.key: int | str = told.facts["key"]
        self.current_version: int = told.facts["currentVersion"]


class UniqueConflict(Refused):
    """Another row has the values of these `fields`, by their JSON names."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.fields: tuple[str, ...] = tuple(told.facts["fields"])


class ReferenceConflict(Refused):
    """`fields` of `resource` refer to a row that is not there, or still refer to the one to be deleted."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.resource: str = told.facts["resource"]
        self.fields: tuple[str, ...] = tuple(told.facts["fields"])


class PatchConflict(Refused):
    """The `test` at operation `index` does not hold."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.index: int = told.facts["index"]
        self.pointer: str = told.facts["pointer"]


class PatchInvalid(Refused):
    """Operation `index` is malformed, or its path is not there."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.index: int = told.facts["index"]
        self.pointer: str = told.facts["pointer"]


class VersionExhausted(Refused):
    """The row under `key` has had its last version."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.key: int | str = told.facts["key"]


class Unauthenticated(Refused):
    """The server wants to know who asks, and was not told, or does not believe it."""


class Forbidden(Refused):
    """The server knows who asks, and they may not."""


class Busy(Refused):
    """Nothing was written, and the same request may succeed after `retry_after` seconds; None where the server did not say."""

    def __init__(self, told: Told, *, retry_after: float | None) -> None:
        super().__init__(told)
        self.retry_after = retry_after


class Unavailable(Busy):
    """The database is busy or away."""


class TooManyRequests(Busy):
    """The caller has asked more than the server takes from one."""


class Internal(Refused):
    """Something unforeseen happened; the server's log has it under `request_id`. A write may have happened."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.request_id: str | None = told.facts.get("requestId")


class MethodNotAllowed(Refused):
    """The path is served, but not with this method."""


class NotAcceptable(Refused):
    """The server cannot answer in a form that was asked for."""


class ContentTooLarge(Refused):
    """The content is larger than the server takes."""


class UnsupportedMediaType(Refused):
    """The server does not read content of this type."""
