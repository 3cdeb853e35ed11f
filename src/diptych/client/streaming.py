"""Where a stream goes on that was cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from diptych.client.errors import AnswerLost, BadAnswer, ClientError, StreamCut, Unreachable
from diptych.client.known import Known
from diptych.client.refusals import Busy, Invalid
from diptych.client.rest import RestSpeech
from diptych.client.retries import Retries
from diptych.client.speech import Wanted
from diptych.semantics.json_value import JSON

T = TypeVar("T")


class Lines:
    """Cuts content into lines at line feeds, and nowhere else.

    Texts in JSON may have U+2028 and its like in them, where Python and httpx would see the end of a line.
    """

    def __init__(self) -> None:
        self._begun = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that end in this piece."""
        *lines, self._begun = (self._begun + piece).split(b"\n")
        return lines

    def last(self) -> list[bytes]:
        """What stands behind the last line feed once the content has ended; no line where it is nothing."""
        return [self._begun] if self._begun else []


@dataclass(slots=True)
class StreamPlace(Generic[T]):
    """How far a stream has come. In the order of keys it goes on behind the last row; any other order cannot be gone on with."""

    speech: RestSpeech[T]
    wanted: Wanted
    key_name: str
    retries: Retries
    received: int = 0
    last: Known[T] | None = None
    fruitless: int = field(default=0)

    def rest(self) -> Wanted:
        """What is still to come."""
        if self.last is None:
            return self.wanted
        behind: dict[str, JSON] = {self.key_name: {"gt": self.last.key}}
        where: Mapping[str, JSON] = behind if self.wanted.where is None else {"and": [dict(self.wanted.where), behind]}
        return replace(self.wanted, where=where)

    def take(self, line: bytes) -> Known[T]:
        """Read the next row. Raises BadAnswer."""
        try:
            row = self.speech.line(line)
        except ValueError as error:
            raise BadAnswer(f"A line of the stream is no row: {error}", status=200, media_type="application/x-ndjson") from None
        self.received, self.last, self.fruitless = self.received + 1, row, 0
        return row

    def pause(self) -> float:
        """Seconds to wait before going on. Raises StreamCut where it does not go on."""
        self.fruitless += 1
        if self.wanted.order or self.fruitless >= self.retries.attempts:
            raise self.cut("the connection broke")
        return self.retries.wait(self.fruitless, None)

    def stopped(self, failure: ClientError) -> StreamCut | None:
        """What a failure to begin is, once rows have come; None where it speaks for itself.

        A stream that goes on is `invalid` only because keys of its kind have no order to go on in.
        """
        if self.last is None or not isinstance(failure, AnswerLost | BadAnswer | Busy | Invalid | Unreachable):
            return None
        return self.cut("it cannot go on behind a key of this kind" if isinstance(failure, Invalid) else "it could not go on")

    def cut(self, why: str) -> StreamCut:
        return StreamCut(f"The stream was cut after {self.received} rows: {why}.", received=self.received)
