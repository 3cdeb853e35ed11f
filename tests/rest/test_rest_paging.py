import pytest

from diptych.rest.paging import page_links
from diptych.rest.parameters import Listing
from diptych.rest.place import Place
from diptych.semantics.command import List
from diptych.semantics.order import Place as Mark
from diptych.semantics.order import write_place
from diptych.semantics.outcome import Page
from diptych.semantics.row import Row
from diptych.semantics.version import Version

PLACE = Place("/v1", "/api/users")
ROWS = (Row(1, Version(1), {}), Row(2, Version(1), {}))
NEXT = f'</v1/api/users?limit=2&after={write_place(Mark((), 2), ())}>; rel="next"'
PREVIOUS = f'</v1/api/users?limit=2&before={write_place(Mark((), 1), ())}>; rel="prev"'


def links(page: Page, asked: List) -> str:
    return b"".join(value for _, value in page_links(page, Listing(asked), PLACE)).decode()


@pytest.mark.parametrize(
    ("has_next", "has_previous", "expected"),
    [
        pytest.param(False, False, "", id="alone"),
        pytest.param(True, False, NEXT, id="first"),
        pytest.param(False, True, PREVIOUS, id="last"),
        pytest.param(
            True,
            True,
            f"{NEXT}, {PREVIOUS}",
            id="in-the-middle",
        ),
    ],
)
def test_links_of_a_page_with_rows(has_next: bool, has_previous: bool, expected: str) -> None:
    page = Page(ROWS, has_next=has_next, has_previous=has_previous)
    assert links(page, List(2, after="x", before="y")) == expected


@pytest.mark.parametrize(
    ("asked", "has_next", "has_previous", "expected"),
    [
        pytest.param(List(2), False, False, "", id="nothing-anywhere"),
        pytest.param(List(2, after="a"), False, True, "", id="after-the-last-row-nothing-names-what-came-before"),
        pytest.param(
            List(2, "last", before="b"), True, False, '</v1/api/users?limit=2>; rel="next"', id="before-the-first-row-comes-the-start"
        ),
        pytest.param(
            List(2, after="a", before="b"),
            True,
            True,
            '</v1/api/users?limit=2&after=a>; rel="next", </v1/api/users?limit=2&before=b>; rel="prev"',
            id="between-two-neighbours",
        ),
    ],
)
def test_links_of_an_empty_page(asked: List, has_next: bool, has_previous: bool, expected: str) -> None:
    assert links(Page((), has_next=has_next, has_previous=has_previous), asked) == expected


def test_a_key_is_one_segment_whatever_it_holds() -> None:
    assert PLACE.item("a/b ?#é%") == b"/v1/api/users/a%2Fb%20%3F%23%C3%A9%25"
    assert Place("", "/api/users").item(7) == b"/api/users/7"
