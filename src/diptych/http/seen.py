"""What a client says that it has seen: `Diptych-Seen: users/5="7", documents/readme="0"`, on either door."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from diptych.semantics.version import LAST, Version

FIELD: Final = b"diptych-seen"
# Each costs a look at a row.
MOST_SEEN: Final = 64
EXPECTED: Final = (
    'Write the path of a row below the REST door and its entity-tag, such as users/5="7", and at most 64 of them with commas between.'
)

# A collection, a key as it stands in a path, and the entity-tag that came with the row, which a proxy may have made weak.
_ELEMENT: Final = re.compile(r'[ \t]*([^/",=\s]+)/([^/",=\s]+)=(?:W/)?"(0|[1-9][0-9]{0,9})"[ \t]*(?:,|\Z)')


def read_seen(field: str) -> Sequence[tuple[str, str, Version]] | None:
    """Read the field, all lines joined: collection, key and version of each row, 0 where it was seen to be gone; None if it cannot be."""
    seen: list[tuple[str, str, Version]] = []
    at = 0
    while at < len(field):
        element = _ELEMENT.match(field, at)
        if element is None or len(seen) == MOST_SEEN or int(element[3]) > LAST:
            return None
        try:
            seen.append((element[1], unquote_to_bytes(element[2]).decode(), Version(int(element[3]))))
        except UnicodeDecodeError:
            return None
        at = element.end()
    return seen or None
