"""Where the keys of an issuer come from."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from diptych.identity.watched_file import WatchedFile

if TYPE_CHECKING:
    from diptych.identity.key_set import KeySet


class KeySource(Protocol):
    """Keys that may change while tokens of theirs are about."""

    async def keys(self) -> "KeySet | None":
        """The keys as they are believed to be now; None where there have never been any that could be had."""
        ...

    async def newer_keys(self) -> "KeySet | None":
        """The same, for somebody who has missed a key there."""
        ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class OneKey:
    """A key that was given to the application, and never changes."""

    def __init__(self, keys: "KeySet") -> None:
        self._keys = keys

    async def keys(self) -> "KeySet | None":
        return self._keys

    newer_keys = keys

    async def open(self) -> None:
        return

    async def close(self) -> None:
        return

    def __repr__(self) -> str:
        return "key=…"


class KeySetFile:
    """A JWK Set in a file. Raises ValueError where it cannot be used."""

    def __init__(self, path: Path) -> None:
        from diptych.identity.key_set import read_key_set

        self._file = WatchedFile(path, read_key_set)

    async def keys(self) -> "KeySet | None":
        return self._file.content()

    newer_keys = keys

    async def open(self) -> None:
        return

    async def close(self) -> None:
        return

    def __repr__(self) -> str:
        return f"jwks={self._file.path.name!r}"
