"""What the client's rules ask of a connection, and what they hear; the rules themselves open none, so sync and async share them."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import httpx

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to send, after `pause` seconds. `timeout` are seconds for this try, None for the connection's own.

    With `stream`, the content of a 200 is left for the caller to read.
    """

    method: str
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    params: tuple[tuple[str, str], ...] = ()
    content: bytes | None = field(default=None, repr=False)
    pause: float = 0.0
    timeout: float | None = None
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer came. `opened` is there only for a stream, whose `content` is still to come."""

    status: int
    fields: Mapping[str, str]
    content: bytes = field(repr=False)
    opened: httpx.Response | None = None

    @property
    def media_type(self) -> str:
        return self.fields.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Unsent:
    """No connection came about, so that nothing of the request was sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection broke or fell silent after some of the request had been sent; whether it was heard is unknown."""

    reason: str


Heard: TypeAlias = Answered | Unsent | Lost
Steps: TypeAlias = Generator[Ask, Heard, T]
