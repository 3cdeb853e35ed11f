"""JSON columns: strict all the way down, and stored in a form that every database gives back as it was."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Tag, computed_field
from pydantic import Field as Inner
from pydantic_core import SchemaValidator
from sqlalchemy import JSON as JSON_COLUMN
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel
from typing_extensions import TypedDict

from diptych import Resource, Versioned
from diptych.resource import model_schema
from diptych.resource.canonical import canonical
from diptych.resource.reading import read_resources
from diptych.resource.shape import ResourceShape
from diptych.semantics.json_value import JSON
from diptych.semantics.version import NOTHING


class Base(Versioned, registry=registry()):
    pass


class Level(IntEnum):
    LOW = 1


class Color(Enum):
    RED = "red"


def even(value: int) -> int:
    if value % 2:
        raise ValueError("must be even")
    return value


class Address(BaseModel):
    zip: int
    street: str | None = None
    since: datetime | None = None
    level: Level | None = None
    rate: Decimal | None = None
    owner: UUID | None = None
    pairs: Annotated[int, AfterValidator(even)] = 0
    house: int = Inner(default=1, alias="houseNumber", ge=1)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def label(self) -> str:
        return f"{self.zip} {self.street}"


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")

    size: int = 0


class InnerModel(SQLModel):
    count: int


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str]


class Coat(BaseModel):
    length: int


class Typed(TypedDict):
    count: int


@dataclass
class Point:
    x: int
    y: float = 0.0


class Nest(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    anything: Any = Field(default=None, sa_type=JSON_COLUMN, nullable=True)
    free: dict[str, Any] = Field(default_factory=dict, sa_type=JSON_COLUMN)
    address: Address | None = Field(default=None, sa_type=JSON_COLUMN)
    addresses: list[Address] = Field(default_factory=list, sa_type=JSON_COLUMN)
    by_name: dict[str, Address] = Field(default_factory=dict, sa_type=JSON_COLUMN)
    loose: Loose | None = Field(default=None, sa_type=JSON_COLUMN)
    inner: InnerModel | None = Field(default=None, sa_type=JSON_COLUMN)
    pet: Annotated[Cat | Dog, Inner(discriminator="kind")] | None = Field(default=None, sa_type=JSON_COLUMN)
    labelled: Annotated[datetime, Tag("a moment")] | Annotated[Coat, Tag("a coat")] | None = Field(default=None, sa_type=JSON_COLUMN)
    either: int | list[int] | None = Field(default=None, sa_type=JSON_COLUMN)
    typed: Typed | None = Field(default=None, sa_type=JSON_COLUMN)
    point: Point | None = Field(default=None, sa_type=JSON_COLUMN)
    words: set[str] = Field(default_factory=set, sa_type=JSON_COLUMN)
    pair: tuple[int, str] | None = Field(default=None, sa_type=JSON_COLUMN)
    numbers: list[int] = Field(default_factory=list, sa_type=JSON_COLUMN, max_length=3)
    moments: list[datetime | None] = Field(default_factory=list, sa_type=JSON_COLUMN)
    colors: list[Color] = Field(default_factory=list, sa_type=JSON_COLUMN)
    levels: dict[str, int] = Field(default_factory=dict, sa_type=JSON_COLUMN)


def shape_of_nest() -> ResourceShape:
    (shape,) = read_resources([Resource(Nest)])
    return shape


NEST = shape_of_nest()
HOME = {
    "zip": 1,
    "street": None,
    "since": None,
    "level": None,
    "rate": None,
    "owner": None,
    "pairs": 0,
    "houseNumber": 1,
}


def check(name: str, value: JSON, shape: ResourceShape = NEST) -> Any:
    return shape.check({name: value}, key=None, version=NOTHING)


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        pytest.param("address", {"zip": 1}, HOME, id="defaults-of-a-nested-model-are-stored"),
        pytest.param("address", {"zip": 1.0}, HOME, id="nested-integer-with-a-point"),
        pytest.param("address", {"zip": 2**70}, {**HOME, "zip": 2**70}, id="nested-integers-have-no-width"),
        pytest.param("address", {"zip": 1, "houseNumber": 3}, {**HOME, "houseNumber": 3}, id="nested-alias"),
        pytest.param(
            "address", {"zip": 1, "since": "2024-01-31T12:00:00+02:00"}, {**HOME, "since": "2024-01-31T10:00:00Z"}, id="nested-datetime"
        ),
        pytest.param("address", {"zip": 1, "rate": "1.50"}, {**HOME, "rate": "1.5"}, id="nested-decimal"),
        pytest.param("by_name", {"home": {"zip": 1}}, {"home": HOME}, id="models-in-an-object"),
        pytest.param("loose", {"more": [1e22]}, {"size": 0, "more": [10**22]}, id="unknown-members-where-they-are-allowed"),
        pytest.param("inner", {"count": 1}, {"count": 1}, id="nested-sqlmodel"),
        pytest.param("pet", {"kind": "dog", "tricks": ["sit"]}, {"kind": "dog", "tricks": ["sit"]}, id="one-of-a-tagged-union"),
        pytest.param("labelled", {"length": 9.0}, {"length": 9}, id="one-of-a-labelled-union"),
        pytest.param("either", 1.0, 1, id="first-branch-of-a-union"),
        pytest.param("either", [1], [1], id="second-branch-of-a-union"),
        pytest.param("typed", {"count": 1.0}, {"count": 1}, id="typed-dict"),
        pytest.param("point", {"x": 1, "y": 2}, {"x": 1, "y": 2}, id="dataclass"),
        pytest.param("words", ["b", "a", "b"], ["a", "b"], id="a-set-has-one-order"),
        pytest.param("pair", [1, "a"], [1, "a"], id="tuple"),
        pytest.param("moments", ["2024-01-31T12:00:00+02:00", None], ["2024-01-31T10:00:00Z", None], id="list-of-datetimes"),
        pytest.param("colors", ["red"], ["red"], id="list-of-enums"),
        pytest.param("free", {"a": {"b": [1, 1.5, True, None, "x"]}}, {"a": {"b": [1, 1.5, True, None, "x"]}}, id="any-json"),
        pytest.param("free", {"a": 1e22}, {"a": 10**22}, id="float-that-jsonb-turns-into-an-integer"),
        pytest.param("free", {"a": -0.0}, {"a": 0}, id="minus-zero"),
        pytest.param("free", {"a": 2.0}, {"a": 2}, id="integer-with-a-point"),
        pytest.param("free", {"a": 2**70}, {"a": 2**70}, id="integer-beyond-64-bits"),
        pytest.param("anything", "text", "text", id="text-in-a-free-column"),
        pytest.param("anything", [], [], id="array-in-a-free-column"),
        pytest.param("anything", None, None, id="null-in-a-free-column"),
        pytest.param("free", {"a": "\\u0000"}, {"a": "\\u0000"}, id="text-that-only-looks-like-u-0000"),
    ],
)
def test_taken(name: str, value: JSON, stored: JSON) -> None:
    document = NEST.check({_json_name(name): value}, key=None, version=NOTHING)
    assert isinstance(document, dict), document
    assert repr(document[_json_name(name)]) == repr(stored)
    # What is stored may be sent back, and stays what it is.
    again = NEST.check(document, key=None, version=NOTHING)
    assert again == document


@pytest.mark.parametrize(
    ("name", "value", "pointer", "code"),
    [
        pytest.param("address", {"zip": "1"}, "/address/zip", "type", id="text-is-not-1"),
        pytest.param("address", {"zip": True}, "/address/zip", "type", id="true-is-not-1"),
        pytest.param("address", {"zip": None}, "/address/zip", "null", id="null-in-a-nested-model"),
        pytest.param("address", {}, "/address/zip", "required", id="nested-member-missing"),
        pytest.param("address", {"zip": 1, "zap": 2}, "/address/zap", "unknown", id="unknown-nested-member"),
        pytest.param("address", {"zip": 1, "house": 2}, "/address/house", "unknown", id="nested-member-by-its-attribute"),
        pytest.param("address", {"zip": 1, "label": "1"}, "/address/label", "unknown", id="computed-member"),
        pytest.param("address", {"zip": 1, "level": True}, "/address/level", "not_allowed", id="true-for-a-nested-enum"),
        pytest.param("address", {"zip": 1, "since": "2024-01-31T12:00:00"}, "/address/since", "format", id="nested-naive-datetime"),
        pytest.param("address", {"zip": 1, "rate": 1.5}, "/address/rate", "type", id="number-for-a-nested-decimal"),
        pytest.param("address", {"zip": 1, "pairs": 3}, "/address/pairs", "rejected", id="nested-validator"),
        pytest.param("address", {"zip": 1, "houseNumber": 0}, "/address/houseNumber", "too_small", id="nested-alias-in-the-pointer"),
        pytest.param("address", [], "/address", "type", id="array-for-a-model"),
        pytest.param("addresses", [{"zip": 1}, {"zip": "1"}], "/addresses/1/zip", "type", id="in-a-list-of-models"),
        pytest.param("addresses", {}, "/addresses", "type", id="object-for-a-list"),
        pytest.param("byName", {"a/b~": {"zip": "1"}}, "/byName/a~1b~0/zip", "type", id="pointer-with-escapes"),
        pytest.param("loose", {"size": "1"}, "/loose/size", "type", id="known-member-of-a-loose-model"),
        pytest.param("inner", {"count": "1"}, "/inner/count", "type", id="strict-in-a-nested-sqlmodel"),
        pytest.param("inner", {"count": 1, "more": 1}, "/inner/more", "unknown", id="unknown-in-a-nested-sqlmodel"),
        pytest.param("pet", {"kind": "cow"}, "/pet", "not_allowed", id="no-branch-of-that-tag"),
        pytest.param("pet", {"kind": "cat", "lives": "9"}, "/pet/lives", "type", id="inside-a-tagged-branch"),
        pytest.param("either", "x", "/either", "type", id="no-branch-of-a-union"),
        pytest.param("either", ["x"], "/either/0", "type", id="inside-a-branch-of-a-union"),
        pytest.param("typed", {"count": "1"}, "/typed/count", "type", id="strict-in-a-typed-dict"),
        pytest.param("typed", {"count": 1, "more": 1}, "/typed/more", "unknown", id="unknown-in-a-typed-dict"),
        pytest.param("point", {"x": "1"}, "/point/x", "type", id="strict-in-a-dataclass"),
        pytest.param("point", {"x": 1, "z": 1}, "/point/z", "unknown", id="unknown-in-a-dataclass"),
        pytest.param("words", ["a", 1], "/words/1", "type", id="number-in-a-set-of-text"),
        pytest.param("numbers", [True], "/numbers/0", "type", id="true-in-a-list-of-integers"),
        pytest.param("numbers", [2**31], "/numbers/0", "too_large", id="wide-integer-in-a-list-of-integers"),
        pytest.param("numbers", [1, 2, 3, 4], "/numbers", "too_long", id="too-many-items"),
        pytest.param("moments", ["2024-01-31"], "/moments/0", "format", id="date-in-a-list-of-datetimes"),
        pytest.param("colors", ["RED"], "/colors/0", "not_allowed", id="name-in-a-list-of-enums"),
        pytest.param("levels", {"a": "1"}, "/levels/a", "type", id="text-in-an-object-of-integers"),
        pytest.param("free", [], "/free", "type", id="array-for-an-object"),
        pytest.param("free", None, "/free", "null", id="null-for-an-object"),
        pytest.param("free", {"a": [{"b": "x\0"}]}, "/free/a/0/b", "not_allowed", id="u-0000-deep-inside"),
        pytest.param("free", {"a\0": 1}, "/free", "not_allowed", id="u-0000-in-a-member-name"),
        pytest.param("free", {"a": "\ud800"}, "/free/a", "not_allowed", id="lone-surrogate"),
        pytest.param("free", {"a": float("nan")}, "/free", "not_allowed", id="nan-in-any-json"),
    ],
)
def test_refused(name: str, value: JSON, pointer: str, code: str) -> None:
    (violation,) = check(name, value)
    assert (violation.pointer, violation.code) == (pointer, code)
    assert "pydantic" not in violation.message.lower()
    assert "Input should" not in violation.message


@pytest.mark.parametrize(
    ("value", "place"),
    [
        pytest.param({"length": "9"}, ("/labelled/length", "type"), id="text-is-not-9"),
        pytest.param({"length": 9, "more": 1}, ("/labelled/more", "unknown"), id="unknown-member"),
        pytest.param("2024-01-31T12:00:00", ("/labelled", "format"), id="naive-datetime"),
    ],
)
def test_labelled_branches_are_strict(value: JSON, place: tuple[str, str]) -> None:
    assert place in {(violation.pointer, violation.code) for violation in check("labelled", value)}


class Early(Base, table=True):
    """Refers to a model that comes after it."""

    id: int | None = Field(default=None, primary_key=True)
    late: "Late" = Field(sa_type=JSON_COLUMN)


class Late(BaseModel):
    size: int


def test_a_model_that_comes_later_is_known_when_the_declaration_is_read() -> None:
    (shape,) = read_resources([Resource(Early)])
    assert check("late", {"size": 1.0}, shape) == {"late": {"size": 1}}
    (violation,) = check("late", {"size": "1"}, shape)
    assert (violation.pointer, violation.code) == ("/late/size", "type")


def test_the_branches_of_a_union_are_told_together() -> None:
    (violation,) = check("either", "x")
    assert violation.message == "Must be an integer, or an array."


def test_without_the_switch_nested_models_would_not_be_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """`_use_prebuilt=False` looks private; the day it means something else, this says so."""

    def prebuilt(schema: Any, config: Any = None, **_: Any) -> SchemaValidator:
        return SchemaValidator(schema, config)

    monkeypatch.setattr(model_schema, "SchemaValidator", prebuilt)
    assert isinstance(check("address", {"zip": "1", "unknown": 1}, shape_of_nest()), dict), "the switch is no longer needed"
    monkeypatch.undo()
    assert len(check("address", {"zip": "1", "unknown": 1}, shape_of_nest())) == 2


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_canonical_json_stays_as_it_is(value: JSON) -> None:
    once = canonical(value)
    assert once == value
    assert repr(canonical(once)) == repr(once)
    assert not list(_integral_floats(once))


def test_a_set_is_an_array_in_one_order() -> None:
    letters = "qwertzuiopasdfghjklyxcvbnm"
    assert canonical(set(letters)) == canonical(frozenset(letters[::-1])) == sorted(letters)


def _integral_floats(value: JSON) -> Any:
    if isinstance(value, float) and value.is_integer():
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _integral_floats(inner)


def _json_name(name: str) -> str:
    return "byName" if name == "by_name" else name
