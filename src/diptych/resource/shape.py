"""What is known of a resource once its declaration has been read: names, fields, constraints, and how documents are checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from sqlmodel import SQLModel

from diptych.resource.kinds import Kind
from diptych.resource.policy import Policy
from diptych.resource.spelling import to_json
from diptych.resource.stamps import Stamp
from diptych.semantics.condition import Filterable
from diptych.semantics.json_value import JSON, MISSING, Document, Missing
from diptych.semantics.limits import USUAL_LIMITS, Limits
from diptych.semantics.outcome import Violation
from diptych.semantics.principal import ANONYMOUS, Principal
from diptych.semantics.row import Key, Row
from diptych.semantics.version import Version


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key of one column. `resource` is the type name of what it refers to, None for a table that is no resource."""

    table: str
    column: str
    resource: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a resource, its key included. `default` is in JSON form, MISSING where a document must give the field."""

    attribute: str
    json_name: str
    column: str
    kind: Kind
    nullable: bool
    default: JSON | Missing = MISSING
    mint: Callable[[], Any] | None = None  # makes a fresh Python value for each new row
    read_only: bool = False
    hidden: bool = False
    masked: bool = False  # some callers may not read it
    stamp: Stamp | None = None
    reference: Reference | None = None
    description: str | None = None
    json_schema: Document = field(default_factory=dict)  # of the value on REST, null included; see ResourceShape.definitions

    @property
    def required(self) -> bool:
        """Whether a complete document must have it."""
        return isinstance(self.default, Missing) and self.mint is None and self.stamp is None


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique constraint or index, in the order of declaration; columns by column name."""

    columns: tuple[str, ...]
    name: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint of the table, as SQL text."""

    sql: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is not unique; columns by column name."""

    columns: tuple[str, ...]
    name: str | None


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of another resource that belong to a row, or the one row that it refers to. `target` is a type name.

    `field` is the JSON name of the foreign key: of the target's where there are `many`, of this resource's own otherwise.
    """

    name: str
    target: str
    field: str
    many: bool


@dataclass(frozen=True, slots=True)
class Names:
    """What a resource is called. All derived from the class, unless the declaration says otherwise."""

    type: str  # StockItem
    singular: str  # stockItem
    plural: str  # stockItems
    path: str  # stock-items


class Checker(Protocol):
    """Checks whole documents of one model, with the model's own constraints and validators."""

    def __call__(self, members: Document, *, key: Key | None, version: Version) -> dict[str, JSON] | Sequence[Violation]:
        """See `diptych.semantics.shape.Shape.check`."""


class KeyReader(Protocol):
    """Reads keys, strictly: one spelling each."""

    def from_text(self, text: str) -> Key | None: ...

    def from_json(self, value: JSON) -> Key | Violation: ...


