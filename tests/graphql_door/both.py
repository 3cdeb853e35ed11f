"""Runs every operation by its plan and by graphql-core, and compares what both asked of the service and what both answered."""

import re
from asyncio import Event
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from graphql import ExecutionResult

from diptych.graphql.context import Context
from diptych.graphql.documents import Document, Operation
from diptych.graphql.errors import planned
from diptych.graphql.operations import Operations
from diptych.graphql.plan import Plan
from diptych.http.answer import json_bytes
from diptych.semantics.outcome import Invalid, Unavailable

# A number of its own for each time that something unforeseen is told.
REQUEST_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

run_plan = Plan.run
plan_of = Operations._plan

# How many operations each way has run, so that a test can tell that plans are used at all.
ran: Counter[str] = Counter()

# What is asked, and of which resource, in words; for several rows at once, one for each.
Question = tuple[str, str, str]


class Recording:
    """A service that remembers what it was asked and what came of it."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self.asked: list[Question] = []
        self.came: dict[Question, list[Any]] = {}

    def __getattr__(self, verb: str) -> Any:
        async def ask(resource: Any, *command: Any) -> Any:
            questions = list(_questions(verb, resource, command))
            self.asked += questions
            places = [self._place(question) for question in questions]
            came: Any
            try:
                came = await getattr(self._service, verb)(resource, *command)
            except Exception as error:
                # Once, since it is logged, and has a number of its own.
                came = planned(error)
            for place, one in zip(places, _each(came, command), strict=True):
                place.append(one)
            return _told(came)

        return ask

    def _place(self, question: Question) -> list[Any]:
        """Where an answer is put, if it comes."""
        place: list[Any] = []
        self.came.setdefault(question, []).append(place)
        return place


class Retelling:
    """Answers what a recording heard, to the same questions; the same one asked again, in the same order."""

    def __init__(self, recording: Recording) -> None:
        self._left = {question: list(places) for question, places in recording.came.items()}
        self.asked: list[Question] = []

    def __getattr__(self, verb: str) -> Any:
        async def ask(resource: Any, *command: Any) -> Any:
            questions = list(_questions(verb, resource, command))
            self.asked += questions
            places = [self._place(question) for question in questions]
            if not all(places):
                # Given up the first time, because of a field that takes the whole answer with it.
                await Event().wait()
            came = [place[0] for place in places]
            for one in came:
                if verb not in SEVERAL or isinstance(one, Exception | Unavailable | Invalid):
                    return _told(one)
            return dict(zip(command[1], came, strict=True)) if verb == "related" else came

        return ask

    def _place(self, question: Question) -> list[Any]:
        places = self._left.get(question)
        if not places:
            raise LookupError(question)
        # Two questions at once may have been one before.
        place: list[Any] = places.pop(0) if len(places) > 1 else places[0]
        return place


SEVERAL = ("fetch_many", "related")


def _questions(verb: str, resource: Any, command: Sequence[Any]) -> Iterator[Question]:
    match verb:
        case "fetch_many":
            yield from ((verb, resource.name, repr((key, sorted(command[0].fields)))) for key in command[0].keys)
        case "related":
            field, values, window = command
            yield from ((verb, resource.name, repr((field, value, _plain(window)))) for value in values)
        case _:
            yield verb, resource.name, repr(_plain(command[0]))


def _plain(command: Any) -> Any:
    """A set has no order of its own to be written in."""
    fields = getattr(command, "fields", None)
    return command if fields is None else (replace(command, fields=None), sorted(fields))


def _each(came: Any, command: Sequence[Any]) -> Sequence[Any]:
    """The answer for each of several rows."""
    if isinstance(came, list):
        return came
    if isinstance(came, Mapping):
        return [came[value] for value in command[1]]
    keys = command[1] if len(command) == 3 else getattr(command[0], "keys", (None,))
    return [came] * len(keys)


async def run_both(self: Plan, given: Mapping[str, Any], context: Context, otherwise: Any, judge: Any) -> ExecutionResult:
    """Stands in the place of `Plan.run`; `otherwise` runs the operation on graphql-core, unless `judge` refuses it."""
    handed_over: list[Context] = []

    async def by_core(context: Context) -> ExecutionResult:
        handed_over.append(context)
        result: ExecutionResult = await otherwise(context)
        return result

    recording: Any = Recording(context.service)
    by_plan = await run_plan(self, given, Context(recording, context.scope), by_core, judge)
    if judge is not None and judge() is not None:
        # What asks for too much is refused on both ways before anything is asked.
        if recording.asked or handed_over or by_plan.data is not None:
            pytest.fail(f"ran what was refused: {otherwise} {given} {recording.asked}")
        ran["refused"] += 1
        return by_plan
    if handed_over and handed_over[0].service is recording:
        ran["handed over before"] += 1
        return by_plan
    ran["handed over after" if handed_over else "planned"] += 1
    retelling: Any = Retelling(recording)
    expected = await otherwise(Context(retelling, context.scope))
    # No assertion: the door would answer it as an internal error, as it does with all that nobody planned.
    if _in_order(recording.asked) != _in_order(retelling.asked):
        pytest.fail(f"asked otherwise: {otherwise} {given} {recording.asked} {retelling.asked}")
    if _bytes(by_plan) != _bytes(expected):
        pytest.fail(f"answered otherwise: {otherwise} {given} {_bytes(by_plan)!r} {_bytes(expected)!r}")
    return by_plan


def count_unplanned(self: Operations, document: Document, operation: Operation) -> Plan | None:
    """Stands in the place of `Operations._plan`."""
    plan = plan_of(self, document, operation)
    if plan is None:
        ran["unplanned"] += 1
    return plan


def _in_order(asked: Sequence[Question]) -> tuple[Any, Any]:
    """What relations and lists of keys ask, once each; and what other root fields ask, in their order."""
    return {question for question in asked if question[0] in SEVERAL}, [question for question in asked if question[0] not in SEVERAL]


def _told(came: Any) -> Any:
    if isinstance(came, Exception):
        raise came
    return came


def _bytes(result: ExecutionResult) -> Sequence[bytes]:
    return [json_bytes(result.data), *(REQUEST_ID.sub(b"", json_bytes(error.formatted)) for error in result.errors or ())]
