"""What a hostile network, a careless proxy and a careless caller can do to the client."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel, computed_field
from sqlalchemy import JSON, Column
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned
from diptych.client import AnswerLost, BadAnswer, ClientError, GraphqlNames, Invalid, MaybeWritten, Retries, StreamCut, VersionMismatch
from diptych.client.codec import codec_of
from diptych.client.likeness import Likeness, likeness
from diptych.client.telling import seconds_of
from diptych.client.write import Write
from tests.client.canned import Canned, answer, refusal
from tests.client.conftest import AnyClient, Connect, Serving
from tests.client.proxy import Proxy
from tests.client.shop import Hamper, Member, Missive

Say = Callable[..., Canned]

ROW = {"id": 1, "name": "Ann", "email": "a", "points": 0, "bio": None, "sponsorId": None, "version": 2}
MEMBER = GraphqlNames("Member", "member", "members")
LOST = answer(502, b"<h1>Bad gateway</h1>", kind="text/html")


class MemberShown(BaseModel):
    """The fields of a member as a client has them who knows nothing of the server's classes."""

    id: int | None = None
    name: str
    email: str
    points: int = 0
    bio: str | None = None


class Loud(MemberShown):
    @computed_field
    def loud_name(self) -> str:
        return self.name.upper()


class Hue(Enum):
    DARK_RED = "dark-red"
    BLUE = "blue"


class Stone(Versioned, table=True):
    id: int | None = Field(default=None, primary_key=True)
    hue: Hue
    labels: set[str] = Field(default_factory=set, sa_column=Column("labels", JSON, nullable=False))
    found_at: datetime


@pytest.fixture
def quarry(database_url: str) -> Iterator[Serving]:
    serving = Serving(Bridge(database_url, [Resource(Stone, filter_by={"hue", "found_at"})]))
    yield serving
    serving.stop()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Mon, 01 Jan 99999999999999999999999 00:00:00 GMT", id="year"),
        pytest.param("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", id="zone"),
    ],
)
def test_a_date_beyond_all_dates_is_none(said: str) -> None:
    assert seconds_of(said) is None


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(answer(403, b"<h1>No</h1>", kind="text/html"), id="a-page"),
        pytest.param(answer(404, {"message": "no such route"}), id="other-json"),
        pytest.param(answer(200, {"errors": [{"message": "Cannot do that."}]}), id="graphql-error"),
    ],
)
def test_what_came_after_a_lost_answer_does_not_undo_it(connect: Connect, canned: Say, second: bytes) -> None:
    """The first try may have been carried out, whatever a proxy says of the second."""
    said = canned(LOST, second)
    with pytest.raises(ClientError) as failed:
        connect(said.url).resource(Member, "members").patch(1, points=1, version=1)
    assert (len(said.asked), failed.value.may_be_written) == (2, True)


def test_a_page_that_came_first_says_that_nothing_was_written(connect: Connect, canned: Say) -> None:
    with pytest.raises(BadAnswer) as failed:
        connect(canned(answer(403, b"<h1>No</h1>", kind="text/html")).url).resource(Member, "members").patch(1, points=1, version=1)
    assert not failed.value.may_be_written


def test_a_proxy_that_has_had_enough(connect: Connect, canned: Say) -> None:
    """It turned the request away, so that even a create may be sent again."""
    enough = answer(429, b"<h1>Too many</h1>", kind="text/html", fields={"retry-after": "0"})
    said = canned(enough, enough, answer(409, {}))
    with pytest.raises(BadAnswer) as failed:
        connect(said.url).resource(Member, "members").create(name="Ann", email="a")
    assert (failed.value.status, len(said.asked), failed.value.may_be_written) == (409, 3, False)


@pytest.mark.parametrize("status", [429, 503])
def test_a_proxy_that_says_when_to_come_back(connect: Connect, canned: Say, status: int) -> None:
    """Beyond the deadline nobody comes back."""
    said = canned(*[answer(status, b"", kind="text/html", fields={"retry-after": "3600"})] * 4)
    with pytest.raises(BadAnswer) as failed:
        connect(said.url).resource(Member, "members").get(1)
    assert (len(said.asked), failed.value.retry_after) == (1, 3600)


