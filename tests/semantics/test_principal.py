"""Who asks: what a principal is without being told, and what of it is nobody else's business."""

import pytest

from diptych.semantics.principal import ANONYMOUS, Caller, Principal


def test_somebody_who_did_not_say_who_they_are() -> None:
    assert Principal() == ANONYMOUS
    assert (ANONYMOUS.subject, ANONYMOUS.roles, dict(ANONYMOUS.claims)) == (None, frozenset(), {})


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        pytest.param(ANONYMOUS, True, id="nobody"),
        pytest.param(Principal("ann"), False, id="somebody"),
        pytest.param(Principal(""), False, id="somebody-with-an-empty-name"),
        pytest.param(Principal(roles=frozenset({"reader"})), True, id="a-role-without-a-name"),
    ],
)
def test_is_anonymous(principal: Principal, expected: bool) -> None:
    assert principal.is_anonymous is expected


def test_claims_tell_nobody_apart_and_are_not_shown() -> None:
    ann, again = Principal("ann", claims={"token": "s3cret"}), Principal("ann", claims={"token": "another"})
    assert ann == again
    assert len({ann, again}) == 1
    assert repr(ann) == "Principal(subject='ann', roles=frozenset())"
    assert ann.claims["token"] == "s3cret"


def test_what_tells_principals_apart() -> None:
    others = {ANONYMOUS, Principal("ann"), Principal("bob"), Principal("ann", frozenset({"admin"}))}
    assert len(others) == 4


def test_a_caller_that_nothing_is_said_of_is_a_program() -> None:
    assert Caller() == Caller(ANONYMOUS, "code", None, None)
    assert Caller().door == "code"
