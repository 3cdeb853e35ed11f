"""Splits a command line as a POSIX shell does, with the quotes that browsers write when they copy a request as `curl`."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from diptych.explain.errors import NotUnderstood

# A dollar that a shell would put something in place of. Source: POSIX.1-2017, Shell Command Language, section 2.6.
_EXPANDED: Final = r"\$[A-Za-z0-9_{(@*#?!$-]|`"
_PIECE: Final = re.compile(
    r"""
    (?P<space>\s+)
    | \\\n
    | \\(?P<escaped>.)
    | '(?P<single>[^']*)'
    | \$'(?P<ansi>(?:[^'\\]|\\.)*)'
    | \$?"(?P<double>(?:[^"\\]|\\.)*)"
    | (?P<plain>[^\s\\'"$`]+|\$(?![A-Za-z0-9_{(@*\#?!$'"-]))
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_DOUBLE: Final = re.compile(rf"\\(?P<joined>\n)|\\(?P<escaped>[$`\"\\])|(?P<expanded>{_EXPANDED})")
_ANSI: Final = re.compile(
    r"\\(?:x(?P<octet>[0-9A-Fa-f]{1,2})|(?P<octal>[0-7]{1,3})|(?:u(?P<short>[0-9A-Fa-f]{1,4})|U(?P<long>[0-9A-Fa-f]{1,8}))|(?P<one>.))|[^\\]+",
    re.DOTALL,
)
_ONE: Final = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def shell_words(text: str) -> list[str]:
    """The words of a command line that may go over several lines. Raises NotUnderstood."""
    text = text.replace("\r\n", "\n")
    words: list[str] = []
    begun, at = False, 0
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            raise _unreadable(text[at:])
        at = found.end()
        # A backslash at the end of a line joins it with the next one, and is no piece of a word.
        if found.lastgroup is None:
            continue
        if found.lastgroup == "space":
            begun = False
            continue
        if not begun:
            words.append("")
            begun = True
        words[-1] += _READ[found.lastgroup](found[found.lastgroup])
    return words


def _unreadable(rest: str) -> NotUnderstood:
    match rest[0], rest[1:2]:
        case ("'" | '"', _) | ("$", "'" | '"'):
            return NotUnderstood("The curl line cannot be read: no closing quotation.")
        case "\\", _:
            return NotUnderstood("The curl line cannot be read: it ends in a backslash, and no line follows.")
        case _:
            return _expanded()


def _expanded() -> NotUnderstood:
    return NotUnderstood("The curl line has a $ or a backtick that a shell would put something in place of; give what stands for it.")


def _double(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if found["expanded"]:
            raise _expanded()
        return found["escaped"] or ""

    return _IN_DOUBLE.sub(plain, text)


def _ansi_c(text: str) -> str:
    """The text of `$'…'`. Octets and halves of surrogate pairs stand one by one, and mean something together only."""
    octets = b"".join(map(_octets, _ANSI.finditer(text)))
    try:
        return octets.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise NotUnderstood("The curl line cannot be read: what stands in $'…' is not UTF-8.") from None


def _octets(found: re.Match[str]) -> bytes:
    if found["octet"]:
        return bytes([int(found["octet"], 16)])
    if found["octal"]:
        return bytes([int(found["octal"], 8) & 0xFF])
    if number := found["short"] or found["long"]:
        if int(number, 16) > 0x10FFFF:
            raise NotUnderstood("The curl line cannot be read: \\U is followed by the number of no character.")
        return chr(int(number, 16)).encode("utf-8", "surrogatepass")
    if one := found["one"]:
        # A backslash in front of anything else stands for itself, save before quotes and backslashes.
        return _ONE.get(one, one if one in "\\'\"?" else f"\\{one}").encode()
    return found[0].encode("utf-8", "surrogatepass")


_READ: Final[Mapping[str, Callable[[str], str]]] = {"escaped": str, "single": str, "plain": str, "double": _double, "ansi": _ansi_c}
