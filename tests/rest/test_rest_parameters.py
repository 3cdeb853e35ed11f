import pytest

from diptych.rest.parameters import Listing, read_listing, refuse_parameters
from diptych.semantics.command import List
from diptych.semantics.order import Place, write_place
from diptych.semantics.outcome import Invalid
from tests.rest.shapes import SHAPES

USER = SHAPES["User"]
MARK = write_place(Place((), 3), ())


@pytest.mark.parametrize(
    ("query", "command"),
    [
        pytest.param("", List(20), id="nothing-said"),
        pytest.param("limit=1", List(1), id="smallest"),
        pytest.param("limit=100", List(100), id="largest"),
        pytest.param("l%69mit=%35", List(5), id="encoded"),
        pytest.param("&limit=5&", List(5), id="empty-parts"),
        pytest.param(f"after={MARK}", List(20, "first", MARK), id="after"),
        pytest.param(f"before={MARK}", List(20, "last", None, MARK), id="before-alone-counts-backwards"),
        pytest.param(f"before={MARK}&after={MARK}&limit=2", List(2, "first", MARK, MARK), id="both-count-forwards"),
    ],
)
def test_pages_that_may_be_asked_for(query: str, command: List) -> None:
    assert read_listing(query.encode(), USER) == Listing(command)


@pytest.mark.parametrize(
    ("query", "violations"),
    [
        pytest.param("limit=0", [("/limit", "too_small")], id="zero"),
        pytest.param("limit=-1", [("/limit", "too_small")], id="negative"),
        pytest.param("limit=101", [("/limit", "too_large")], id="too-many"),
        pytest.param("limit=" + "9" * 5000, [("/limit", "too_large")], id="thousands-of-digits"),
        pytest.param("limit=-" + "9" * 5000, [("/limit", "too_small")], id="thousands-of-digits-below-zero"),
        pytest.param("limit=", [("/limit", "type")], id="empty"),
        pytest.param("limit", [("/limit", "type")], id="no-value"),
        pytest.param("limit=ten", [("/limit", "type")], id="word"),
        pytest.param("limit=05", [("/limit", "type")], id="leading-zero"),
        pytest.param("limit=%2B5", [("/limit", "type")], id="sign"),
        pytest.param("limit=5.0", [("/limit", "type")], id="fraction"),
        pytest.param("limit=5%0A", [("/limit", "type")], id="line-end"),
        pytest.param("limit=%D9%A5", [("/limit", "type")], id="digit-of-another-script"),
        pytest.param("limit=5&limit=5", [("/limit", "not_allowed")], id="repeated"),
        pytest.param("Limit=5", [("/Limit", "unknown")], id="names-are-exact"),
        pytest.param("offset=5&page=2&page=3", [("/offset", "unknown"), ("/page", "unknown")], id="unknown"),
        pytest.param("a/b=5", [("/a~1b", "unknown")], id="a-name-that-a-pointer-escapes"),
        pytest.param("first=5&limit=0&after=x", [("/first", "unknown"), ("/limit", "too_small"), ("/after", "format")], id="all-at-once"),
        pytest.param("limit=%ff", [("", "format")], id="not-utf-8"),
    ],
)
def test_parameters_that_are_refused(query: str, violations: list[tuple[str, str]]) -> None:
    refusal = read_listing(query.encode(), USER)
    assert isinstance(refusal, Invalid)
    assert [(found.pointer, found.code) for found in refusal.violations] == violations


def test_where_no_parameter_is_known_every_one_is_refused() -> None:
    assert refuse_parameters(b"") is None
    assert refuse_parameters(b"&") is None
    refusal = refuse_parameters(b"version=7&limit=5")
    assert isinstance(refusal, Invalid)
    assert [(found.pointer, found.code) for found in refusal.violations] == [("/version", "unknown"), ("/limit", "unknown")]
