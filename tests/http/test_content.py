"""What comes in: media types, codings, and bytes up to a limit (contract, section 6)."""

import time
from collections.abc import Iterable

import pytest

from diptych.http.asgi import Headers, Message
from diptych.http.content import ClientGone, MediaType, is_uncoded, is_utf8, media_type, read_body


def headers(*lines: tuple[str, str]) -> Headers:
    return Headers({"headers": [(name.encode(), value.encode("latin-1")) for name, value in lines]})


JSON = MediaType("application/json", None)
JSON_UTF8 = MediaType("application/json", "utf-8")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("application/json", JSON, id="a-type"),
        pytest.param("  Application/JSON\t", JSON, id="in-capitals-with-space-around"),
        pytest.param("application/merge-patch+json", MediaType("application/merge-patch+json", None), id="a-suffix"),
        pytest.param("application/json;charset=utf-8", JSON_UTF8, id="a-charset"),
        pytest.param("application/json ; CharSet=UTF-8", JSON_UTF8, id="a-charset-in-capitals"),
        pytest.param('application/json; charset="utf-8"', JSON_UTF8, id="a-charset-in-quotes"),
        pytest.param('application/json; charset="u\\tf\\-8"', JSON_UTF8, id="a-charset-with-escapes"),
        pytest.param('application/json; a=";charset=x"; charset=utf-8', JSON_UTF8, id="a-semicolon-in-quotes"),
        pytest.param("application/json; q=1; charset=latin-1", MediaType("application/json", "latin-1"), id="another-parameter-first"),
        pytest.param("application/json;", JSON, id="an-empty-parameter"),
        pytest.param("application/json; ; charset=utf-8;", JSON_UTF8, id="empty-parameters-between"),
        pytest.param("application/json; charset=utf-8; charset=UTF-8", JSON_UTF8, id="one-charset-twice"),
        pytest.param("application/json; charset=utf-8; charset=utf-16", None, id="two-charsets"),
        pytest.param("application/json; charset", None, id="a-parameter-without-a-value"),
        pytest.param("application/json; charset=", None, id="a-parameter-with-an-empty-value"),
        pytest.param('application/json; charset="utf-8', None, id="an-open-quote"),
        pytest.param("application/json charset=utf-8", None, id="no-semicolon"),
        pytest.param("application/json, text/plain", None, id="a-list"),
        pytest.param("json", None, id="half-a-type"),
        pytest.param("application/", None, id="no-subtype"),
        pytest.param("", None, id="nothing"),
        pytest.param("application/jsön", None, id="not-ascii"),
    ],
)
def test_media_type(line: str, expected: MediaType | None) -> None:
    assert media_type(headers(("content-type", line))) == expected


def test_several_lines_must_agree() -> None:
    one, other = ("content-type", "application/json"), ("content-type", "text/plain")
    assert media_type(headers()) is None
    assert media_type(headers(one, one)) == JSON
    assert media_type(headers(one, other)) is None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('application/json; charset="' + ";" * 60_000, id="an-open-quote-and-semicolons"),
        pytest.param("application/json" + ";a=b" * 15_000, id="parameters"),
        pytest.param("application/json;" + '"' * 60_000, id="quotes"),
        pytest.param("a" * 60_000, id="a-long-token"),
    ],
)
def test_a_long_line_takes_linear_time(line: str) -> None:
    begin = time.process_time()
    media_type(headers(("content-type", line)))
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    ("charset", "expected"), [(None, True), ("utf-8", True), ("utf8", True), ("utf-16", False), ("latin-1", False), ("", False)]
)
def test_is_utf8(charset: str | None, expected: bool) -> None:
    assert is_utf8(MediaType("application/json", charset)) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], True, id="no-field"),
        pytest.param(["identity"], True, id="as-it-is"),
        pytest.param([" Identity ,, "], True, id="as-it-is-in-a-list"),
        pytest.param([""], True, id="an-empty-field"),
        pytest.param(["gzip"], False, id="a-coding"),
        pytest.param(["identity, gzip"], False, id="a-coding-in-a-list"),
        pytest.param(["identity", "br"], False, id="a-coding-in-a-second-line"),
    ],
)
def test_is_uncoded(lines: list[str], expected: bool) -> None:
    assert is_uncoded(headers(*(("content-encoding", line) for line in lines))) is expected


class Client:
    """Sends its messages one after the other, and says how many were asked for."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = iter(messages)
        self.asked = 0

    async def __call__(self) -> Message:
        self.asked += 1
        return next(self._messages)


def chunks(*bodies: bytes) -> list[Message]:
    last = len(bodies) - 1
    return [{"type": "http.request", "body": body, "more_body": number < last} for number, body in enumerate(bodies)]


GONE: Message = {"type": "http.disconnect"}


@pytest.mark.parametrize(
    ("messages", "expected", "asked"),
    [
        pytest.param(chunks(b"12345"), b"12345", 1, id="as-large-as-allowed"),
        pytest.param(chunks(b"123456"), None, 1, id="one-byte-too-many"),
        pytest.param(chunks(b"12", b"3", b"45"), b"12345", 3, id="in-chunks"),
        pytest.param(chunks(b"", b"", b"1"), b"1", 3, id="in-chunks-some-of-them-empty"),
        pytest.param(chunks(b"12", b"3", b"456", b"7"), None, 3, id="too-large-is-noticed-at-its-chunk"),
        pytest.param(chunks(b"123456", b"7"), None, 1, id="too-large-at-the-first-chunk"),
        pytest.param(chunks(b""), b"", 1, id="nothing"),
        pytest.param([{"type": "http.request"}], b"", 1, id="a-message-that-leaves-everything-out"),
        pytest.param([{"type": "http.request", "more_body": True}, {"type": "http.request"}], b"", 2, id="two-such-messages"),
    ],
)
async def test_read_body(messages: list[Message], expected: bytes | None, asked: int) -> None:
    client = Client(messages)
    assert await read_body(client, headers(), 5) == expected
    assert client.asked == asked


@pytest.mark.parametrize(
    ("stated", "expected", "asked"),
    [
        pytest.param(["5"], b"12345", 1, id="within-the-limit"),
        pytest.param(["0005"], b"12345", 1, id="with-leading-zeros"),
        pytest.param(["6"], None, 0, id="too-large-is-noticed-before-it-is-read"),
        pytest.param(["9" * 5000], None, 0, id="more-digits-than-python-reads"),
        pytest.param(["²"], b"12345", 1, id="a-digit-that-is-none"),
        pytest.param(["-1"], b"12345", 1, id="a-negative-one"),
        pytest.param(["6", "6"], b"12345", 1, id="stated-twice-is-for-the-server-to-judge"),
    ],
)
async def test_the_length_that_is_stated(stated: list[str], expected: bytes | None, asked: int) -> None:
    client = Client(chunks(b"12345"))
    assert await read_body(client, headers(*(("content-length", line) for line in stated)), 5) == expected
    assert client.asked == asked


@pytest.mark.parametrize("messages", [[GONE], [*chunks(b"1", b"2")[:1], GONE]], ids=["at-once", "between-chunks"])
async def test_a_client_that_goes_away(messages: list[Message]) -> None:
    with pytest.raises(ClientGone):
        await read_body(Client(messages), headers(), 5)
