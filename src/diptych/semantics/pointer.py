"""JSON Pointer. Source: RFC 6901."""

from collections.abc import Iterable
from typing import Final

WHOLE: Final = ""


def pointer(*parts: str | int) -> str:
    """Write the pointer to a member, each part a member name or an array index. Source: RFC 6901 section 3."""
    return "".join(f"/{escape(str(part))}" for part in parts)


def escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def read(text: str) -> tuple[str, ...] | None:
    """Split a pointer into its member names; None when it is not a pointer. Source: RFC 6901 sections 3, 4."""
    if text == WHOLE:
        return ()
    if not text.startswith("/"):
        return None
    parts = text[1:].split("/")
    if not all(map(_is_escaped, parts)):
        return None
    # ~1 before ~0, so that "~01" becomes "~1" and not "/" (section 4).
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def index(part: str, length: int) -> int | None:
    """Read an array index below `length`; no sign and no leading zero. Source: RFC 6901 section 4."""
    # Only ASCII digits: str.isdigit alone takes others. A length bound first, since int() of many digits is slow.
    if not part.isascii() or not part.isdigit() or len(part) > 10 or (part[0] == "0" and part != "0"):
        return None
    number = int(part)
    return number if number < length else None


def is_prefix(shorter: Iterable[str], longer: Iterable[str]) -> bool:
    one, other = tuple(shorter), tuple(longer)
    return other[: len(one)] == one


def _is_escaped(part: str) -> bool:
    """A tilde stands only before 0 or 1."""
    at = part.find("~")
    while at != -1:
        if part[at + 1 : at + 2] not in ("0", "1"):
            return False
        at = part.find("~", at + 2)
    return True