class Dripping:
    """Sends an answer byte after byte, each of them in time."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection, self._listening:
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 600\r\n\r\n")
            for _ in range(600):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return
                time.sleep(0.05)


def test_an_answer_that_drips(connect: Connect) -> None:
    """One try takes its seconds, however many pieces the answer comes in."""
    members = connect(Dripping().url, timeout=0.3, retries=Retries(attempts=1)).resource(Member, "members")
    began = time.monotonic()
    with pytest.raises(AnswerLost, match="in time"):
        members.get(1)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("speak", ["rest"])
def test_a_stream_that_cannot_be_decoded(connect: Connect, canned: Say) -> None:
    broken = answer(200, b"this is not gzip", kind="application/x-ndjson", fields={"content-encoding": "gzip"})
    with pytest.raises(StreamCut):
        list(connect(canned(*[broken] * 9).url).resource(Member, "members").stream())


def test_a_create_whose_row_is_gone_again(connect: Connect, proxy: Proxy, server: Serving) -> None:
    """Another try found a row under the key; then it was deleted. Nobody can say whose it was."""
    missives = connect(proxy.url).resource(Missive, "missives")
    canned = Canned(LOST, refusal("already_exists", 409, key="a", currentVersion=1), refusal("not_found", 404, key="a"))
    rest = connect(canned.url, speak="rest").resource(Missive, "missives")
    with pytest.raises(MaybeWritten) as maybe:
        rest.create(Missive(id="a", title="t"))
    canned.close()
    assert (maybe.value.same, maybe.value.current, maybe.value.may_be_written) == (False, None, True)
    # The same through the real server, with the row still there.
    proxy.lose_answers = 1
    with pytest.raises(MaybeWritten) as there:
        missives.create(Missive(id="a", title="t"))
    assert there.value.same


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(lambda row: row.value, id="the-value-itself"),
        pytest.param(lambda row: MemberShown(name="Bob", email="ann@example.com"), id="without-a-key"),
    ],
)
@pytest.mark.parametrize("how", ["replace", "patch"])
def test_a_model_says_nothing_of_its_key(client: AnyClient, how: str, whole: Callable[[Any], Any]) -> None:
    """What a row is read into can be written back, by each method and through both doors."""
    members = client.resource(MemberShown, "members", names=MEMBER)
    row = members.create(MemberShown(name="Ann", email="ann@example.com"))
    row.value.name = "Bob"
    written = getattr(members, how)(row, whole(row))
    assert (written.key, written.version, written.value.name) == (row.key, 2, "Bob")


def test_an_old_value_is_written_on_a_newer_row(client: AnyClient) -> None:
    """The row says which version is meant; a model's own is the one of when it was read."""
    members = client.resource(Member, "members")
    old = members.create(Member(name="Ann", email="ann@example.com"))
    newer = members.patch(old, points=7)
    old.value.name = "Bob"
    assert members.patch(newer, old.value).version == 3
    with pytest.raises(VersionMismatch):
        members.patch(old, old.value)


def test_an_edit_may_make_a_new_value(client: AnyClient) -> None:
    members = client.resource(Member, "members")
    row = members.create(Member(name="Ann", email="ann@example.com", points=3))
    edited = members.edit(row, lambda member: Member(name="Bob", email=member.email, points=member.points))
    assert (edited.key, edited.version, edited.value.name) == (row.key, 2, "Bob")
    plain = client.resource(path="members")
    made = plain.edit(plain.get(row.key), lambda member: {"name": "Cid", "email": member["email"], "points": 3})
    assert (str(made.key), made.version, made.value["name"]) == (str(row.key), 3, "Cid")


def test_another_key_is_refused(client: AnyClient) -> None:
    members = client.resource(MemberShown, "members", names=MEMBER)
    row = members.create(MemberShown(name="Ann", email="ann@example.com"))
    other = row.value.model_copy(update={"id": 99})
    for write in (members.patch, members.replace):
        with pytest.raises(ValueError, match="another key"):
            write(row, other)
        with pytest.raises(ValueError, match="version 9"):
            write(row, {"name": "B", "email": "b", "version": 9})
    with pytest.raises(ValueError, match="another key"):
        members.edit(row, lambda _: other)


