"""Places: the paths that answers name, below whatever prefix the application stands under."""

from typing import Final
from urllib.parse import quote

from diptych.http.asgi import Scope, root_path
from diptych.semantics.frozen import frozen
from diptych.semantics.row import Key

# What may stand in a path as it is, the slash aside. Source: RFC 3986 section 3.3.
_PATH_CHARACTERS: Final = "/:@!$&'()*+,;="


@frozen
class Place:
    """Where one collection stands for one request. All text is percent-encoded; `prefix` is empty or starts with a slash.

    Answers name paths and never a host: the Host field is whatever the client wrote.
    """

    prefix: str
    collection: str

    def item(self, key: Key) -> bytes:
        """The path of a row; its key is one segment, whatever characters it has."""
        segment = str(key) if isinstance(key, int) else quote(key, safe="")
        return f"{self.prefix}{self.collection}/{segment}".encode()

    def page(self, size: int, *, after: str | None = None, before: str | None = None, kept: str = "") -> str:
        """The path of a page; `kept` are further parameters, encoded, each after an ampersand.

        Cursors are of characters that need no encoding, unless a client made one up.
        """
        ends = "".join(f"&{name}={quote(cursor, safe='')}" for name, cursor in (("after", after), ("before", before)) if cursor is not None)
        return f"{self.prefix}{self.collection}?limit={size}{ends}{kept}"


def encoded_path(path: str) -> str:
    return quote(path, safe=_PATH_CHARACTERS)


def prefix_of(scope: Scope) -> str:
    """The root path, percent-encoded, so that nothing in it can end a header field."""
    prefix = root_path(scope)
    return encoded_path(prefix) if prefix else ""
