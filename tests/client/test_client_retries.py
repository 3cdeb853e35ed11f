"""What is sent again by itself when a server is busy, and when a proxy has no answer."""

import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from diptych.client import AnswerLost, BadAnswer, ClientError, Internal, Retries, TooManyRequests, Unavailable
from diptych.client.telling import seconds_of
from tests.client.canned import Canned, answer, refusal
from tests.client.conftest import AnyClient, Connect
from tests.client.shop import Member

Say = Callable[..., Canned]

ROW = {"id": 1, "name": "Ann", "email": "a", "points": 0, "bio": None, "sponsorId": None, "version": 2}
HTML = answer(502, b"<html><h1>Bad Gateway</h1>", kind="text/html")
NO_TIME = {"retry-after": "0"}


def done(speak: str) -> bytes:
    """The row, read or written."""
    if speak == "rest":
        return answer(200, ROW)
    return answer(200, {"data": {"answer": {**ROW, "id": "1", "__typename": "MemberWritten", "member": {**ROW, "id": "1"}}}})


def busy(speak: str, code: str) -> bytes:
    if speak == "rest" or code == "too_many_requests":
        return refusal(code, 503 if code == "unavailable" else 429, NO_TIME)
    return answer(200, {"data": {"answer": None}, "errors": [{"message": "Busy.", "path": ["answer"], "extensions": {"code": code}}]})


CALLS: dict[str, Callable[[Any], Any]] = {
    "get": lambda members: members.get(1),
    "create": lambda members: members.create(name="Ann", email="a"),
    "patch": lambda members: members.patch(1, points=1, version=1),
    "unconditional": lambda members: members.patch(1, points=1, unconditional=True),
    "json_patch": lambda members: members.json_patch(1, [], unconditional=True),
}


@pytest.mark.parametrize("code", ["unavailable", "too_many_requests"])
@pytest.mark.parametrize("call", CALLS)
def test_a_busy_server_is_asked_again(connect: Connect, canned: Say, speak: str, call: str, code: str) -> None:
    """Nothing was written, so everything may be sent again."""
    said = canned(busy(speak, code), busy(speak, code), done(speak))
    assert CALLS[call](connect(said.url).resource(Member, "members")).version == 2
    assert len(said.asked) == 3
    assert len(set(said.asked)) == 1


@pytest.mark.parametrize(("code", "kind"), [("unavailable", Unavailable), ("too_many_requests", TooManyRequests)])
def test_a_server_that_stays_busy(connect: Connect, canned: Say, speak: str, code: str, kind: type[ClientError]) -> None:
    said = canned(*[busy(speak, code)] * 9)
    with pytest.raises(kind) as refused:
        connect(said.url).resource(Member, "members").patch(1, points=1, version=1)
    assert (len(said.asked), refused.value.may_be_written) == (4, False)


@pytest.mark.parametrize(("call", "times"), [("get", 3), ("create", 1), ("patch", 3), ("unconditional", 3), ("json_patch", 1)])
def test_a_proxy_without_an_answer(connect: Connect, canned: Say, speak: str, call: str, times: int) -> None:
    """The request may have gone through behind it."""
    said = canned(HTML, HTML, done(speak))
    members = connect(said.url).resource(Member, "members")
    if times == 3:
        assert CALLS[call](members).version == 2
    else:
        with pytest.raises(BadAnswer, match="502 with text/html") as bad:
            CALLS[call](members)
        assert bad.value.may_be_written
    assert len(said.asked) == times


def test_a_refusal_after_a_lost_answer_does_not_hide_it(connect: Connect, canned: Say, speak: str) -> None:
    """The server is busy now, which says nothing of the write before."""
    said = canned(HTML, *[busy(speak, "unavailable")] * 9)
    with pytest.raises(AnswerLost) as lost:
        connect(said.url).resource(Member, "members").patch(1, points=1, version=1)
    assert lost.value.may_be_written
    assert isinstance(lost.value.__cause__, Unavailable)


