"""HTTP requests as people write them down: a method and a path, with header fields and content beneath."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from diptych.explain.errors import NotUnderstood

_FIRST_LINE: Final = re.compile(r"([A-Z]+)[ \t]+(/\S*|https?://\S+)(?:[ \t]+HTTP/[0-9.]+)?")
_FIELD: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)")
_WITH_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it came. `target` is a path with its query, encoded; `content` is empty where there is none."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


def looks_like_a_message(text: str) -> bool:
    return _FIRST_LINE.match(text.lstrip()) is not None


def read_message(text: str) -> Message:
    """Read `PUT /api/users/1`, header fields in the lines below, and after an empty line the content.

    Content without a media type is JSON. Raises NotUnderstood.
    """
    head, _, content = text.strip().replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    found = _FIRST_LINE.fullmatch(first.strip())
    if found is None:
        raise NotUnderstood(f"{first.strip()[:80]!r} is no first line of a request; write a method and a path, such as GET /api/users/1.")
    return message(found[1], found[2], [read_field(line.strip()) for line in lines], content.encode())


def message(method: str, url: str, headers: list[tuple[str, str]], content: bytes) -> Message:
    """A request to be explained: the host of its address does not matter, and content is JSON unless something else was said."""
    named = {name.lower() for name, _ in headers}
    if method in _WITH_CONTENT and "content-type" not in named:
        headers = [*headers, ("Content-Type", "application/json")]
    return Message(method, target_of(url), tuple(headers), content)


def target_of(url: str) -> str:
    """Path and query of an address, whose scheme and host may be left out."""
    if "://" not in url and not url.startswith("/"):
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NotUnderstood(f"The address {url[:80]!r} cannot be read: {error}.") from None
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def read_field(line: str) -> tuple[str, str]:
    """Read `Name: value`. Raises NotUnderstood, without what came: it may hold a secret."""
    found = _FIELD.fullmatch(line)
    if found is None:
        raise NotUnderstood("A header field cannot be read; write it as Name: value.")
    return found[1], found[2].strip()
