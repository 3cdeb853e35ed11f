"""The service on behalf of one caller: a resource's policy is asked before anything is, and joins every statement.

Both doors ask nothing but this, so that no rule can be in force at one door and forgotten at the other.
"""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final, TypeAlias

from diptych.resource.access import Access
from diptych.resource.policy import Action
from diptych.resource.scope import Scope
from diptych.resource.shape import ResourceShape
from diptych.resource.views import Views, mask_page, masker
from diptych.semantics.command import Command, Create, Delete, Fetch, FetchMany, JsonPatch, List, MergePatch, Replace, WriteCommand
from diptych.semantics.condition import compared
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import (
    AlreadyExists,
    Denied,
    Forbidden,
    Found,
    Invalid,
    NotModified,
    Outcome,
    Page,
    ReadOutcome,
    Unauthenticated,
    Unavailable,
    UniqueConflict,
    VersionMismatch,
    Violation,
    WriteOutcome,
    Written,
)
from diptych.semantics.pointer import pointer
from diptych.semantics.principal import Caller
from diptych.semantics.row import Row
from diptych.service.execute import Grant, Service

_ACTIONS: Final[Mapping[type, Action]] = {
    Create: "create",
    Replace: "replace",
    MergePatch: "patch",
    JsonPatch: "patch",
    Delete: "delete",
}

ManyRows: TypeAlias = Sequence[Row | None] | Invalid | Denied | Unavailable
ManyPages: TypeAlias = Mapping[JSON, Page] | Invalid | Denied | Unavailable


class Rules:
    """The policies of some resources. `deny` refuses what no rule allows; without it, what has no rule is allowed."""

    def __init__(self, resources: Sequence[ResourceShape], *, deny: bool = False) -> None:
        self.deny = deny
        self.views = Views()
        # A resource whose policy says nothing, and no row of which says whose it is, is asked for as it is.
        self.open = frozenset(shape.name for shape in resources if not deny and shape.policy.is_empty and not shape.is_stamped)
        self.all_open = len(self.open) == len(resources)