def test_what_a_model_computes_is_not_sent() -> None:
    assert codec_of(Loud).document(Loud(name="a", email="b"), given_only=True) == {"name": "a", "email": "b"}


def test_conditions_are_the_same_through_both_doors(connect: Connect, quarry: Serving) -> None:
    """Enums are said by value, and Python's own values may stand for themselves."""
    stones = connect(quarry.url).resource(Stone, "stones")
    at = datetime(2024, 5, 1, tzinfo=UTC)
    stones.create(Stone(hue=Hue.DARK_RED, found_at=at))
    stones.create(Stone(hue=Hue.BLUE, found_at=at))
    for where in (
        {"hue": {"eq": "dark-red"}},
        {"hue": {"eq": Hue.DARK_RED}, "foundAt": {"lte": at}},
        {"not": {"or": [{"hue": {"in": ["blue"]}}, {"foundAt": {"gt": at}}]}},
    ):
        assert [row.value.hue for row in stones.page(where=where)] == [Hue.DARK_RED]
        assert [row.value.hue for row in stones.stream(where=where)] == [Hue.DARK_RED]


def test_a_condition_that_cannot_be(client: AnyClient) -> None:
    members = client.resource(Member, "members")
    for wrong in ({"where": {"nope": {"eq": 1}}}, {"order": ["nope"]}):
        with pytest.raises(Invalid) as invalid:
            members.page(**wrong)
        assert [violation.pointer.split("/")[1][:5] for violation in invalid.value.violations] == [next(iter(wrong))]


def test_a_set_comes_back_in_another_order(connect: Connect, quarry: Serving) -> None:
    """The server keeps each element once, in its own order; the write may well have been carried out."""
    between = Proxy(quarry.port)
    stones = connect(between.url).resource(Stone, "stones")
    row = stones.create(Stone(hue=Hue.BLUE, found_at=datetime(2024, 5, 1, tzinfo=UTC)))
    between.lose_answers = 1
    with pytest.raises(MaybeWritten):
        stones.patch(row, labels=["c", "a", "b", "a"])
    between.close()


@pytest.mark.parametrize(
    ("sent", "stored", "expected"),
    [
        pytest.param(["b", "a"], ["a", "b"], Likeness.UNKNOWN, id="another-order"),
        pytest.param(["a", "a"], ["a"], Likeness.UNKNOWN, id="each-once"),
        pytest.param(["a", "b"], ["a", "b"], Likeness.SAME, id="the-same"),
        pytest.param(["a", "b"], ["a", "c"], Likeness.OTHER, id="another-element"),
        pytest.param(["a"], [], Likeness.OTHER, id="none"),
    ],
)
def test_lists_compare(sent: list[str], stored: list[str], expected: Likeness) -> None:
    assert likeness(Write("patch", 1, 1, {"labels": sent}), {"labels": stored}) is expected


def test_rows_are_never_confused_by_an_own_failure(client: AnyClient) -> None:
    """What was remembered stays as it was read: after a refusal, after a delete, after an invalid patch."""
    hampers = client.resource(Hamper, "hampers", read_only=["packed_at"])
    row = hampers.create(quantity=1)
    newer = hampers.patch(row, quantity=2)
    stale: list[Callable[[], Any]] = [lambda: hampers.patch(row, quantity=3), lambda: hampers.delete(row), lambda: hampers.replace(row)]
    for write in stale:
        with pytest.raises(VersionMismatch) as mismatch:
            write()
        assert (row.version, mismatch.value.current) == (1, newer)
    with pytest.raises(Invalid):
        hampers.patch(newer, quantity=-1)
    assert hampers.refresh(newer) == newer
    hampers.delete(newer)
    with pytest.raises(ClientError, match="Not found"):
        hampers.patch(newer, quantity=3)
