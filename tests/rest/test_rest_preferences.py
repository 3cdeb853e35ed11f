import time

import pytest

from diptych.http.asgi import Headers
from diptych.rest.preferences import read_preference


def prefer(*lines: str) -> str | None:
    return read_preference(Headers({"headers": [(b"prefer", line.encode("latin-1")) for line in lines]}))


@pytest.mark.parametrize(
    ("lines", "preference"),
    [
        pytest.param((), None, id="nothing-said"),
        pytest.param(("return=minimal",), "minimal", id="minimal"),
        pytest.param(("return=representation",), "representation", id="representation"),
        pytest.param(("RETURN=minimal",), "minimal", id="names-in-either-case"),
        pytest.param(('return="minimal"',), "minimal", id="quoted"),
        pytest.param((r'return="mini\mal"',), "minimal", id="quoted-with-an-escape"),
        pytest.param(("return = minimal",), "minimal", id="space-around-the-equals-sign"),
        pytest.param(("return=minimal; foo=bar",), "minimal", id="parameter"),
        pytest.param(('return=minimal; foo="a, b; c", wait=5',), "minimal", id="parameter-with-a-comma-in-quotes"),
        pytest.param(("return=minimal;;",), "minimal", id="empty-parameters"),
        pytest.param(("respond-async, wait=100, return=minimal",), "minimal", id="others-before-it"),
        pytest.param(("respond-async", "return=minimal"), "minimal", id="second-line"),
        pytest.param((', , "x"',), None, id="not-a-preference"),
        pytest.param((", ,return=minimal",), "minimal", id="empty-elements"),
        pytest.param(("return=minimal, return=representation",), "minimal", id="first-instance-wins"),
        pytest.param(("return=representation", "return=minimal"), "representation", id="first-line-wins"),
        pytest.param(("return=nothing, return=minimal",), None, id="first-instance-wins-though-unknown"),
        pytest.param(("return",), None, id="no-value"),
        pytest.param(("return=",), None, id="empty-value"),
        pytest.param(('return=""',), None, id="empty-quoted-value"),
        pytest.param(("return=Minimal",), None, id="values-in-their-case"),
        pytest.param(("returns=minimal",), None, id="another-name"),
        pytest.param(('foo="return=minimal"',), None, id="inside-a-quoted-value"),
        pytest.param(("foo; return=minimal",), None, id="a-parameter-of-another"),
        pytest.param(("handling=strict",), None, id="unknown-preference"),
        pytest.param(("return=minimal x",), None, id="not-the-grammar"),
        pytest.param(('return="minimal',), None, id="no-end-of-quotes"),
        pytest.param(("\xe9", "return=minimal"), None, id="not-a-token"),
    ],
)
def test_prefer(lines: tuple[str, ...], preference: str | None) -> None:
    assert prefer(*lines) == preference


@pytest.mark.parametrize(
    "field",
    ["a;b=   " * 5_000 + "!(", "a;" + ";b= " * 10_000 + "(", '"' * 50_000, "a=" + '"\\' * 20_000, " " * 50_000 + "(", "a," * 20_000],
)
def test_a_hostile_field_costs_little(field: str) -> None:
    began = time.process_time()
    prefer(field)
    assert time.process_time() - began < 1
