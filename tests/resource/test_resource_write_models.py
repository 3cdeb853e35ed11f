"""Explicit write models: rules of one command's own."""

from typing import Self

import pytest
from pydantic import BaseModel, field_validator, model_validator
from pydantic import Field as Inner
from sqlalchemy import JSON
from sqlalchemy.orm import registry
from sqlmodel import Field

from diptych import DeclarationError, Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.semantics.outcome import Violation
from diptych.semantics.version import NOTHING, Version


class Base(Versioned, registry=registry()):
    pass


class Tag(BaseModel):
    word: str


class Account(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_name: str = Field(max_length=10)
    age: int = 0
    first: Tag | None = Field(default=None, sa_type=JSON)
    second: Tag | None = Field(default=None, sa_type=JSON)

    @model_validator(mode="after")
    def not_admin(self) -> Self:
        if self.user_name == "admin":
            raise ValueError("taken")
        return self


class NewAccount(BaseModel):
    user_name: str = Inner(min_length=3)
    age: int = Inner(ge=18)

    @field_validator("user_name")
    @classmethod
    def lower(cls, value: str) -> str:
        return value.lower()

    @model_validator(mode="after")
    def not_root(self) -> Self:
        if self.user_name == "root":
            raise ValueError("reserved")
        return self


(SHAPE,) = read_resources([Resource(Account, create_model=NewAccount)])
CREATING = SHAPE.creating


def test_other_commands_keep_the_tables_rules() -> None:
    assert SHAPE.replacing is SHAPE
    assert SHAPE.patching is SHAPE
    assert isinstance(SHAPE.check({"userName": "a"}, key=1, version=Version(1)), dict)
    assert SHAPE.check({"userName": "admin"}, key=1, version=Version(1)) == [Violation("", "rejected", "taken")]


def test_its_own_command_has_its_own() -> None:
    document = CREATING.check({"userName": "Admin", "age": 18, "first": {"word": "x"}}, key=None, version=NOTHING)
    assert document == {"userName": "admin", "age": 18, "first": {"word": "x"}, "second": None}
    assert CREATING.check({"userName": "ROOT", "age": 20}, key=None, version=NOTHING) == [Violation("", "rejected", "reserved")]


def test_its_refusals_are_told_by_json_names() -> None:
    found = CREATING.check({"userName": "a", "first": {"word": 1}}, key=None, version=NOTHING)
    assert not isinstance(found, dict)
    assert [(violation.pointer, violation.code) for violation in found] == [
        ("/userName", "too_short"),
        ("/age", "too_small"),
        ("/first/word", "type"),
    ]


def test_the_column_bounds_it_too() -> None:
    found = CREATING.check({"userName": "a" * 11, "age": 18}, key=None, version=NOTHING)
    assert found == [Violation("/userName", "too_long", "Must be text of at most 10 characters.")]


def test_a_field_that_the_table_has_not_is_refused() -> None:
    class Other(BaseModel):
        username: str

    with pytest.raises(DeclarationError, match="Account has no field username"):
        read_resources([Resource(Account, replace_model=Other)])
