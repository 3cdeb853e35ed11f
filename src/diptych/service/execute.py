"""The use cases: fetch, decide, commit; and once more from the start when the facts have changed in between."""

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never

from diptych.resource.scope import Scope
from diptych.resource.shape import ResourceShape
from diptych.semantics.change import ChangeSet, Committed, Insert, Raced, Remove, Update
from diptych.semantics.command import (
    Address,
    Command,
    Create,
    Delete,
    Fetch,
    FetchMany,
    JsonPatch,
    List,
    MergePatch,
    Replace,
    Unaddressable,
    WriteCommand,
)
from diptych.semantics.decide import (
    Decision,
    decide_create,
    decide_delete,
    decide_json_patch,
    decide_merge_patch,
    decide_replace,
    decide_unseen,
)
from diptych.semantics.json_value import JSON, Document
from diptych.semantics.outcome import (
    Deleted,
    Effect,
    Invalid,
    NotFound,
    Outcome,
    Page,
    ReadOutcome,
    Unavailable,
    Violation,
    WriteOutcome,
    Written,
)
from diptych.semantics.principal import ANONYMOUS, Principal
from diptych.semantics.read import Marked, Window, decide_fetch, decide_marked, decide_window
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts, Row
from diptych.semantics.sight import insist, is_behind
from diptych.service.ports import Store

# A guard that misses means that another writer has just succeeded, so all of them together make progress; a caller that
# loses this often in a row is told that the database is busy.
MOST_ATTEMPTS: Final = 256


@dataclass(frozen=True, slots=True)
class Grant:
    """What a write may do. `principal` is whose it is, for the fields that say so.

    It changes rows of `scope` alone, and a row that it gives birth to is one of `birth`. Without `may_create` a replace finds
    nothing to replace where no row is.
    """

    principal: Principal = ANONYMOUS
    scope: Scope | None = None
    birth: Scope | None = None
    may_create: bool = True


UNLIMITED: Final = Grant()


