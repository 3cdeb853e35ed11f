"""Outcomes, translated into what the fields of the schema answer."""

from typing import Any, assert_never

from graphql import GraphQLError
from strawberry.relay import PageInfo

from diptych.graphql import problems
from diptych.graphql.errors import error_of
from diptych.graphql.types import KEY, ROW, VERSION, ResourceTypes
from diptych.resource.shape import ResourceShape
from diptych.semantics.outcome import (
    AlreadyExists,
    Deleted,
    Denied,
    Forbidden,
    Found,
    Invalid,
    Malformed,
    NotFound,
    NotModified,
    Page,
    PatchConflict,
    PatchInvalid,
    PreconditionRequired,
    ReadOutcome,
    ReferenceConflict,
    Refusal,
    Unauthenticated,
    Unavailable,
    UniqueConflict,
    VersionExhausted,
    VersionMismatch,
    WriteOutcome,
    Written,
)
from diptych.semantics.problems import Problem, describe
from diptych.semantics.row import Row
from diptych.service.acting import ManyRows


class Payloads:
    """Translates for one resource. `prefix` is the path of the application, which begins the `type` of a problem."""

    def __init__(self, resource: ResourceShape, types: ResourceTypes) -> None:
        self._resource = resource
        self._types = types
        self._members = tuple((column.attribute, column.json_name) for column in resource.readable)

    def row(self, row: Row) -> Any:
        # Values are what GraphQL writes already: text for IDs is made from numbers, names of enum members from their values.
        values = row.values
        members: dict[str, Any] = {member: values[name] for member, name in self._members if name in values}
        # Only what was selected need be there, while a dataclass asks for every member.
        shown = object.__new__(self._types.row)
        shown.__dict__.update({self._resource.key.attribute: row.key, VERSION: row.version, **members})
        return shown

    def written(self, outcome: WriteOutcome, prefix: str) -> Any:
        """The member of the result union that an outcome is. Raises GraphQLError for one that is no member of any."""
        match outcome:
            case Written(row, effect, shown):
                return self._types.written(
                    outcome=problems.WriteOutcome[effect.name], **{VERSION: row.version, ROW: self.row(row) if shown else None}
                )
            case Deleted(key, version):
                return self._types.deleted(**{KEY: key, VERSION: version})
            case _:
                return self._refusal(outcome, prefix)

    def fetched(self, outcome: ReadOutcome) -> Any:
        """The row, or None for one that is not there."""
        match outcome:
            case Found(row) | NotModified(row):
                return self.row(row)
            case NotFound():
                return None
            case Page():
                raise AssertionError("a fetch answers one row")
            case _:
                raise self._error(outcome)

    def rows(self, outcome: ManyRows) -> Any:
        if isinstance(outcome, Invalid | Denied | Unavailable):
            raise self._error(outcome)
        return [None if row is None else self.row(row) for row in outcome]

    def page(self, outcome: ReadOutcome) -> Any:
        match outcome:
            case Page(rows, has_next, has_previous):
                edges = [self._types.edge(node=self.row(row), cursor=outcome.cursor(row)) for row in rows]
                ends = (outcome.cursor(rows[0]), outcome.cursor(rows[-1])) if rows else (None, None)
                page_info = PageInfo(has_next_page=has_next, has_previous_page=has_previous, start_cursor=ends[0], end_cursor=ends[1])
                return self._types.connection(edges=edges, page_info=page_info, total_count=outcome.total)
            case Found() | NotModified():
                raise AssertionError("a list answers a page")
            case _:
                raise self._error(outcome)

    def _refusal(self, refusal: Refusal, prefix: str) -> Any:
        problem = describe(refusal, self._resource)
        said = _said(problem, prefix)
        match refusal:
            case NotFound(key):
                return problems.NotFound(**said, key=_id(key))
            case VersionMismatch(current, row, _):
                return self._types.mismatch(**said, current_version=current, current=None if row is None else self.row(row))
            case Invalid(violations):
                listed = [problems.Violation(pointer=wrong.pointer, code=wrong.code, message=wrong.message) for wrong in violations]
                return problems.Invalid(**said, violations=listed)
            case AlreadyExists(key, current, _):
                return problems.AlreadyExists(**said, key=_id(key), current_version=current)
            case UniqueConflict(fields):
                return problems.UniqueConflict(**said, fields=list(fields))
            case ReferenceConflict(resource, fields):
                return problems.ReferenceConflict(**said, resource=resource, fields=list(fields))
            case PatchConflict(index, pointer):
                return problems.PatchConflict(**said, index=index, pointer=pointer)
            case PatchInvalid(index, pointer, _):
                return problems.PatchInvalid(**said, index=index, pointer=pointer)
            case VersionExhausted(key):
                return problems.VersionExhausted(**said, key=_id(key))
            case Unavailable() | Unauthenticated() | Forbidden() | PreconditionRequired() | Malformed():
                # The last two cannot happen: the schema demands versions, and the content was read.
                raise error_of(problem)
            case _:
                assert_never(refusal)

    def _error(self, refusal: Refusal) -> GraphQLError:
        return error_of(describe(refusal, self._resource))


def _said(problem: Problem, prefix: str) -> dict[str, Any]:
    return {
        "type": prefix + problem.kind.path,
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
    }


def _id(key: int | str) -> Any:
    return str(key)
