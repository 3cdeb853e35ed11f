"""What a client has seen, and which copies have come far enough for it."""

from collections.abc import Iterator, Mapping
from contextvars import Context

import pytest

from diptych.semantics.command import Fetch
from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts, Row
from diptych.semantics.shape import Shape
from diptych.semantics.sight import SIGHT, Claim, Sight, has_reached, insist, is_behind
from diptych.semantics.version import NOTHING, Version

V1, V6, V7, V8 = Version(1), Version(6), Version(7), Version(8)
THERE = Facts(Row(1, V7, {"title": "now"}), V7)
GONE = Facts(None, V7)


@pytest.fixture
def sight() -> Iterator[Sight]:
    """What the request of this test has seen."""
    sight = Sight()
    token = SIGHT.set(sight)
    yield sight
    SIGHT.reset(token)


def test_outside_of_a_request_nothing_is_seen_and_no_copy_is_read() -> None:
    assert Context().run(SIGHT.get) is None
    assert Context().run(insist) is False
    assert SIGHT.name == "diptych_sight"


def test_a_request_begins_without_claims_and_takes_any_copy() -> None:
    assert Sight() == Sight(claims=(), insists=False, is_reached=None)


def test_a_request_insists_once(sight: Sight) -> None:
    """Only the first time there is anything to be read again."""
    assert insist() is True
    assert sight.insists is True
    assert insist() is False
    assert sight.insists is True


@pytest.mark.parametrize(
    ("claimed", "facts", "expected"),
    [
        pytest.param(V7, THERE, True, id="the-state-that-was-seen"),
        pytest.param(V6, THERE, True, id="a-later-state"),
        pytest.param(V8, THERE, False, id="an-older-state"),
        pytest.param(V7, GONE, True, id="a-delete-after-what-was-seen"),
        pytest.param(V8, GONE, False, id="a-delete-before-what-was-seen"),
        pytest.param(V1, UNKNOWN_TO_THE_STORE, False, id="a-row-still-on-its-way"),
        pytest.param(NOTHING, UNKNOWN_TO_THE_STORE, True, id="nothing-where-nothing-was"),
        pytest.param(NOTHING, GONE, True, id="gone-where-it-was-gone"),
        pytest.param(NOTHING, THERE, False, id="a-row-that-was-gone-still-there"),
    ],
)
def test_how_far_a_copy_has_come(shapes: Mapping[str, Shape], claimed: Version, facts: Facts, expected: bool) -> None:
    assert has_reached(Claim(shapes["server"], 1, claimed), facts) is expected


def at(*versions: Version) -> IsAt:
    return IsAt(frozenset(versions))


def not_at(*versions: Version) -> IsNotAt:
    return IsNotAt(frozenset(versions))


@pytest.mark.parametrize(
    ("command", "facts", "expected"),
    [
        pytest.param(Fetch(1), THERE, False, id="a-row-and-no-condition"),
        pytest.param(Fetch(1), GONE, True, id="no-row-and-no-condition"),
        pytest.param(Fetch(1, [at(V6)]), GONE, True, id="no-row-and-an-old-version"),
        pytest.param(Fetch(1, [at(V7)]), THERE, False, id="the-version-that-is-there"),
        pytest.param(Fetch(1, [at(V8)]), THERE, True, id="a-newer-version"),
        pytest.param(Fetch(1, [at(V1, V8)]), THERE, True, id="an-old-and-a-newer-version"),
        pytest.param(Fetch(1, [at()]), THERE, False, id="no-version-of-ours"),
        pytest.param(Fetch(1, [Exists()], [Absent()]), THERE, False, id="whatever-is-there"),
        pytest.param(Fetch(1, (), [not_at(V7)]), THERE, False, id="the-reader-has-this-state"),
        pytest.param(Fetch(1, (), [not_at(V8)]), THERE, True, id="the-reader-has-a-newer-state"),
        pytest.param(Fetch(1, [at(V7)], [not_at(V8)]), THERE, True, id="only-the-last-condition-is-newer"),
        pytest.param(Fetch(1, [at(V8), Exists()]), THERE, True, id="only-the-first-condition-is-newer"),
    ],
)
def test_a_copy_that_may_be_behind(command: Fetch, facts: Facts, expected: bool) -> None:
    assert is_behind(command, facts) is expected
