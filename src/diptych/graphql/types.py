"""The types of one resource: its rows, its inputs, its results and its pages."""

from dataclasses import dataclass
from types import GenericAlias
from typing import Any

import strawberry
from strawberry.relay import PageInfo

from diptych.graphql import problems
from diptych.graphql.fields import FieldTypes, described, described_key
from diptych.graphql.filter_inputs import FilterTypes
from diptych.graphql.inputs import create_input, patch_input, replace_input
from diptych.graphql.make import Members, object_type, union
from diptych.graphql.order_values import order_type
from diptych.resource.shape import ResourceShape

# The Python names of the members that are ours; a field of the model may be called anything but these.
VERSION, ROW, KEY = "version", "row", "key"


@dataclass(frozen=True, slots=True)
class ResourceTypes:
    """Everything the schema says of one resource. Results are annotations of unions, the rest are Strawberry classes."""

    row: Any
    create_input: Any
    replace_input: Any
    patch_input: Any
    written: Any
    deleted: Any
    mismatch: Any
    create_result: Any
    replace_result: Any
    patch_result: Any
    delete_result: Any
    edge: Any
    connection: Any
    where: Any
    order: Any


def resource_types(resource: ResourceShape, fields: FieldTypes, filters: FilterTypes) -> ResourceTypes:
    name = resource.name
    row = object_type(name, _row_members(resource, fields), resource.description)
    written = object_type(f"{name}Written", _written_members(resource, row), f"The {name} is as asked.")
    deleted = object_type(f"{name}Deleted", _deleted_members(resource), f"The {name} is gone.")
    mismatch = object_type(
        f"{name}VersionMismatch",
        _mismatch_members(resource, row),
        f"The {name} is not in the state that the request names; nothing was written.",
        (problems.Problem,),
    )
    edge, connection = _page_types(resource, row)
    create = (written, problems.AlreadyExists, mismatch, problems.VersionExhausted, problems.Invalid, problems.UniqueConflict)
    change = (written, problems.NotFound, mismatch, problems.VersionExhausted, problems.Invalid, problems.UniqueConflict)
    return ResourceTypes(
        row=row,
        create_input=create_input(resource, fields),
        replace_input=replace_input(resource, fields),
        patch_input=patch_input(resource, fields),
        written=written,
        deleted=deleted,
        mismatch=mismatch,
        create_result=_result(name, "Create", (*create, problems.ReferenceConflict)),
        replace_result=_result(name, "Replace", (*change, problems.ReferenceConflict)),
        patch_result=_result(name, "Patch", (*change, problems.ReferenceConflict, problems.PatchConflict, problems.PatchInvalid)),
        delete_result=_result(name, "Delete", (deleted, problems.NotFound, mismatch, problems.ReferenceConflict)),
        edge=edge,
        connection=connection,
        where=filters.where(resource),
        order=order_type(resource),
    )


def _row_members(resource: ResourceShape, fields: FieldTypes) -> Members:
    members: dict[str, tuple[Any, Any]] = {
        resource.key.attribute: (strawberry.ID, strawberry.field(name=resource.key.json_name, description=described_key(resource)))
    }
    for column in resource.readable:
        annotation = fields.of(column)
        members[column.attribute] = (
            annotation | None if column.nullable or column.masked else annotation,
            strawberry.field(name=column.json_name, description=described(column, resource)),
        )
    members[VERSION] = (int, strawberry.field(description="Names this state of the row; every change of state adds 1."))
    return members


def _written_members(resource: ResourceShape, row: Any) -> Members:
    # There may be somebody who creates rows and cannot read them: where reading has a rule, or creating alone has one, and what has
    # none is denied.
    shown = row if resource.policy.read is None and resource.policy.rule("create") is None else row | None
    return {
        "outcome": (problems.WriteOutcome, strawberry.field(description="What the write did.")),
        VERSION: (int, strawberry.field(description="The version of the row now, to name in the next write.")),
        ROW: (shown, strawberry.field(name=resource.names.singular, description=f"The {resource.name} as it is now.")),
    }


def _deleted_members(resource: ResourceShape) -> Members:
    return {
        KEY: (strawberry.ID, strawberry.field(name=resource.key.json_name, description="The key of the row that was there.")),
        VERSION: (int, strawberry.field(description="The last version that the row had.")),
    }


def _mismatch_members(resource: ResourceShape, row: Any) -> Members:
    current = strawberry.field(description=f"The {resource.name} as it is now; null if nothing is there.")
    return {
        "current_version": (int, strawberry.field(description="The version of the row now; 0 if nothing is there.")),
        "current": (row | None, current),
    }


def _page_types(resource: ResourceShape, row: Any) -> tuple[Any, Any]:
    name = resource.name
    edge = object_type(
        f"{name}Edge",
        {
            "node": (row, strawberry.field(description=f"The {name}.")),
            "cursor": (str, strawberry.field(description="An opaque mark of its place, for `after` and `before`; the same on REST.")),
        },
        f"A {name} and its place in the list.",
    )
    connection = object_type(
        f"{name}Connection",
        {
            "edges": (GenericAlias(list, (edge,)), strawberry.field(description="The rows of this page, in the order that was asked for.")),
            "page_info": (PageInfo, strawberry.field(description="Where this page stands in the list.")),
            "total_count": (int, strawberry.field(description="How many rows there are in all, on this page and on others.")),
        },
        f"A page of the list of {name} rows.",
    )
    return edge, connection


def _result(name: str, verb: str, members: tuple[Any, ...]) -> Any:
    return union(f"{verb}{name}Result", members, f"What `{verb[0].lower()}{verb[1:]}{name}` answers: success, or why nothing was written.")
