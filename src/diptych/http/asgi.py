"""The ASGI shapes, and the parts of a request that both doors read."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote, unquote_to_bytes

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class Application(Protocol):
    """A plain ASGI application."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]: ...


class Headers:
    """The header fields of one request, names in lower case; octets beyond ASCII become the characters of the same number."""

    __slots__ = ("_last", "_lines", "_one_of_each")

    def __init__(self, scope: Scope) -> None:
        lines = scope["headers"]
        # ASGI allows anything that can be gone through once.
        self._lines: Sequence[tuple[bytes, bytes]] = lines if isinstance(lines, list) else list(lines)
        # A door asks for many names, and few of them are there.
        self._last = dict(self._lines)
        self._one_of_each = len(self._last) == len(self._lines)

    def lines(self, name: bytes) -> list[str]:
        """Every field line of a name, in order."""
        last = self._last.get(name)
        if last is None:
            return []
        if self._one_of_each:
            return [last.decode("latin-1")]
        return [value.decode("latin-1") for other, value in self._lines if other == name]

    def combined(self, name: bytes) -> str | None:
        """All field lines of a name as one list; None if there is none. Source: RFC 9110 section 5.3."""
        last = self._last.get(name)
        if last is None:
            return None
        return last.decode("latin-1") if self._one_of_each else ", ".join(self.lines(name))


def root_path(scope: Scope) -> str:
    """The prefix under which the application stands; it begins every path that an answer names."""
    return str(scope.get("root_path", "")).rstrip("/")


def segments(scope: Scope) -> tuple[str, ...] | None:
    """The decoded segments of the path below the prefix; None if one is not UTF-8.

    They are split before they are decoded, so that a key may hold an encoded slash. Source: RFC 3986 section 2.4.
    """
    # A server that tells no raw path has decoded it already; it must not be decoded twice.
    raw: bytes = scope.get("raw_path") or quote(str(scope["path"]), errors="surrogatepass").encode()
    if b"%" not in raw and not scope.get("root_path") and raw.isascii():
        return tuple(raw.decode().split("/")[1:])
    try:
        parts = tuple((unquote_to_bytes(part) if b"%" in part else part).decode() for part in raw.split(b"/")[1:])
    except UnicodeDecodeError:
        return None
    prefix = tuple(root_path(scope).split("/")[1:])
    below = parts[: len(prefix)] == prefix and len(parts) > len(prefix)
    return parts[len(prefix) :] if below else parts
