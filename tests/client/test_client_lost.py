"""Answers that are lost after the request was delivered: what is sent again, and what is said of it."""

from collections.abc import Callable
from typing import Any

import pytest

from diptych.client import AlreadyExists, AnswerLost, Client, MaybeWritten, NotFound, Retries, Unreachable, VersionMismatch
from tests.client.conftest import AnyClient, Connect, Serving
from tests.client.proxy import Proxy
from tests.client.shop import Hamper, Member, Missive

ANN = {"name": "Ann", "email": "ann@example.com"}


@pytest.fixture
def through(connect: Connect, proxy: Proxy) -> AnyClient:
    """A client behind the proxy."""
    return connect(proxy.url)


@pytest.fixture
def straight(server: Serving) -> Any:
    """Somebody else, who is not."""
    with Client(server.url) as client:
        yield client


def test_reads_are_asked_again(through: AnyClient, proxy: Proxy) -> None:
    members = through.resource(Member, "members")
    made = members.create(**ANN)
    proxy.lose_answers = 2
    assert members.get(made.key) == made
    proxy.cut_answers = [40]
    assert members.page().rows == (made,)
    assert (proxy.lose_answers, proxy.cut_answers) == (0, [])


def test_reads_are_not_asked_for_ever(through: AnyClient, proxy: Proxy) -> None:
    members = through.resource(Member, "members")
    made = members.create(**ANN)
    proxy.delivered, proxy.lose_answers = 0, 100
    with pytest.raises(AnswerLost) as lost:
        members.get(made.key)
    assert (lost.value.may_be_written, proxy.delivered) == (False, 4)


def test_a_write_that_names_a_version(through: AnyClient, proxy: Proxy) -> None:
    """It was carried out; the second try is refused, and the row is as it would have left it."""
    hampers = through.resource(Hamper, "hampers", read_only=["packed_at"])
    read = hampers.create(quantity=5)
    writes: list[Callable[[Any], Any]] = [
        lambda row: hampers.patch(row, quantity=row.value.quantity + 1),
        lambda row: hampers.replace(row, {"quantity": row.value.quantity + 1}),
        lambda row: hampers.json_patch(row, [{"op": "replace", "path": "/quantity", "value": row.value.quantity + 1}]),
        lambda row: hampers.edit(row, lambda hamper: setattr(hamper, "quantity", hamper.quantity + 1)),
    ]
    for write in writes:
        proxy.lose_answers = 1
        with pytest.raises(MaybeWritten) as maybe:
            write(read)
        seen = maybe.value
        assert (seen.same, seen.may_be_written, seen.current_version, seen.yours) == (True, True, read.version + 1, read.version)
        assert seen.current == hampers.get(read.key)
        assert seen.current is not None
        assert seen.current.value.quantity == read.value.quantity + 1
        read = seen.current


def test_a_write_that_never_arrived(through: AnyClient, proxy: Proxy) -> None:
    hampers = through.resource(Hamper, "hampers")
    read = hampers.create(quantity=5)
    proxy.lose_requests = 1
    assert hampers.patch(read, quantity=6).version == 2


def test_somebody_else_was_faster_and_ours_never_arrived(through: AnyClient, proxy: Proxy, straight: Client) -> None:
    """One version on, and not as we wrote it: ours has certainly not been written, and the edit applies again."""
    hampers = through.resource(Hamper, "hampers")
    read = hampers.create(quantity=5)

    def meddle() -> None:
        others = straight.resource(Hamper, "hampers")
        others.patch(others.get(read.key), quantity=50)

    proxy.meanwhile = meddle
    proxy.lose_requests = 1
    with pytest.raises(VersionMismatch) as refused:
        hampers.patch(read, quantity=6)
    assert (refused.value.after_lost_answer, refused.value.may_be_written) == (True, False)
    proxy.lose_requests = 1
    written = hampers.edit(refused.value.current, lambda hamper: setattr(hamper, "quantity", hamper.quantity + 1))
    assert (written.value.quantity, written.version) == (51, 3)


def test_others_have_written_on_top_of_ours(through: AnyClient, proxy: Proxy, straight: Client) -> None:
    """Two versions on: whether ours was before theirs cannot be seen, so that an edit must not count again."""
    hampers = through.resource(Hamper, "hampers")
    read = hampers.create(quantity=5)

    def meddle() -> None:
        others = straight.resource(Hamper, "hampers")
        others.patch(others.get(read.key), quantity=50)

    proxy.meanwhile = meddle
    proxy.lose_answers = 1
    with pytest.raises(MaybeWritten) as maybe:
        hampers.edit(read, lambda hamper: setattr(hamper, "quantity", hamper.quantity + 1))
    assert maybe.value.current is not None
    assert (maybe.value.same, maybe.value.current_version, maybe.value.current.value.quantity) == (False, 3, 50)


