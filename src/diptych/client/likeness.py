"""Whether what a row has is what a write has sent, as far as that can be seen."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from diptych.client.write import Write
from diptych.semantics import json_patch, merge_patch
from diptych.semantics.json_value import JSON, Document, same

_DURATION: Final = TypeAdapter(timedelta)


class Likeness(IntEnum):
    """How a row compares to a write. Of several members, the one that is furthest off counts."""

    SAME = 0
    UNKNOWN = 1
    OTHER = 2


def likeness(write: Write, current: Document) -> Likeness:
    """Compare a row with what the write would have left. A JSON Patch whose base is not known cannot be compared.

    A member that the row does not show, a hidden field for example, is UNKNOWN.
    """
    match write.kind:
        case "create" | "replace":
            return _of_members(write.body, current)
        case "patch":
            return _of_members({name: value for name, value in _patched(current, write.body).items() if name in write.body}, current)
        case "json_patch" if write.base is not None:
            done = json_patch.apply(dict(write.base), write.body)
            if isinstance(done, json_patch.Patched) and isinstance(done.document, dict):
                return compare(_without_version(done.document), _without_version(current))
    return Likeness.UNKNOWN


def compare(sent: JSON, stored: JSON) -> Likeness:
    """Tell whether the server may have made the one of the other: it has one spelling for each value, and fills in defaults.

    Being too generous costs a question to the caller; being too strict would tell them that a write had not happened which did.
    """
    if isinstance(sent, dict) and isinstance(stored, dict):
        if sent.keys() - stored.keys():
            return Likeness.OTHER
        filled_in = Likeness.UNKNOWN if stored.keys() - sent.keys() else Likeness.SAME
        return max((compare(value, stored[name]) for name, value in sent.items()), default=Likeness.SAME) or filled_in
    if isinstance(sent, list) and isinstance(stored, list):
        one_by_one = max(map(compare, sent, stored), default=Likeness.SAME) if len(sent) == len(stored) else Likeness.OTHER
        # The server may keep it as a set, in an order of its own and each element once.
        return Likeness.UNKNOWN if one_by_one is Likeness.OTHER and _elements(sent) == _elements(stored) else one_by_one
    if isinstance(sent, str) and isinstance(stored, str):
        return Likeness.SAME if _reads_the_same(sent, stored) else Likeness.OTHER
    return Likeness.SAME if same(sent, stored) else Likeness.OTHER


def _elements(values: Sequence[JSON]) -> frozenset[str]:
    return frozenset(json.dumps(value, sort_keys=True) for value in values)


def _of_members(wanted: Document, current: Document) -> Likeness:
    each = (compare(value, current[name]) if name in current else Likeness.UNKNOWN for name, value in wanted.items())
    return max(each, default=Likeness.UNKNOWN)


def _patched(current: Document, patch: Document) -> dict[str, JSON]:
    return merge_patch.merge_members(current, patch)


def _without_version(document: Document) -> dict[str, JSON]:
    return {name: value for name, value in document.items() if name != "version"}


def _reads_the_same(sent: str, stored: str) -> bool:
    if sent.strip().casefold() == stored.strip().casefold():
        return True
    return any((one := _read(reader, sent)) is not None and one == _read(reader, stored) for reader in _READERS)


def _moment(text: str) -> Any:
    return datetime.fromisoformat(text)


_READERS: Final[tuple[Callable[[str], Any], ...]] = (Decimal, _moment, time.fromisoformat, _DURATION.validate_strings)


def _read(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except (ValueError, InvalidOperation, ValidationError):
        return None
