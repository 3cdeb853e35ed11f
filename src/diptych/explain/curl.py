"""Reads `curl` lines, as far as they say a request."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from diptych.explain.errors import NotUnderstood
from diptych.explain.messages import Message, read_field, target_of
from diptych.explain.shell_words import shell_words

__all__ = ["read_curl", "shell_words"]

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"

# What takes a value, by the name that it is understood by.
_VALUED: Final = {
    "-X": "request",
    "--request": "request",
    "-H": "header",
    "--header": "header",
    "-d": "data",
    "--data": "data",
    "--data-ascii": "data",
    "--data-binary": "data",
    "--data-raw": "raw",
    "--data-urlencode": "urlencode",
    "--json": "json",
    "--url": "url",
}
# What changes the request; and what changes no more than how it is sent, or what is shown of the answer.
_SWITCHES: Final = {"-G": "get", "--get": "get", "-I": "head", "--head": "head"}
_IGNORED: Final = frozenset(
    {
        *("-i", "--include", "-s", "--silent", "-S", "--show-error", "-v", "--verbose", "-g", "--globoff", "-k", "--insecure"),
        *("-L", "--location", "-f", "--fail", "--fail-with-body", "--compressed", "--http1.1", "--http2", "-N", "--no-buffer"),
    }
)
_ACCEPTED: Final = "-X, -H, -d, --data-raw, --data-urlencode, --json, -G, -I and --url"
_PLACE_IN_QUERY: Final = "-._~"


@dataclass
class _Read:
    """What a line has said so far."""

    method: str | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    json: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    get: bool = False
    head: bool = False


def read_curl(words: Sequence[str]) -> Message:
    """Read the words after `curl`. Raises NotUnderstood, and names an option that is not known."""
    read = _Read()
    for name, value in _options(words):
        _take(name, value, read)
    if len(read.urls) != 1:
        count = "no address" if not read.urls else f"{len(read.urls)} addresses"
        raise NotUnderstood(f"The curl line has {count}; it must have one, such as http://127.0.0.1:8000/api/users/1.")
    target, data = target_of(read.urls[0]), "&".join(read.data)
    if read.json:
        if read.data or read.get:
            raise NotUnderstood("The curl line has --json together with -d or -G; give the content once.")
        data = "".join(read.json)
    if read.get and data:
        target, data = f"{target}{'&' if '?' in target else '?'}{data}", ""
    # Content that is empty is content still.
    sends = bool(read.data or read.json) and not read.get
    method = read.method or ("HEAD" if read.head else "POST" if sends else "GET")
    return Message(method, target, tuple(_headers(read, sends)), data.encode())


def _headers(read: _Read, sends: bool) -> Iterator[tuple[str, str]]:
    """What was said, and what curl says by itself where there is content."""
    named = {name.lower() for name, _ in read.headers}
    # A field without a value takes away what curl would send.
    yield from ((name, value) for name, value in read.headers if value)
    if sends and "content-type" not in named:
        yield "Content-Type", _JSON if read.json else _FORM
    if read.json and "accept" not in named:
        yield "Accept", _JSON


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each option with its value, empty for a switch; addresses come as `url`."""
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("-") or word == "-":
            yield "url", word
        elif word.startswith("--"):
            name, equals, given = word.partition("=")
            if name in _VALUED:
                yield _VALUED[name], given if equals else _next(name, left)
            else:
                yield _switch(name), ""
        else:
            yield from _short(word, left)


def _short(word: str, left: list[str]) -> Iterator[tuple[str, str]]:
    """Short options may stand together, the last one with its value right behind it: `-siXPUT`."""
    letters = word[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        if name in _VALUED:
            yield _VALUED[name], letters or _next(name, left)
            return
        yield _switch(name), ""


def _switch(name: str) -> str:
    if name in _IGNORED:
        return "ignored"
    if name not in _SWITCHES:
        raise NotUnderstood(f"The curl option {name} is not known here; leave it out. Known are {_ACCEPTED}, and -i, -s, -v and -g.")
    return _SWITCHES[name]


def _next(name: str, left: list[str]) -> str:
    if not left:
        raise NotUnderstood(f"The curl option {name} has no value.")
    return left.pop(0)


def _take(name: str, value: str, read: _Read) -> None:
    match name:
        case "request":
            read.method = value.upper()
        case "header":
            read.headers.append(_field(value))
        case "data" if value.startswith("@"):
            raise NotUnderstood("The curl line reads its content from a file; give the content itself in place of @file.")
        case "data" | "raw":
            read.data.append(value)
        case "urlencode":
            read.data.append(_encoded(value))
        case "json":
            if value.startswith("@"):
                raise NotUnderstood("The curl line reads its content from a file; give the content itself in place of @file.")
            read.json.append(value)
        case "url":
            read.urls.append(value)
        case "get":
            read.get = True
        case "head":
            read.head = True
        case _:
            pass


def _field(value: str) -> tuple[str, str]:
    # `Name;` sends a field without a value, which none of ours may be.
    return read_field(re.sub(r";$", ":", value) if ":" not in value else value)


def _encoded(value: str) -> str:
    """What `--data-urlencode` makes of `name=content`, or of content alone."""
    name, equals, content = value.partition("=")
    if not equals and "@" in value:
        raise NotUnderstood("The curl line reads its content from a file; give the content itself in place of name@file.")
    return f"{name}={quote(content, safe=_PLACE_IN_QUERY)}" if equals and name else quote(content if equals else name, safe=_PLACE_IN_QUERY)
