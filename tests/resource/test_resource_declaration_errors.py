"""What cannot be served is refused when it is read, with the name of what is wrong and what to write instead."""

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import pytest
from pydantic import AfterValidator, AliasChoices, BaseModel, NaiveDatetime
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    TypeDecorator,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.dialects.postgresql import INET, ExcludeConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from diptych import DeclarationError, Resource, Versioned
from diptych.resource.reading import read_resources


def base() -> Any:
    """A base with tables of its own, so that one case does not see those of another."""

    class Base(Versioned, registry=registry()):
        pass

    return Base


class Mixed(Enum):
    A = "a"
    B = 1


class Reserved(Enum):
    true = "t"


class Shade(Enum):
    A = "a"


class Violation(Enum):
    A = "a"


class Document(BaseModel):
    size: int


class Upper(TypeDecorator[str]):
    impl = String
    cache_ok = True


def key() -> Any:
    return Field(default=None, primary_key=True)


def never(value: str) -> str:
    raise ValueError(f"not {value}")


def with_members(members: dict[str, Any]) -> str:
    return str(members)


WITH_MEMBERS: Any = with_members


def one(annotations: dict[str, Any], name: str = "Thing", **members: Any) -> Any:
    """A model with a key, and these fields."""
    body = {"__annotations__": {"id": int | None, **annotations}, "__module__": __name__, "id": key(), **members}
    parent = base()
    return type(parent)(name, (parent,), body, table=True)


def field(annotation: Any, default: Any = ..., name: str = "field", **options: Any) -> Callable[[], list[Resource]]:
    """A resource of one field."""

    def declare() -> list[Resource]:
        return [Resource(one({name: annotation}, **({} if default is ... else {name: default})), **options)]

    return declare


def key_of(annotation: Any, default: Any, **options: Any) -> Callable[[], list[Resource]]:
    def declare() -> list[Resource]:
        parent = base()
        body = {"__annotations__": {"id": annotation}, "__module__": __name__, "id": default}
        return [Resource(type(parent)("Thing", (parent,), body, table=True), **options)]

    return declare


def named(*names: str, **options: Any) -> Callable[[], list[Resource]]:
    return lambda: [Resource(one({}, name), **options) for name in names]


def table(*constraints: Any, annotations: dict[str, Any] | None = None, **members: Any) -> Callable[[], list[Resource]]:
    def declare() -> list[Resource]:
        return [Resource(one(annotations or {"a": int, "b": int}, __table_args__=constraints, **members))]

    return declare


def no_version() -> list[Resource]:
    class Free(SQLModel, registry=registry()):
        pass

    class Unversioned(Free, table=True):
        id: int | None = Field(default=None, primary_key=True)

    return [Resource(Unversioned)]


def text_version() -> list[Resource]:
    class Free(SQLModel, registry=registry()):
        pass

    class Texted(Free, table=True):
        id: int | None = Field(default=None, primary_key=True)
        version: str = "1"

    return [Resource(Texted)]


def no_table() -> list[Resource]:
    class Plain(Versioned):
        id: int | None = None

    return [Resource(Plain)]


def composite() -> list[Resource]:
    class Free(Versioned, registry=registry()):
        pass

    class Pair(Free, table=True):
        a: int = Field(primary_key=True)
        b: int = Field(primary_key=True)

    return [Resource(Pair)]


def inherited() -> list[Resource]:
    class Free(Versioned, registry=registry()):
        pass

    class Animal(Free, table=True):
        id: int | None = Field(default=None, primary_key=True)

    class Bird(Animal):
        pass

    return [Resource(Bird)]


def column_without_field() -> list[Resource]:
    model = one({}, "Thing")
    model.__table__.append_column(Column("extra", Integer))
    return [Resource(model)]


def twice() -> list[Resource]:
    model = one({}, "Thing")
    return [Resource(model), Resource(model, type_name="Other")]


def nested(name: str, inner: Any) -> Callable[[], list[Resource]]:
    return lambda: [Resource(one({"inner": inner}, name, inner=Field(sa_type=JSON)))]


