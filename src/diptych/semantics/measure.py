"""How large and how deep a JSON value is, remembered while one patch runs."""

from typing import Final

from diptych.semantics.json_value import JSON

# Levels of brackets that a body may have, its own included; and so what a patch may make of a document.
DEEPEST: Final = 64

# Values that one patch may have looked at; far above what any patch of a body's size needs, and reached in about a second.
MOST_LOOKS: Final = 4_000_000


class Measure:
    """Sizes of JSON values in bytes of compact text (a character that is not ASCII counts as UTF-8) and levels of brackets.

    Values are remembered by identity, so that a patch that copies one large value again and again measures it once;
    a value that was measured must not be changed afterwards.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int, JSON]] = {}
        self._looks = 0

    def of(self, value: JSON) -> tuple[int, int]:
        """Return (bytes, levels); a number or text has level 0. Raises OverflowError once MOST_LOOKS values were looked at."""
        if not isinstance(value, dict | list):
            return _scalar_size(value), 0
        known = self._known.get(id(value))
        if known is not None:
            return known[0], known[1]
        self._looks += len(value)
        if self._looks > MOST_LOOKS:
            raise OverflowError("the patch rebuilds large values too often")
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
        return len(value.encode("utf-8", "surrogatepass")) + 2
    if value is None or value is True:
        return 4
    if value is False:
        return 5
    return len(repr(value))
