"""How large and how deep a JSON value is, remembered while one patch runs."""

import json
from typing import Final

from diptych.semantics.json_value import JSON

# Levels of brackets that a body may have, its own included; and so what a patch may make of a document.
DEEPEST: Final = 64

# Values that one patch may have looked at; far above what any patch of a body's size needs, and reached in less than a second.
MOST_LOOKS: Final = 2_000_000


_text: Final = json.JSONEncoder(ensure_ascii=False).encode


class TooManyLooks(Exception):
    """More values were looked at than any honest patch needs."""


class Measure:
    """Sizes of JSON values in bytes of compact text, in UTF-8 and with no more escapes than JSON demands, and levels of brackets.

    Values are remembered by identity, so that a patch that copies one large value again and again measures it once;
    a value that was measured must not be changed afterwards.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int, JSON]] = {}
        self._looks_left: int | None = None

    def begin_count(self) -> None:
        """Count looks from here on; before, they are free."""
        self._looks_left = MOST_LOOKS

    def of(self, value: JSON) -> tuple[int, int]:
        """Return (bytes, levels); a number or text has level 0. Raises TooManyLooks once MOST_LOOKS values were counted."""
        if not isinstance(value, dict | list):
            return _scalar_size(value), 0
        known = self._known.get(id(value))
        if known is not None:
            return known[0], known[1]
        if self._looks_left is not None:
            self._looks_left -= len(value)
            if self._looks_left < 0:
                raise TooManyLooks("the patch rebuilds large values too often")
        size, depth = 2 + max(len(value) - 1, 0), 0
        items = value.values() if isinstance(value, dict) else value
        for item in items:
            item_size, item_depth = self.of(item)
            size += item_size
            depth = max(depth, item_depth)
        if isinstance(value, dict):
            size += sum(_scalar_size(name) + 1 for name in value)
        # The value itself is kept too, or its identity could be given to another one.
        self._known[id(value)] = (size, depth + 1, value)
        return size, depth + 1


def _scalar_size(value: JSON) -> int:
    if isinstance(value, str):
        return len(_text(value).encode("utf-8", "surrogatepass"))
    # Numbers are written as Python writes them; null, true and false are as long as None, True and False.
    return len(repr(value))
