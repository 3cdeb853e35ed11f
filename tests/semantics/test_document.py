"""What stands in a document beside its fields: the version it names, and whether it carries hidden ones."""

from collections.abc import Mapping

import pytest

from diptych.semantics.document import carries_hidden, stated_version
from diptych.semantics.json_value import JSON
from diptych.semantics.shape import Shape


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"version": 7}, 7, id="a-version"),
        pytest.param({"version": 0}, 0, id="nothing-is-there"),
        pytest.param({"version": 7.0}, 7, id="an-integer-with-a-point"),
        pytest.param({"version": 7.5}, None, id="a-fraction"),
        pytest.param({"version": "7"}, None, id="text"),
        pytest.param({"version": True}, None, id="true"),
        pytest.param({"version": None}, None, id="null"),
    ],
)
def test_stated_version(document: dict[str, JSON], expected: int | None) -> None:
    stated = stated_version(document)
    assert (stated, type(stated)) == (expected, type(expected))


def test_carries_hidden(shapes: Mapping[str, Shape]) -> None:
    assert carries_hidden({"title": "t", "secret": None}, shapes["marked"])
    assert not carries_hidden({"title": "t"}, shapes["marked"])
    assert not carries_hidden({"secret": None}, shapes["server"])