def test_retry_after_is_waited_for(connect: Connect, canned: Say, speak: str) -> None:
    said = canned(refusal("too_many_requests", 429, {"retry-after": "1"}), done(speak))
    began = time.monotonic()
    connect(said.url).resource(Member, "members").get(1)
    assert 1 <= time.monotonic() - began < 20


def test_a_wait_beyond_the_deadline_is_not_begun(connect: Connect, canned: Say, speak: str) -> None:
    said = canned(refusal("too_many_requests", 429, {"retry-after": "3600"}), done(speak))
    began = time.monotonic()
    with pytest.raises(TooManyRequests) as refused:
        connect(said.url).resource(Member, "members").get(1)
    assert (refused.value.retry_after, len(said.asked)) == (3600, 1)
    assert time.monotonic() - began < 20


def test_a_server_that_never_answers(connect: Connect, speak: str) -> None:
    """Each try ends after its own time, and all of them at the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        members = connect(url, timeout=0.2, retries=Retries(attempts=2, first_wait=0)).resource(Member, "members")
        began = time.monotonic()
        with pytest.raises(AnswerLost, match="in time"):
            members.get(1)
        assert 0.4 <= time.monotonic() - began < 20
        members = connect(url, timeout=60, retries=Retries(deadline=0.3)).resource(Member, "members")
        with pytest.raises(AnswerLost, match="in time") as lost:
            members.create(name="Ann", email="a")
        assert lost.value.may_be_written
        assert time.monotonic() - began < 40


def test_retries_can_be_switched_off(connect: Connect, canned: Say, speak: str) -> None:
    said = canned(busy(speak, "unavailable"), done(speak))
    with pytest.raises(Unavailable):
        connect(said.url, retries=Retries(attempts=1)).resource(Member, "members").get(1)
    assert len(said.asked) == 1


def test_something_unforeseen_is_not_sent_again(connect: Connect, canned: Say, speak: str) -> None:
    error = {"message": "Oh.", "path": ["answer"], "extensions": {"code": "internal", "requestId": "r-1"}}
    told = refusal("internal", 500, requestId="r-1") if speak == "rest" else answer(200, {"data": {"answer": None}, "errors": [error]})
    said = canned(told, told)
    members: AnyClient = connect(said.url).resource(Member, "members")
    for call, written in (("patch", True), ("get", False)):
        with pytest.raises(Internal) as internal:
            CALLS[call](members)
        assert (internal.value.request_id, internal.value.may_be_written) == ("r-1", written)
    assert len(said.asked) == 2


@pytest.mark.parametrize("tried", range(1, 40))
def test_waits_grow_within_bounds(tried: int) -> None:
    retries = Retries(first_wait=0.1, longest_wait=5)
    grown = min(5, 0.1 * 2 ** (tried - 1))
    assert grown / 2 <= retries.wait(tried, None) <= grown
    assert 7 < retries.wait(tried, 7) <= 7 + grown


def test_waits_are_spread() -> None:
    assert len({Retries().wait(3, None) for _ in range(20)}) > 10


@pytest.mark.parametrize("given", [{"attempts": 0}, {"deadline": 0.0}, {"first_wait": -1.0}, {"longest_wait": -1.0}])
def test_bounds_that_let_nothing_through(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Retries"):
        Retries(**given)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param("7", 7, id="seconds"),
        pytest.param("-7", None, id="less-than-none"),
        pytest.param("soon", None, id="no-number"),
        pytest.param("9" * 400, None, id="beyond-measure"),
        pytest.param("Fri, 01 Jan 1999 00:00:00 GMT", 0, id="a-date-that-is-over"),
    ],
)
def test_retry_after_is_read(text: str | None, expected: float | None) -> None:
    assert seconds_of(text) == expected


def test_retry_after_as_a_date() -> None:
    assert 58 < (seconds_of(format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)) or 0) <= 60


def test_what_is_sent_is_json(connect: Connect, canned: Say, speak: str) -> None:
    said = canned(done(speak))
    connect(said.url).resource(Member, "members").patch(1, bio="ä", version=1)
    assert "ä" in json.dumps(json.loads(said.asked[0].partition(b"\r\n\r\n")[2]), ensure_ascii=False)
