"""Patterns: their end is the end of the text, on every engine."""

import re
from typing import Annotated, Any

import pytest
from pydantic import ConfigDict, StringConstraints
from sqlalchemy.orm import registry
from sqlmodel import Field

from diptych import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.resource.regular import end_anchored
from diptych.semantics.outcome import Violation
from diptych.semantics.version import NOTHING


class Base(Versioned, registry=registry()):
    pass


class Patterns(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    plain: Annotated[str | None, StringConstraints(pattern="^a+$")] = None
    compiled: Annotated[str | None, StringConstraints(pattern=re.compile("^a+$"))] = None


class Looking(Base, table=True):
    """A pattern that only Python's own engine has."""

    model_config = ConfigDict(regex_engine="python-re")  # type: ignore[assignment]

    id: int | None = Field(default=None, primary_key=True)
    ahead: Annotated[str | None, StringConstraints(pattern="^(?=a)[ab]+$")] = None


(PATTERNS,) = read_resources([Resource(Patterns)])
(LOOKING,) = read_resources([Resource(Looking)])


@pytest.mark.parametrize(("shape", "name"), [(PATTERNS, "plain"), (PATTERNS, "compiled"), (LOOKING, "ahead")])
def test_the_end_is_no_line_break(shape: Any, name: str) -> None:
    document = shape.check({name: "aa"}, key=None, version=NOTHING)
    assert document[name] == "aa"
    for text in ("aa\n", "xaa", ""):
        (violation,) = shape.check({name: text}, key=None, version=NOTHING)
        assert (violation.pointer, violation.code) == (f"/{name}", "pattern")


def test_the_pattern_is_told_as_it_was_written() -> None:
    assert PATTERNS.check({"plain": "b"}, key=None, version=NOTHING) == [Violation("/plain", "pattern", "Must match the pattern ^a+$")]
    for shape, name, pattern in ((PATTERNS, "compiled", "^a+$"), (LOOKING, "ahead", "^(?=a)[ab]+$")):
        assert shape.by_json_name[name].json_schema["anyOf"][0]["pattern"] == pattern


@pytest.mark.parametrize(
    ("pattern", "anchored"),
    [
        pytest.param("^a$", r"^a\Z", id="end"),
        pytest.param("a$|b$", r"a\Z|b\Z", id="each-end"),
        pytest.param(r"^\$$", r"^\$\Z", id="escaped"),
        pytest.param("^[$a]$", r"^[$a]\Z", id="in-a-class"),
        pytest.param("^[^]$]$", r"^[^]$]\Z", id="in-a-class-that-begins-with-a-bracket"),
        pytest.param(r"^[\]$]$", r"^[\]$]\Z", id="in-a-class-with-an-escape"),
        pytest.param("(?m)^a$", "(?m)^a$", id="ends-of-lines-are-meant"),
    ],
)
def test_end_anchored(pattern: str, anchored: str) -> None:
    assert end_anchored(pattern).pattern == anchored


def test_flags_are_kept() -> None:
    assert end_anchored(re.compile("^A$", re.IGNORECASE)).fullmatch("a")
