"""The ASGI shapes, and the parts of a request that both doors read."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote, unquote_to_bytes

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class Application(Protocol):
    """A plain ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Headers:
    """The header fields of one request, names in lower case; gone through once, since a door asks for many."""

    __slots__ = ("_lines",)

    def __init__(self, scope: Scope) -> None:
        lines: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            lines.setdefault(name, []).append(value)
        self._lines = lines

    def lines(self, name: bytes) -> list[str]:
        """Every field line of a name, in order; octets beyond ASCII become the characters of the same number."""
        return [value.decode("latin-1") for value in self._lines.get(name, ())]

    def combined(self, name: bytes) -> str | None:
        """All field lines of a name as one list; None if there is none. Source: RFC 9110 section 5.3."""
        lines = self.lines(name)
        return ", ".join(lines) if lines else None


def root_path(scope: Scope) -> str:
    """The prefix under which the application stands; it begins every path that an answer names."""
    return str(scope.get("root_path", "")).rstrip("/")


def segments(scope: Scope) -> tuple[str, ...] | None:
    """The decoded segments of the path below the prefix; None if one is not UTF-8.

    They are split before they are decoded, so that a key may hold an encoded slash. Source: RFC 3986 section 2.4.
    """
    # A server that tells no raw path has decoded it already; it must not be decoded twice.
    raw: bytes = scope.get("raw_path") or quote(str(scope["path"]), errors="surrogatepass").encode()
    try:
        parts = tuple((unquote_to_bytes(part) if b"%" in part else part).decode() for part in raw.split(b"/")[1:])
    except UnicodeDecodeError:
        return None
    prefix = tuple(root_path(scope).split("/")[1:])
    below = parts[: len(prefix)] == prefix and len(parts) > len(prefix)
    return parts[len(prefix) :] if below else parts
