"""Versions: positive integers that name the states of one row."""

from typing import Final, NewType

# A row counts from 1; 0 names the state in which nothing is there. No (key, version) pair ever names two states.
# The strong entity-tag of the full representation is this number in quotes. Source: RFC 9110 sections 8.8.1, 8.8.3.
Version = NewType("Version", int)

NOTHING: Final = Version(0)

# GraphQL's Int has 32 bits: a row that got this far takes no further change rather than wrap.
# Source: GraphQL, September 2025, section 3.5.1.
LAST: Final = Version(2**31 - 1)


def after(version: Version) -> Version:
    """The version of the next state; the caller has made sure that it is not the last one."""
    return Version(version + 1)
