"""Header fields and paths as ASGI brings them."""

from typing import Any

import pytest

from diptych.http.asgi import Headers, root_path, segments


def test_lines_of_a_field_keep_their_order() -> None:
    lines = [(b"if-match", b'"1"'), (b"accept", b"*/*"), (b"if-match", b'"2", "3"'), (b"x", b"\xe9")]
    headers = Headers({"headers": iter(lines)})
    assert headers.lines(b"if-match") == ['"1"', '"2", "3"']
    assert headers.combined(b"if-match") == '"1", "2", "3"'
    assert headers.combined(b"accept") == "*/*"
    assert headers.lines(b"x") == ["é"]
    assert headers.lines(b"if-none-match") == []
    assert headers.combined(b"if-none-match") is None


def test_a_field_without_content_is_there() -> None:
    assert Headers({"headers": [(b"if-match", b"")]}).combined(b"if-match") == ""


@pytest.mark.parametrize(
    ("scope", "expected"), [({}, ""), ({"root_path": ""}, ""), ({"root_path": "/shop"}, "/shop"), ({"root_path": "/a/b/"}, "/a/b")]
)
def test_root_path(scope: dict[str, Any], expected: str) -> None:
    assert root_path(scope) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param({"raw_path": b"/api/users/1"}, ("api", "users", "1"), id="a-path"),
        pytest.param({"raw_path": b"/"}, ("",), id="the-root"),
        pytest.param({"raw_path": b"/api/users/"}, ("api", "users", ""), id="a-trailing-slash"),
        pytest.param({"raw_path": b"/api//1"}, ("api", "", "1"), id="an-empty-segment"),
        pytest.param({"raw_path": b"/api/a%2Fb"}, ("api", "a/b"), id="an-encoded-slash-stays-in-its-segment"),
        pytest.param({"raw_path": b"/api/a%252Fb"}, ("api", "a%2Fb"), id="decoded-once"),
        pytest.param({"raw_path": b"/api/%C3%A9"}, ("api", "é"), id="utf-8"),
        pytest.param({"raw_path": "/api/é".encode()}, ("api", "é"), id="utf-8-as-it-is"),
        pytest.param({"raw_path": b"/api/100%"}, ("api", "100%"), id="a-percent-sign-that-encodes-nothing"),
        pytest.param({"raw_path": b"/api/%FF"}, None, id="not-utf-8"),
        pytest.param({"raw_path": b"/api/\xff"}, None, id="not-utf-8-as-it-is"),
        pytest.param({"raw_path": b"/api/%ED%A0%80"}, None, id="a-surrogate"),
        pytest.param({"raw_path": b"/%61pi/1"}, ("api", "1"), id="a-letter-encoded-for-no-reason"),
        pytest.param({"path": "/api/1"}, ("api", "1"), id="no-raw-path"),
        pytest.param({"raw_path": None, "path": "/api/é%41"}, ("api", "é%41"), id="a-path-that-was-decoded-is-not-decoded-again"),
        pytest.param({"path": "/api/\ud800"}, None, id="a-path-that-was-decoded-badly"),
        pytest.param({"raw_path": b"/shop/api/1", "root_path": "/shop"}, ("api", "1"), id="below-a-prefix"),
        pytest.param({"raw_path": b"/shop/api/1", "root_path": "/shop/"}, ("api", "1"), id="below-a-prefix-with-a-slash"),
        pytest.param({"raw_path": b"/a/b/api", "root_path": "/a/b"}, ("api",), id="below-a-prefix-of-two"),
        pytest.param({"raw_path": b"/caf%C3%A9/api", "root_path": "/café"}, ("api",), id="below-an-encoded-prefix"),
        pytest.param({"raw_path": b"/api/1", "root_path": "/shop"}, ("api", "1"), id="a-prefix-that-a-proxy-took-off"),
        pytest.param({"raw_path": b"/shopping/1", "root_path": "/shop"}, ("shopping", "1"), id="a-prefix-is-whole-segments"),
        pytest.param({"raw_path": b"/shop", "root_path": "/shop"}, ("shop",), id="nothing-below-the-prefix"),
        pytest.param({"raw_path": b"/shop/", "root_path": "/shop"}, ("",), id="the-root-below-the-prefix"),
        pytest.param({"raw_path": b"/shop%2Fapi/1", "root_path": "/shop"}, ("shop/api", "1"), id="an-encoded-slash-ends-no-prefix"),
    ],
)
def test_segments(scope: dict[str, Any], expected: tuple[str, ...] | None) -> None:
    assert segments(scope) == expected
