"""The root fields of a resource, as plans run them: arguments to a command, the service's answer to what was selected."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from graphql import FieldNode, GraphQLError, GraphQLOutputType, OperationType, get_named_type, get_nullable_type

from diptych.graphql.arguments import Arguments, Given
from diptych.graphql.context import Context
from diptych.graphql.errors import error_of
from diptych.graphql.fields import FieldTypes
from diptych.graphql.plan.collection import Collector
from diptych.graphql.plan.limits import NotPlain
from diptych.graphql.plan.selection import Selections
from diptych.graphql.plan.shared import shared
from diptych.graphql.plan.views import Refused
from diptych.graphql.resolvers import mutation_names, query_names
from diptych.graphql.selected import Selected, of_page, of_rows
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Command, Fetch, FetchMany, List, WriteCommand
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Deleted, Found, Invalid, NotFound, NotModified, Outcome, Page, VersionMismatch, Written
from diptych.semantics.problems import describe
from diptych.semantics.row import Row
from diptych.service.acting import Acting

# Writes an outcome; takes the request's context too. Raises GraphQLError for one that is told as an error, NotPlain
# for one that graphql-core should write.
Tell = Callable[[Any, Context], JSON]
Compile = Callable[[ResourceShape, Any, Sequence[FieldNode], Selections], Tell]

Asked = Command | FetchMany | Invalid
Answered = Outcome | Sequence[Row | None]
ReadArguments = Callable[[Given], Asked]
Select = Callable[[Collector, Any, Sequence[FieldNode], ResourceShape], Selected]


@dataclass(frozen=True, slots=True)
class Root:
    """One root field. `read` makes what is asked out of the arguments, or says at once that they are invalid."""

    resource: ResourceShape
    read: Callable[..., Asked]
    ask: Callable[[Acting, ResourceShape, Any], Awaitable[Answered]]
    compile: Compile
    select: Select | None = None

    def reading(self, collector: Collector, type_: GraphQLOutputType, nodes: Sequence[FieldNode]) -> ReadArguments:
        """How arguments are read, what is selected in mind."""
        if self.select is None:
            return self.read
        return partial(self.read, selected=self.select(collector, get_named_type(type_), nodes, self.resource))

    def tell(self, type_: GraphQLOutputType, nodes: Sequence[FieldNode], selections: Selections) -> Tell:
        return self.compile(self.resource, get_nullable_type(type_), nodes, selections)


def roots_of(resources: Sequence[ResourceShape]) -> Mapping[tuple[OperationType, str], Root]:
    """The root fields by operation and name, in the order in which the schema names them."""
    fields = FieldTypes(resources)
    roots: dict[tuple[OperationType, str], Root] = {}
    for resource in resources:
        arguments = Arguments(resource, fields)
        single, many, several = query_names(resource)
        roots[OperationType.QUERY, single] = Root(resource, arguments.fetch, _fetch, _row)
        roots[OperationType.QUERY, many] = Root(resource, arguments.list, _list, _page, of_page)
        roots[OperationType.QUERY, several] = Root(resource, arguments.fetch_many, _fetch_many, _rows, of_rows)
        commands: tuple[Callable[[Given], Command], ...] = (
            arguments.create,
            arguments.replace,
            arguments.merge_patch,
            arguments.json_patch,
            arguments.delete,
        )
        for name, read in zip(mutation_names(resource), commands, strict=True):
            roots[OperationType.MUTATION, name] = Root(resource, read, _write, _result)
    return roots


def _fetch(service: Acting, resource: ResourceShape, command: Fetch) -> Awaitable[Outcome]:
    return service.fetch(resource, command)


def _list(service: Acting, resource: ResourceShape, command: List) -> Awaitable[Outcome]:
    return service.list(resource, command)


def _fetch_many(service: Acting, resource: ResourceShape, command: FetchMany) -> Awaitable[Answered]:
    return service.fetch_many(resource, command)


def _write(service: Acting, resource: ResourceShape, command: WriteCommand) -> Awaitable[Outcome]:
    return service.write(resource, command)


def _row(resource: ResourceShape, type_: Any, nodes: Sequence[FieldNode], selections: Selections) -> Tell:
    write = selections.of(type_, nodes)

    def tell(outcome: Outcome, _context: Context) -> JSON:
        match outcome:
            case Found(row) | NotModified(row):
                return write(row)
            case NotFound():
                return None
            case _:
                raise _error(outcome, resource)

    return tell


def _rows(resource: ResourceShape, type_: Any, nodes: Sequence[FieldNode], selections: Selections) -> Tell:
    write = selections.of(type_.of_type, nodes)

    def tell(outcome: Any, _context: Context) -> JSON:
        if not isinstance(outcome, list | tuple):
            raise _error(outcome, resource)
        return [None if row is None else write(row) for row in outcome]

    return tell


def _page(resource: ResourceShape, type_: Any, nodes: Sequence[FieldNode], selections: Selections) -> Tell:
    write = selections.of(type_, nodes)
    # Callers who asked together were given one page; for all who select the same of it, it is written once.
    written: WeakKeyDictionary[Page, JSON] = WeakKeyDictionary()

    def tell(outcome: Outcome, _context: Context) -> JSON:
        if not isinstance(outcome, Page):
            raise _error(outcome, resource)
        if selections.links.all:
            # Its rows have places that are still to be filled.
            return write(outcome)
        if outcome not in written:
            written[outcome] = shared(write(outcome))
        return written[outcome]

    return tell


def _result(resource: ResourceShape, type_: Any, nodes: Sequence[FieldNode], selections: Selections) -> Tell:
    members = {member.name: selections.of(member, nodes) for member in type_.types}
    written, deleted = members.get(f"{resource.name}Written", _unwritten), members.get(f"{resource.name}Deleted", _unwritten)

    def tell(outcome: Outcome, context: Context) -> JSON:
        match outcome:
            case Written():
                return written(outcome)
            case Deleted():
                return deleted(outcome)
            case Found() | NotModified() | Page():
                raise NotPlain
            case _:
                problem = describe(outcome, resource)
        member = problem.kind.graphql_type
        if member is None:
            raise error_of(problem)
        if isinstance(outcome, VersionMismatch):
            member = f"{resource.name}{member}"
        return members.get(member, _unwritten)(Refused(outcome, problem, context.prefix + problem.kind.path))

    return tell


def _error(outcome: Outcome, resource: ResourceShape) -> GraphQLError | NotPlain:
    """What is raised for an outcome that has no place in the data."""
    if isinstance(outcome, Found | NotModified | Page | Written | Deleted):
        return NotPlain()
    return error_of(describe(outcome, resource))


def _unwritten(_outcome: Any) -> JSON:
    """Stands for a member that the union has not."""
    raise NotPlain
