"""Keys: one spelling each, in addresses and in documents."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import StringConstraints, field_validator
from sqlalchemy import BigInteger
from sqlalchemy.orm import registry
from sqlmodel import Field

from diptych import Resource, Versioned
from diptych.demo.models import RESOURCES
from diptych.resource.reading import read_resources
from diptych.resource.shape import ResourceShape
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Violation

USER, DOCUMENT, _ = read_resources(RESOURCES)
U = "123e4567-e89b-12d3-a456-426614174000"


class Base(Versioned, registry=registry()):
    pass


class Wide(Base, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)


class Chosen(Base, table=True):
    id: int = Field(primary_key=True, ge=1)


class Minted(Base, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)


class Given(Base, table=True):
    token: UUID = Field(primary_key=True)


class Tidy(Base, table=True):
    code: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(primary_key=True)

    @field_validator("code")
    @classmethod
    def no_test(cls, value: str) -> str:
        if value == "test":
            raise ValueError("not for tests")
        return value.lower()


def shape_of(model: type[Versioned], **options: Any) -> ResourceShape:
    (shape,) = read_resources([Resource(model, **options)])
    return shape


WIDE, MINTED = shape_of(Wide), shape_of(Minted)
CHOSEN, GIVEN, TIDY = (shape_of(model, keys="client") for model in (Chosen, Given, Tidy))


@pytest.mark.parametrize(
    ("shape", "text", "key"),
    [
        pytest.param(USER, "7", 7, id="integer"),
        pytest.param(USER, "0", 0, id="zero"),
        pytest.param(USER, "-7", -7, id="negative-integer"),
        pytest.param(USER, "2147483647", 2**31 - 1, id="widest-integer"),
        pytest.param(USER, "2147483648", None, id="wider-than-the-column"),
        pytest.param(USER, "01", None, id="leading-zero"),
        pytest.param(USER, "-0", None, id="minus-zero"),
        pytest.param(USER, "+1", None, id="plus"),
        pytest.param(USER, " 1", None, id="space"),
        pytest.param(USER, "1\n", None, id="line-break"),
        pytest.param(USER, "1.0", None, id="point"),
        pytest.param(USER, "1_0", None, id="underscore"),
        pytest.param(USER, "١", None, id="other-digits"),
        pytest.param(USER, "9" * 5000, None, id="very-many-digits"),
        pytest.param(USER, "", None, id="nothing"),
        pytest.param(USER, "abc", None, id="letters"),
        pytest.param(WIDE, str(2**53 - 1), 2**53 - 1, id="widest-big-integer"),
        pytest.param(WIDE, str(2**53), None, id="beyond-the-big-integer"),
        pytest.param(CHOSEN, "1", 1, id="integer-of-the-client"),
        pytest.param(CHOSEN, "0", None, id="integer-outside-its-own-bounds"),
        pytest.param(DOCUMENT, "A-z_0.9", "A-z_0.9", id="text"),
        pytest.param(DOCUMENT, "a" * 64, "a" * 64, id="longest-text"),
        pytest.param(DOCUMENT, "a" * 65, None, id="too-long-text"),
        pytest.param(DOCUMENT, "a b", None, id="text-outside-the-pattern"),
        pytest.param(DOCUMENT, "a\n", None, id="the-end-of-a-pattern-is-no-line-break"),
        pytest.param(DOCUMENT, "", None, id="empty-text"),
        pytest.param(DOCUMENT, ".", None, id="one-dot"),
        pytest.param(DOCUMENT, "..", None, id="two-dots"),
        pytest.param(DOCUMENT, "...", "...", id="three-dots"),
        pytest.param(TIDY, "a", "a", id="text-that-its-validators-leave-alone"),
        pytest.param(TIDY, "A", None, id="text-that-a-validator-would-change"),
        pytest.param(TIDY, " a", None, id="text-that-a-constraint-would-change"),
        pytest.param(TIDY, "test", None, id="text-that-a-validator-refuses"),
        pytest.param(TIDY, "a\0", None, id="u-0000"),
        pytest.param(TIDY, "..", None, id="two-dots-without-a-pattern"),
        pytest.param(MINTED, U, U, id="uuid"),
        pytest.param(MINTED, U.upper(), None, id="uuid-in-capitals"),
        pytest.param(MINTED, U.replace("-", ""), None, id="uuid-without-dashes"),
        pytest.param(GIVEN, U, U, id="uuid-of-the-client"),
        pytest.param(GIVEN, f"{{{U}}}", None, id="uuid-in-braces"),
    ],
)
def test_from_an_address(shape: ResourceShape, text: str, key: JSON) -> None:
    assert shape.key_from_text(text) == key


@pytest.mark.parametrize(
    ("shape", "value", "key"),
    [
        pytest.param(USER, 7, 7, id="integer"),
        pytest.param(USER, 7.0, 7, id="integer-with-a-point"),
        pytest.param(DOCUMENT, "a", "a", id="text"),
        pytest.param(TIDY, " A ", "a", id="text-is-tidied-up-when-a-row-is-born"),
        pytest.param(GIVEN, U.upper(), U, id="uuid-in-capitals"),
    ],
)
def test_from_a_document(shape: ResourceShape, value: JSON, key: JSON) -> None:
    found = shape.key_from_json(value)
    assert found == key
    assert type(found) is type(key)


@pytest.mark.parametrize(
    ("shape", "value", "pointer", "code"),
    [
        pytest.param(USER, True, "/id", "type", id="true-is-not-1"),
        pytest.param(USER, "7", "/id", "type", id="text-for-an-integer"),
        pytest.param(USER, 7.5, "/id", "type", id="fraction"),
        pytest.param(USER, None, "/id", "null", id="null"),
        pytest.param(CHOSEN, 2**31, "/id", "too_large", id="wider-than-the-column"),
        pytest.param(CHOSEN, 0, "/id", "too_small", id="outside-its-own-bounds"),
        pytest.param(DOCUMENT, 7, "/id", "type", id="number-for-text"),
        pytest.param(DOCUMENT, "", "/id", "too_short", id="empty"),
        pytest.param(DOCUMENT, "a" * 65, "/id", "too_long", id="too-long"),
        pytest.param(DOCUMENT, "a b", "/id", "pattern", id="outside-the-pattern"),
        pytest.param(DOCUMENT, "a\n", "/id", "pattern", id="line-break-at-the-end"),
        pytest.param(DOCUMENT, ".", "/id", "not_allowed", id="one-dot"),
        pytest.param(DOCUMENT, "..", "/id", "not_allowed", id="two-dots"),
        pytest.param(DOCUMENT, "a\0", "/id", "not_allowed", id="u-0000"),
        pytest.param(TIDY, "test", "/code", "rejected", id="refused-by-its-validator"),
        pytest.param(TIDY, " .. ", "/code", "not_allowed", id="two-dots-once-tidied-up"),
        pytest.param(TIDY, "  ", "/code", "too_short", id="empty-once-tidied-up"),
        pytest.param(GIVEN, U.replace("-", ""), "/token", "format", id="uuid-without-dashes"),
        pytest.param(GIVEN, 1, "/token", "type", id="number-for-a-uuid"),
    ],
)
def test_not_from_a_document(shape: ResourceShape, value: JSON, pointer: str, code: str) -> None:
    found = shape.key_from_json(value)
    assert isinstance(found, Violation)
    assert (found.pointer, found.code) == (pointer, code)


@pytest.mark.parametrize(
    ("shape", "mint"), [pytest.param(USER, None, id="numbered-by-the-database"), pytest.param(DOCUMENT, None, id="chosen-by-the-client")]
)
def test_the_library_mints_no_such_key(shape: ResourceShape, mint: Callable[[], Any] | None) -> None:
    assert shape.key.mint is mint


def test_the_library_mints_uuids() -> None:
    class Unsaid(Base, table=True):
        id: UUID | None = Field(default=None, primary_key=True)

    for shape in (MINTED, shape_of(Unsaid)):
        assert shape.key.mint is not None
        assert isinstance(shape.key.mint(), UUID)
