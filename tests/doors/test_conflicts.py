"""A conflict made through one door is told in the same words through the other: code, title, detail, status and facts."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

from diptych import Bridge
from diptych.semantics.outcome import Unavailable
from diptych.service.ports import StoreError
from tests.doors.door import DOCUMENT, STOCK, USER, Answer, Door, Graphql, Rest, Subject
from tests.proofs.raw import EMPTY_DEMO, RawConnection

JANE = {"name": "Jane", "email": "jane@example.com"}
BOLT = {"sku": "B-1", "name": "Bolt", "quantity": 5}

# Makes a conflict through one door, and returns the command that meets it.
Scene: TypeAlias = Callable[[Door], Awaitable[Callable[[Door], Awaitable[Answer]]]]


@dataclass(frozen=True)
class Told:
    """`facts` may name a part of them, where a scene does not know the rest."""

    code: str
    status: int
    facts: dict[str, Any]


async def a_row_that_is_gone(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    jane = await maker.create(USER, JANE)
    assert (await maker.delete(USER, jane.key)).accepted
    return lambda door: door.replace(USER, jane.key, JANE)


async def a_row_that_was_deleted_before(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    assert (await maker.create(DOCUMENT, {"id": "gone", "title": "t"})).accepted
    assert (await maker.delete(DOCUMENT, "gone")).accepted
    return lambda door: door.delete(DOCUMENT, "gone")


async def a_key_that_is_none(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    return lambda door: door.merge_patch(USER, "no-number", {"role": "admin"})


async def a_stale_version(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    jane = await maker.create(USER, JANE)
    assert (await maker.merge_patch(USER, jane.key, {"bio": "changed"})).version == 2
    return lambda door: door.replace(USER, jane.key, JANE, version=1)


async def a_stale_version_with_a_bad_document(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    jane = await maker.create(USER, JANE)
    assert (await maker.merge_patch(USER, jane.key, {"bio": "changed"})).version == 2
    return lambda door: door.merge_patch(USER, jane.key, {"name": None}, version=1)


async def nothing_expected_where_a_row_is(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    assert (await maker.create(DOCUMENT, {"id": "here", "title": "t"})).accepted
    return lambda door: door.replace(DOCUMENT, "here", {"title": "u"}, version=0)


async def a_version_expected_where_nothing_is(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    return lambda door: door.replace(DOCUMENT, "nowhere", {"title": "u"}, version=3)


async def a_version_expected_by_a_create(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    return lambda door: door.create(USER, JANE, version=3)


async def a_stale_delete(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    bolt = await maker.create(STOCK, BOLT)
    assert (await maker.merge_patch(STOCK, bolt.key, {"quantity": 4}, version=1)).version == 2
    return lambda door: door.delete(STOCK, bolt.key, version=1)


async def a_null_where_none_may_be(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    jane = await maker.create(USER, JANE)
    return lambda door: door.merge_patch(USER, jane.key, {"name": None, "email": None})


async def values_out_of_bounds(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    return lambda door: door.create(STOCK, {"sku": "", "name": "n" * 201, "quantity": -1})


async def a_result_that_is_wrong(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    jane = await maker.create(USER, JANE)
    return lambda door: door.json_patch(USER, jane.key, [{"op": "remove", "path": "/name"}, {"op": "replace", "path": "/id", "value": 7}])


async def a_key_that_no_document_can_have(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    return lambda door: door.create(DOCUMENT, {"id": "a b", "title": "t"})


async def a_taken_key(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    assert (await maker.create(DOCUMENT, {"id": "taken", "title": "t"})).accepted
    assert (await maker.replace(DOCUMENT, "taken", {"title": "u"})).version == 2
    return lambda door: door.create(DOCUMENT, {"id": "taken", "title": "t"})


async def a_taken_value_on_create(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    assert (await maker.create(USER, JANE)).accepted
    return lambda door: door.create(USER, JANE)


async def a_taken_value_on_patch(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    assert (await maker.create(USER, JANE)).accepted
    june = await maker.create(USER, {"name": "June", "email": "june@example.com"})
    return lambda door: door.merge_patch(USER, june.key, {"email": "jane@example.com"})


async def a_taken_value_on_a_guarded_replace(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    assert (await maker.create(USER, JANE)).accepted
    june = await maker.create(USER, {"name": "June", "email": "june@example.com"})
    return lambda door: door.replace(USER, june.key, JANE, version=1)


async def a_reference_to_nobody(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    return lambda door: door.replace(DOCUMENT, "orphan", {"title": "t", "ownerId": 999999})


async def a_row_that_others_refer_to(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    jane = await maker.create(USER, JANE)
    assert (await maker.replace(DOCUMENT, "hers", {"title": "t", "ownerId": jane.key})).accepted
    return lambda door: door.delete(USER, jane.key)


async def a_test_that_does_not_hold(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    jane = await maker.create(USER, JANE)
    operations = [{"op": "replace", "path": "/role", "value": "admin"}, {"op": "test", "path": "/name", "value": "June"}]
    return lambda door: door.json_patch(USER, jane.key, operations)


async def a_path_that_is_not_there(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    assert (await maker.create(DOCUMENT, {"id": "bare", "title": "t"})).accepted
    return lambda door: door.json_patch(DOCUMENT, "bare", [{"op": "remove", "path": "/metadata/colour"}])


async def a_row_out_of_versions(maker: Door) -> Callable[[Door], Awaitable[Answer]]:
    page = await maker.list(STOCK, first=100)
    (last,) = [row for row in page.rows if row["sku"] == "LAST"]
    assert last["version"] == 2**31 - 1
    return lambda door: door.merge_patch(STOCK, last["id"], {"quantity": 2}, version=2**31 - 1)


SCENES = [
    (a_row_that_is_gone, Told("not_found", 404, {})),
    (a_row_that_was_deleted_before, Told("not_found", 404, {"key": "gone"})),
    (a_key_that_is_none, Told("not_found", 404, {"key": "no-number"})),
    (a_stale_version, Told("version_mismatch", 412, {"currentVersion": 2})),
    (a_stale_version_with_a_bad_document, Told("version_mismatch", 412, {"currentVersion": 2})),
    (nothing_expected_where_a_row_is, Told("version_mismatch", 412, {"currentVersion": 1})),
    (a_version_expected_where_nothing_is, Told("version_mismatch", 412, {"currentVersion": 0, "current": None})),
    (a_version_expected_by_a_create, Told("version_mismatch", 412, {"currentVersion": 0, "current": None})),
    (a_stale_delete, Told("version_mismatch", 412, {"currentVersion": 2})),
    (a_null_where_none_may_be, Told("invalid", 400, {})),
    (values_out_of_bounds, Told("invalid", 400, {})),
    (a_result_that_is_wrong, Told("invalid", 400, {})),
    (a_key_that_no_document_can_have, Told("invalid", 400, {})),
    (a_taken_key, Told("already_exists", 409, {"key": "taken", "currentVersion": 2})),
    (a_taken_value_on_create, Told("unique_conflict", 409, {"fields": ["email"]})),
    (a_taken_value_on_patch, Told("unique_conflict", 409, {"fields": ["email"]})),
    (a_taken_value_on_a_guarded_replace, Told("unique_conflict", 409, {"fields": ["email"]})),
    (a_reference_to_nobody, Told("reference_conflict", 409, {"resource": "Document", "fields": ["ownerId"]})),
    (a_row_that_others_refer_to, Told("reference_conflict", 409, {"resource": "Document", "fields": ["ownerId"]})),
    (a_test_that_does_not_hold, Told("patch_conflict", 409, {"index": 1, "pointer": "/name"})),
    (a_path_that_is_not_there, Told("patch_invalid", 422, {"index": 0, "pointer": "/metadata/colour"})),
    (a_row_out_of_versions, Told("version_exhausted", 409, {})),
]


async def test_a_conflict_is_told_in_the_same_words(
    bridge: Bridge, door: Door, rest: Rest, graphql: Graphql, subtests: pytest.Subtests
) -> None:
    raw = await RawConnection(bridge.database).open()
    for scene, told in SCENES:
        await raw.run(*EMPTY_DEMO)
        with subtests.test(msg=scene.__name__):
            await tell(scene, told, door, rest, graphql)
    await raw.close()


async def tell(scene: Scene, told: Told, door: Door, rest: Rest, graphql: Graphql) -> None:
    ask = await scene(door)
    before = [await everything(rest), await everything(graphql)]
    through_rest, through_graphql = await ask(rest), await ask(graphql)
    assert through_rest == through_graphql
    assert (through_rest.code, through_rest.status) == (told.code, told.status)
    assert {name: through_rest.facts[name] for name in told.facts} == told.facts
    assert through_rest.title
    assert through_rest.detail
    assert [await everything(rest), await everything(graphql)] == before, "a refusal wrote something"
    assert before[0] == before[1]


async def test_no_refusal_is_logged(
    bridge: Bridge, door: Door, rest: Rest, graphql: Graphql, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    """Not by the library, and by no driver either: what a caller should expect is nothing for whoever reads the log."""
    raw = await RawConnection(bridge.database).open()
    for scene, told in SCENES:
        await raw.run(*EMPTY_DEMO)
        caplog.clear()
        with subtests.test(msg=scene.__name__):
            ask = await scene(door)
            assert [(await ask(asked)).code for asked in (rest, graphql)] == [told.code] * 2
            assert [record for record in caplog.records if record.levelno > logging.INFO or record.exc_info] == []
    await raw.close()


async def test_every_violation_is_told_at_once(rest: Rest, graphql: Graphql) -> None:
    ask = await values_out_of_bounds(rest)
    for door in (rest, graphql):
        violations = (await ask(door)).facts["violations"]
        assert {(one["pointer"], one["code"]) for one in violations} == {
            ("/sku", "too_short"),
            ("/name", "too_long"),
            ("/quantity", "too_small"),
        }


async def test_a_stale_answer_shows_the_row_as_it_is(door: Door, other: Door) -> None:
    ask = await a_stale_version(door)
    answer = await ask(other)
    current = answer.facts["current"]
    assert current == (await door.fetch(USER, current["id"])).row
    assert current["bio"] == "changed"


async def test_what_one_door_writes_the_other_reads(door: Door, other: Door) -> None:
    """Every effect a write can have, and what each leaves behind."""
    made = await door.create(DOCUMENT, {"id": "one", "title": "t", "metadata": {"a": 1}})
    assert (made.code, made.version) == ("created", 1)
    assert await seen(other, "one") == made.row
    replaced = await other.replace(DOCUMENT, "one", {"title": "u", "metadata": {"a": 1, "b": {"c": 2}}}, version=1)
    assert (replaced.code, replaced.version) == ("written", 2)
    assert await seen(door, "one") == replaced.row
    patched = await door.merge_patch(DOCUMENT, "one", {"metadata": {"b": {"c": None, "d": 3}}}, version=2)
    assert patched.row == {**(replaced.row or {}), "metadata": {"a": 1, "b": {"d": 3}}, "version": 3}
    assert await seen(other, "one") == patched.row
    added = await other.json_patch(DOCUMENT, "one", [{"op": "add", "path": "/tags/-", "value": "new"}], version=3)
    assert added.row == {**(patched.row or {}), "tags": ["new"], "version": 4}
    same = await door.merge_patch(DOCUMENT, "one", {"title": "u"}, version=4)
    assert (same.code, same.row) == ("written", added.row)
    assert (await other.delete(DOCUMENT, "one", version=4)).code == "deleted"
    assert (await door.fetch(DOCUMENT, "one")).code == "not_found"


@pytest.mark.parametrize("failing", ["fetch", "commit"])
async def test_a_database_that_is_away_is_told_by_both(
    failing: str, bridge: Bridge, rest: Rest, graphql: Graphql, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Unavailable:
        return Unavailable(7)

    monkeypatch.setattr(type(bridge.store), failing, away)
    through_rest = await rest.merge_patch(USER, 1, {"role": "x"})
    assert (through_rest.code, through_rest.status) == ("unavailable", 503)
    assert through_rest.response is not None
    assert through_rest.response.headers["retry-after"] == "7"
    through_graphql = await graphql.merge_patch(USER, 1, {"role": "x"})
    assert (through_graphql.code, through_graphql.detail) == ("unavailable", through_rest.detail)


async def test_what_nobody_planned_is_told_by_number_alone(
    bridge: Bridge, rest: Rest, graphql: Graphql, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> object:
        raise StoreError("a secret") from OSError("of the driver")

    monkeypatch.setattr(type(bridge.store), "fetch", broken)
    through_rest = await rest.merge_patch(USER, 1, {"role": "x"})
    through_graphql = await graphql.merge_patch(USER, 1, {"role": "x"})
    assert (through_rest.code, through_rest.status) == ("internal", 500)
    assert (through_graphql.code, through_graphql.detail) == ("internal", through_rest.detail)
    numbers = [through_rest.facts["requestId"]]
    for answer in (through_rest, through_graphql):
        assert answer.response is not None
        assert "secret" not in answer.response.text
        assert "driver" not in answer.response.text
    assert through_graphql.response is not None
    numbers.append(through_graphql.response.json()["errors"][0]["extensions"]["requestId"])
    assert all(number in caplog.text for number in numbers)


async def everything(door: Door) -> list[Any]:
    """The rows of every resource, as a door lists them."""
    return [(await door.list(subject, first=100)).rows for subject in (USER, DOCUMENT, STOCK)]


async def seen(door: Door, key: str, subject: Subject = DOCUMENT) -> Any:
    return (await door.fetch(subject, key)).row
