"""What is read of a declaration: the demo's three resources, and constraints, defaults, references and JSON Schemas beyond them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, String, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship

from diptych import Resource, Versioned
from diptych.demo.models import RESOURCES
from diptych.resource import kinds
from diptych.resource.reading import read_resources
from diptych.resource.shape import Check, Names, Reference, ResourceShape, Unique
from diptych.resource.shape import Index as ReadIndex
from diptych.semantics.json_value import MISSING
from diptych.semantics.row import Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import NOTHING, Version

USER, DOCUMENT, STOCK = DEMO = read_resources(RESOURCES)


class Base(Versioned, registry=registry()):
    pass


def shape_of(model: type[Versioned], **options: Any) -> ResourceShape:
    (shape,) = read_resources([Resource(model, **options)])
    return shape


def test_the_demo_is_what_the_contract_says() -> None:
    assert [shape.names for shape in DEMO] == [
        Names("User", "user", "users", "users"),
        Names("Document", "document", "documents", "documents"),
        Names("StockItem", "stockItem", "stockItems", "stock-items"),
    ]
    assert [(shape.client_keyed, shape.versions_required, shape.table) for shape in DEMO] == [
        (False, False, "users"),
        (True, False, "documents"),
        (False, True, "stock_items"),
    ]
    assert [shape.key.kind for shape in DEMO] == [kinds.Integer(), kinds.Text(64), kinds.Integer()]
    assert [shape.uniques for shape in DEMO] == [(Unique(("email",), None),), (), (Unique(("sku",), None),)]


def test_a_shape_is_one_for_the_rules() -> None:
    shape: Shape = USER
    assert shape.fields == {"name", "email", "role", "bio"}


@pytest.mark.parametrize(
    ("shape", "name", "kind", "nullable", "default"),
    [
        pytest.param(USER, "name", kinds.Text(200), False, MISSING, id="user-name"),
        pytest.param(USER, "email", kinds.Text(320), False, MISSING, id="user-email"),
        pytest.param(USER, "role", kinds.Text(None), False, "user", id="user-role"),
        pytest.param(USER, "bio", kinds.Text(None), True, None, id="user-bio"),
        pytest.param(DOCUMENT, "title", kinds.Text(200), False, MISSING, id="document-title"),
        pytest.param(DOCUMENT, "content", kinds.Text(None), False, "", id="document-content"),
        pytest.param(DOCUMENT, "tags", kinds.Json("list", kinds.Text(None)), False, [], id="document-tags"),
        pytest.param(DOCUMENT, "metadata", kinds.Json("object"), False, {}, id="document-metadata"),
        pytest.param(DOCUMENT, "ownerId", kinds.Integer(), True, None, id="document-owner"),
        pytest.param(STOCK, "sku", kinds.Text(64), False, MISSING, id="stock-sku"),
        pytest.param(STOCK, "quantity", kinds.Integer(), False, MISSING, id="stock-quantity"),
        pytest.param(STOCK, "location", kinds.Text(None), True, None, id="stock-location"),
    ],
)
def test_a_field_of_the_demo(shape: ResourceShape, name: str, kind: kinds.Kind, nullable: bool, default: Any) -> None:
    column = shape.by_json_name[name]
    assert (column.kind, column.nullable, column.default, column.mint) == (kind, nullable, default, None)
    assert column.required is (default is MISSING)
    assert column.description


def test_a_field_may_have_a_name_that_its_attribute_cannot_have() -> None:
    column = DOCUMENT.by_json_name["metadata"]
    assert (column.attribute, column.column) == ("metadata_", "metadata")


def test_a_reference_names_the_resource() -> None:
    assert DOCUMENT.by_json_name["ownerId"].reference == Reference("users", "id", "User")


def test_a_reference_to_what_is_no_resource_does_not() -> None:
    (alone,) = read_resources([RESOURCES[1]])
    assert alone.by_json_name["ownerId"].reference == Reference("users", "id", None)


def test_reading_twice_gives_the_same() -> None:
    again = read_resources(RESOURCES)
    assert [shape.columns for shape in again] == [shape.columns for shape in DEMO]


def test_a_representation_is_in_the_order_of_declaration() -> None:
    row = Row(7, Version(3), {"bio": None, "role": "user", "email": "a@b", "name": "Ada"})
    assert list(USER.representation(row).items()) == [
        ("id", 7),
        ("name", "Ada"),
        ("email", "a@b"),
        ("role", "user"),
        ("bio", None),
        ("version", 3),
    ]


def test_an_absent_field_is_its_default_or_required() -> None:
    assert USER.check({"name": "Ada", "email": "a@b"}, key=None, version=NOTHING) == {
        "name": "Ada",
        "email": "a@b",
        "role": "user",
        "bio": None,
    }
    found = USER.check({}, key=None, version=NOTHING)
    assert not isinstance(found, dict)
    assert [(violation.pointer, violation.code) for violation in found] == [("/name", "required"), ("/email", "required")]


def test_defaults_are_not_shared_between_documents() -> None:
    one = DOCUMENT.check({"title": "a"}, key="a", version=NOTHING)
    other = DOCUMENT.check({"title": "a"}, key="b", version=NOTHING)
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    one["tags"].append("x")
    one["metadata"]["x"] = 1
    assert (other["tags"], other["metadata"]) == ([], {})
    assert DOCUMENT.by_json_name["tags"].default == []


class Shelf(Base, table=True):
    """A shelf.

    It has a second paragraph.
    """

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(index=True)
    b: int = Field(default=0, unique=True)
    a: int = Field(default=0, unique=True, index=True)
    made: datetime = Field(default_factory=lambda: datetime.now(UTC))
    token: UUID = Field(default_factory=uuid4)
    secret: str = ""
    author: str = "nobody"
    parts: list["Part"] = Relationship(back_populates="shelf")

    __table_args__ = (
        UniqueConstraint("code", "b", name="code_and_b"),
        CheckConstraint("a >= 0", name="a_is_positive"),
        Index("b_and_a", "b", "a"),
        Index("lowered", text("lower(code)")),
        Index("a_once_more", "code", "a", unique=True),
    )


class Part(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    shelf_id: int = Field(foreign_key="shelf.id")
    parent_id: int | None = Field(default=None, foreign_key="part.id")
    shelf_code: str = Field(default="", foreign_key="shelf.code")
    shelf: Shelf = Relationship(back_populates="parts")


SHELF, PART = read_resources([Resource(Shelf, read_only={"author"}, hidden={"secret"}), Resource(Part)])


def test_constraints_are_read_in_the_order_of_declaration() -> None:
    assert SHELF.uniques == (
        Unique(("b",), None),
        Unique(("a",), "ix_shelf_a"),
        Unique(("code", "b"), "code_and_b"),
        Unique(("code", "a"), "a_once_more"),
    )
    assert SHELF.checks == (Check("a >= 0", "a_is_positive"),)
    assert SHELF.indexes == (ReadIndex(("b", "a"), "b_and_a"), ReadIndex(("code",), "ix_shelf_code"))


def test_references_of_every_sort() -> None:
    assert {name: column.reference for name, column in PART.by_json_name.items()} == {
        "shelfId": Reference("shelf", "id", "Shelf"),
        "parentId": Reference("part", "id", "Part"),
        # Not its key.
        "shelfCode": Reference("shelf", "code", None),
    }


def test_relationships_are_no_fields() -> None:
    assert "parts" not in SHELF.fields
    assert "shelf" not in PART.fields


def test_options_and_factories_say_what_is_kept() -> None:
    assert SHELF.read_only == {"author"}
    assert SHELF.hidden == {"secret"}
    assert SHELF.kept == {"author", "secret", "made", "token"}
    assert "secret" not in {column.json_name for column in SHELF.readable}


def test_minted_values_are_json_and_new_each_time() -> None:
    one, other = SHELF.mint(), SHELF.mint()
    assert set(one) == {"made", "token"}
    assert str(UUID(one["token"])) == one["token"] != other["token"]
    assert one["made"].endswith("Z")


def test_the_description_is_the_docstring() -> None:
    assert SHELF.description == "A shelf.\n\nIt has a second paragraph."


def test_a_field_is_nullable_where_both_type_and_column_are() -> None:
    class Nullable(Base, table=True):
        id: int | None = Field(default=None, primary_key=True)
        both: int | None = None
        only_type: int | None = Field(nullable=False)
        only_column: int = Field(default=0, nullable=True)

    shape = shape_of(Nullable)
    assert [column.nullable for column in shape.columns] == [True, False, False]
    found = shape.check({"both": None, "onlyType": None, "onlyColumn": None}, key=None, version=NOTHING)
    assert not isinstance(found, dict)
    assert [(violation.pointer, violation.code) for violation in found] == [("/onlyType", "null"), ("/onlyColumn", "null")]


class Color(Enum):
    RED = "red"


class Size(BaseModel):
    """How large."""

    width: int
    colors: list[Color] = []


class Free(BaseModel):
    model_config = ConfigDict(extra="allow")


class Schemas(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(min_length=1, max_length=9, description="Some text.")
    short: str = Field(sa_type=String(3))
    integer: int = Field(ge=0)
    big: int = Field(sa_type=BigInteger)
    real: float
    yes: bool
    price: Decimal = Field(max_digits=5, decimal_places=2)
    moment: datetime
    uuid: UUID
    color: Color
    content: bytes
    maybe: int | None = None
    size: Size = Field(sa_column=Column("size", JSON, nullable=False))
    sizes: list[Size] = Field(default_factory=list, sa_type=JSON)
    free: Free = Field(sa_type=JSON)
    anything: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


SCHEMAS = shape_of(Schemas)


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        pytest.param("text", {"type": "string", "minLength": 1, "maxLength": 9, "description": "Some text."}, id="text"),
        pytest.param("short", {"type": "string", "maxLength": 3}, id="length-of-the-column"),
        pytest.param("integer", {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2147483647}, id="integer"),
        pytest.param("big", {"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991}, id="big-integer"),
        pytest.param("real", {"type": "number"}, id="float"),
        pytest.param("yes", {"type": "boolean"}, id="boolean"),
        pytest.param("price", {"type": "string", "format": "decimal", "pattern": r"^-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,2})?$"}, id="decimal"),
        pytest.param("moment", {"type": "string", "format": "date-time"}, id="datetime"),
        pytest.param("uuid", {"type": "string", "format": "uuid"}, id="uuid"),
        pytest.param("color", {"$ref": "#/components/schemas/Color"}, id="enum"),
        pytest.param("content", {"type": "string", "contentEncoding": "base64"}, id="bytes"),
        pytest.param(
            "maybe",
            {"anyOf": [{"type": "integer", "format": "int32", "minimum": -2147483648, "maximum": 2147483647}, {"type": "null"}]},
            id="nullable",
        ),
        pytest.param("size", {"$ref": "#/components/schemas/Size"}, id="nested-model"),
        pytest.param("sizes", {"type": "array", "items": {"$ref": "#/components/schemas/Size"}}, id="list-of-nested-models"),
        pytest.param("anything", {"type": "object", "additionalProperties": True}, id="any-object"),
    ],
)
def test_json_schema(name: str, schema: dict[str, Any]) -> None:
    assert SCHEMAS.by_json_name[name].json_schema == schema


def test_definitions_are_those_that_are_referred_to() -> None:
    assert SCHEMAS.definitions == {
        "Color": {"enum": ["red"], "title": "Color", "type": "string"},
        "Free": {"additionalProperties": True, "properties": {}, "title": "Free", "type": "object"},
        "Size": {
            "additionalProperties": False,
            "description": "How large.",
            "properties": {
                "colors": {"items": {"$ref": "#/components/schemas/Color"}, "type": "array"},
                "width": {"type": "integer"},
            },
            "required": ["width"],
            "title": "Size",
            "type": "object",
        },
    }
    assert USER.definitions == {}


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (str, kinds.Text(None)),
        (int, kinds.Integer()),
        (float, kinds.Float()),
        (bool, kinds.Boolean()),
        (Decimal, kinds.Decimal(None, None)),
        (datetime, kinds.DateTime()),
        (date, kinds.Date()),
        (time, kinds.Time()),
        (timedelta, kinds.Duration()),
        (UUID, kinds.Uuid()),
        (bytes, kinds.Bytes()),
        (Any, None),
        (dict[str, int], None),
        (list[int], None),
    ],
    ids=str,
)
def test_the_items_of_a_list_have_a_kind(item: Any, kind: kinds.Kind | None) -> None:
    class Free(Versioned, registry=registry()):
        pass

    class Listing(Free, table=True):
        id: int | None = Field(default=None, primary_key=True)
        things: list[item] = Field(default_factory=list, sa_type=JSON)

    (column,) = shape_of(Listing).columns
    assert isinstance(column.kind, kinds.Json)
    assert (column.kind.form, column.kind.items) == ("list", kind)
