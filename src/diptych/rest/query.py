"""Query strings: the parameters that came, decoded, in their order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from diptych.semantics.outcome import Violation
from diptych.semantics.pointer import WHOLE, pointer

MOST_PARAMETERS: Final = 200
# Bytes. What usual servers and proxies let through is half of this; beyond it, reading would cost more than refusing.
LONGEST_QUERY: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. The same name may come again."""

    name: str
    value: str

    @property
    def at(self) -> str:
        """The pointer to it in a refusal."""
        return pointer(self.name)


@dataclass(frozen=True, slots=True)
class Query:
    """What came, and what is wrong with it before anybody knows which parameters there are."""

    parameters: Sequence[Parameter] = ()
    violations: Sequence[Violation] = ()

    def written(self, *, without: Collection[str]) -> str:
        """Write it again in one canonical spelling, each parameter after an ampersand, some names left out."""
        return "".join(f"&{quote(one.name, safe='')}={quote(one.value, safe='')}" for one in self.parameters if one.name not in without)


NO_QUERY: Final = Query()


def read_query(query: bytes) -> Query:
    """Split and decode. Source: the WHATWG URL standard, section 5.1."""
    if not query:
        return NO_QUERY
    if len(query) > LONGEST_QUERY:
        return Query(violations=(Violation(WHOLE, "too_long", f"The query string must have at most {LONGEST_QUERY} bytes."),))
    parts = [part for part in query.split(b"&") if part]
    if len(parts) > MOST_PARAMETERS:
        return Query(violations=(Violation(WHOLE, "too_large", f"There must be at most {MOST_PARAMETERS} parameters."),))
    parameters: list[Parameter] = []
    unreadable = False
    for part in parts:
        name, _, value = part.partition(b"=")
        try:
            parameters.append(Parameter(_decoded(name), _decoded(value)))
        except UnicodeDecodeError:
            unreadable = True
    return Query(parameters, (Violation(WHOLE, "format", "Parameters must be UTF-8 text."),) if unreadable else ())


def taken_once(parameters: Sequence[Parameter], names: Collection[str]) -> tuple[Mapping[str, str], Sequence[Violation]]:
    """The values of those parameters that may come once, by name, and what is wrong with the repeated ones."""
    values: dict[str, str] = {}
    violations: dict[str, Violation] = {}
    for one in parameters:
        if one.name in values:
            violations[one.name] = Violation(one.at, "not_allowed", "Must be given once.")
        elif one.name in names:
            values[one.name] = one.value
    return values, tuple(violations.values())


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode()
