"""Questions about lists, for Hypothesis to choose among: any filter, order, size, and ends at any row."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.doors.albums import ALBUM, ALBUM_ORDERS, BAND, BANDS, FOUNDED, JSON_FIELDS, MEMBERS, NULLABLE, POOLS, ROWS, TEXTS
from tests.doors.door import Subject
from tests.doors.list_calls import Spelling
from tests.doors.plain_lists import Question, Where

SAME = ("eq", "ne")
SIDES = ("lt", "lte", "gt", "gte")
WITHIN = ("contains", "startsWith", "endsWith", "containsInsensitive", "startsWithInsensitive", "endsWithInsensitive")
# Keys and references have no sides in GraphQL.
WITHOUT_SIDES = {"live", "token", "shade", "grade", "blob", "bandId", "id"}


def comparisons(name: str, pool: Sequence[Any], *, nullable: bool) -> st.SearchStrategy[Where]:
    """One field with one operator, or with two."""
    values = st.sampled_from(pool)
    sides = () if name in WITHOUT_SIDES else SIDES
    single = ("contains",) if name in JSON_FIELDS else (*SAME, *sides, *(WITHIN if pool is TEXTS else ()))
    one = st.tuples(st.sampled_from(single), values)
    if name not in JSON_FIELDS:
        one |= st.tuples(st.sampled_from(["in", "nin"]), st.lists(values, min_size=1, max_size=4))
    if nullable:
        one |= st.tuples(st.just("isNull"), st.booleans())
    return st.lists(one, min_size=1, max_size=2).map(lambda asked: {name: dict(asked)})


def wheres(leaves: st.SearchStrategy[Where]) -> st.SearchStrategy[Where]:
    def joined(inner: st.SearchStrategy[Where]) -> st.SearchStrategy[Where]:
        several = st.lists(inner, min_size=1, max_size=3)
        alone = several.map(lambda all_: {"and": all_}) | several.map(lambda any_: {"or": any_}) | inner.map(lambda one: {"not": one})
        return alone | st.tuples(alone, leaves).map(lambda both: {**both[0], **both[1]})

    return st.just({}) | leaves | st.recursive(leaves | st.just({}), joined, max_leaves=6)


KEYS = st.integers(0, ROWS + 3)
ALBUM_WHERES = wheres(
    st.sampled_from(sorted(POOLS)).flatmap(lambda name: comparisons(name, POOLS[name], nullable=name in NULLABLE))
    | comparisons("id", range(ROWS + 3), nullable=False)
)
BAND_WHERES = wheres(
    comparisons("name", TEXTS, nullable=False)
    | comparisons("founded", FOUNDED, nullable=True)
    | comparisons("id", range(7), nullable=False)
)


def orders(names: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    parts = st.tuples(st.sampled_from(["", "-"]), st.sampled_from([*names, "id"])).map("".join)
    return st.lists(parts, max_size=3, unique_by=lambda part: part.removeprefix("-")).map(tuple)


def questions(
    subject: Subject, where: st.SearchStrategy[Where], order: Sequence[str], rows: int, sizes: st.SearchStrategy[int]
) -> st.SearchStrategy[Question]:
    ends = st.none() | st.integers(1, rows)
    members = st.lists(st.sampled_from(MEMBERS[subject.name]), min_size=1, unique=True).map(tuple)
    return st.builds(
        Question, where, orders(order), sizes, st.sampled_from(["first", "last"]), ends, ends, st.booleans(), st.none() | members
    )


SIZES = st.integers(1, 7) | st.integers(1, ROWS + 2)
OF_ALBUMS = questions(ALBUM, ALBUM_WHERES, ALBUM_ORDERS, ROWS, SIZES)
OF_BANDS = questions(BAND, BAND_WHERES, ("name", "founded"), len(BANDS), st.integers(1, 6))
SPELLINGS = st.builds(
    Spelling, st.frozensets(st.sampled_from([*POOLS, "id", "name", "founded"])) | st.just(frozenset(POOLS)), st.booleans(), st.booleans()
)
