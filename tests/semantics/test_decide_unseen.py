"""The replace that needs no facts says what the decision with all the facts would say, or nothing (contract, section 1)."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.semantics.change import Update
from diptych.semantics.command import Replace, Unaddressable
from diptych.semantics.decide import decide_replace, decide_unseen
from diptych.semantics.json_value import same
from diptych.semantics.outcome import Effect, Malformed, NotFound, VersionMismatch, Written
from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt
from diptych.semantics.row import Facts, Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import LAST, NOTHING, Version

V1, V6, V7 = Version(1), Version(6), Version(7)
AT_7 = IsAt(frozenset({V7}))
GOOD = {"title": "now"}
FULL: dict[str, Any] = {"title": "now", "rank": None, "details": {}}


@pytest.mark.parametrize(
    ("shape", "command", "expected"),
    [
        pytest.param("server", Replace(1, GOOD, [AT_7]), Update(1, V7, FULL, unless_same=True), id="one-version-and-a-good-document"),
        pytest.param("client", Replace("a", GOOD, [AT_7]), Update("a", V7, FULL, unless_same=True), id="a-key-that-the-client-chose"),
        pytest.param("server", Replace(1, {**GOOD, "id": 1}, [AT_7]), Update(1, V7, FULL, unless_same=True), id="the-key-repeated"),
        pytest.param("server", Replace(1, GOOD, [IsAt(frozenset({V1}))]), Update(1, V1, FULL, unless_same=True), id="the-first-version"),
        pytest.param("server", Replace(1, GOOD), None, id="no-condition"),
        pytest.param("server", Replace(1, GOOD, [Exists()]), None, id="star"),
        pytest.param("client", Replace("a", GOOD, [Absent()]), None, id="nothing-expected"),
        pytest.param("server", Replace(1, GOOD, [IsNotAt(frozenset({V7}))]), None, id="not-at-a-version"),
        pytest.param("server", Replace(1, GOOD, [AT_7, IsNotAt(frozenset({V6}))]), None, id="two-conditions"),
        pytest.param("server", Replace(1, GOOD, [IsAt(frozenset({V6, V7}))]), None, id="two-versions"),
        pytest.param("server", Replace(1, GOOD, [IsAt(frozenset())]), None, id="no-version-of-ours"),
        pytest.param("server", Replace(1, GOOD, [IsAt(frozenset({NOTHING}))]), None, id="version-0"),
        pytest.param("server", Replace(1, GOOD, [IsAt(frozenset({Version(-1)}))]), None, id="a-negative-version"),
        pytest.param("server", Replace(1, GOOD, [IsAt(frozenset({LAST}))]), None, id="the-last-version"),
        pytest.param(
            "server",
            Replace(1, GOOD, [IsAt(frozenset({Version(LAST - 1)}))]),
            Update(1, Version(LAST - 1), FULL, True),
            id="the-last-but-one",
        ),
        pytest.param("server", Replace(Unaddressable("x"), GOOD, [AT_7]), None, id="a-key-that-no-row-can-have"),
        pytest.param("server", Replace(1, Malformed("no"), [AT_7]), None, id="unreadable-content"),
        pytest.param("server", Replace(1, [], [AT_7]), None, id="content-that-is-no-object"),
        pytest.param("server", Replace(1, {"title": 1}, [AT_7]), None, id="bad-content"),
        pytest.param("server", Replace(1, {**GOOD, "x": 1}, [AT_7]), None, id="an-unknown-field"),
        pytest.param("server", Replace(1, {**GOOD, "id": 2}, [AT_7]), None, id="another-key"),
        pytest.param("server", Replace(1, {**GOOD, "version": 7}, [AT_7]), None, id="a-version-in-the-document"),
        pytest.param("server", Replace(1, {"title": "1 at 7"}, [AT_7]), None, id="what-a-validator-rejects"),
        pytest.param("marked", Replace(1, GOOD, [AT_7]), None, id="fields-that-only-the-row-knows"),
    ],
)
def test_unseen(shapes: Mapping[str, Shape], shape: str, command: Replace, expected: Update | None) -> None:
    assert decide_unseen(command, shapes[shape]) == (None if expected is None else (expected,))


TITLES = st.sampled_from(["now", "then", "", 1, None, "1 at 7", "a at 6"])
RANKS = st.sampled_from([None, 1, 1.0, 2, "1", True])
DETAILS: st.SearchStrategy[Any] = st.sampled_from([{}, {"a": 1}, {"a": 1.0}, {"a": True}, None, []])
DOCUMENTS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "title": TITLES,
        "rank": RANKS,
        "details": DETAILS,
        "id": st.sampled_from([1, 1.0, "a", 2]),
        "version": st.just(7),
        "x": st.none(),
    },
) | st.sampled_from([None, [], Malformed("no")])
VERSIONS = st.sampled_from([NOTHING, V1, V6, V7, LAST])
NAMED = st.frozensets(VERSIONS, max_size=2)
CONDITIONS = st.lists(st.just(Exists()) | st.just(Absent()) | NAMED.map(IsAt) | NAMED.map(IsNotAt), max_size=2) | st.just([AT_7])
STORED = st.fixed_dictionaries(
    {"title": st.sampled_from(["now", "then"]), "rank": st.sampled_from([None, 1, 2]), "details": st.sampled_from([{}, {"a": 1}])}
)


@given(
    st.sampled_from(["server", "server-required", "client", "client-required", "marked"]),
    DOCUMENTS,
    CONDITIONS,
    st.none() | st.tuples(VERSIONS.filter(bool), STORED),
)
def test_agrees_with_the_decision_that_has_the_facts(
    shapes: Mapping[str, Shape], name: str, document: Any, conditions: Any, stored: Any
) -> None:
    shape = shapes[name]
    key: int | str = "a" if shape.client_keyed else 1
    command = Replace(key, document, conditions)
    unseen = decide_unseen(command, shape)
    if unseen is None:
        return
    (change,) = unseen
    assert isinstance(change, Update)
    facts = Facts(None, V6) if stored is None else Facts(Row(key, *stored), stored[0])
    seen = decide_replace(command, shape, facts, {})
    if facts.version != change.seen:
        # The guard of the statement misses, and the answer is a refusal of absence or of the condition.
        assert isinstance(seen, NotFound) or (isinstance(seen, VersionMismatch) and seen.where == "condition")
    elif isinstance(seen, Written):
        assert seen.effect is Effect.UNCHANGED
        assert same(dict(change.values), dict(seen.row.values))
    else:
        assert seen == (Update(key, change.seen, change.values),)
        assert facts.row is not None
        assert not same(dict(change.values), dict(facts.row.values))
