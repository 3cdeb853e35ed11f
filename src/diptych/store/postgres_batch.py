"""Many change sets on PostgreSQL: those that are alike share a statement, and each statement is a transaction of its own."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, TypeVar

import sqlalchemy as sa

from diptych.semantics.change import Change, Committed, Raced
from diptych.semantics.outcome import Unavailable
from diptych.semantics.row import Row
from diptych.store.change import Answer, Ask, conflict, make
from diptych.store.errors import VIOLATIONS, Failure, OutcomeUnknown, failure, unforeseen
from diptych.store.postgres_set import commit_in_transaction
from diptych.store.prepared import Prepared
from diptych.store.ruled import InScope, Ruled
from diptych.store.shared import MakeMany, known_to_miss, way_to_share

Result = TypeVar("Result")

# A deadlock's victim is chosen anew each time, and the others get on meanwhile.
_ATTEMPTS: Final = 5

# Callers are named by their place in the batch.
_Members: TypeAlias = list[int]


def commit_many(connection: sa.Connection, asks: Sequence[Ask]) -> list[Answer]:
    """Commit every set that its own guards and constraints allow, durably, and answer each as if it had been alone."""
    return _Batch(connection, asks).answered()


class _GivenUp(Exception):
    """Work that failed for good, its cause being the driver's error; nothing of it is written, unless `kind` is LOST."""

    def __init__(self, kind: Failure) -> None:
        super().__init__(kind.value)
        self.kind = kind


class _Batch:
    def __init__(self, connection: sa.Connection, asks: Sequence[Ask]) -> None:
        self._connection = connection
        self._asks = asks
        self._answers: list[Answer] = [Unavailable()] * len(asks)
        self._lost = False

    def answered(self) -> list[Answer]:
        alike: dict[tuple[Prepared, MakeMany, Ruled | None], _Members] = {}
        alone: _Members = []
        for member, (prepared, changes, scoped) in enumerate(self._asks):
            make_many = way_to_share(prepared, changes)
            rule = None if scoped is None else scoped.statements
            (alone if make_many is None else alike.setdefault((prepared, make_many, rule), [])).append(member)
        for (_, make_many, _), members in alike.items():
            self._in_rounds(members, make_many)
        for member in alone:
            self._alone(member)
        return self._answers

    def _in_rounds(self, members: _Members, make_many: MakeMany) -> None:
        """Serve changes of one key by different statements, in the order of arrival."""
        while members:
            first: dict[object, int] = {}
            later: _Members = []
            for member in members:
                key = self._change(member).key
                # A row that is still to be numbered is like no other.
                if first.setdefault((member,) if key is None else key, member) != member:
                    later.append(member)
            self._share(list(first.values()), make_many)
            members = []
            for member in later:
                if self._is_known_to_miss(member, first[self._change(member).key]):
                    self._answers[member] = Raced()
                else:
                    members.append(member)

    def _is_known_to_miss(self, member: int, earlier: int) -> bool:
        match self._answers[earlier]:
            case Committed(rows):
                return known_to_miss(self._change(member), self._change(earlier), rows[0])
            case Raced() if self._scoped(member) == self._scoped(earlier):
                return known_to_miss(self._change(member), self._change(earlier), None)
            case _:
                return False

    def _share(self, members: _Members, make_many: MakeMany) -> None:
        """Serve members of one resource with one statement; where it fails for a reason that has an owner, halve it."""
        if len(members) == 1:
            self._alone(members[0], make_many)
            return
        prepared = self._asks[members[0]][0]
        changes = [self._change(member) for member in members]
        scopes = [scoped for member in members if (scoped := self._scoped(member)) is not None]
        try:
            rows = self._attempt(lambda: make_many(self._connection, prepared, changes, scopes))
        except _GivenUp as given_up:
            if given_up.kind in VIOLATIONS or given_up.kind is Failure.BROKEN:
                middle = len(members) // 2
                self._share(members[:middle], make_many)
                self._share(members[middle:], make_many)
                return
            for member in members:
                self._answers[member] = _refusal(given_up, self._scoped(member))
            return
        for member, row in zip(members, rows, strict=True):
            self._answers[member] = Raced() if row is None else Committed((row,))

    def _alone(self, member: int, make_many: MakeMany | None = None) -> None:
        prepared, changes, scoped = self._asks[member]
        try:
            if scoped is not None and make_many is not None:
                # One statement does it all, where one that is made for a single row needs another to look at what it wrote.
                made = make_many
                self._answers[member] = self._make(prepared, changes[0], lambda: made(self._connection, prepared, changes, [scoped])[0])
            elif scoped is None and len(changes) == 1:
                self._answers[member] = self._make(prepared, changes[0], lambda: make(self._connection, prepared, changes[0]))
            else:
                self._answers[member] = self._attempt(lambda: commit_in_transaction(self._connection, prepared, changes, scoped))
        except _GivenUp as given_up:
            self._answers[member] = _refusal(given_up, scoped)

    def _make(self, prepared: Prepared, change: Change, work: Callable[[], Row | None]) -> Answer:
        try:
            row = self._attempt(work)
        except _GivenUp as given_up:
            if given_up.kind not in VIOLATIONS:
                raise
            kind = given_up.kind
        else:
            return Raced() if row is None else Committed((row,))
        try:
            return self._attempt(lambda: conflict(self._connection, prepared, change, kind))
        except _GivenUp as unexplained:
            # The question why is lost, and the change itself was refused before that.
            return Unavailable() if unexplained.kind is Failure.LOST else _refusal(unexplained)

    def _attempt(self, work: Callable[[], Result]) -> Result:
        """Do work, again after a deadlock or a serialization failure. Raises _GivenUp."""
        failed = 0
        while True:
            if self._lost:
                # Nothing of this was sent.
                raise _GivenUp(Failure.BUSY)
            try:
                return work()
            except Exception as error:
                failed += 1
                kind = failure(error)
                self._lost = kind is Failure.LOST or _is_closed(self._connection)
                if kind is not Failure.AGAIN or failed == _ATTEMPTS:
                    raise _GivenUp(kind) from error

    def _change(self, member: int) -> Change:
        return self._asks[member][1][0]

    def _scoped(self, member: int) -> InScope | None:
        return self._asks[member][2]


def _refusal(given_up: _GivenUp, scoped: InScope | None = None) -> Answer:
    match given_up.kind:
        case Failure.BUSY | Failure.AGAIN:
            return Unavailable()
        case Failure.LOST:
            unknown = OutcomeUnknown("The connection was lost while a statement was under way.")
            unknown.__cause__ = given_up.__cause__
            return unknown
        case _:
            return unforeseen(given_up.__cause__, scoped)


def _is_closed(connection: sa.Connection) -> bool:
    driver = None if connection.invalidated else connection.connection.driver_connection
    return driver is None or bool(driver.is_closed())
