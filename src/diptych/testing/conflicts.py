"""A lost update, made on purpose: two writers at once, and both doors must refuse the one who came too late."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from diptych.app.bridge import Bridge
from diptych.testing.answers import Answer, Key, RowValues
from diptych.testing.doors import Document, Door, Model, shape_of


@dataclass(frozen=True, slots=True)
class LostUpdate:
    """What was prevented: the row as the winner left it, and what each door told the one who came too late."""

    key: Key
    row: RowValues
    winner: str  # the name of the door that the winner used
    rest: Answer
    graphql: Answer


class Conflict(Protocol):
    """What the fixture `conflict` gives."""

    async def __call__(
        self,
        model: Model,
        document: Document,
        *,
        change: Document,
        other: Document,
        rest: Door | None = None,
        graphql: Door | None = None,
    ) -> LostUpdate:
        """Create a row, let two writers change it at once, and see that one of them is refused.

        `change` and `other` are the merge patches of the two, made on the same version: one through REST, one through GraphQL. Exactly
        one must be taken. After that, patch, replace and delete with the old version must be refused as `version_mismatch` through both
        doors, in the same words, with the row as it is now, which nothing may have changed. `rest` and `graphql` are the doors of
        somebody, for a bridge that asks; see `as_principal`. Raises AssertionError where something is not so.
        """
        ...


class Conflicting:
    """Conflicts between the writers at two doors."""

    def __init__(self, bridge: Bridge, rest: Door, graphql: Door) -> None:
        self._bridge = bridge
        self._rest = rest
        self._graphql = graphql

    async def __call__(
        self,
        model: Model,
        document: Document,
        *,
        change: Document,
        other: Document,
        rest: Door | None = None,
        graphql: Door | None = None,
    ) -> LostUpdate:
        doors = (rest or self._rest, graphql or self._graphql)
        made = await doors[0].create(model, document)
        key, version = made.key, made.version
        if made.code != "created" or key is None or version is None:
            raise AssertionError(f"The row of a conflict must be one that its writers can create and read: {_said(made)}.")

        # Neither waits for the other, and both have seen the same version.
        race = await asyncio.gather(doors[0].patch(model, key, change, version=version), doors[1].patch(model, key, other, version=version))
        winner, won = _winner(doors, race, version)
        row = won.row
        if row is None:
            raise AssertionError("The writers of a conflict must be able to read the row.")
        for door, answer in zip(doors, race, strict=True):
            if answer is not won:
                _must_be_refused(door, "patch, at the same time as the other,", answer, row)

        # An input of GraphQL's has no key of its own to say beside the argument.
        complete = {name: value for name, value in document.items() if name != shape_of(self._bridge, model).key_name}
        refused = {door.name: await _come_late(door, model, key, version, complete, other, row) for door in doors}
        first, second = (refused[door.name] for door in doors)
        if (first.title, first.detail, first.facts) != (second.title, second.detail, second.facts):
            raise AssertionError(f"The doors do not refuse alike: {_said(first)}, and {_said(second)}.")
        return LostUpdate(key, row, winner, rest=first, graphql=second)


def _winner(doors: tuple[Door, Door], race: list[Answer] | tuple[Answer, ...], version: int) -> tuple[str, Answer]:
    """The one of two writers whose change was taken; raises AssertionError unless it is exactly one."""
    taken = [(door.name, answer) for door, answer in zip(doors, race, strict=True) if answer.accepted]
    if len(taken) == 2:
        if any(answer.version == version for answer in race):
            raise AssertionError("One of the changes changes nothing, so that nothing can be lost: give change= and other= other values.")
        raise AssertionError(f"An update was lost: two writers were told that their change of version {version} was made.")
    if not taken:
        raise AssertionError(f"Neither change was taken: {_said(race[0])}, and {_said(race[1])}.")
    name, answer = taken[0]
    if answer.version == version:
        raise AssertionError(f"The change through {name} changes nothing, so that nothing can be lost: give it other values.")
    return name, answer


async def _come_late(
    door: Door, model: Model, key: Key, version: int, document: Document, patch: Document, row: Mapping[str, Any]
) -> Answer:
    """Try every kind of change with a version that is no more; returns what a patch was told."""
    told = await door.patch(model, key, patch, version=version)
    _must_be_refused(door, "patch", told, row)
    _must_be_refused(door, "replace", await door.replace(model, key, document, version=version), row)
    _must_be_refused(door, "delete", await door.delete(model, key, version=version), row)
    now = await door.fetch(model, key)
    if now.row != row:
        raise AssertionError(f"A refused change was made all the same: the row is {now.row}, and was {row}.")
    return told


def _must_be_refused(door: Door, what: str, answer: Answer, row: Mapping[str, Any]) -> None:
    if answer.accepted:
        raise AssertionError(f"An update was lost: a {what} of an old version went through {door.name}.")
    if answer.code != "version_mismatch":
        raise AssertionError(f"A {what} of an old version through {door.name} is not refused as version_mismatch: {_said(answer)}.")
    expected = {"currentVersion": row["version"], "current": row}
    if answer.facts != expected:
        raise AssertionError(f"The refusal of a {what} through {door.name} tells {answer.facts}, and not {expected}.")


def _said(answer: Answer) -> str:
    return f"{answer.code}" if answer.detail is None else f"{answer.code} ({answer.detail})"
