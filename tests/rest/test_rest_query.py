"""Query strings, and what they may be made of."""

import gc
import time
from collections.abc import Iterator

import pytest

from diptych.rest.parameters import read_listing, refuse_parameters
from diptych.rest.query import LONGEST_QUERY, MOST_PARAMETERS, Parameter, read_query
from diptych.rest.view import read_item_view
from diptych.semantics.outcome import MOST_VIOLATIONS, Invalid
from tests.rest.listed import LISTED

PART = LISTED["Part"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"&&", [], id="nothing-between-ampersands"),
        pytest.param(b"a=1&b=2", [("a", "1"), ("b", "2")], id="two"),
        pytest.param(b"a=1&a=2", [("a", "1"), ("a", "2")], id="twice"),
        pytest.param(b"a", [("a", "")], id="no-equals-sign"),
        pytest.param(b"a==b=", [("a", "=b=")], id="more-equals-signs"),
        pytest.param(b"a%5Bgte%5D=%3D", [("a[gte]", "=")], id="encoded"),
        pytest.param(b"a=%C3%A9+x%2B", [("a", "é x+")], id="a-plus-is-a-space"),
        pytest.param(b"a=%zz", [("a", "%zz")], id="no-code"),
    ],
)
def test_parameters_of_a_query(query: bytes, expected: list[tuple[str, str]]) -> None:
    read = read_query(query)
    assert (read.parameters, read.violations) == ([Parameter(*one) for one in expected] if query else (), ())


def test_it_is_written_again_in_one_spelling() -> None:
    """Nothing of it can end the address in a Link, nor the header field."""
    read = read_query(b"role[in]=a,b&limit=3&where={%22a%22:%22>;%0D%0A%22}&x=%C3%A9&role[in]=c")
    assert read.written(without=("limit",)) == "&role%5Bin%5D=a%2Cb&where=%7B%22a%22%3A%22%3E%3B%0D%0A%22%7D&x=%C3%A9&role%5Bin%5D=c"


HOSTILE = [
    pytest.param(b"&".join(b"a%d=1" % number for number in range(10_000)), "too_long", id="ten-thousand-names"),
    pytest.param(b"&".join([b"a=1"] * (MOST_PARAMETERS + 1)), "too_large", id="one-parameter-too-many"),
    pytest.param(b"name=" + b"x" * 1_000_000, "too_long", id="a-million-characters"),
    pytest.param(b"name=" + b"x" * LONGEST_QUERY, "too_long", id="a-few-characters-too-many"),
    pytest.param(b"&" * 1_000_000, "too_long", id="a-million-ampersands"),
    pytest.param(b"where=" + b'{"not":' * 100 + b"{}" + b"}" * 100, "format", id="deeper-than-json-may-be"),
    pytest.param(b"where=" + b'{"not":' * 60 + b"{}" + b"}" * 60, "too_large", id="deeper-than-a-condition-may-be"),
    pytest.param(b'where={"or":[' + b",".join([b"{}"] * 5000) + b"]}", "too_large", id="thousands-of-alternatives"),
    pytest.param(b'where={"and":[' + b",".join([b'{"x":1}'] * 1900) + b"]}", "type", id="thousands-of-mistakes"),
    pytest.param(b"fields=" + b"," * 8000, "unknown", id="thousands-of-names"),
    pytest.param(b"include=" + b"," * 8000, "unknown", id="thousands-of-relations"),
    pytest.param(b"order=" + b"," * 8000, "too_large", id="thousands-of-orders"),
    pytest.param(b"count=" + b"9" * 8000, "type", id="thousands-of-digits"),
    pytest.param(b"count=0." + b"9" * 8000, "type", id="thousands-of-places"),
    pytest.param(b"labels[contains]=" + b"[" * 8000, "format", id="thousands-of-brackets"),
    pytest.param(b"a" + b"[" * 8000 + b"=1", "unknown", id="a-name-of-brackets"),
    pytest.param(b"a" + b"[]" * 4000 + b"=1", "unknown", id="a-name-of-pairs-of-brackets"),
]


@pytest.fixture
def _uncollected() -> Iterator[None]:
    """What other tests have left behind is not collected while time is taken."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_uncollected")
@pytest.mark.parametrize(("query", "code"), HOSTILE)
def test_what_is_meant_to_cost_is_refused_before_it_does(query: bytes, code: str) -> None:
    before = time.process_time()
    refusal = read_listing(query, PART)
    spent = time.process_time() - before
    assert isinstance(refusal, Invalid)
    assert refusal.violations[0].code == code
    assert len(refusal.violations) <= MOST_VIOLATIONS
    assert spent < 0.1
    assert all(len(violation.message) < 300 for violation in refusal.violations)


@pytest.mark.usefixtures("_uncollected")
@pytest.mark.parametrize(("query", "code"), HOSTILE)
def test_where_there_are_fewer_parameters_they_cost_no_more(query: bytes, code: str) -> None:
    before = time.process_time()
    for refusal in (refuse_parameters(query), read_item_view(query, PART)):
        assert isinstance(refusal, Invalid)
        assert len(refusal.violations) <= MOST_VIOLATIONS
    assert time.process_time() - before < 0.1


def test_as_many_parameters_and_characters_as_there_may_be() -> None:
    most = b"&".join([b"id[in]=1"] * MOST_PARAMETERS)
    assert not isinstance(read_listing(most, PART), Invalid)
    longest = b"name[in]=" + b"x" * 4000
    assert not isinstance(read_listing(b"&".join([longest] * 4)[:LONGEST_QUERY], PART), Invalid)
