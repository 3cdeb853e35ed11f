"""What a user writes: models with a version, and the choices made for each of them."""

from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, TypeAlias

from pydantic import BaseModel
from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from diptych.resource.policy import Policy
from diptych.resource.stamps import Stamp

Keys: TypeAlias = Literal["server", "client"]
Versions: TypeAlias = Literal["required", "optional"]


class DeclarationError(ValueError):
    """A declaration cannot be served; the message names what is wrong and what to write instead."""


class Versioned(SQLModel):
    """The base of every resource's model: a SQLModel with the column that counts the states of a row."""

    # A Column object cannot be shared by two tables, a type can.
    version: int = Field(default=1, sa_type=BigInteger, nullable=False, description="Counts the states of this row.")


@dataclass(frozen=True, slots=True)
class Resource:
    """One model, and how it is served.

    `keys` says who chooses keys; `versions="required"` refuses a write that names no version. `path` and the GraphQL names are
    derived from the class where they are None. `read_only` fields are set by the server, `hidden` ones are written and never
    read; both take attribute names. Lists may be filtered and ordered by the key, by references and by what an index or a unique
    constraint begins with; `filter_by` and `order_by` name further attributes. `policy` says who may do what; `stamps` are values that
    the server sets by itself, by attribute name, and make their fields read-only. A write model, where one is given, checks the
    documents of its command in place of the model itself: its fields, by name, bring their own constraints and validators (see
    `diptych.resource.write_models`).
    """

    model: type[SQLModel]
    _: KW_ONLY
    keys: Keys = "server"
    versions: Versions = "required"
    path: str | None = None
    type_name: str | None = None
    singular: str | None = None
    plural: str | None = None
    read_only: Collection[str] = ()
    hidden: Collection[str] = ()
    filter_by: Collection[str] = ()
    order_by: Collection[str] = ()
    policy: Policy = field(default_factory=Policy)
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    create_model: type[BaseModel] | None = None
    replace_model: type[BaseModel] | None = None
    patch_model: type[BaseModel] | None = None
