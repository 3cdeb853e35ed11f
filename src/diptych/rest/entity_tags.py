"""Entity-tags: how a version is written in a header field, and how conditions are read back. Source: RFC 9110 sections 8.8.3, 13.1."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt
from diptych.semantics.version import Version

# One list element and the comma or the end behind it. A comma may stand inside a tag, so the field is never split at commas;
# an element may be empty (RFC 9110 section 5.6.1). `W/` is case-sensitive, and a tag knows no escapes and no spaces.
_ELEMENT: Final = re.compile(r'[ \t]*(?:(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|\Z)')

# Versions end at 2147483647, so longer numbers are nobody's; int() never sees thousands of digits.
_VERSION: Final = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class EntityTag:
    """One tag as it came, without its quotes; octets beyond ASCII are the characters of the same number."""

    opaque: str
    weak: bool = False


def write_tag(version: Version) -> bytes:
    """Write the strong tag of a row's full representation."""
    return b'"%d"' % version


def write_weak_tag(content: bytes) -> bytes:
    """Write the tag of what has no version, made of its bytes.

    It is weak, since what stands behind the bytes may change and come back; no write can be made to depend on it.
    """
    return b'W/"%s"' % blake2b(content, digest_size=16).hexdigest().encode()


def names_weakly(field: str, tag: bytes) -> bool:
    """Whether a list of tags, or `*`, has this one by weak comparison. Source: RFC 9110 sections 8.8.3.2, 13.1.2."""
    if _is_star(field):
        return True
    opaque = tag.decode("latin-1").removeprefix("W/").strip('"')
    return any(one.opaque == opaque for one in read_tags(field) or ())


def version_of(tag: EntityTag) -> Version | None:
    """Read the version that a tag names; None for a tag that is not one of ours, such as `"07"`, which matches nothing."""
    return Version(int(tag.opaque)) if _VERSION.fullmatch(tag.opaque) else None


def read_tags(field: str) -> Sequence[EntityTag] | None:
    """Read a list of tags, all field lines joined; None when it is none, or has no tag at all."""
    tags: list[EntityTag] = []
    at = 0
    while at < len(field):
        element = _ELEMENT.match(field, at)
        if element is None:
            return None
        weak, opaque = element.groups()
        if opaque is not None:
            tags.append(EntityTag(opaque, weak is not None))
        at = element.end()
    return tags or None


@lru_cache(maxsize=1024)
def if_match(field: str) -> Exists | IsAt | None:
    """Read If-Match; None when it is malformed. Compared strongly: a weak tag matches nothing. Source: RFC 9110 section 13.1.1."""
    if _is_star(field):
        return Exists()
    tags = read_tags(field)
    return None if tags is None else IsAt(_versions(tag for tag in tags if not tag.weak))


@lru_cache(maxsize=1024)
def if_none_match(field: str) -> Absent | IsNotAt | None:
    """Read If-None-Match; None when it is malformed. Compared weakly, on writes too. Source: RFC 9110 section 13.1.2."""
    if _is_star(field):
        return Absent()
    tags = read_tags(field)
    return None if tags is None else IsNotAt(_versions(tags))


def _is_star(field: str) -> bool:
    return field.strip(" \t") == "*"


def _versions(tags: Iterable[EntityTag]) -> frozenset[Version]:
    return frozenset(version for version in map(version_of, tags) if version is not None)
