"""Every bound of a request: its default, what it may be set to, and what is said where it may not."""

from dataclasses import fields
from typing import Any

import pytest

from diptych.semantics.limits import USUAL_LIMITS, Limits, LimitsError

# As the reference has them: the default, the least and the most.
NUMBERS = {
    "body_bytes": (1_048_576, 1, 1_073_741_824),
    "json_depth": (64, 8, 64),
    "tokens": (4000, 10, 100_000),
    "operations": (20, 1, 10_000),
    "depth": (20, 1, 200),
    "aliases": (100, 0, 100_000),
    "root_fields": (100, 1, 100_000),
    "directives": (5, 1, 1000),
    "relation_depth": (4, 0, 10),
    "rows": (10_000, 1, 10_000_000),
    "values": (250_000, 1, 100_000_000),
    "page_size": (100, 1, 10_000),
    "comparisons": (100, 1, 1000),
    "compared_values": (1000, 1, 10_000),
    "joined": (200, 1, 10_000),
    "filter_depth": (8, 1, 32),
    "compared_characters": (4096, 1, 1_048_576),
    "waiting": (4096, 1, 1_000_000),
}
OTHERS = {"introspection": True, "request_seconds": 60.0, "statement_seconds": 30.0}
A_DAY = 86_400


def limits(**settings: Any) -> Limits:
    return Limits(**settings)


def refused(**settings: Any) -> str:
    """What is said about settings that cannot be."""
    with pytest.raises(LimitsError) as caught:
        Limits(**settings)
    return str(caught.value)


def test_defaults() -> None:
    expected = {**{name: default for name, (default, _, _) in NUMBERS.items()}, **OTHERS}
    assert {field.name: getattr(USUAL_LIMITS, field.name) for field in fields(Limits)} == expected
    assert Limits() == USUAL_LIMITS


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_has_a_least_and_a_most(name: str) -> None:
    _, least, most = NUMBERS[name]
    for value in (least, most):
        assert getattr(limits(**{name: value}), name) == value
    for value in (least - 1, most + 1):
        assert refused(**{name: value}) == f"Limits({name}={value}): must be a whole number from {least} to {most}."


@pytest.mark.parametrize("value", [True, False, 20.0, "20", None, [20]], ids=repr)
def test_what_is_no_number_of_pieces(value: Any) -> None:
    assert refused(tokens=value) == f"Limits(tokens={value!r}): must be a whole number from 10 to 100000."
    # Where a truth, taken for a number, would lie within the range.
    assert refused(aliases=value) == f"Limits(aliases={value!r}): must be a whole number from 0 to 100000."


@pytest.mark.parametrize("value", [0.001, 1, 59.5, A_DAY])
def test_seconds(value: float) -> None:
    taken = limits(request_seconds=value, statement_seconds=value)
    assert (taken.request_seconds, taken.statement_seconds) == (value, value)


@pytest.mark.parametrize("name", ["request_seconds", "statement_seconds"])
@pytest.mark.parametrize("value", [0, -1, A_DAY + 0.5, float("inf"), float("nan"), True, "30", None], ids=repr)
def test_what_is_no_time(name: str, value: Any) -> None:
    assert refused(**{name: value}) == f"Limits({name}={value!r}): must be seconds, more than 0 and at most 86400."


def test_no_statement_takes_longer_than_its_request() -> None:
    said = "must be at most request_seconds, which is 30.5; nobody would wait for a longer statement."
    assert refused(request_seconds=30.5, statement_seconds=31) == f"Limits(statement_seconds=31): {said}"
    assert refused(request_seconds=29.0) == f"Limits(statement_seconds=30): {said.replace('30.5', '29')}"


@pytest.mark.parametrize("value", [True, False])
def test_introspection_is_on_or_off(value: bool) -> None:
    assert limits(introspection=value).introspection is value


@pytest.mark.parametrize("value", [0, 1, "off", None])
def test_introspection_is_nothing_else(value: Any) -> None:
    assert refused(introspection=value) == f"Limits(introspection={value!r}): must be true or false."


@pytest.mark.parametrize(
    ("page_size", "expected"),
    [
        pytest.param(1, 1, id="the-smallest"),
        pytest.param(19, 19, id="smaller-than-usual"),
        pytest.param(20, 20, id="as-usual"),
        pytest.param(21, 20, id="larger-than-usual"),
        pytest.param(10_000, 20, id="the-largest"),
    ],
)
def test_a_page_whose_size_nobody_has_said_is_no_larger_than_any_may_be(page_size: int, expected: int) -> None:
    assert Limits(page_size=page_size).usual_page == expected
