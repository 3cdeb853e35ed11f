"""Content that comes in: its media type, its coding, and its bytes up to a limit."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from diptych.http.asgi import Headers, Receive
from diptych.http.in_time import InTime
from diptych.semantics.deadline import DEADLINE

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE: Final = re.compile(rf"[ \t]*({_TOKEN}/{_TOKEN})[ \t]*")
_PARAMETER: Final = re.compile(rf';[ \t]*(?:({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*"))?[ \t]*')


class ClientGone(Exception):
    """The client closed the connection before its content was whole; there is nobody left to answer."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """What Content-Type says, in lower case: `application/json`, and the charset if one is given."""

    name: str
    charset: str | None


def media_type(headers: Headers) -> MediaType | None:
    """Read Content-Type; None when there is none, when several differ, or when it is not one. Source: RFC 9110 sections 8.3, 8.3.1."""
    lines = headers.lines(b"content-type")
    return _read_media_type(lines[0]) if lines and lines.count(lines[0]) == len(lines) else None


# Clients send few different lines, each of them all the time.
@lru_cache(maxsize=64)
def _read_media_type(line: str) -> MediaType | None:
    found = _TYPE.match(line)
    if found is None:
        return None
    charsets, at = set(), found.end()
    # Step by step, so that a long hostile line costs no more than its length.
    while at < len(line):
        parameter = _PARAMETER.match(line, at)
        if parameter is None:
            return None
        if parameter[1] is not None and parameter[1].lower() == "charset":
            charsets.add(_unquoted(parameter[2]).lower())
        at = parameter.end()
    return MediaType(found[1].lower(), charsets.pop() if charsets else None) if len(charsets) < 2 else None


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def is_utf8(media: MediaType) -> bool:
    """JSON is UTF-8, whatever else a charset says (RFC 8259 section 8.1)."""
    return media.charset in (None, "utf-8", "utf8")


def is_uncoded(headers: Headers) -> bool:
    """Whether the content comes as it is: no Content-Encoding but identity. Source: RFC 9110 section 8.4."""
    coding = headers.combined(b"content-encoding")
    return coding is None or all(part.strip().lower() in ("", "identity") for part in coding.split(","))


async def read_body(receive: Receive, headers: Headers, most_bytes: int) -> bytes | None:
    """Read the whole content; None when it is larger than `most_bytes`, noticed as soon as that is known.

    Raises ClientGone when the connection closes first, and TooSlow at the deadline.
    """
    stated = headers.combined(b"content-length")
    # isdigit alone takes superscripts, and int() refuses thousands of digits.
    if stated is not None and stated.isascii() and stated.isdigit() and (len(stated) > 18 or int(stated) > most_bytes):
        return None
    reading, deadline = _whole_body(receive, most_bytes), DEADLINE.get()
    return await (reading if deadline is None else InTime(reading, deadline))


async def _whole_body(receive: Receive, most_bytes: int) -> bytes | None:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        chunks, size = [body], len(body)
        while message.get("more_body") and size <= most_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
        body = b"".join(chunks)
    return None if len(body) > most_bytes else body
