"""JSON text is read strictly: each thing that makes it malformed (contract, section 6), and nothing else."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.semantics.json_text import read_json
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Malformed

GOOD: list[Any] = [
    pytest.param(
        b'{"a": [1, -2.5, 1e3, true, false, null, "x"]}', {"a": [1, -2.5, 1000.0, True, False, None, "x"]}, id="a-bit-of-everything"
    ),
    pytest.param(b" \t\r\n{ } \n", {}, id="white-space-around"),
    pytest.param(b"7", 7, id="a-bare-number"),
    pytest.param(b'""', "", id="empty-text"),
    pytest.param('"é€😀"'.encode(), "é€😀", id="utf-8"),
    pytest.param(b'"\\u0000"', "\0", id="an-escaped-nul-is-the-documents-affair"),
    pytest.param(b'"\\ud83d\\ude00"', "😀", id="a-pair-of-surrogates"),
    pytest.param(b'{"\\ud83d\\ude00": 1}', {"😀": 1}, id="a-pair-in-a-name"),
    pytest.param(b'"\\\\ud800"', "\\ud800", id="an-escaped-backslash-before-ud800"),
    pytest.param(b'"\\"[[[\\\\"', '"[[[\\', id="escapes"),
    pytest.param('"\u2028\ufeff"'.encode(), "\u2028\ufeff", id="a-byte-order-mark-inside-text"),
    pytest.param(b'{"a": {"b": 1}, "b": {"a": 1}}', {"a": {"b": 1}, "b": {"a": 1}}, id="one-name-in-several-objects"),
    pytest.param(b"9" * 400, int("9" * 400), id="four-hundred-digits"),
    pytest.param(b"[" + b"1" * 300 + b"," + b"1" * 300 + b"]", [int("1" * 300)] * 2, id="many-digits-in-two-numbers"),
    pytest.param(b"[" + b"8" * 400 + b",-" + b"9" * 400 + b"]", [int("8" * 400), -int("9" * 400)], id="four-hundred-digits-twice"),
    pytest.param(b'"' + b"9" * 5000 + b'"', "9" * 5000, id="many-digits-inside-text"),
    pytest.param(b'["' + b"9" * 5000 + b'", 7]', ["9" * 5000, 7], id="many-digits-inside-text-and-a-number"),
    pytest.param(b'["\\"' + b"9" * 500 + b'"]', ['"' + "9" * 500], id="many-digits-after-an-escaped-quote"),
    pytest.param(b"1e308", 1e308, id="a-large-float"),
    pytest.param(b"1e-999", 0.0, id="a-float-too-small-is-zero"),
    pytest.param(b"-0.0", -0.0, id="minus-zero"),
    pytest.param(b"[" * 64 + b"]" * 64, json.loads("[" * 64 + "]" * 64), id="sixty-four-levels"),
    pytest.param(b'{"a":' * 64 + b"1" + b"}" * 64, json.loads('{"a":' * 64 + "1" + "}" * 64), id="sixty-four-levels-of-objects"),
    pytest.param(b"[" + b"[]," * 100 + b"{}]", [[]] * 100 + [{}], id="many-brackets-side-by-side"),
    pytest.param(b'"' + b"[{" * 100 + b'"', "[{" * 100, id="brackets-inside-text"),
    pytest.param(b'["\\"' + b"[" * 100 + b'", "' + b"{" * 100 + b'"]', ['"' + "[" * 100, "{" * 100], id="brackets-after-an-escaped-quote"),
    pytest.param(b'["\\\\", "' + b"[" * 100 + b'"]', ["\\", "[" * 100], id="brackets-after-an-escaped-backslash"),
]


@pytest.mark.parametrize(("text", "value"), GOOD)
def test_reads(text: bytes, value: JSON) -> None:
    read = read_json(text)
    assert read == value
    assert repr(read) == repr(value)


NOT_JSON = "The content is not JSON"
TWICE = "An object has two members of one name"
ENDLESS = "NaN and infinities are not JSON"
LONE = "A text has a surrogate without its partner"
LONG = "A number has more than 400 digits in a row"
DEEP = "The content is nested deeper than 64 levels"
BAD: list[Any] = [
    pytest.param(b"", "The content is empty", 0, id="nothing"),
    pytest.param(b" \n ", "The content is empty", 3, id="white-space-alone"),
    pytest.param(b'{"a": 1', NOT_JSON, 7, id="an-open-object"),
    pytest.param(b'{"a": 1}}', NOT_JSON, 8, id="something-after-it"),
    pytest.param(b"{'a': 1}", NOT_JSON, 1, id="single-quotes"),
    pytest.param(b"[1,]", NOT_JSON, 3, id="a-comma-too-many"),
    pytest.param('{"é": x}'.encode(), NOT_JSON, 7, id="the-offset-is-in-bytes"),
    pytest.param(b"01", NOT_JSON, 1, id="a-leading-zero"),
    pytest.param(b"+1", NOT_JSON, 0, id="a-plus-sign"),
    pytest.param(b".5", NOT_JSON, 0, id="no-digit-before-the-point"),
    pytest.param(b"1_0", NOT_JSON, 1, id="an-underscore-as-in-python"),
    pytest.param(b'"a\nb"', NOT_JSON, 2, id="a-raw-line-break-in-text"),
    pytest.param(b'"\\x41"', NOT_JSON, 1, id="an-escape-that-json-does-not-have"),
    pytest.param(b'"abc', NOT_JSON, 0, id="an-open-text"),
    pytest.param(b'"abc\\', NOT_JSON, 0, id="text-that-ends-in-a-backslash"),
    pytest.param(b"/**/1", NOT_JSON, 0, id="a-comment"),
    pytest.param(b"\xef\xbb\xbf{}", "The content starts with a byte-order mark", 0, id="a-byte-order-mark"),
    pytest.param(b" \xef\xbb\xbf{}", NOT_JSON, 1, id="a-byte-order-mark-after-a-space"),
    pytest.param(b'"\xff"', "The content is not UTF-8", 1, id="a-byte-that-is-not-utf-8"),
    pytest.param(b'"\xed\xa0\x80"', "The content is not UTF-8", 1, id="a-surrogate-in-utf-8"),
    pytest.param(b'"\xc0\xaf"', "The content is not UTF-8", 1, id="an-overlong-form"),
    pytest.param('{"a": 1}'.encode("utf-16-le"), NOT_JSON, 1, id="utf-16"),
    pytest.param(b'{"a": 1, "a": 1}', TWICE, None, id="one-name-twice"),
    pytest.param(b'{"a": 1, "b": 2, "a": 3}', TWICE, None, id="one-name-twice-apart"),
    pytest.param(b'[{"x": {"a": 1, "a": 2}}]', TWICE, None, id="one-name-twice-deep-inside"),
    pytest.param(b'{"a": 1, "\\u0061": 2}', TWICE, None, id="one-name-twice-once-escaped"),
    pytest.param(b"NaN", ENDLESS, None, id="nan"),
    pytest.param(b"[Infinity]", ENDLESS, None, id="infinity"),
    pytest.param(b'{"a": -Infinity}', ENDLESS, None, id="minus-infinity"),
    pytest.param(b"1e999", "A number is too large", None, id="too-large-for-a-float"),
    pytest.param(b"[-1e999]", "A number is too large", None, id="too-small-for-a-float"),
    pytest.param(b"1e" + b"9" * 399, "A number is too large", None, id="an-absurd-exponent"),
    pytest.param(b'"\\ud800"', LONE, None, id="a-high-surrogate-alone"),
    pytest.param(b'"\\udc00"', LONE, None, id="a-low-surrogate-alone"),
    pytest.param(b'"\\ude00\\ud83d"', LONE, None, id="a-pair-the-wrong-way-round"),
    pytest.param(b'"\\ud83d \\ude00"', LONE, None, id="a-pair-apart"),
    pytest.param(b'{"\\uD800": 1}', LONE, None, id="a-lone-surrogate-in-a-name"),
    pytest.param(b'[{"a": ["\\ud83d\\ude00", "\\ud800"]}]', LONE, None, id="a-lone-one-after-a-pair"),
    pytest.param(b"9" * 401, LONG, 0, id="four-hundred-and-one-digits"),
    pytest.param(b"9" * 5000, LONG, 0, id="more-digits-than-python-reads"),
    pytest.param(b"[-" + b"9" * 5000 + b"]", LONG, 2, id="many-digits-after-a-minus"),
    pytest.param(b"0." + b"9" * 401, LONG, 2, id="many-digits-after-the-point"),
    pytest.param(b'["' + b"9" * 401 + b'", ' + b"9" * 401 + b"]", LONG, 406, id="many-digits-in-text-and-in-a-number"),
    pytest.param(b"[" * 65 + b"]" * 65, DEEP, 64, id="sixty-five-levels"),
    pytest.param(b'{"a":' * 65 + b"1" + b"}" * 65, DEEP, 320, id="sixty-five-levels-of-objects"),
    pytest.param(b'["]", ' * 33 + b'["}", ' * 32 + b"]" * 65, DEEP, 384, id="closing-brackets-inside-text"),
    pytest.param(b"[]" * 10 + b"[" * 65, DEEP, 84, id="closed-brackets-before"),
    pytest.param(b"{}" * 10 + b"{" * 65, DEEP, 84, id="closed-braces-before"),
    pytest.param(b"[" * 100_000, DEEP, 64, id="a-hundred-thousand-brackets"),
    pytest.param(b'{"a":[' * 50_000, DEEP, 192, id="both-kinds-of-brackets"),
]


@pytest.mark.parametrize(("text", "reason", "offset"), BAD)
def test_refuses(text: bytes, reason: str, offset: int | None) -> None:
    assert read_json(text) == Malformed(reason, offset)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_reads_what_was_written(value: JSON, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert read_json(text.encode()) == value


@given(st.text(alphabet='[]{}",:\\u0d8cabe1.-+ \n\té', max_size=40))
def test_agrees_with_the_standard_library(text: str) -> None:
    """Whatever is read means what the standard library says; whatever the library cannot read is malformed."""
    read = read_json(text.encode())
    try:
        expected = json.loads(text)
    except ValueError:
        assert isinstance(read, Malformed)
    else:
        assert isinstance(read, Malformed) or repr(read) == repr(expected)


@given(st.binary(max_size=30))
def test_any_bytes_have_an_answer(text: bytes) -> None:
    read_json(text)


MIB = 1 << 20
HOSTILE = [
    pytest.param(b"[" + (b"1" * 400 + b",") * (MIB // 401) + b"1]", id="runs-of-digits-just-short-enough"),
    pytest.param(b'["' + b"1" * 401 + b'",' + (b"-" * 400 + b",") * (MIB // 401) + b"1]", id="runs-of-minus-signs"),
    pytest.param(b'["' + b"1" * MIB + b'"]', id="a-text-of-digits"),
    pytest.param(b"[" + b"1" * MIB + b"]", id="a-number-of-digits"),
    pytest.param(b"1e" + b"0" * MIB + b"1", id="an-exponent-of-zeros"),
    pytest.param(b"[" * MIB, id="opening-brackets"),
    pytest.param(b"[" + b"[]," * (MIB // 3) + b"1]", id="pairs-of-brackets"),
    pytest.param(b"[" * 65 + b'"' + b"a" * MIB, id="an-open-text-beneath-brackets"),
    pytest.param(b"{}" * 65 + b'"' + b"\\" * MIB, id="backslashes"),
    pytest.param(b"{}" * 65 + b'"' * MIB, id="quotes"),
    pytest.param(b'"' + b"\\ud83d\\ude00" * (MIB // 12) + b'\\ud800"', id="surrogates-with-a-lone-one-at-the-end"),
    pytest.param(b"{" + b'"a":1,' * (MIB // 6) + b'"a":1}', id="one-name-again-and-again"),
    pytest.param(b"\n" * MIB + b"x", id="line-breaks-before-the-error"),
    pytest.param(b'"' + "é".encode() * (MIB // 2) + b"\xff", id="an-error-at-the-end-of-much-text"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_takes_linear_time(text: bytes) -> None:
    """A mebibyte takes a fraction of a second; anything quadratic in it would take minutes."""
    begin = time.process_time()
    read_json(text)
    assert time.process_time() - begin < 2
