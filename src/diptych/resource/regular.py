"""Python's regular expressions, with a `$` that means the end and not also the place before a last line break."""

import re
from typing import Final

# An escape, a character class, or an end mark, so that only marks are touched.
_PARTS: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)


def end_anchored(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    r"""Compile a pattern with each `$` read as `\Z`; one that asks for line ends (MULTILINE) keeps its own."""
    compiled = re.compile(pattern)
    if compiled.flags & re.MULTILINE:
        return compiled
    return re.compile(_PARTS.sub(lambda part: r"\Z" if part[0] == "$" else part[0], compiled.pattern), compiled.flags)
