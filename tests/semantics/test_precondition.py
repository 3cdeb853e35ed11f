"""What each precondition says of each state (contract, section 5)."""

import pytest

from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt, Precondition, at_version, holds, protects
from diptych.semantics.version import NOTHING, Version

V6, V7, V9 = Version(6), Version(7), Version(9)


@pytest.mark.parametrize(
    ("precondition", "current", "expected"),
    [
        pytest.param(Exists(), V7, True, id="star-finds-a-row"),
        pytest.param(Exists(), NOTHING, False, id="star-asks-for-a-row"),
        pytest.param(Absent(), NOTHING, True, id="nothing-expected-nothing-there"),
        pytest.param(Absent(), V7, False, id="nothing-expected-a-row-there"),
        pytest.param(IsAt(frozenset({V7})), V7, True, id="named-version-is-current"),
        pytest.param(IsAt(frozenset({V6})), V7, False, id="named-version-is-old"),
        pytest.param(IsAt(frozenset({V6, V7})), V7, True, id="one-of-several-is-current"),
        pytest.param(IsAt(frozenset({V6, V9})), V7, False, id="none-of-several-is-current"),
        pytest.param(IsAt(frozenset()), V7, False, id="no-tag-of-ours-never-matches"),
        pytest.param(IsAt(frozenset()), NOTHING, False, id="no-tag-of-ours-does-not-match-nothing"),
        pytest.param(IsAt(frozenset({V7})), NOTHING, False, id="named-version-but-nothing-there"),
        pytest.param(IsNotAt(frozenset({V6})), V7, True, id="not-at-an-old-version"),
        pytest.param(IsNotAt(frozenset({V6, V7})), V7, False, id="not-at-a-list-with-the-current-one"),
        pytest.param(IsNotAt(frozenset()), V7, True, id="not-at-no-version-always-holds"),
        pytest.param(IsNotAt(frozenset({V7})), NOTHING, True, id="nothing-is-at-no-version"),
    ],
)
def test_holds(precondition: Precondition, current: Version, expected: bool) -> None:
    assert holds(precondition, current) is expected


@pytest.mark.parametrize(
    ("precondition", "expected"),
    [
        pytest.param(Exists(), True, id="star"),
        pytest.param(Absent(), True, id="nothing-there"),
        pytest.param(IsAt(frozenset({V7})), True, id="at-a-version"),
        pytest.param(IsNotAt(frozenset({V6})), False, id="not-at-a-version-names-no-state-that-was-seen"),
    ],
)
def test_protects(precondition: Precondition, expected: bool) -> None:
    assert protects(precondition) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(0, Absent(), id="zero-is-nothing"),
        pytest.param(7, IsAt(frozenset({V7})), id="a-version"),
        pytest.param(-1, IsAt(frozenset({Version(-1)})), id="a-negative-number-is-a-version-no-row-has"),
    ],
)
def test_at_version(number: int, expected: Precondition) -> None:
    assert at_version(number) == expected