def test_writes_that_ask_for_a_state_may_be_sent_twice(through: AnyClient, proxy: Proxy) -> None:
    members = through.resource(Member, "members")
    made = members.create(**ANN)
    proxy.lose_answers = 1
    assert members.patch(made, points=1, unconditional=True).version == 2
    proxy.lose_answers = 1
    assert members.replace(made, {**ANN, "points": 2}, unconditional=True).version == 3
    assert proxy.lose_answers == 0


def test_what_could_happen_twice_is_sent_once(through: AnyClient, proxy: Proxy) -> None:
    """A create whose key the server chooses, and a JSON Patch that names no version."""
    members, missives = through.resource(Member, "members"), through.resource(Missive, "missives")
    members.page()
    proxy.delivered, proxy.lose_answers = 0, 1
    with pytest.raises(AnswerLost) as lost:
        members.create(**ANN)
    assert (lost.value.may_be_written, proxy.delivered, len(members.page())) == (True, 1, 1)
    written = missives.create(id="x", title="One", tags=["a"])
    proxy.lose_answers = 1
    with pytest.raises(AnswerLost) as lost:
        missives.json_patch("x", [{"op": "add", "path": "/tags/-", "value": "b"}], unconditional=True)
    assert (lost.value.may_be_written, missives.get("x").value.tags, written.version) == (True, ["a", "b"], 1)


def test_a_create_under_a_key_of_ours(through: AnyClient, proxy: Proxy, straight: Client) -> None:
    missives, others = through.resource(Missive, "missives"), straight.resource(Missive, "missives")
    missives.page()
    proxy.lose_requests = 1
    assert missives.create(id="a", title="One").version == 1
    proxy.lose_answers = 1
    with pytest.raises(MaybeWritten) as maybe:
        missives.create(id="b", title="One")
    assert (maybe.value.same, maybe.value.current) == (True, missives.get("b"))

    def take() -> None:
        others.create(id="c", title="Theirs")

    proxy.meanwhile = take
    proxy.lose_requests = 1
    with pytest.raises(AlreadyExists) as taken:
        missives.create(id="c", title="Ours")
    assert (taken.value.after_lost_answer, taken.value.may_be_written, missives.get("c").value.title) == (True, False, "Theirs")


def test_an_upsert_where_nothing_was(through: AnyClient, proxy: Proxy) -> None:
    missives = through.resource(Missive, "missives")
    missives.page()
    proxy.lose_answers = 1
    with pytest.raises(MaybeWritten) as maybe:
        missives.replace("a", {"title": "One"}, version=0)
    assert (maybe.value.same, maybe.value.current_version) == (True, 1)


def test_a_delete(through: AnyClient, proxy: Proxy, straight: Client) -> None:
    members = through.resource(Member, "members")
    made = members.create(**ANN)
    proxy.lose_answers = 1
    with pytest.raises(MaybeWritten) as maybe:
        members.delete(made)
    assert (maybe.value.same, maybe.value.current) == (True, None)
    with pytest.raises(NotFound):
        members.get(made.key)
    missives, others = through.resource(Missive, "missives"), straight.resource(Missive, "missives")
    letter = missives.create(id="a", title="One")

    def bear() -> None:
        others.create(id="a", title="Reborn")

    proxy.meanwhile = bear
    proxy.lose_answers = 1
    with pytest.raises(MaybeWritten) as maybe:
        missives.delete(letter)
    assert (maybe.value.same, maybe.value.current_version) == (False, 2)


def test_an_answer_that_stays_lost(through: AnyClient, proxy: Proxy) -> None:
    hampers = through.resource(Hamper, "hampers")
    read = hampers.create(quantity=5)
    proxy.delivered, proxy.lose_answers = 0, 100
    with pytest.raises(AnswerLost) as lost:
        hampers.patch(read, quantity=6)
    assert (lost.value.may_be_written, proxy.delivered) == (True, 4)


def test_nobody_is_there(connect: Connect) -> None:
    members = connect("http://127.0.0.1:1").resource(Member, "members")
    acts: list[Callable[[], Any]] = [lambda: members.get(1), lambda: members.create(**ANN)]
    for act in acts:
        with pytest.raises(Unreachable, match="nothing was sent") as unreachable:
            act()
        assert not unreachable.value.may_be_written


def test_nobody_is_there_any_more(connect: Connect, server: Serving, proxy: Proxy) -> None:
    """The first try was lost, the others were not sent; the first may have written all the same."""
    members = connect(proxy.url, retries=Retries(attempts=2, first_wait=0, deadline=1)).resource(Member, "members")
    made = members.create(**ANN)
    proxy.meanwhile = proxy.close
    proxy.lose_answers = 1
    with pytest.raises(AnswerLost) as lost:
        members.patch(made, points=1)
    assert lost.value.may_be_written
