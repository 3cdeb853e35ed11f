"""Parameters that filter: what each says, and what they find. That every database finds the same is for the tests of the store."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from diptych.rest.parameters import read_listing
from diptych.semantics.condition import MOST_COMPARISONS, AllOf, AnyOf, Compare, Condition, Not
from diptych.semantics.outcome import Invalid
from tests.rest.calls import pointers, told
from tests.rest.listed import LISTED, listed

PART = LISTED["Part"]


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        pytest.param("name=a", Compare("name", "eq", "a"), id="a-name-alone-is-equality"),
        pytest.param("name[eq]=a", Compare("name", "eq", "a"), id="equality-in-brackets"),
        pytest.param("name%5Beq%5D=a", Compare("name", "eq", "a"), id="encoded-brackets"),
        pytest.param("name=", Compare("name", "eq", ""), id="empty-text"),
        pytest.param("name=null", Compare("name", "eq", "null"), id="text-is-what-it-is"),
        pytest.param("name=7", Compare("name", "eq", "7"), id="text-of-digits"),
        pytest.param("name=%22a%22", Compare("name", "eq", '"a"'), id="text-in-quotes-has-quotes"),
        pytest.param("count=7", Compare("count", "eq", 7), id="integer"),
        pytest.param("count[gte]=-5", Compare("count", "gte", -5), id="at-least"),
        pytest.param("count=7.0", Compare("count", "eq", 7), id="integer-by-value"),
        pytest.param("count=1e2", Compare("count", "eq", 100), id="integer-with-an-exponent"),
        pytest.param("big[lt]=9007199254740991", Compare("big", "lt", 2**53 - 1), id="big-integer"),
        pytest.param("ratio[gt]=0.5", Compare("ratio", "gt", 0.5), id="float"),
        pytest.param("ratio=1", Compare("ratio", "eq", 1.0), id="float-without-places"),
        pytest.param("flag=true", Compare("flag", "eq", True), id="true"),
        pytest.param("flag[ne]=false", Compare("flag", "ne", False), id="false"),
        pytest.param("price[lte]=1.5", Compare("price", "lte", "1.5"), id="decimal"),
        pytest.param(
            "moment[gt]=2024-05-17T11:30:00%2B02:00", Compare("moment", "gt", "2024-05-17T09:30:00Z"), id="moment-of-another-zone"
        ),
        pytest.param("day=2024-05-17", Compare("day", "eq", "2024-05-17"), id="day"),
        pytest.param("clock[lt]=09:30:00", Compare("clock", "lt", "09:30:00"), id="clock"),
        pytest.param("span=PT60M", Compare("span", "eq", "PT1H"), id="duration"),
        pytest.param("colour=dark-blue", Compare("colour", "eq", "dark-blue"), id="enum-by-its-value"),
        pytest.param("level[ne]=10", Compare("level", "ne", 10), id="enum-of-numbers"),
        pytest.param("blob=AA%3D%3D", Compare("blob", "eq", "AA=="), id="bytes"),
        pytest.param('labels[contains]=["a"]', Compare("labels", "contains", '["a"]'), id="json"),
        pytest.param("note[isNull]=true", Compare("note", "isNull", True), id="null"),
        pytest.param("limit[isNull]=false", Compare("limit", "isNull", False), id="not-null"),
        pytest.param("limit[eq]=5", Compare("limit", "eq", 5), id="a-field-called-like-a-parameter"),
        pytest.param("id[in]=1&id[in]=2", Compare("id", "in", (1, 2)), id="several"),
        pytest.param("id[in]=1", Compare("id", "in", (1,)), id="several-of-which-there-is-one"),
        pytest.param("name[nin]=a&name[nin]=a%2Cb", Compare("name", "nin", ("a", "a,b")), id="none-of-several-commas-are-text"),
        pytest.param("name[startsWith]=%25", Compare("name", "startsWith", "%"), id="the-start"),
        pytest.param("name[endsWithInsensitive]=A+b", Compare("name", "endsWithInsensitive", "A b"), id="the-end-in-any-case"),
        pytest.param("makerId=1", Compare("makerId", "eq", 1), id="a-reference"),
        pytest.param("count[gt]=1&count[lt]=9", AllOf((Compare("count", "gt", 1), Compare("count", "lt", 9))), id="all-must-hold"),
        pytest.param('where={"count":{"gt":1}}', Compare("count", "gt", 1), id="where"),
        pytest.param("where={}&name=a", AllOf((Compare("name", "eq", "a"), AllOf(()))), id="where-without-a-condition"),
        pytest.param(
            'name=a&where={"or":[{"count":{"eq":1}},{"not":{"flag":{"eq":true}}}]}',
            AllOf((Compare("name", "eq", "a"), AnyOf((Compare("count", "eq", 1), Not(Compare("flag", "eq", True)))))),
            id="where-and-another",
        ),
    ],
)
def test_what_parameters_say(query: str, condition: Condition) -> None:
    listing = read_listing(query.encode(), PART)
    assert not isinstance(listing, Invalid), listing
    assert listing.page.where == condition


def test_parameters_and_where_are_bound_as_one_filter() -> None:
    """Otherwise a request would have twice as many comparisons as any filter, in a statement that holds all of them."""

    def asked(parameters: int, inside: int) -> list[tuple[str, str]]:
        where = json.dumps({"or": [{"count": {"eq": 1}}] * inside}, separators=(",", ":"))
        given = [f"{name}[{operator}]=1" for name in ("count", "limit", "big") for operator in ("eq", "ne", "lt", "lte", "gt", "gte")]
        listing = read_listing("&".join([*given[:parameters], f"where={quote(where)}"]).encode(), PART)
        return [(one.pointer, one.code) for one in listing.violations] if isinstance(listing, Invalid) else []

    assert asked(18, MOST_COMPARISONS - 18) == asked(0, MOST_COMPARISONS) == []
    assert asked(18, MOST_COMPARISONS - 17) == asked(1, MOST_COMPARISONS) == [("", "too_large")]
    # Of what is too much by itself, nothing more is said.
    assert asked(18, MOST_COMPARISONS + 1) == [(f"/where/or/{MOST_COMPARISONS}/count", "too_large")]


@pytest.mark.parametrize(
    ("query", "violations"),
    [
        pytest.param("color=red", [("/color", "unknown")], id="no-such-field"),
        pytest.param("color[eq]=red", [("/color[eq]", "unknown")], id="no-such-field-in-brackets"),
        pytest.param("secret=x", [("/secret", "unknown")], id="hidden"),
        pytest.param("secret[startsWith]=x", [("/secret[startsWith]", "unknown")], id="hidden-in-brackets"),
        pytest.param("plain=x", [("/plain", "not_allowed")], id="not-declared"),
        pytest.param("version=1", [("/version", "not_allowed")], id="the-version"),
        pytest.param("maker_id=1", [("/maker_id", "unknown")], id="the-name-of-the-column"),
        pytest.param("name[like]=x", [("/name[like]", "unknown")], id="no-such-operator"),
        pytest.param("name[]=x", [("/name[]", "unknown")], id="no-operator"),
        pytest.param("name[eq=x", [("/name[eq", "unknown")], id="half-a-bracket"),
        pytest.param("[eq]=x", [("/[eq]", "unknown")], id="no-field"),
        pytest.param("name[EQ]=x", [("/name[EQ]", "unknown")], id="operators-are-exact"),
        pytest.param("flag[gt]=true", [("/flag[gt]", "unknown")], id="an-operator-of-other-kinds"),
        pytest.param("labels=x", [("/labels", "unknown")], id="json-equals-nothing"),
        pytest.param("name[isNull]=true", [("/name[isNull]", "unknown")], id="never-null"),
        pytest.param("note[isNull]=1", [("/note[isNull]", "type")], id="neither-true-nor-false"),
        pytest.param("note[isNull]=null", [("/note[isNull]", "type")], id="null-is-no-truth"),
        pytest.param("count=seven", [("/count", "type")], id="a-word"),
        pytest.param("count=", [("/count", "type")], id="no-number"),
        pytest.param("count=07", [("/count", "type")], id="a-leading-zero"),
        pytest.param("count=%2B7", [("/count", "type")], id="a-sign"),
        pytest.param("count=1_000", [("/count", "type")], id="pythons-spelling"),
        pytest.param("count=%D9%A7", [("/count", "type")], id="a-digit-of-another-script"),
        pytest.param("count=7%0A", [("/count", "type")], id="a-line-end"),
        pytest.param("count=7.5", [("/count", "type")], id="a-fraction"),
        pytest.param("count=true", [("/count", "type")], id="true-is-not-1"),
        pytest.param("count=%227%22", [("/count", "type")], id="a-number-in-quotes"),
        pytest.param("count=2147483648", [("/count", "too_large")], id="beyond-32-bits"),
        pytest.param("count=null", [("/count", "null")], id="null-has-an-operator-of-its-own"),
        pytest.param("ratio=NaN", [("/ratio", "type")], id="nan"),
        pytest.param("ratio=1e999", [("/ratio", "type")], id="infinity"),
        pytest.param("flag=TRUE", [("/flag", "type")], id="words-are-exact"),
        pytest.param("flag=1", [("/flag", "type")], id="1-is-not-true"),
        pytest.param("moment=2024-05-17", [("/moment", "format")], id="a-day-for-a-moment"),
        pytest.param("moment=2024-05-17T11:30:00+02:00", [("/moment", "format")], id="a-plus-that-is-a-space"),
        pytest.param("token=1", [("/token", "format")], id="no-uuid"),
        pytest.param("colour=RED", [("/colour", "not_allowed")], id="an-enum-by-its-name"),
        pytest.param("level=high", [("/level", "not_allowed")], id="an-enum-of-numbers-by-a-word"),
        pytest.param("labels[contains]=a", [("/labels[contains]", "format")], id="text-that-is-no-json"),
        pytest.param('labels[contains]={"a":1,"a":2}', [("/labels[contains]", "format")], id="json-that-is-read-in-two-ways"),
        pytest.param("labels[contains]=null", [("/labels[contains]", "null")], id="json-null"),
        pytest.param("name=%00", [("/name", "not_allowed")], id="text-that-nothing-stores"),
        pytest.param("name=" + "x" * 4097, [("/name", "too_long")], id="long-text"),
        pytest.param("name=a&name=b", [("/name", "not_allowed")], id="repeated"),
        pytest.param("name=a&name=a", [("/name", "not_allowed")], id="repeated-alike"),
        pytest.param("name=a&name[eq]=a", [("/name[eq]", "not_allowed")], id="repeated-in-another-spelling"),
        pytest.param("id[in]=1&id[in]=x&id[in]=null", [("/id[in]/1", "type"), ("/id[in]/2", "null")], id="some-of-several"),
        pytest.param("where={}&where={}", [("/where", "not_allowed")], id="two-wheres"),
        pytest.param("where=", [("/where", "format")], id="an-empty-where"),
        pytest.param("where=name", [("/where", "format")], id="a-where-of-words"),
        pytest.param("where=[]", [("/where", "type")], id="a-where-that-is-no-object"),
        pytest.param('where={"name":{"eq":1}}', [("/where/name/eq", "type")], id="within-where"),
        pytest.param(
            'where={"or":[{"name":{"eq":1}},{"x":{}}]}', [("/where/or/0/name/eq", "type"), ("/where/or/1/x", "unknown")], id="deep"
        ),
        pytest.param('where={"or":[]}', [("/where/or", "too_short")], id="none-of-none"),
        pytest.param("eq[name]=a", [("/eq[name]", "unknown")], id="the-wrong-way-round"),
        pytest.param("filter[name][eq]=a", [("/filter[name][eq]", "unknown")], id="another-frameworks-spelling"),
        pytest.param("count=x&flag=x&where=x&limit=x&order=x&fields=x&include=x&after=x", None, id="all-at-once"),
    ],
)
def test_what_parameters_cannot_say(query: str, violations: list[tuple[str, str]] | None) -> None:
    refusal = read_listing(query.encode(), PART)
    assert isinstance(refusal, Invalid)
    found = [(violation.pointer, violation.code) for violation in refusal.violations]
    if violations is None:
        assert [at for at, _ in found] == ["/count", "/flag", "/where", "/order/0", "/fields/0", "/include/0", "/limit"]
    else:
        assert found == violations


def test_a_refusal_says_what_would_do() -> None:
    def said(query: bytes) -> str:
        refusal = read_listing(query, PART)
        assert isinstance(refusal, Invalid)
        return refusal.violations[0].message

    assert said(b"name=a&name=b") == "Must be given once; name[in] takes several values."
    assert said(b"plain=x") == "Part is not filtered by this field; its declaration may allow it with Resource(filter_by=…)."
    assert said(b"count=null") == "Must not be null; ask for null with isNull."
    assert said(b"flag[gt]=true") == "There is no such operator for this field; there are eq, ne, in, nin."


ROWS: Final[list[dict[str, Any]]] = [
    {"name": "bolt", "count": 5, "makerId": 1, "labels": ["a", "b"], "moment": "2024-01-01T00:00:00Z"},
    {"name": "Bolt 2", "count": 7, "note": "100%", "flag": True, "makerId": 2, "limit": 3},
    {"name": "nut, large", "count": 7, "note": "", "colour": "dark-blue", "level": 10, "makerId": 1},
    {"name": "Nüt", "count": -1, "note": "N", "ratio": 2.0, "price": "20.00", "day": "2025-01-01"},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with listed(f"sqlite:///{tmp_path_factory.mktemp('filters')}/parts.db", ROWS) as client:
        yield client


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("query", "keys"),
    [
        pytest.param("", [1, 2, 3, 4], id="nothing-said"),
        pytest.param("name=bolt", [1], id="equal"),
        pytest.param("name[ne]=bolt", [2, 3, 4], id="not-equal"),
        pytest.param("note[ne]=N", [1, 2, 3], id="null-is-not-equal"),
        pytest.param("note[nin]=N&note[nin]=", [1, 2], id="null-is-none-of-these"),
        pytest.param("note=", [3], id="empty-is-not-null"),
        pytest.param("note[isNull]=true", [1], id="null"),
        pytest.param("note[isNull]=false", [2, 3, 4], id="not-null"),
        pytest.param("note[contains]=%25", [2], id="a-percent-sign-is-itself"),
        pytest.param("name[startsWith]=b", [1], id="the-start-in-its-case"),
        pytest.param("name[startsWithInsensitive]=B", [1, 2], id="the-start-in-any-case"),
        pytest.param("name[in]=bolt&name[in]=nut,%20large", [1, 3], id="a-comma-is-itself"),
        pytest.param("count=7", [2, 3], id="a-number"),
        pytest.param("count[gte]=5&count[lt]=7", [1], id="between"),
        pytest.param("count[gt]=5&flag=true", [2], id="and"),
        pytest.param("limit[eq]=3", [2], id="a-field-called-like-a-parameter"),
        pytest.param("limit[eq]=3&limit=1", [2], id="and-the-parameter"),
        pytest.param("ratio[gt]=1.5", [4], id="a-float"),
        pytest.param("price[gte]=3", [4], id="decimals-are-numbers"),
        pytest.param("moment[lt]=2024-05-01T00:00:00Z", [1], id="a-moment"),
        pytest.param("day[gt]=2024-12-31", [4], id="a-day"),
        pytest.param("colour=dark-blue", [3], id="an-enum"),
        pytest.param("level=10", [3], id="an-enum-of-numbers"),
        pytest.param('labels[contains]=["b"]', [1], id="json"),
        pytest.param("makerId=1", [1, 3], id="a-reference"),
        pytest.param("id[in]=4&id[in]=1&id[in]=99", [1, 4], id="by-keys"),
        pytest.param(f"name={quote('Nüt')}", [4], id="letters-beyond-ascii"),
        pytest.param('where={"or":[{"count":{"lt":0}},{"flag":{"eq":true}}]}', [2, 4], id="or"),
        pytest.param('where={"not":{"count":{"eq":7}}}', [1, 4], id="not"),
        pytest.param('where={"or":[{"count":{"lt":0}},{"flag":{"eq":true}}]}&count=7', [2], id="where-and-another"),
        pytest.param("name=bolt&name[ne]=bolt", [], id="what-contradicts-itself"),
    ],
)
async def test_what_parameters_find(parts: httpx.AsyncClient, query: str, keys: list[int]) -> None:
    answer = await parts.get(f"/api/parts?{query}")
    assert [row["id"] for row in told(answer, 200)["items"]] == keys
    head = await parts.head(f"/api/parts?{query}")
    assert (head.status_code, head.headers) == (200, answer.headers)


@pytest.mark.asyncio(loop_scope="module")
async def test_all_that_is_wrong_is_told_at_once(parts: httpx.AsyncClient) -> None:
    query = 'count=x&where={"or":[{"name":{"eq":1}}]}&order=name,nobody&fields=secret&limit=0'
    assert pointers(told(await parts.get(f"/api/parts?{query}"), 400, "invalid")) == [
        ("/count", "type"),
        ("/where/or/0/name/eq", "type"),
        ("/order/1", "unknown"),
        ("/fields/0", "unknown"),
        ("/limit", "too_small"),
    ]
