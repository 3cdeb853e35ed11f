"""Versions count from 1; 0 is nothing, and a GraphQL Int is the end (contract, sections 1 and 4)."""

from diptych.semantics.version import LAST, NOTHING, Version, after


def test_numbers() -> None:
    assert (NOTHING, LAST) == (0, 2147483647)
    assert after(NOTHING) == 1
    assert after(Version(7)) == 8
