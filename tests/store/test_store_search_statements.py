"""The SQL of searches, read without a database: what an index can help with, and that values are never part of it."""

from types import SimpleNamespace
from typing import Any

import pytest

from diptych.semantics.condition import AllOf, AnyOf, Compare, Condition, Not
from diptych.semantics.order import Order, Place
from diptych.semantics.read import Window
from diptych.store.columns import Dialect
from diptych.store.search import form_of, search
from diptych.store.tables import Stored
from diptych.store.terms import beyond_prefix

from .test_store_statements import sql, stored


def text_of(table: Stored, window: Window) -> str:
    form, _ = form_of(table, window)
    return sql(search(table, form).statement, table.dialect)


def where_of(table: Stored, condition: Condition) -> str:
    text = text_of(table, Window(None, None, 5, "first", condition))
    return text.split(" WHERE ", 1)[1].split(" ORDER BY ", 1)[0]


@pytest.mark.parametrize(
    ("dialect", "collation"), [pytest.param("sqlite", '"BINARY"', id="sqlite"), pytest.param("postgresql", '"C"', id="postgresql")]
)
def test_what_an_index_can_find(shapes: SimpleNamespace, dialect: Dialect, collation: str) -> None:
    """Text is compared by code point even where another program made the table; an index of code points serves that."""
    author = stored(shapes, "author", dialect)
    assert where_of(author, Compare("books", "eq", 1)) == "store_authors.books = ?"
    assert where_of(author, Not(Compare("books", "ne", 1))) == "store_authors.books = ?"
    assert where_of(author, Compare("town", "eq", "x")) == f"(store_authors.town COLLATE {collation}) = ?"
    start = f"(store_authors.town COLLATE {collation})"
    assert where_of(author, Compare("town", "startsWith", "x")) == f"{start} >= ? AND {start} < ?"


def test_lists_of_floats_and_bytes_are_read_by_us(shapes: SimpleNamespace) -> None:
    """Some builds of SQLite read text as a float that is a neighbour of the right one; and JSON has no bytes."""
    everything = stored(shapes, "everything", "sqlite")
    assert "IN (SELECT diptych_float_of(diptych_listed.value) AS " in where_of(everything, Compare("number", "in", (0.1,)))
    assert "IN (SELECT diptych_bytes_of(diptych_listed.value) AS " in where_of(everything, Compare("raw", "in", ("AA==",)))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_null_is_asked_for_only_where_there_can_be_one(shapes: SimpleNamespace, dialect: Dialect) -> None:
    author = stored(shapes, "author", dialect)
    assert where_of(author, Compare("books", "ne", 1)) == "store_authors.books != ?"
    assert where_of(author, Not(AnyOf((Compare("books", "lt", 1), Compare("town", "isNull", True))))) == (
        "store_authors.books >= ? AND store_authors.town IS NOT NULL"
    )
    assert where_of(author, Not(Compare("town", "eq", "x"))).endswith(" != ? OR store_authors.town IS NULL")


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_no_pattern_is_made_of_what_came(shapes: SimpleNamespace, dialect: Dialect) -> None:
    author = stored(shapes, "author", dialect)
    for operator in ("contains", "startsWith", "endsWith", "containsInsensitive", "startsWithInsensitive", "endsWithInsensitive"):
        text = where_of(author, Compare("town", operator, "50% of 'x'"))
        assert "LIKE" not in text
        assert "x'" not in text


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_windows_that_differ_in_values_alone_share_a_statement(shapes: SimpleNamespace, dialect: Dialect) -> None:
    """How many values a list has is no difference, but which fields of a place are null is one."""
    author = stored(shapes, "author", dialect)

    def form(where: Condition, *values: Any) -> Any:
        return form_of(author, Window(Place(values, 1), None, 5, "first", where, (Order("town"),)))[0]

    one = form(AllOf((Compare("town", "in", ("a", "b")), Compare("books", "eq", 1))), "x")
    other = form(AllOf((Compare("town", "in", ("c",)), Compare("books", "eq", 2))), "y")
    assert one == other
    assert hash(one) == hash(other)
    assert form(AllOf((Compare("town", "in", ("a",)), Compare("books", "eq", 1))), None) != one


def test_a_search_is_one_statement(shapes: SimpleNamespace) -> None:
    """The count and whether there is more on either side are of the same snapshot, and of the rows that the filter leaves."""
    author = stored(shapes, "author", "sqlite")
    where = Compare("books", "gt", 1)
    window = Window(Place((7,), 1), None, 5, "last", where, (Order("books", descending=True),), True, frozenset({"town"}))
    text = text_of(author, window)
    assert "EXISTS (SELECT 1 FROM store_authors WHERE store_authors.books > ? AND store_authors.books >= ? AND " in text
    assert "(SELECT count(*) AS count_1 FROM store_authors WHERE store_authors.books > ?) AS total" in text
    assert (
        "SELECT store_authors.id AS id, store_authors.version AS version, store_authors.town AS town, store_authors.books AS books" in text
    )
    assert "store_authors.books < ? OR store_authors.books = ? AND store_authors.id > ?" in text
    assert "ORDER BY store_authors.books ASC, store_authors.id DESC LIMIT ?" in text
    assert text.endswith("ORDER BY diptych_inside.books DESC, diptych_inside.id ASC")


@pytest.mark.parametrize(
    ("prefix", "beyond"),
    [
        pytest.param("ab", "ac", id="the-next-letter"),
        pytest.param("a\ud7ff", "a\ue000", id="there-are-no-characters-among-the-surrogates"),
        pytest.param("a\U0010ffff", "b", id="after-the-last-character"),
        pytest.param("\U0010ffff", None, id="nothing-after-the-last-character"),
        pytest.param("", None, id="nothing-after-everything"),
    ],
)
def test_where_a_prefix_ends(prefix: str, beyond: str | None) -> None:
    assert beyond_prefix(prefix) == beyond
