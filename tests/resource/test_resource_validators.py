"""Whatever a model's author says of its values holds for documents. A validator that is silently lost is the worst failure."""

from typing import Annotated, Any, ClassVar, Self
from uuid import UUID, uuid4

import pytest
from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from sqlalchemy import JSON
from sqlalchemy.orm import registry
from sqlmodel import Field

from diptych import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.resource.shape import ResourceShape
from diptych.semantics.json_value import Document
from diptych.semantics.outcome import MOST_VIOLATIONS, Violation
from diptych.semantics.version import NOTHING, Version


class Base(Versioned, registry=registry()):
    pass


def shape_of(model: type[Versioned], **options: Any) -> ResourceShape:
    (shape,) = read_resources([Resource(model, **options)])
    return shape


def codes(found: Any) -> list[tuple[str, str]]:
    assert not isinstance(found, dict), found
    return [(violation.pointer, violation.code) for violation in found]


def shout(value: str) -> str:
    return value + "!"


def refuse_bad(value: Any) -> Any:
    if value == "bad":
        raise ValueError("not this one")
    return value


def wrapped(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return refuse_bad(handler(value))


class Inherited(Base):
    """What a model inherits counts as much as what it says."""

    inherited: str = "i"

    @field_validator("inherited")
    @classmethod
    def check_inherited(cls, value: str) -> str:
        return str(refuse_bad(value))

    @model_validator(mode="after")
    def check_whole_inherited(self) -> Self:
        if self.inherited == "whole":
            raise ValueError("refused as a whole, by the parent")
        return self


class Everything(Inherited, table=True):
    banned: ClassVar[frozenset[str]] = frozenset({"bad"})

    id: int | None = Field(default=None, primary_key=True)
    before: str = "x"
    after: str = "x"
    plain: str = "x"
    wrap: str = "x"
    annotated_before: Annotated[str, BeforeValidator(refuse_bad)] = "x"
    annotated_after: Annotated[str, AfterValidator(refuse_bad)] = "x"
    annotated_wrap: Annotated[str, WrapValidator(wrapped)] = "x"
    annotated_plain: Annotated[str, PlainValidator(refuse_bad)] = "x"
    optional: Annotated[str, AfterValidator(refuse_bad)] | None = None
    each: list[Annotated[str, AfterValidator(refuse_bad)]] = Field(default_factory=list, sa_type=JSON)
    informed: str = "x"
    first: str = "x"
    second: str = "x"
    whole_before: str = "x"
    whole_after: str = "x"
    whole_wrap: str = "x"

    @field_validator("before", mode="before")
    @classmethod
    def check_before(cls, value: Any) -> Any:
        return refuse_bad(value)

    @field_validator("after")
    @classmethod
    def check_after(cls, value: str) -> str:
        # Attributes of the class are there, as in any validator.
        if value in cls.banned:
            raise ValueError("not this one")
        return value

    @field_validator("plain", mode="plain")
    @classmethod
    def check_plain(cls, value: Any) -> Any:
        return refuse_bad(value)

    @field_validator("wrap", mode="wrap")
    @classmethod
    def check_wrap(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return refuse_bad(handler(value))

    @field_validator("informed")
    @classmethod
    def check_informed(cls, value: str, info: ValidationInfo) -> str:
        assert info.field_name == "informed"
        assert info.data["version"] == NOTHING
        return str(refuse_bad(value))

    @field_validator("first", "second")
    @classmethod
    def check_several(cls, value: str) -> str:
        return str(refuse_bad(value))

    @model_validator(mode="before")
    @classmethod
    def check_whole_before(cls, members: Any) -> Any:
        if members["whole_before"] == "bad":
            raise ValueError("refused before")
        return members

    @model_validator(mode="after")
    def check_whole_after(self) -> Self:
        if self.is_bad():
            raise ValueError("refused after")
        return self

    @model_validator(mode="wrap")
    @classmethod
    def check_whole_wrap(cls, members: Any, handler: Any) -> Any:
        made = handler(members)
        if made.whole_wrap == "bad":
            raise ValueError("refused around")
        return made

    def is_bad(self) -> bool:
        return self.whole_after == "bad"


EVERYTHING = shape_of(Everything)


def check(members: Document, shape: ResourceShape = EVERYTHING) -> Any:
    return shape.check(members, key=None, version=NOTHING)


def test_a_good_document_passes_all_of_them() -> None:
    document = check({"each": ["a"]})
    assert document["each"] == ["a"]
    assert list(document) == [column.json_name for column in EVERYTHING.columns]


@pytest.mark.parametrize(
    ("member", "value", "pointer"),
    [
        pytest.param("before", "bad", "/before", id="field-validator-before"),
        pytest.param("after", "bad", "/after", id="field-validator-after"),
        pytest.param("plain", "bad", "/plain", id="field-validator-plain"),
        pytest.param("wrap", "bad", "/wrap", id="field-validator-wrap"),
        pytest.param("annotatedBefore", "bad", "/annotatedBefore", id="annotated-before"),
        pytest.param("annotatedAfter", "bad", "/annotatedAfter", id="annotated-after"),
        pytest.param("annotatedWrap", "bad", "/annotatedWrap", id="annotated-wrap"),
        pytest.param("annotatedPlain", "bad", "/annotatedPlain", id="annotated-plain"),
        pytest.param("optional", "bad", "/optional", id="annotated-inside-optional"),
        pytest.param("each", ["good", "bad"], "/each/1", id="annotated-inside-list"),
        pytest.param("informed", "bad", "/informed", id="validator-that-takes-info"),
        pytest.param("first", "bad", "/first", id="first-field-of-several"),
        pytest.param("second", "bad", "/second", id="second-field-of-several"),
        pytest.param("inherited", "bad", "/inherited", id="field-validator-of-the-parent"),
        pytest.param("inherited", "whole", "", id="model-validator-of-the-parent"),
        pytest.param("wholeBefore", "bad", "", id="model-validator-before"),
        pytest.param("wholeAfter", "bad", "", id="model-validator-after"),
        pytest.param("wholeWrap", "bad", "", id="model-validator-wrap"),
    ],
)
def test_every_validator_is_asked(member: str, value: Any, pointer: str) -> None:
    assert codes(check({member: value})) == [(pointer, "rejected")]


def test_the_authors_message_passes() -> None:
    assert check({"after": "bad"}) == [Violation("/after", "rejected", "not this one")]


@pytest.mark.parametrize("member", ["plain", "annotatedPlain"])
@pytest.mark.parametrize(("value", "code"), [pytest.param(5, "type", id="no-text"), pytest.param(None, "null", id="null")])
def test_what_a_plain_validator_lets_through_still_fits_the_column(member: str, value: Any, code: str) -> None:
    assert codes(check({member: value})) == [(f"/{member}", code)]


class Changing(Base, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(default="", max_length=5)
    count: int = 0
    total: int = 0
    half: int | None = None
    seen: str = ""

    @field_validator("name", mode="after")
    @classmethod
    def tidy(cls, value: str) -> str:
        return value.strip().upper()

    @field_validator("count", mode="before")
    @classmethod
    def whole(cls, value: Any) -> Any:
        # 1.0 is an integer before any validator sees it.
        return value + 1 if type(value) is int else value

    @field_validator("half")
    @classmethod
    def forgets(cls, value: int | None) -> Any:
        return 2**40 if value == 1 else value

    @model_validator(mode="after")
    def add_up(self) -> Self:
        self.total = self.count * 2
        self.seen = f"{self.id} {self.version}"
        return self


CHANGING = shape_of(Changing)


def test_what_a_validator_makes_of_a_value_is_what_is_stored() -> None:
    document = check({"name": " ada ", "count": 1.0}, CHANGING)
    assert isinstance(document, dict)
    assert (document["name"], document["count"], document["total"]) == ("ADA", 2, 4)


@pytest.mark.parametrize(
    ("key", "version", "seen"),
    [
        pytest.param(None, NOTHING, "None 0", id="no-key-before-the-server-has-chosen"),
        pytest.param(str(UUID(int=1)), Version(7), f"{UUID(int=1)} 7", id="key-and-version-of-the-row"),
    ],
)
def test_validators_see_key_and_version(key: str | None, version: Version, seen: str) -> None:
    document = CHANGING.check({}, key=key, version=version)
    assert isinstance(document, dict)
    assert document["seen"] == seen


def test_a_value_too_wide_for_its_column_is_told_even_out_of_a_validator() -> None:
    assert codes(check({"half": 1}, CHANGING)) == [("/half", "too_large")]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param("long", "too_long", id="too-long"),
        pytest.param("number", "type", id="no-text"),
        pytest.param("null", "type", id="null"),
        pytest.param("zero", "not_allowed", id="u-0000"),
    ],
)
def test_what_a_model_validator_leaves_behind_fits_the_columns(value: str, code: str) -> None:
    assert codes(check({"name": value}, LEAVING)) == [("/name", code)]


class Leaving(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(default="", max_length=6)

    @model_validator(mode="after")
    def leave(self) -> Self:
        left: dict[str, Any] = {"long": "longer than that", "number": 5, "null": None, "zero": "\0"}
        self.name = left.get(self.name, self.name)
        return self


LEAVING = shape_of(Leaving)


def test_a_key_that_is_a_uuid_is_one_for_validators() -> None:
    class Owned(Base, table=True):
        id: UUID = Field(default_factory=uuid4, primary_key=True)
        hint: str = ""

        @model_validator(mode="after")
        def looks(self) -> Self:
            seen: Any = self.id
            assert seen is None or isinstance(seen, UUID)
            return self

    shape = shape_of(Owned)
    assert shape.check({}, key=str(UUID(int=1)), version=Version(1)) == {"hint": ""}
    assert shape.check({}, key=None, version=NOTHING) == {"hint": ""}


class Broken(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = ""

    @field_validator("name")
    @classmethod
    def breaks(cls, value: str) -> str:
        if value == "custom":
            raise PydanticCustomError("mine", "in {colour} words", {"colour": "my"})
        if value == "inner":
            Changing.model_validate({"count": "x"})
        if value == "break":
            raise KeyError("unforeseen")
        return value


BROKEN = shape_of(Broken)


def test_an_error_of_the_authors_own_kind_is_in_the_authors_words() -> None:
    assert check({"name": "custom"}, BROKEN) == [Violation("/name", "rejected", "in my words")]


def test_the_words_of_the_validation_library_never_pass() -> None:
    (violation,) = check({"name": "inner"}, BROKEN)
    assert violation == Violation("/name", "not_allowed", "Must be a value that this field takes.")


def test_an_unforeseen_error_is_not_taken_for_a_refusal() -> None:
    with pytest.raises(KeyError):
        check({"name": "break"}, BROKEN)


class Parent(Base):
    low: int = 0
    high: int = 10

    @field_validator("low")
    @classmethod
    def check_low(cls, value: int) -> int:
        if value < 0:
            raise ValueError("too low for the parent")
        return value

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.width < 0:
            raise ValueError("low is above high")
        return self

    @property
    def width(self) -> int:
        return self.high - self.low


class Child(Parent, table=True):
    id: int | None = Field(default=None, primary_key=True)
    wide: bool = False

    @field_validator("low")
    @classmethod
    def check_low(cls, value: int) -> int:
        return super().check_low(value)

    @property
    def width(self) -> int:
        return super().width


@pytest.mark.parametrize(
    ("document", "violation"),
    [
        pytest.param({"low": -1}, Violation("/low", "rejected", "too low for the parent"), id="super-in-a-class-method"),
        pytest.param({"low": 11}, Violation("", "rejected", "low is above high"), id="super-in-a-property"),
    ],
)
def test_validators_may_use_all_of_their_class(document: Document, violation: Violation) -> None:
    assert check(document, shape_of(Child)) == [violation]


def test_all_violations_are_told_at_once_and_model_validators_wait_for_the_fields() -> None:
    found = check({"before": "bad", "after": "bad", "first": 5, "wholeAfter": "bad"})
    assert codes(found) == [("/before", "rejected"), ("/after", "rejected"), ("/first", "type")]


def test_a_default_is_checked_like_any_value() -> None:
    class Tidied(Base, table=True):
        id: int | None = Field(default=None, primary_key=True)
        name: str = " x "

        @field_validator("name")
        @classmethod
        def tidy(cls, value: str) -> str:
            return value.strip()

    assert check({}, shape_of(Tidied)) == {"name": "x"}


def test_a_validator_of_every_field_is_not_asked_about_key_and_version() -> None:
    class Starred(Base, table=True):
        id: int | None = Field(default=None, primary_key=True)
        name: Annotated[str, StringConstraints(to_lower=True)] = ""

        @field_validator("*")
        @classmethod
        def no_bad(cls, value: Any) -> Any:
            return refuse_bad(value)

    shape = shape_of(Starred)
    assert codes(check({"name": "BAD"}, shape)) == [("/name", "rejected")]
    assert check({"name": "GOOD"}, shape) == {"name": "good"}


def test_of_very_many_violations_the_first_are_told() -> None:
    """A hostile document of 1 MiB has room for half a million."""

    class Tagged(Base, table=True):
        id: int | None = Field(default=None, primary_key=True)
        tags: list[str] = Field(sa_type=JSON)

    shape = shape_of(Tagged)
    assert codes(check({"tags": [1] * 5000}, shape)) == [(f"/tags/{at}", "type") for at in range(MOST_VIOLATIONS)]
    assert codes(check({"tags": ["\0"] * 5000}, shape)) == [(f"/tags/{at}", "not_allowed") for at in range(MOST_VIOLATIONS)]