@dataclass(frozen=True)
class ResourceShape:
    """One resource, read from its declaration once; implements `diptych.semantics.shape.Shape`.

    `columns` has every stored field but key and version, in the order of declaration. `filters` and `ordered_values` have what
    lists may be filtered and ordered by, by JSON name, the latter with a test of what values a field can have. `definitions` has
    the JSON Schemas that the fields' own schemas refer to as `#/components/schemas/…`.
    """

    model: type[SQLModel]
    names: Names
    description: str
    table: str
    key: Field
    columns: tuple[Field, ...]
    client_keyed: bool
    versions_required: bool
    uniques: tuple[Unique, ...]
    checks: tuple[Check, ...]
    indexes: tuple[Index, ...]
    checker: Checker
    keys: KeyReader
    definitions: Document
    filters: Mapping[str, Filterable]
    ordered_values: Mapping[str, Callable[[JSON], bool]]
    relations: tuple[Relation, ...] = ()
    policy: Policy = field(default_factory=Policy)
    limits: Limits = USUAL_LIMITS
    create_checker: Checker | None = None
    replace_checker: Checker | None = None
    patch_checker: Checker | None = None

    @property
    def name(self) -> str:
        return self.names.type

    @property
    def key_name(self) -> str:
        return self.key.json_name

    @cached_property
    def creating(self) -> "ResourceShape":
        """The same resource, as the documents of a create are checked: by a write model of its own, if it has one."""
        return self if self.create_checker is None else replace(self, checker=self.create_checker)

    @cached_property
    def replacing(self) -> "ResourceShape":
        return self if self.replace_checker is None else replace(self, checker=self.replace_checker)

    @cached_property
    def patching(self) -> "ResourceShape":
        return self if self.patch_checker is None else replace(self, checker=self.patch_checker)

    @cached_property
    def by_json_name(self) -> dict[str, Field]:
        """The columns without key and version, by JSON name."""
        return {column.json_name: column for column in self.columns}

    @cached_property
    def by_column(self) -> dict[str, Field]:
        """Every column but the version, the key included, by column name."""
        return {column.column: column for column in (self.key, *self.columns)}

    @cached_property
    def fields(self) -> frozenset[str]:
        return frozenset(self.by_json_name)

    @cached_property
    def readable(self) -> tuple[Field, ...]:
        """The columns that a reader gets."""
        return tuple(column for column in self.columns if not column.hidden)

    @cached_property
    def orders(self) -> frozenset[str]:
        return frozenset(self.ordered_values)

    @cached_property
    def readable_names(self) -> frozenset[str]:
        return frozenset([self.key.json_name, *(column.json_name for column in self.readable), "version"])

    @cached_property
    def writable(self) -> tuple[Field, ...]:
        """The columns that a document sets."""
        return tuple(column for column in self.columns if not column.read_only)

    @cached_property
    def read_only(self) -> frozenset[str]:
        return frozenset(column.json_name for column in self.columns if column.read_only)

    @cached_property
    def hidden(self) -> frozenset[str]:
        return frozenset(column.json_name for column in self.columns if column.hidden)

    @cached_property
    def kept(self) -> frozenset[str]:
        return frozenset(column.json_name for column in self.columns if column.hidden or column.read_only or column.mint is not None)

    @cached_property
    def is_stamped(self) -> bool:
        """Whether any of its fields says by whom or when a row was written."""
        return any(column.stamp is not None for column in self.columns)

    @cached_property
    def stamps(self) -> tuple[Field, ...]:
        """The columns that are set anew by every change."""
        return tuple(column for column in self.columns if column.stamp is not None and column.stamp.each_change)

    @cached_property
    def _mints(self) -> tuple[Field, ...]:
        return tuple(column for column in self.columns if column.mint is not None)

    def key_from_text(self, text: str) -> Key | None:
        return self.keys.from_text(text)

    def key_from_json(self, value: JSON) -> Key | Violation:
        return self.keys.from_json(value)

    def is_ordered_value(self, field: str, value: JSON) -> bool:
        return self.ordered_values[field](value)

    def check(self, members: Document, *, key: Key | None, version: Version) -> dict[str, JSON] | Sequence[Violation]:
        return self.checker(members, key=key, version=version)

    def mint(self, principal: Principal = ANONYMOUS) -> dict[str, JSON]:
        """A fresh value, in JSON form, for every field whose default is made anew for each row; stamps are those of its maker."""
        return {
            **{column.json_name: to_json(column.kind, column.mint()) for column in self._mints if column.mint is not None},
            **{column.json_name: stamped(column, principal) for column in self.columns if column.stamp is not None},
        }

    def stamp(self, principal: Principal) -> dict[str, JSON]:
        """A value, in JSON form, for every field that a change sets by itself."""
        return {column.json_name: stamped(column, principal) for column in self.stamps}

    def representation(self, row: Row) -> dict[str, JSON]:
        values = row.values
        shown: dict[str, JSON] = {self.key.json_name: row.key}
        for column in self.readable:
            shown[column.json_name] = values[column.json_name]
        shown["version"] = row.version
        return shown


def stamped(column: Field, principal: Principal) -> JSON:
    assert column.stamp is not None
    value = column.stamp.make(principal)
    return None if value is None else to_json(column.kind, value)
