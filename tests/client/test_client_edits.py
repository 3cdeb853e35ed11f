"""Conflicts between two clients, and the ways out of them."""

import threading

import pytest

from diptych.client import Client, Conflicts, Merged, NotFound, VersionMismatch
from tests.client.conftest import AnyClient, Connect, Serving
from tests.client.shop import Hamper, Member, Missive

ANN = {"name": "Ann", "email": "ann@example.com"}


def test_the_second_of_two_is_told(client: AnyClient) -> None:
    members = client.resource(Member, "members")
    read = members.create(**ANN)
    theirs = members.patch(read, name="Anna")
    with pytest.raises(VersionMismatch) as refused:
        members.replace(read, {**ANN, "points": 5})
    stale = refused.value
    assert (stale.code, stale.current, stale.current_version, stale.yours) == ("version_mismatch", theirs, 2, 1)
    assert (stale.may_be_written, stale.after_lost_answer) == (False, False)
    assert stale.current is not None
    assert isinstance(stale.current.value, Member)
    assert members.get(read.key) == theirs


def test_a_row_that_is_gone(client: AnyClient) -> None:
    """Under a key of the client's choice it is a conflict, under one of the server's there is nothing to conflict with."""
    missives, members = client.resource(Missive, "missives"), client.resource(Member, "members")
    read, other = missives.create(id="x", title="One"), members.create(**ANN)
    missives.delete(read)
    members.delete(other)
    with pytest.raises(VersionMismatch) as refused:
        missives.replace(read, {"title": "Two"})
    assert (refused.value.current, refused.value.current_version) == (None, 0)
    with pytest.raises(NotFound):
        members.patch(other, points=1)


def test_merging_what_two_have_done(client: AnyClient) -> None:
    missives = client.resource(Missive, "missives")
    base = missives.create(id="x", title="One", tags=["a"], metadata={"page": {"colour": "red", "size": 1}})
    theirs = missives.patch(base, metadata={"page": {"size": 2}})
    base.value.title = "Two"
    base.value.metadata_ = {"page": {"colour": "blue", "size": 1}}
    merged = missives.merge(base, base.value, theirs)
    assert isinstance(merged, Merged)
    written = missives.replace(theirs, merged.value)
    assert (written.value.title, written.value.metadata_) == ("Two", {"page": {"colour": "blue", "size": 2}})


def test_what_contradicts_itself_is_not_merged(client: AnyClient) -> None:
    members = client.resource(Member, "members")
    base = members.create(**ANN)
    theirs = members.patch(base, name="Anna", points=3)
    base.value.name, base.value.bio = "Annie", "Writes."
    found = members.merge(base, base.value, theirs)
    assert isinstance(found, Conflicts)
    assert [(each.pointer, each.base, each.mine, each.theirs) for each in found.places] == [("/name", "Ann", "Annie", "Anna")]
    assert (found.value.name, found.value.bio, found.value.points) == ("Anna", "Writes.", 3)


def add_one(hamper: Hamper) -> None:
    hamper.quantity += 1


def test_edit_applies_the_change_to_the_current_state(client: AnyClient) -> None:
    hampers = client.resource(Hamper, "hampers")
    read = hampers.create(quantity=0)
    hampers.patch(read, quantity=10)
    assert hampers.edit(read, add_one).value.quantity == 11
    assert hampers.edit(read.key, add_one).value.quantity == 12
    # The row that was handed in is as it was.
    assert (read.value.quantity, read.version) == (0, 1)


def test_edit_that_changes_nothing_writes_nothing(client: AnyClient) -> None:
    hampers = client.resource(Hamper, "hampers")
    read = hampers.create(quantity=0)
    assert hampers.edit(read, lambda hamper: hamper) is read
    assert hampers.get(read.key).version == 1


def test_edit_gives_up(client: AnyClient, server: Serving) -> None:
    """Somebody is always faster."""
    hampers = client.resource(Hamper, "hampers")
    read = hampers.create(quantity=0)
    seen = []

    def change(hamper: Hamper) -> None:
        seen.append(hamper.quantity)
        with Client(server.url) as other:
            other.resource(Hamper, "hampers").patch(read.key, quantity=hamper.quantity + 100, version=len(seen))
        hamper.quantity += 1

    with pytest.raises(VersionMismatch) as refused:
        hampers.edit(read, change, attempts=3)
    assert refused.value.current is not None
    assert (seen, refused.value.current.value.quantity) == ([0, 100, 200], 300)


def test_a_null_inside_of_json_is_kept(client: AnyClient) -> None:
    """A merge patch cannot say it, so that the edit is sent as a JSON Patch."""
    missives = client.resource(Missive, "missives")
    missives.create(id="x", title="One", metadata={"a": {"b": 1, "c": 2}})

    def change(missive: Missive) -> Missive:
        missive.metadata_ = {"a": {"b": None, "c": 2}, "a/b~": [None]}
        missive.title = "Two"
        return missive

    written = missives.edit("x", change)
    assert (written.value.title, written.value.metadata_) == ("Two", {"a": {"b": None, "c": 2}, "a/b~": [None]})


def test_no_count_is_lost(connect: Connect, server: Serving, speak: str) -> None:
    """Four clients count up one row at once."""
    hampers = connect(server.url).resource(Hamper, "hampers")
    made = hampers.create(quantity=0)

    def count() -> None:
        with Client(server.url, speak="rest" if speak == "rest" else "graphql") as client:
            for _ in range(5):
                client.resource(Hamper, "hampers").edit(made.key, add_one, attempts=100)

    counting = [threading.Thread(target=count) for _ in range(4)]
    for thread in counting:
        thread.start()
    for thread in counting:
        thread.join()
    now = hampers.get(made.key)
    assert (now.value.quantity, now.version) == (20, 21)