class Acting:
    """Executes commands for one caller, as far as it may; a refusal is an outcome like any other."""

    __slots__ = ("_all_open", "_known", "_rules", "_service", "caller")

    def __init__(self, service: Service, rules: Rules, caller: Caller) -> None:
        self.caller = caller
        self._service = service
        self._rules = rules
        self._all_open = rules.all_open
        self._known: dict[str, tuple[Access, ResourceShape]] = {}

    def view(self, resource: ResourceShape) -> ResourceShape:
        """The resource as this caller has it: documents, filters and orders are read by it, and representations written."""
        return resource if self._is_open(resource) else self._look(resource)[1]

    def denied(self, resource: ResourceShape, action: Action) -> Denied | None:
        """Why the caller may do this with no row at all, if so."""
        if self._is_open(resource) or self._look(resource)[0].may(action):
            return None
        principal, challenge = self.caller.principal, self.caller.challenge
        return Unauthenticated(challenge) if principal.is_anonymous and challenge is not None else Forbidden()

    def execute(self, resource: ResourceShape, command: Command) -> Coroutine[Any, Any, Outcome]:
        """Do what a command asks and say what happened; every expected refusal is an outcome."""
        return self._service.execute(resource, command) if self._is_open(resource) else self._execute(resource, command)

    def _execute(self, resource: ResourceShape, command: Command) -> Coroutine[Any, Any, Outcome]:
        match command:
            case Fetch():
                return self.fetch(resource, command)
            case List():
                return self.list(resource, command)
            case _:
                return self.write(resource, command)

    def fetch(self, resource: ResourceShape, command: Fetch) -> Coroutine[Any, Any, ReadOutcome]:
        if self._is_open(resource):
            return self._service.fetch(resource, command)
        return self._fetch(resource, command)

    def list(self, resource: ResourceShape, command: List) -> Coroutine[Any, Any, ReadOutcome]:
        if self._is_open(resource):
            return self._service.list(resource, command)
        return self._list(resource, command)

    def fetch_many(self, resource: ResourceShape, command: FetchMany) -> Coroutine[Any, Any, ManyRows]:
        if self._is_open(resource):
            return self._service.fetch_many(resource, command)
        return self._fetch_many(resource, command)

    def related(self, resource: ResourceShape, field: str, values: Sequence[JSON], command: List) -> Coroutine[Any, Any, ManyPages]:
        if self._is_open(resource):
            return self._service.related(resource, field, values, command)
        return self._related(resource, field, values, command)

    def write(self, resource: ResourceShape, command: WriteCommand) -> Coroutine[Any, Any, WriteOutcome]:
        if self._is_open(resource):
            return self._service.write(resource, command)
        return self._write(resource, command)

    async def _fetch(self, resource: ResourceShape, command: Fetch) -> ReadOutcome:
        if (denied := self.denied(resource, "read")) is not None:
            return denied
        outcome = await self._service.fetch(self.view(resource), command, self._scope(resource, "read"))
        match outcome:
            case Found(row):
                return Found(self._masked(resource, row))
            case NotModified(row):
                return NotModified(self._masked(resource, row))
            case VersionMismatch():
                return self._masked_mismatch(resource, outcome)
            case _:
                return outcome

    async def _list(self, resource: ResourceShape, command: List) -> ReadOutcome:
        refusal = self._unreadable(resource, command)
        if refusal is not None:
            return refusal
        page = await self._service.list(self.view(resource), command, self._scope(resource, "read"))
        return self._masked_page(resource, page) if isinstance(page, Page) else page

    async def _fetch_many(self, resource: ResourceShape, command: FetchMany) -> ManyRows:
        if (denied := self.denied(resource, "read")) is not None:
            return denied
        rows = await self._service.fetch_many(self.view(resource), command, self._scope(resource, "read"))
        if isinstance(rows, Unavailable):
            return rows
        return [None if row is None else self._masked(resource, row) for row in rows]

    async def _related(self, resource: ResourceShape, field: str, values: Sequence[JSON], command: List) -> ManyPages:
        refusal = self._unreadable(resource, command)
        if refusal is not None:
            return refusal
        if field in self.view(resource).hidden:
            # Which rows refer to which is what the field says.
            return Forbidden()
        pages = await self._service.related(self.view(resource), field, values, command, self._scope(resource, "read"))
        if isinstance(pages, Invalid | Unavailable):
            return pages
        return {value: self._masked_page(resource, page) for value, page in pages.items()}

    async def _write(self, resource: ResourceShape, command: WriteCommand) -> WriteOutcome:
        action = _ACTIONS[type(command)]
        if (denied := self.denied(resource, action)) is not None:
            return denied
        access, view = self._look(resource)
        grant = Grant(
            principal=self.caller.principal,
            scope=access.scope(action),
            birth=access.scope("create"),
            may_create=access.may("create"),
        )
        outcome = await self._service.write(view, command, grant)
        match outcome:
            case Written(row, effect):
                return Written(self._masked(resource, row), effect, shown=access.may("read"))
            case VersionMismatch():
                return self._masked_mismatch(resource, outcome)
            case AlreadyExists() if not access.may("read"):
                # That the key is taken cannot be hidden; the version of the row that has it can.
                return UniqueConflict((resource.key_name,))
            case _:
                return outcome

    def _scope(self, resource: ResourceShape, action: Action) -> Scope | None:
        return self._look(resource)[0].scope(action)

    def _unreadable(self, resource: ResourceShape, command: List) -> Denied | Invalid | None:
        """Why a page cannot be read: nothing may be, or the page goes by fields that the caller may not read."""
        if (denied := self.denied(resource, "read")) is not None:
            return denied
        hidden = self.view(resource).hidden
        asked = (*(("where", field) for field in compared(command.where)), *(("order", one.field) for one in command.order))
        wrong = [Violation(pointer(at, field), "unknown", "There is no such field.") for at, field in asked if field in hidden]
        return Invalid(tuple(wrong)) if wrong else None

    def _masked(self, resource: ResourceShape, row: Row) -> Row:
        mask = masker(resource, self.view(resource))
        return row if mask is None else mask(row)

    def _masked_page(self, resource: ResourceShape, page: Page) -> Page:
        mask = masker(resource, self.view(resource))
        return page if mask is None else mask_page(page, mask)

    def _masked_mismatch(self, resource: ResourceShape, mismatch: VersionMismatch) -> VersionMismatch:
        """The current state goes to who may read it."""
        if mismatch.row is None:
            return mismatch
        shown = self._masked(resource, mismatch.row) if self._look(resource)[0].may("read") else None
        return VersionMismatch(mismatch.current, shown, mismatch.where)

    def _is_open(self, resource: ResourceShape) -> bool:
        return self._all_open or resource.name in self._rules.open

    def _look(self, resource: ResourceShape) -> tuple[Access, ResourceShape]:
        known = self._known.get(resource.name)
        if known is None:
            access = Access(resource.name, resource.policy, self.caller.principal, deny=self._rules.deny)
            known = access, self._rules.views.view(resource, access.unseen(), access.unset())
            self._known[resource.name] = known
        return known
