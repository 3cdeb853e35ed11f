"""What is watched of a bridge, and the service as it is watched."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import nullcontext
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from diptych.http.request_ids import current_request, request_id
from diptych.observe import lines
from diptych.observe.report import CANCELLED, INTERNAL, CommandName, Report, outcome_name
from diptych.resource.policy import Action
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Command, Create, Delete, Fetch, FetchMany, JsonPatch, List, MergePatch, Replace, WriteCommand
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Denied, Outcome, ReadOutcome, WriteOutcome
from diptych.semantics.principal import Caller
from diptych.service.acting import Acting, ManyPages, ManyRows, Rules
from diptych.service.execute import Service

if TYPE_CHECKING:
    from diptych.observe.metrics import Metrics
    from diptych.observe.traces import Traces

Told = TypeVar("Told")

# Where a request notes that it became a command, so that its line need not be written twice.
COMMANDED: Final = "diptych.commanded"
# And that a door would not begin one: what tells of it, given the seconds it took.
REFUSED: Final = "diptych.refused"

_NAMES: Final[dict[type, CommandName]] = {
    Create: "create",
    Replace: "replace",
    MergePatch: "patch",
    JsonPatch: "json_patch",
    Delete: "delete",
}


class Watching:
    """What somebody wants to see of a bridge: lines where a logger lets them pass, metrics and traces where they were switched on.

    Nothing is imported for what is off, and a bridge of which nothing is watched has its service as it is.
    """

    def __init__(self) -> None:
        self.metrics: Metrics | None = None
        self.traces: Traces | None = None

    def is_on(self) -> bool:
        return self.metrics is not None or self.traces is not None or lines.log.isEnabledFor(logging.INFO)

    def acting(self, service: Service, rules: Rules) -> Callable[[Caller], Acting]:
        """The service for each caller, watched as long as there is something to see."""
        traced: Service | None = None

        def act(caller: Caller) -> Acting:
            nonlocal traced
            if not self.is_on():
                return Acting(service, rules, caller)
            if self.traces is None:
                return Watched(service, rules, caller, self)
            if traced is None:
                traced = self.traces.service(service)
            return Watched(traced, rules, caller, self)

        return act

    def count(self) -> Metrics:
        """Count commands from now on; what else is counted is told to the metrics by those who know of it."""
        from diptych.observe.metrics import metrics_in

        self.metrics = metrics_in()
        return self.metrics

    def trace(self, database: str) -> None:
        """Make spans from now on; the URL says what kind of database they go to."""
        from diptych.observe.traces import Traces

        self.traces = Traces("sqlite" if database.lower().startswith("sqlite") else "postgresql")

    def ended(self, report: Report) -> None:
        """Tell of a command that has ended to whoever wants to know."""
        if self.metrics is not None:
            self.metrics.command(report)
        if lines.is_on():
            lines.write_command(report)


class Watched(Acting):
    """The service for one caller; every command is told of once it has ended, whatever came of it."""

    __slots__ = ("_watching",)

    def __init__(self, service: Service, rules: Rules, caller: Caller, watching: Watching) -> None:
        super().__init__(service, rules, caller)
        self._watching = watching

    def denied(self, resource: ResourceShape, action: Action) -> Denied | None:
        """As the service says. Where no command follows, because a door has asked beforehand, the refusal is told of by `Watchpost`."""
        denied = super().denied(resource, action)
        if denied is not None and (request := current_request()) is not None:
            request[REFUSED] = partial(self._report, action, resource, denied.code)
        return denied

    def execute(self, resource: ResourceShape, command: Command) -> Coroutine[Any, Any, Outcome]:
        return self._execute(resource, command)

    def fetch(self, resource: ResourceShape, command: Fetch) -> Coroutine[Any, Any, ReadOutcome]:
        return self._watched("fetch", resource, super().fetch(resource, command))

    def list(self, resource: ResourceShape, command: List) -> Coroutine[Any, Any, ReadOutcome]:
        return self._watched("list", resource, super().list(resource, command))

    def fetch_many(self, resource: ResourceShape, command: FetchMany) -> Coroutine[Any, Any, ManyRows]:
        return self._watched("fetch_many", resource, super().fetch_many(resource, command))

    def related(self, resource: ResourceShape, field: str, values: Sequence[JSON], command: List) -> Coroutine[Any, Any, ManyPages]:
        return self._watched("related", resource, super().related(resource, field, values, command))

    def write(self, resource: ResourceShape, command: WriteCommand) -> Coroutine[Any, Any, WriteOutcome]:
        return self._watched(_NAMES[type(command)], resource, super().write(resource, command))

    async def _watched(self, command: CommandName, resource: ResourceShape, work: Coroutine[Any, Any, Told]) -> Told:
        request, traces = current_request(), self._watching.traces
        if request is not None:
            request[COMMANDED] = True
        span = nullcontext() if traces is None else traces.command(command, resource.name, self.caller.door, request)
        outcome, error, began = INTERNAL, None, perf_counter()
        with span as current:
            try:
                told = await work
                outcome = outcome_name(told)
                return told
            except asyncio.CancelledError:
                outcome = CANCELLED
                raise
            except BaseException as raised:
                error = type(raised).__name__
                raise
            finally:
                report = self._report(command, resource, outcome, perf_counter() - began, error)
                if current is not None and traces is not None:
                    traces.tell(current, report)
                self._watching.ended(report)

    def _report(self, command: CommandName, resource: ResourceShape, outcome: str, seconds: float, error: str | None = None) -> Report:
        caller, request = self.caller, current_request()
        known = caller.request_id if request is None else request_id(request)
        return Report(caller.door, resource.name, command, outcome, seconds, known, caller.principal.subject, error)
