"""Content that comes in: its media type, its coding, and its bytes up to a limit."""

from dataclasses import dataclass
from email.message import Message as _Parser

from diptych.http.asgi import Headers, Receive


class ClientGone(Exception):
    """The client closed the connection before its content was whole; there is nobody left to answer."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """What Content-Type says, in lower case: `application/json`, and the charset if one is given."""

    name: str
    charset: str | None


def media_type(headers: Headers) -> MediaType | None:
    """Read Content-Type; None when there is none, or several that differ. Source: RFC 9110 section 8.3."""
    lines = set(headers.lines(b"content-type"))
    if len(lines) != 1:
        return None
    (line,) = lines
    if ";" not in line:
        return MediaType(line.strip().lower(), None)
    parser = _Parser()
    parser["content-type"] = line
    charset = parser.get_param("charset")
    return MediaType(parser.get_content_type() if "/" in line.split(";")[0] else "", str(charset).lower() if charset is not None else None)


def is_utf8(media: MediaType) -> bool:
    """JSON is UTF-8, whatever else a charset says (RFC 8259 section 8.1)."""
    return media.charset in (None, "utf-8", "utf8")


def is_uncoded(headers: Headers) -> bool:
    """Whether the content comes as it is: no Content-Encoding but identity. Source: RFC 9110 section 8.4."""
    coding = headers.combined(b"content-encoding")
    return coding is None or all(part.strip().lower() in ("", "identity") for part in coding.split(","))


async def read_body(receive: Receive, headers: Headers, most_bytes: int) -> bytes | None:
    """Read the whole content; None when it is larger than `most_bytes`, noticed as soon as that is known.

    Raises ClientGone when the connection closes first.
    """
    stated = headers.combined(b"content-length")
    if stated is not None and stated.isdigit() and int(stated) > most_bytes:
        return None
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