CASES = [
    # The class.
    pytest.param(no_table, r"Plain: a resource is made of a SQLModel class with table=True", id="no-table"),
    pytest.param(no_version, r"Unversioned: it has no version; derive the model from diptych.Versioned", id="no-version"),
    pytest.param(text_version, r"Texted: its version must be an integer column", id="version-of-another-type"),
    pytest.param(inherited, r"Bird: it inherits the table of another model", id="inherited-table"),
    pytest.param(column_without_field, r"Thing: the column extra has no field", id="column-without-a-field"),
    # The key.
    pytest.param(composite, r"Pair: the key must be one column, not a, b", id="composite-key"),
    pytest.param(key_of(float, Field(primary_key=True)), r"Thing\.id: a key must be an integer, text or a UUID", id="float-as-key"),
    pytest.param(key_of(str, Field(primary_key=True)), r'Thing\.id: .*declare keys="client"', id="text-chosen-by-the-server"),
    pytest.param(
        key_of(UUID, Field(default_factory=uuid4, primary_key=True), keys="client"),
        r"Thing\.id: .*has no default",
        id="default-for-a-clients-key",
    ),
    pytest.param(key_of(int, Field(default=7, primary_key=True)), r"Thing\.id: the database numbers these rows", id="default-for-a-number"),
    # The options.
    pytest.param(named("Thing", keys="sever"), r"Thing: keys='sever' must be one of 'server', 'client'", id="unknown-keys"),
    pytest.param(named("Thing", versions="no"), r"Thing: versions='no' must be one of 'required', 'optional'", id="unknown-versions"),
    pytest.param(
        field(str, "", read_only={"feild"}), r"read_only names 'feild', which is no field; there are id, field", id="no-such-read-only"
    ),
    pytest.param(field(str, "", hidden={"x"}), r"hidden names 'x', which is no field", id="no-such-hidden"),
    pytest.param(field(str, "", hidden="field"), r'write hidden=\{"field"\}', id="text-for-a-set"),
    pytest.param(field(str, "", read_only={"id"}), r"read_only names 'id'; key and version", id="read-only-key"),
    pytest.param(field(str, "", hidden={"version"}), r"hidden names 'version'; key and version", id="hidden-version"),
    pytest.param(field(str, read_only={"field"}), r"Thing\.field: a read-only field needs a default", id="read-only-without-a-default"),
    # Names.
    pytest.param(named("Sheep"), r'Sheep: its plural is its singular, "sheep"; give plural=', id="plural-is-singular"),
    pytest.param(named("Thing", path="a/b"), r'the path "a/b" is not one segment', id="path-of-two-segments"),
    pytest.param(named("Thing", path=".."), r'the path "\.\." is not one segment', id="path-of-dots"),
    pytest.param(named("Thing", path="a b"), r'the path "a b" is not one segment', id="path-with-a-space"),
    pytest.param(named("Thing", type_name="__Thing"), r'"__Thing" begins with two underscores', id="type-of-graphqls-own"),
    pytest.param(named("Thing", singular="a-b"), r'"a-b" is not a GraphQL name', id="singular-with-a-hyphen"),
    pytest.param(named("Thing", plural="9things"), r'"9things" is not a GraphQL name', id="plural-that-begins-with-a-digit"),
    pytest.param(named("Problem"), r'the type name "Problem" is already used', id="type-of-the-contract"),
    pytest.param(named("Query"), r'the type name "Query" is already used', id="type-of-graphql"),
    pytest.param(named("PageInfo"), r'the type name "PageInfo" is already used', id="type-of-relay"),
    pytest.param(named("Outcome"), r'Outcome: "outcome" is a field of every write\'s answer', id="singular-of-the-answers"),
    pytest.param(named("User", "UserEdge"), r'the type name "UserEdge" is used twice', id="type-that-is-generated"),
    pytest.param(named("User", "UserConnection"), r'the type name "UserConnection" is used twice', id="connection-that-is-generated"),
    pytest.param(named("User", "CreateUserInput"), r'the type name "CreateUserInput" is used twice', id="input-that-is-generated"),
    pytest.param(named("User", "UserWritten"), r'the type name "UserWritten" is used twice', id="answer-that-is-generated"),
    pytest.param(named("User", "UserWhere"), r'the type name "UserWhere" is used twice; give type_name=', id="filter-that-is-generated"),
    pytest.param(named("User", "UserOrder"), r'the type name "UserOrder" is used twice; give type_name=', id="order-that-is-generated"),
    pytest.param(named("StringFilter"), r'the type name "StringFilter" is already used', id="filter-of-text"),
    pytest.param(named("NullableIDFilter"), r'the type name "NullableIDFilter" is already used', id="filter-of-references"),
    pytest.param(
        lambda: [Resource(one({"field": Shade})), Resource(one({}, "ShadeFilter"))],
        r'the type name "ShadeFilter" is used twice; rename the enum',
        id="filter-of-an-enum",
    ),
    pytest.param(
        lambda: [Resource(one({}, "User")), Resource(one({}, "Group"), singular="usersByIds", plural="groups", path="groups")],
        r'User and Group have one root field, "usersByIds"',
        id="several-by-their-keys",
    ),
    pytest.param(
        lambda: [
            Resource(
                one({"a": str, "b": str}, a=Field(alias="fooBar"), b=Field(alias="FooBar")),
                order_by={"a", "b"},
            )
        ],
        r'"FooBar" and "fooBar" are both FOO_BAR_ASC in what lists are ordered by; rename one',
        id="orders-of-one-name",
    ),
    pytest.param(
        lambda: [Resource(one({}, "One"), path="same"), Resource(one({}, "Two"), path="same")],
        r'One and Two have one path, "same"',
        id="one-path",
    ),
    pytest.param(
        lambda: [Resource(one({}, "One"), plural="same", path="a"), Resource(one({}, "Two"), plural="same", path="b")],
        r'One and Two have one root field, "same"',
        id="one-plural",
    ),
    pytest.param(
        lambda: [Resource(one({}, "One"), plural="two", path="a"), Resource(one({}, "Two"))],
        r'have one root field, "two"',
        id="plural-is-anothers-singular",
    ),
    pytest.param(twice, r'have one table, "thing"|have one path', id="one-table"),
    pytest.param(
        lambda: [Resource(one({}, "One"), type_name="Same"), Resource(one({}, "Two"), type_name="Same")], r'"same', id="one-type-name"
    ),
    pytest.param(
        lambda: [Resource(one({"owner_id": int, "ownerId": int}))],
        r'"ownerId" is also the JSON name of owner_id',
        id="fields-in-camel-case",
    ),
    pytest.param(
        field(int, Field(alias="version"), name="other"), r'"version" is also the JSON name of version', id="field-called-version"
    ),
    pytest.param(field(int, Field(alias="id"), name="other"), r'Thing\.other: "id" names the key', id="field-called-id"),
    pytest.param(field(int, Field(alias="a-b")), r'"a-b" is not a GraphQL name', id="alias-with-a-hyphen"),
    pytest.param(field(int, Field(alias="__a")), r'"__a" begins with two underscores', id="alias-of-graphqls-own"),
    pytest.param(field(int, name="größe"), r'"größe" is not a GraphQL name', id="name-outside-ascii"),
    pytest.param(field(int, Field(schema_extra={"validation_alias": AliasChoices("a", "b")})), r"one name in JSON", id="two-names"),
    pytest.param(field(Reserved), r"GraphQL takes no value called true", id="enum-value-of-graphqls-own"),
    pytest.param(field(Violation), r'the type name "Violation" is already used', id="enum-called-like-a-type"),
    pytest.param(nested("Document", Document), r'the nested model "Document" has the name of another type', id="nested-model-like-a-type"),
    # Fields.
    pytest.param(field(Mixed), r"Thing\.field: the values of Mixed must be all text or all integers", id="mixed-enum"),
    pytest.param(field(str, Field(sa_type=EnumColumn("a", "b"))), r"cannot hold what the annotation says", id="enum-column-for-text"),
    pytest.param(
        field(str, Field(sa_type=Integer)), r"a column of type Integer cannot hold what the annotation says \(str\)", id="text-as-integer"
    ),
    pytest.param(field(int, Field(sa_type=LargeBinary)), r"cannot hold", id="integer-as-bytes"),
    pytest.param(field(Reserved, Field(sa_type=Integer)), r"a column of type Integer cannot hold Reserved", id="enum-of-text-as-integer"),
    pytest.param(field(ipaddress.IPv4Address), r"cannot hold what the annotation says", id="type-without-a-kind"),
    pytest.param(field(str, Field(sa_type=Upper)), r"Upper is a column type of its own", id="custom-column-type"),
    pytest.param(field(NaiveDatetime), r"a datetime without a zone names no moment", id="naive-datetime"),
    pytest.param(field(datetime, Field(default_factory=datetime.now)), r"its default .* a datetime must have a zone", id="naive-default"),
    pytest.param(
        field(Literal["a", 1], Field(sa_type=String)), r"the values of this Literal must all be str, as its column is", id="mixed-literal"
    ),
    pytest.param(field(str, Field(sa_type=INET)), r"a column of type INET cannot hold", id="column-type-of-one-database"),
    pytest.param(field(str, None), r"its default is null", id="null-where-it-cannot-be"),
    pytest.param(field(int, "x"), r"Thing\.field: the field refuses its own default: Must be an integer", id="default-of-another-type"),
    pytest.param(
        field(str, Field(default="", min_length=1)), r"refuses its own default: Must be text of at least 1", id="default-too-short"
    ),
    pytest.param(
        field(Decimal, Field(default=Decimal("NaN"))),
        r"is not a value of the field: a decimal number must be finite",
        id="default-that-is-none",
    ),
    pytest.param(
        field(str, Field(default_factory=WITH_MEMBERS)), r"a default_factory must take no argument", id="factory-with-an-argument"
    ),
    pytest.param(field(str, Field(regex="^a$")), r"SQLModel takes regex= and checks nothing", id="regex-that-nobody-checks"),
    # Columns and constraints.
    pytest.param(field(int, Field(sa_column_kwargs={"onupdate": lambda: 1})), r"onupdate= changes rows behind", id="onupdate"),
    pytest.param(
        field(int, Field(sa_column_kwargs={"server_onupdate": func.now()})), r"onupdate= changes rows behind", id="server-onupdate"
    ),
    pytest.param(field(int, Field(sa_column_kwargs={"server_default": text("1")})), r"server_default= is never used", id="server-default"),
    pytest.param(field(int, Field(sa_column=Column("field", Integer, Computed("1")))), r"the database computes it", id="computed"),
    pytest.param(field(int, Field(foreign_key="x.id", ondelete="CASCADE")), r'ondelete="CASCADE" changes rows', id="on-delete-cascade"),
    pytest.param(
        field(int | None, Field(default=None, foreign_key="x.id", ondelete="SET NULL")),
        r'ondelete="SET NULL" changes',
        id="on-delete-set-null",
    ),
    pytest.param(
        field(int, Field(sa_column=Column("field", ForeignKey("x.id", onupdate="cascade")))),
        r'onupdate="cascade" changes',
        id="on-update-cascade",
    ),
    pytest.param(
        table(ForeignKeyConstraint(["a", "b"], ["x.a", "x.b"])), r"foreign key \(a, b\): it must be of one column", id="composite-reference"
    ),
    pytest.param(table(Index("i", text("lower(a)"), unique=True)), r"unique index i must be of plain columns", id="unique-expression"),
    pytest.param(
        table(Index("i", "a", unique=True, sqlite_where=text("b > 0"))),
        r"unique index i must be of plain columns and of all rows",
        id="partial-unique",
    ),
    pytest.param(
        table(ExcludeConstraint(("a", "="), using="gist")), r"a ExcludeConstraint cannot be served; use unique", id="exclude-constraint"
    ),
    pytest.param(
        field(int, Field(sa_column=Column("field", ForeignKey("x.id"), ForeignKey("y.id")))),
        r"it refers to more than one column; keep one foreign key",
        id="two-references",
    ),
    pytest.param(table({"schema": "other"}), r"tables live in the default schema; drop schema='other'", id="schema"),
]


@pytest.mark.parametrize(("declare", "message"), CASES)
def test_refused(declare: Callable[[], list[Resource]], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        read_resources(declare())


@pytest.mark.parametrize(
    "declare",
    [
        pytest.param(named("Sheep", plural="flock"), id="plural-given"),
        pytest.param(named("Outcome", singular="result", plural="results"), id="singular-given"),
        pytest.param(field(int, Field(foreign_key="x.id", ondelete="RESTRICT")), id="on-delete-restrict"),
        pytest.param(field(datetime, Field(default_factory=lambda: datetime.now(UTC))), id="default-with-a-zone"),
        pytest.param(field(str, "", read_only={"field"}), id="read-only-with-a-default"),
        pytest.param(field(Annotated[str, AfterValidator(never)], "x"), id="default-that-a-validator-rejects-by-itself"),
        pytest.param(table(UniqueConstraint("a", "b"), CheckConstraint("a > 0"), Index("i", text("lower(a)"))), id="constraints"),
    ],
)
def test_served(declare: Callable[[], list[Resource]]) -> None:
    assert read_resources(declare())
