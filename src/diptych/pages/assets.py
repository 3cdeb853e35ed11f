"""Serves the built scripts, styles and fonts of the pages, as a plain ASGI application."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
HeaderPairs: TypeAlias = list[tuple[bytes, bytes]]

STATIC = Path(__file__).parent / "static"

CONTENT_TYPES: Mapping[str, bytes] = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".png": b"image/png",
    ".svg": b"image/svg+xml",
    ".ttf": b"font/ttf",
    ".txt": b"text/plain; charset=utf-8",
    ".woff": b"font/woff",
    ".woff2": b"font/woff2",
}
PLAIN = CONTENT_TYPES[".txt"]


class AssetsMissing(RuntimeError):
    """The package was put together without the pages' scripts."""


class Assets:
    """Answers GET and HEAD for `prefix/version/name`, and 404 for all that is not a file of this very build.

    `version` names the content of all files together, so an answer may be kept for ever.
    `prefix` is the path below the application's own root, without a slash at its end.
    Raises AssetsMissing when the files have not been built.
    """

    def __init__(self, prefix: str = "/assets", *, static: Path = STATIC) -> None:
        try:
            manifest = json.loads((static / "manifest.json").read_bytes())
        except FileNotFoundError as missing:
            raise AssetsMissing(f"The scripts of the pages are not in {static}; `make setup` builds them.") from missing
        self.prefix = prefix
        self.version: str = manifest["version"]
        # Only names of this list are ever opened, so no path of a request reaches the file system.
        self._files = {name: static / self.version / name for name in manifest["files"]}
        self._packed = {name: packed for name, file in self._files.items() if (packed := Path(f"{file}.gz")).is_file()}

    @property
    def url(self) -> str:
        """The address under which the pages find the files, below the application's root."""
        return f"{self.prefix}/{self.version}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        head = scope["method"] == "HEAD"
        if scope["method"] not in ("GET", "HEAD"):
            return await answer(send, 405, [(b"allow", b"GET, HEAD"), (b"content-type", PLAIN)], b"Only GET and HEAD are answered here.\n")
        name = self._name(scope)
        if name is None:
            return await answer(send, 404, [(b"content-type", PLAIN)], b"There is no such file.\n", head=head)
        headers = [
            (b"content-type", CONTENT_TYPES.get(Path(name).suffix, b"application/octet-stream")),
            (b"cache-control", b"public, max-age=31536000, immutable"),
            (b"x-content-type-options", b"nosniff"),
        ]
        file = self._files[name]
        if name in self._packed:
            headers.append((b"vary", b"Accept-Encoding"))
            if admits_gzip(scope["headers"]):
                headers.append((b"content-encoding", b"gzip"))
                file = self._packed[name]
        return await answer(send, 200, headers, await asyncio.to_thread(file.read_bytes), head=head)

    def _name(self, scope: Scope) -> str | None:
        """Find which file the request's path names; None for none of ours."""
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        folder, _, name = path.rpartition("/")
        return name if folder == self.url and name in self._files else None


def admits_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether an answer in gzip is welcome. Source: RFC 9110 section 12.5.3."""
    weights: dict[str, float] = {}
    for header, value in headers:
        if header.lower() == b"accept-encoding":
            for member in value.decode("latin-1").lower().split(","):
                coding, _, weight = member.partition(";")
                weights[coding.strip()] = read_weight(weight)
    return next((weights[coding] for coding in ("gzip", "x-gzip", "*") if coding in weights), 0.0) > 0


def read_weight(text: str) -> float:
    """Read `q=0.5`; a missing weight is 1, an unreadable one 0, as identity always serves."""
    name, _, number = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(number) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0


async def answer(send: Send, status: int, headers: HeaderPairs, body: bytes, *, head: bool = False) -> None:
    """Send a whole response at once, or only its head with the length its body would have."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": b"" if head else body})
