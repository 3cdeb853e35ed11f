"""JSON Pointers, written and read (RFC 6901)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.semantics import pointer


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        # The table of RFC 6901, section 5.
        pytest.param("", (), id="the-whole-document"),
        pytest.param("/foo", ("foo",), id="a-member"),
        pytest.param("/foo/0", ("foo", "0"), id="an-element"),
        pytest.param("/", ("",), id="the-member-without-a-name"),
        pytest.param("/a~1b", ("a/b",), id="a-slash"),
        pytest.param("/c%d", ("c%d",), id="a-percent-sign-is-itself"),
        pytest.param("/i\\j", ("i\\j",), id="a-backslash-is-itself"),
        pytest.param("/ ", (" ",), id="a-space"),
        pytest.param("/m~0n", ("m~n",), id="a-tilde"),
        pytest.param("/~01", ("~1",), id="tilde-one-is-no-slash"),
        pytest.param("//", ("", ""), id="two-empty-names"),
        pytest.param("/~0~1~1~0", ("~//~",), id="several-escapes"),
    ],
)
def test_reads_and_writes(text: str, parts: tuple[str, ...]) -> None:
    assert pointer.read(text) == parts
    assert pointer.pointer(*parts) == text


@pytest.mark.parametrize("text", ["a", "a/b", " /a", "/~", "/~2", "/a~", "/~0~", "/ok/~x", "/~00~3", "#/a"])
def test_what_is_no_pointer(text: str) -> None:
    assert pointer.read(text) is None


def test_an_index_is_written_as_it_is() -> None:
    assert pointer.pointer("tags", 3) == "/tags/3"


@given(st.lists(st.text()))
def test_what_was_written_reads_back(parts: list[str]) -> None:
    assert pointer.read(pointer.pointer(*parts)) == tuple(parts)


@pytest.mark.parametrize(
    ("part", "length", "expected"),
    [
        pytest.param("0", 1, 0, id="the-first"),
        pytest.param("10", 11, 10, id="the-last"),
        pytest.param("11", 11, None, id="one-past-the-end"),
        pytest.param("0", 0, None, id="nothing-in-an-empty-array"),
        pytest.param("00", 9, None, id="zeros"),
        pytest.param("01", 9, None, id="a-leading-zero"),
        pytest.param("-1", 9, None, id="a-minus-sign"),
        pytest.param("+1", 9, None, id="a-plus-sign"),
        pytest.param("-", 9, None, id="the-end-is-no-element"),
        pytest.param("", 9, None, id="no-digits"),
        pytest.param("1e0", 9, None, id="an-exponent"),
        pytest.param(" 1", 9, None, id="a-space"),
        pytest.param("1_0", 99, None, id="an-underscore-as-in-python"),
        pytest.param("١", 9, None, id="digits-of-another-script"),
        pytest.param("²", 9, None, id="a-superscript"),
        pytest.param("1" * 10, 2**40, 1111111111, id="ten-digits"),
        pytest.param("1" * 11, 2**40, None, id="more-digits-than-any-array-needs"),
        pytest.param("9" * 5000, 9, None, id="more-digits-than-python-reads"),
    ],
)
def test_index(part: str, length: int, expected: int | None) -> None:
    assert pointer.index(part, length) == expected


@pytest.mark.parametrize(
    ("shorter", "longer", "expected"),
    [
        pytest.param((), ("a",), True, id="the-whole-holds-everything"),
        pytest.param(("a",), ("a", "b"), True, id="a-parent"),
        pytest.param(("a",), ("a",), True, id="itself"),
        pytest.param(("a", "b"), ("a",), False, id="a-child"),
        pytest.param(("a",), ("ab",), False, id="names-are-whole"),
        pytest.param(("b",), ("a", "b"), False, id="another-place"),
    ],
)
def test_is_prefix(shorter: tuple[str, ...], longer: tuple[str, ...], expected: bool) -> None:
    assert pointer.is_prefix(shorter, longer) is expected
