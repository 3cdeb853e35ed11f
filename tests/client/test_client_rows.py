"""Reading and writing rows, and what comes of a refusal; by both clients, through both doors, on both databases."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from pydantic import BaseModel

from diptych.client import (
    AlreadyExists,
    Client,
    ContentTooLarge,
    Forbidden,
    Invalid,
    NotFound,
    PatchConflict,
    PatchInvalid,
    PreconditionRequired,
    ReferenceConflict,
    Unauthenticated,
    UniqueConflict,
    VersionExhausted,
    VersionMismatch,
)
from diptych.demo.models import StockItem
from tests.client.canned import Canned, refusal
from tests.client.conftest import AnyClient, Connect, Serving
from tests.client.shop import Hamper, Member, Missive


class Rename(BaseModel):
    name: str | None = None
    bio: str | None = None


ANN = {"name": "Ann", "email": "ann@example.com"}


def test_a_row_is_written_and_remembered(client: AnyClient) -> None:
    """Each write names the version that the one before it has left."""
    members = client.resource(Member, "members")
    made = members.create(Member(name="Ann", email="ann@example.com"))
    assert (made.key, made.version, made.tag) == (made.value.id, 1, '"1"')
    assert isinstance(made.value, Member)
    assert made.value.points == 0
    named = members.patch(made, name="Anna", bio="Writes.")
    assert (named.version, named.value.name, named.value.bio) == (2, "Anna", "Writes.")
    named.value.points = 7
    counted = members.replace(named)
    assert (counted.version, counted.value.points, counted.value.name) == (3, 7, "Anna")
    patched = members.json_patch(counted, [{"op": "test", "path": "/points", "value": 7}, {"op": "remove", "path": "/bio"}])
    assert (patched.version, patched.value.bio) == (4, None)
    assert members.get(made.key) == patched
    assert members.refresh(made) == patched
    members.delete(patched)
    with pytest.raises(NotFound) as gone:
        members.get(made.key)
    assert gone.value.key == made.key
    assert gone.value.status == 404


def test_null_and_absent_are_told_apart(client: AnyClient) -> None:
    members = client.resource(Member, "members")
    made = members.create(**ANN, bio="Writes.", points=3)
    kept = members.patch(made, points=4)
    assert (kept.value.bio, kept.value.points) == ("Writes.", 4)
    cleared = members.patch(kept, bio=None)
    assert (cleared.value.bio, cleared.value.points) == (None, 4)
    with pytest.raises(Invalid) as refused:
        members.patch(cleared, name=None)
    assert [(each.pointer, each.code) for each in refused.value.violations] == [("/name", "null")]
    # A model that was given one field is a patch of that field.
    told = members.patch(cleared, Rename(bio="Writes."))
    renamed = members.patch(told, Rename(name="Anna"))
    assert (renamed.value.name, renamed.value.bio, renamed.value.points) == ("Anna", "Writes.", 4)
    # A replace resets what it does not say.
    assert members.replace(members.get(made.key), ANN).value.points == 0


def test_attributes_and_json_names_mean_the_same(client: AnyClient) -> None:
    members = client.resource(Member, "members")
    sponsor, other = members.create(**ANN), members.create(name="Ben", email="ben@example.com")
    assert members.patch(other, sponsor_id=sponsor.key).value.sponsor_id == sponsor.key
    assert members.patch(members.refresh(other), {"sponsorId": None}).value.sponsor_id is None
    with pytest.raises(TypeError, match="Member has no field 'nmae'; it has "):
        members.patch(other, nmae="Benny")


def test_keys_of_any_letters(client: AnyClient) -> None:
    missives = client.resource(Missive, "missives")
    for key in ("a/b", "ä ö?#%", "日本", "a+b&c=d", "%2F", "a\\b", "'\"", "x.", "~"):
        made = missives.create(id=key, title="One", metadata={"a": {"b": None}})
        assert (made.key, made.version, made.value.metadata_) == (key, 1, {"a": {"b": None}})
        assert missives.get(key) == made
        changed = missives.replace(made, {"title": "Two", "metadata": {"a/b": 1}})
        assert (changed.version, changed.value.metadata_, missives.get(key)) == (2, {"a/b": 1}, changed)
        missives.delete(changed)
        assert missives.replace(key, {"title": "Three"}, version=0).version == 3
    # Dots alone are a step up the path, were they sent as they are; and nothing at all is the collection.
    for key in (".", "..", ""):
        with pytest.raises(NotFound):
            missives.get(key)
        with pytest.raises(NotFound):
            missives.delete(key, unconditional=True)


def test_rows_without_a_model(client: AnyClient) -> None:
    """They are dicts of JSON, and GraphQL is asked what there is to read."""
    missives = client.resource(path="missives")
    made = missives.create({"id": "x", "title": "One", "tags": ["a"]})
    assert made.value == {"id": "x", "title": "One", "tags": ["a"], "metadata": {}, "version": 1}
    made.value["title"] = "Two"
    assert missives.replace(made).value["title"] == "Two"
    assert missives.patch("x", tags=[], version=2).value["tags"] == []
    with pytest.raises(ValueError, match="has version 1, and the write names 3"):
        missives.replace(missives.get("x"), made.value)
    with pytest.raises(ValueError, match="another key"):
        missives.replace(missives.get("x"), {"id": "y", "title": "Two"})


def test_read_only_fields_are_not_sent(client: AnyClient) -> None:
    hampers = client.resource(Hamper, "hampers", read_only=["packed_at"])
    made = hampers.create(quantity=3)
    made.value.quantity = 4
    changed = hampers.replace(made)
    assert (changed.value.quantity, changed.value.packed_at) == (4, made.value.packed_at)


def test_a_write_that_names_no_version(client: AnyClient) -> None:
    """It has to be asked for, and is refused where versions are required."""
    members, hampers = client.resource(Member, "members"), client.resource(Hamper, "hampers")
    made = members.create(**ANN)
    members.patch(made, points=1)
    with pytest.raises(ValueError, match="A key alone names no version"):
        members.patch(made.key, points=2)
    assert members.patch(made.key, points=2, unconditional=True).version == 3
    assert members.patch(made, points=3, unconditional=True).version == 4
    assert members.patch(made.key, points=4, version=4).version == 5
    with pytest.raises(ValueError, match="leave version= out"):
        members.delete(made, version=4, unconditional=True)
    hamper = hampers.create(quantity=3)
    with pytest.raises(PreconditionRequired) as refused:
        hampers.patch(hamper, quantity=4, unconditional=True)
    assert (refused.value.code, refused.value.status) == ("precondition_required", 428)


def test_every_refusal_has_its_name_and_facts(client: AnyClient) -> None:
    members, missives = client.resource(Member, "members"), client.resource(Missive, "missives")
    ann, ben = members.create(**ANN), members.create(name="Ben", email="ben@example.com")
    missives.create(id="x", title="One")

    def refused(kind: type[Any], act: Any) -> Any:
        with pytest.raises(kind) as caught:
            act()
        assert type(caught.value) is kind
        return caught.value

    taken = refused(UniqueConflict, lambda: members.patch(ben, email=ANN["email"]))
    assert (taken.fields, taken.status, taken.may_be_written) == (("email",), 409, False)
    pointing = refused(ReferenceConflict, lambda: members.patch(ben, sponsor_id=999))
    assert (pointing.resource, pointing.fields) == ("Member", ("sponsorId",))
    there = refused(AlreadyExists, lambda: missives.create(id="x", title="Two"))
    assert (there.key, there.current_version) == ("x", 1)
    failed = refused(PatchConflict, lambda: members.json_patch(ann, [{"op": "test", "path": "/name", "value": "Zoe"}]))
    assert (failed.index, failed.pointer) == (0, "/name")
    broken = refused(PatchInvalid, lambda: members.json_patch(ann, [{"op": "remove", "path": "/none/there"}]))
    assert (broken.index, broken.pointer) == (0, "/none/there")
    missing = refused(NotFound, lambda: members.patch(999, points=1, version=1))
    assert missing.key == 999
    stale = refused(VersionMismatch, lambda: members.patch(ann, points=1, version=9))
    assert (stale.current, stale.current_version, stale.yours, stale.sent) == (ann, 1, 9, {"points": 1})
    wrong = refused(Invalid, lambda: members.create({"nmae": "Zoe"}))
    told = sorted((each.pointer, each.code) for each in wrong.violations)
    assert told == [("/email", "required"), ("/name", "required"), ("/nmae", "unknown")]
    assert "Zoe" not in str(wrong)
    assert sorted((each.pointer, each.code) for each in refused(Invalid, lambda: members.patch(ann, {"points": "x"})).violations) == [
        ("/points", "type")
    ]


def test_a_huge_document(client: AnyClient) -> None:
    missives = client.resource(Missive, "missives")
    made = missives.create(id="long", title="x" * 900_000)
    assert len(missives.get("long").value.title) == 900_000
    with pytest.raises(ContentTooLarge) as refused:
        missives.patch(made, title="x" * 3_000_000)
    assert refused.value.status == 413
    assert missives.get("long") == made


def test_the_last_version_of_a_row(connect: Connect, demo: Serving) -> None:
    items = connect(demo.url).resource(StockItem, "stock-items")
    (last,) = items.page(where={"sku": {"eq": "LAST"}})
    with pytest.raises(VersionExhausted) as refused:
        items.patch(last, quantity=2)
    assert refused.value.key == last.key


def test_a_token_is_sent_and_never_shown(connect: Connect, canned: Callable[..., Canned], speak: str) -> None:
    said = canned(refusal("unauthenticated", 401), refusal("forbidden", 403))
    client = connect(said.url, token="secret-token")
    members = client.resource(Member, "members")
    for kind in (Unauthenticated, Forbidden):
        with pytest.raises(kind) as refused:
            members.get(1)
        assert "secret" not in f"{refused.value!s}{refused.value!r}{client!r}"
    assert b"authorization: Bearer secret-token" in said.asked[0].replace(b"Authorization", b"authorization")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"url": "localhost:8000"}, "begins with http", id="no-scheme"),
        pytest.param({"url": "http://h?x=1"}, "no query", id="a-query"),
        pytest.param({"url": "http://ann:a b@h"}, "give them with auth=", id="a-password-in-the-address"),
        pytest.param({"speak": "soap"}, 'speak= is "rest" or "graphql"', id="another-language"),
        pytest.param({"timeout": 0}, "more than 0", id="no-time"),
        pytest.param({"token": "a b"}, "visible ASCII", id="a-token-with-a-space"),
        pytest.param({"token": "a\nb"}, "visible ASCII", id="a-token-with-a-line-break"),
        pytest.param({"token": "a", "auth": ("b", "c")}, "two ways", id="a-token-and-auth"),
    ],
)
def test_arguments_that_cannot_be_used(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        Client(**{"url": "http://127.0.0.1:1", **given})
    assert "a b" not in str(refused.value)


@pytest.mark.parametrize("path", ["", "/", "a?b", "a b"])
def test_a_path_that_is_none(path: str) -> None:
    with Client("http://127.0.0.1:1") as client, pytest.raises(ValueError, match="path="):
        client.resource(Member, path)


def test_a_class_that_is_no_model() -> None:
    with Client("http://127.0.0.1:1") as client, pytest.raises(TypeError, match="pydantic or SQLModel class"):
        client.resource(cast(Any, int), "members")
