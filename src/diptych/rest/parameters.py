"""Query parameters: those that choose a page of a collection, and the refusal of all others."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from diptych.semantics.command import List
from diptych.semantics.outcome import Invalid, Violation
from diptych.semantics.pointer import WHOLE, pointer
from diptych.semantics.read import LARGEST_PAGE, SMALLEST_PAGE, USUAL_PAGE, decide_window, size_violation
from diptych.semantics.shape import Shape

PAGE_PARAMETERS: Final = ("limit", "after", "before")

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class _Read:
    """The parameters that may stand there, each once, by name; and what is wrong with the others."""

    values: Mapping[str, str]
    violations: tuple[Violation, ...]


def read_page(query: bytes, shape: Shape) -> List | Invalid:
    """Read which page is asked for: `limit` rows from the start, after a cursor, or, with `before` alone, right before one."""
    read = _read(query, PAGE_PARAMETERS)
    size = _size(read.values.get("limit"))
    wrong = [*read.violations]
    if isinstance(size, Violation):
        wrong.append(size)
        size = USUAL_PAGE
    after, before = read.values.get("after"), read.values.get("before")
    page = List(size, "last" if after is None and before is not None else "first", after, before)
    if not wrong:
        return page
    # All that is wrong is told at once, the cursors included, which the service would judge later.
    window = decide_window(page, shape)
    return Invalid((*wrong, *window.violations) if isinstance(window, Invalid) else tuple(wrong))


def refuse_parameters(query: bytes) -> Invalid | None:
    """Refuse every parameter where none is known: one that was dropped in silence would have been meant."""
    violations = _read(query, ()).violations if query else ()
    return Invalid(violations) if violations else None


def _read(query: bytes, known: Collection[str]) -> _Read:
    values: dict[str, str] = {}
    violations: dict[str, Violation] = {}
    for part in query.split(b"&") if query else ():
        if not part:
            continue
        try:
            name, value = (unquote_to_bytes(text.replace(b"+", b" ")).decode() for text in part.partition(b"=")[::2])
        except UnicodeDecodeError:
            violations[WHOLE] = Violation(WHOLE, "format", "Parameters must be UTF-8 text.")
            continue
        at = pointer(name)
        if name not in known:
            violations[at] = Violation(at, "unknown", "There is no such parameter.")
        elif name in values:
            violations[at] = Violation(at, "not_allowed", "Must be given once.")
        else:
            values[name] = value
    return _Read(values, tuple(violations.values()))


def _size(text: str | None) -> int | Violation:
    if text is None:
        return USUAL_PAGE
    if _NUMBER.fullmatch(text) is None:
        return Violation("/limit", "type", f"Must be an integer between {SMALLEST_PAGE} and {LARGEST_PAGE}.")
    # int() never sees thousands of digits; any number that long is out of range on the same side.
    size = int(text) if len(text) < 10 else (SMALLEST_PAGE - 1 if text.startswith("-") else LARGEST_PAGE + 1)
    return size_violation("limit", size) or size