@dataclass(frozen=True, slots=True)
class Service:
    """Executes commands on resources, for whoever asks: a program, or `Acting`, which asks a resource's policy first.

    `most_bytes` bounds what a JSON Patch may make of a document, in bytes of JSON text. A `scope` says which rows there are.
    """

    store: Store
    most_bytes: int = 1 << 20

    def execute(self, resource: ResourceShape, command: Command) -> Coroutine[Any, Any, Outcome]:
        """Do what a command asks and say what happened; every expected refusal is an outcome."""
        match command:
            case Fetch():
                return self.fetch(resource, command)
            case List():
                return self.list(resource, command)
            case _:
                return self.write(resource, command)

    async def fetch(self, resource: ResourceShape, command: Fetch, scope: Scope | None = None) -> ReadOutcome:
        """Read one row; refusals are NotFound, VersionMismatch and Unavailable."""
        key = command.key
        facts = UNKNOWN_TO_THE_STORE if isinstance(key, Unaddressable) else await self.store.fetch(resource, key, scope)
        if not isinstance(key, Unaddressable) and not isinstance(facts, Unavailable) and is_behind(command, facts) and insist():
            facts = await self.store.fetch(resource, key, scope)
        return facts if isinstance(facts, Unavailable) else decide_fetch(command, facts)

    async def list(self, resource: ResourceShape, command: List, scope: Scope | None = None) -> ReadOutcome:
        """Read one page; refusals are Invalid and Unavailable."""
        window = await self._window(resource, command, scope)
        if isinstance(window, Invalid | Unavailable):
            return window
        return await self.store.window(resource, window, scope)

    async def fetch_many(
        self, resource: ResourceShape, command: FetchMany, scope: Scope | None = None
    ) -> Sequence[Row | None] | Unavailable:
        """Read several rows of one snapshot, in the order of their keys; None for a key that no row has."""
        keys = [key for key in command.keys if not isinstance(key, Unaddressable)]
        rows = await self.store.rows(resource, keys, command.fields, scope) if keys else ()
        if isinstance(rows, Unavailable):
            return rows
        found = iter(rows)
        return [None if isinstance(key, Unaddressable) else next(found) for key in command.keys]

    async def related(
        self, resource: ResourceShape, field: str, values: Sequence[JSON], command: List, scope: Scope | None = None
    ) -> Mapping[JSON, Page] | Invalid | Unavailable:
        """Read, for each of some canonical values, a page of the rows that have it in a field, all of one snapshot."""
        window = await self._window(resource, command, scope)
        if isinstance(window, Invalid | Unavailable):
            return window
        return await self.store.related(resource, field, values, window, scope) if values else {}

    async def _window(self, resource: ResourceShape, command: List, scope: Scope | None) -> Window | Invalid | Unavailable:
        """The window of a page; where its cursors mark rows, these are looked at for where they stand."""
        window = decide_window(command, resource)
        if not isinstance(window, Marked):
            return window
        # A copy that is behind has other rows where these cursors were given out.
        insist()
        rows = await self.store.rows(resource, window.keys, frozenset(one.field for one in command.order), scope)
        if isinstance(rows, Unavailable):
            return rows
        return decide_marked(command, resource, {row.key: row for row in rows if row is not None})

    async def write(self, resource: ResourceShape, command: WriteCommand, grant: Grant = UNLIMITED) -> WriteOutcome:
        """Change one row, under the guard that the state which the decision was made on is still the current one."""
        insist()
        if isinstance(command, Replace) and (unseen := decide_unseen(command, resource.replacing)) is not None:
            committed = await self.store.commit(resource, unseen, grant.scope)
            if not isinstance(committed, Raced):
                return _answer(command, unseen, committed) if isinstance(committed, Committed) else committed
        for _ in range(MOST_ATTEMPTS):
            facts = await self._facts(resource, _address(command, resource), grant.scope)
            if isinstance(facts, Unavailable):
                return facts
            if isinstance(command, Replace) and facts.row is None and not grant.may_create:
                # Who may not create has nothing to replace here, whether nothing is there or a row that it may not see.
                return NotFound(command.key.text if isinstance(command.key, Unaddressable) else command.key)
            decision = self._decide(command, resource, facts, grant.principal)
            if not isinstance(decision, tuple):
                return decision
            changes = _stamped(decision, resource, grant.principal) if resource.stamps else decision
            scope = grant.birth if isinstance(changes[0], Insert) else grant.scope
            committed = await self.store.commit(resource, changes, scope)
            if isinstance(committed, Committed):
                return _answer(command, decision, committed)
            if not isinstance(committed, Raced):
                return committed
        return Unavailable()

    def _decide(self, command: WriteCommand, resource: ResourceShape, facts: Facts, principal: Principal) -> Decision:
        match command:
            case Create():
                return decide_create(command, resource.creating, facts, _minted(resource, facts, principal))
            case Replace():
                return decide_replace(command, resource.replacing, facts, _minted(resource, facts, principal))
            case MergePatch():
                return decide_merge_patch(command, resource.patching, facts)
            case JsonPatch():
                return decide_json_patch(command, resource.patching, facts, self.most_bytes, resource.limits.json_depth)
            case Delete():
                return decide_delete(command, resource, facts)
            case _:
                assert_never(command)

    async def _facts(self, resource: ResourceShape, address: Address | None, scope: Scope | None) -> Facts | Unavailable:
        """Look a key up; one that no row can have, or none at all, needs no look."""
        if address is None or isinstance(address, Unaddressable):
            return UNKNOWN_TO_THE_STORE
        return await self.store.fetch(resource, address, scope)


def _address(command: WriteCommand, resource: ResourceShape) -> Address | None:
    """Where to look: the key that is addressed, or for a create the one in the document, if the client chooses it."""
    if not isinstance(command, Create):
        return command.key
    if not resource.client_keyed or not isinstance(command.document, dict):
        return None
    key = resource.key_from_json(command.document.get(resource.key_name))
    return None if isinstance(key, Violation) else key


def _minted(resource: ResourceShape, facts: Facts, principal: Principal) -> Document:
    """Fresh values for a row that is about to be born; decisions themselves know no clock and no chance."""
    return resource.mint(principal) if facts.row is None else {}


def _stamped(changes: ChangeSet, resource: ResourceShape, principal: Principal) -> ChangeSet:
    """Set what each change of a row sets by itself, once it is decided that there is one."""
    stamps = resource.stamp(principal)
    return tuple(replace(change, values={**change.values, **stamps}) if isinstance(change, Update) else change for change in changes)


def _answer(command: WriteCommand, changes: ChangeSet, committed: Committed) -> Written | Deleted:
    """Say what the first change of a set that was committed did."""
    change, row = changes[0], committed.rows[0]
    match change:
        case Remove():
            return Deleted(row.key, row.version)
        case Insert():
            return Written(row, Effect.CREATED)
        case _ if row.version == change.seen:
            # Only a statement that compares for itself leaves the version it has seen.
            return Written(row, Effect.UNCHANGED)
        case _:
            return Written(row, Effect.REPLACED if isinstance(command, Replace) else Effect.PATCHED)
