"""Runs every operation by its plan and by graphql-core, and compares what both asked of the service and what both answered."""

import re
from asyncio import Event
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from graphql import ExecutionResult

from diptych.graphql.context import Context
from diptych.graphql.documents import Document, Operation
from diptych.graphql.errors import planned
from diptych.graphql.operations import Operations, Request
from diptych.http.answer import json_bytes

# A number of its own for each time that something unforeseen is told.
REQUEST_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

run_own = Operations._run_own

# How many operations each way has run, so that a test can tell that plans are used at all.
ran: Counter[str] = Counter()


class Recording:
    """A service that remembers what it was asked and what came of it."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self.asked: list[tuple[str, str, str]] = []
        self.came: list[Any] = []

    def __getattr__(self, verb: str) -> Any:
        async def ask(resource: Any, command: Any) -> Any:
            number = len(self.asked)
            self.asked.append((verb, resource.name, repr(command)))
            self.came.append(None)
            try:
                self.came[number] = await getattr(self._service, verb)(resource, command)
            except Exception as error:
                # Once, since it is logged, and has a number of its own.
                self.came[number] = planned(error)
            return _told(self.came[number])

        return ask


class Retelling:
    """Answers what a recording heard, to the same questions in the same order."""

    def __init__(self, recording: Recording) -> None:
        self._left = list(zip(recording.asked, recording.came, strict=True))
        self.asked: list[tuple[str, str, str]] = []

    def __getattr__(self, verb: str) -> Any:
        async def ask(resource: Any, command: Any) -> Any:
            self.asked.append((verb, resource.name, repr(command)))
            came = self._left[len(self.asked) - 1][1]
            if came is None:
                # Given up the first time, because of a field that takes the whole answer with it.
                await Event().wait()
            return _told(came)

        return ask


async def run_both(self: Operations, document: Document, operation: Operation, request: Request, context: Context) -> ExecutionResult:
    """Stands in the place of `Operations._run_own`."""
    handed_over: list[Context] = []

    async def by_core(context: Context) -> ExecutionResult:
        handed_over.append(context)
        return await self._run_on_core(document, request, context)

    plan = self._plan(document, operation)
    if plan is None:
        ran["unplanned"] += 1
        return await by_core(context)
    recording: Any = Recording(context.service)
    by_plan = await plan.run(request.variables, Context(recording, context.scope), by_core)
    if handed_over and handed_over[0].service is recording:
        ran["handed over before"] += 1
        return by_plan
    ran["handed over after" if handed_over else "planned"] += 1
    retelling: Any = Retelling(recording)
    expected = await self._run_on_core(document, request, Context(retelling, context.scope))
    # No assertion: the door would answer it as an internal error, as it does with all that nobody planned.
    if recording.asked != retelling.asked:
        pytest.fail(f"asked otherwise: {request} {recording.asked} {retelling.asked}")
    if _bytes(by_plan) != _bytes(expected):
        pytest.fail(f"answered otherwise: {request} {_bytes(by_plan)!r} {_bytes(expected)!r}")
    return by_plan


def _told(came: Any) -> Any:
    if isinstance(came, Exception):
        raise came
    return came


def _bytes(result: ExecutionResult) -> Sequence[bytes]:
    return [json_bytes(result.data), *(REQUEST_ID.sub(b"", json_bytes(error.formatted)) for error in result.errors or ())]
