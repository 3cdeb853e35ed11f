"""OpenTelemetry traces: a span for each command, and beneath it one for each fetch, decision and commit.

Only the API is needed here. Where spans go is the affair of the SDK that the application sets up; without one they go nowhere.
"""

from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from diptych.http.asgi import Scope as Request
from diptych.observe.report import INTERNAL, UNAVAILABLE, Report
from diptych.resource.scope import Scope
from diptych.resource.shape import ResourceShape
from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.semantics.command import WriteCommand
from diptych.semantics.decide import Decision
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Forbidden, Page, Unavailable
from diptych.semantics.principal import Principal
from diptych.semantics.read import Window
from diptych.semantics.row import Facts, Key, Row
from diptych.service.execute import Service
from diptych.service.ports import Conflict, Store

Told = TypeVar("Told")

# The fields of W3C Trace Context and Baggage.
_CARRIED: Final = frozenset({b"traceparent", b"tracestate", b"baggage"})
_WRONG: Final = (INTERNAL, UNAVAILABLE)


class Traces:
    """Makes the spans of one bridge. `system` is the database's name in the semantic conventions (`db.system.name`)."""

    def __init__(self, system: str) -> None:
        self.tracer: Final = trace.get_tracer("diptych")
        self.system: Final = system

    def service(self, service: Service) -> Service:
        """The same service, its steps told as spans."""
        parts = {part.name: getattr(service, part.name) for part in fields(service)}
        parts["store"] = _TracedStore(service.store, self.tracer, self.system)
        return _TracedService(**parts, tracer=self.tracer)

    @contextmanager
    def command(self, name: str, resource: str, door: str, request: Request | None) -> Iterator[Span]:
        """The span of a command, in the trace that the application is in, else in the one that the request names."""
        parent = None if request is None or trace.get_current_span().get_span_context().is_valid else _carried(request)
        remote = parent is not None and trace.get_current_span(parent).get_span_context().is_valid
        attributes = {"diptych.door": door, "diptych.resource": resource, "diptych.command": name}
        kind = SpanKind.SERVER if remote else SpanKind.INTERNAL
        # What was raised is told by its class alone: its words may be a driver's, and hold somebody's values.
        with self.tracer.start_as_current_span(
            f"{name} {resource}", parent, kind, attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    def tell(self, span: Span, report: Report) -> None:
        """Write on a command's span how it ended. A refusal that a caller should expect is no error."""
        span.set_attribute("diptych.outcome", report.outcome)
        if report.request_id is not None:
            span.set_attribute("diptych.request_id", report.request_id)
        if report.outcome in _WRONG:
            span.set_attribute("error.type", report.error or report.outcome)
            span.set_status(StatusCode.ERROR)


def _carried(request: Request) -> Context:
    return propagate.extract({name.decode("latin-1"): value.decode("latin-1") for name, value in request["headers"] if name in _CARRIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _TracedService(Service):
    """Tells its decisions as spans; nothing is awaited in one."""

    tracer: Tracer

    def _decide(self, command: WriteCommand, resource: ResourceShape, facts: Facts, principal: Principal) -> Decision:
        with self.tracer.start_as_current_span("decide"):
            # By its name: a class with slots is made anew by the decorator, and super() would look for the first one.
            return Service._decide(self, command, resource, facts, principal)


class _TracedStore:
    """A store whose steps are spans; a span lasts as long as the caller waits, its place in a shared statement included."""

    def __init__(self, store: Store, tracer: Tracer, system: str) -> None:
        self._store = store
        self._tracer = tracer
        self._attributes: Final = {"db.system.name": system}

    async def _step(self, name: str, resource: ResourceShape, work: Coroutine[Any, Any, Told]) -> Told:
        attributes = {**self._attributes, "db.collection.name": resource.table, "db.operation.name": name}
        with self._tracer.start_as_current_span(
            name, None, SpanKind.CLIENT, attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                told = await work
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise
            if isinstance(told, Unavailable):
                span.set_attribute("error.type", told.code)
                span.set_status(StatusCode.ERROR)
            return told

    def fetch(self, resource: ResourceShape, key: Key, scope: Scope | None = None) -> Coroutine[Any, Any, Facts | Unavailable]:
        return self._step("fetch", resource, self._store.fetch(resource, key, scope))

    def window(self, resource: ResourceShape, window: Window, scope: Scope | None = None) -> Coroutine[Any, Any, Page | Unavailable]:
        return self._step("fetch", resource, self._store.window(resource, window, scope))

    def rows(
        self, resource: ResourceShape, keys: Sequence[Key], fields: frozenset[str] | None, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Sequence[Row | None] | Unavailable]:
        return self._step("fetch", resource, self._store.rows(resource, keys, fields, scope))

    def related(
        self, resource: ResourceShape, field: str, values: Sequence[JSON], window: Window, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Mapping[JSON, Page] | Unavailable]:
        return self._step("fetch", resource, self._store.related(resource, field, values, window, scope))

    def commit(
        self, resource: ResourceShape, changes: ChangeSet, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Committed | Raced | Conflict | Forbidden | Unavailable]:
        return self._step("commit", resource, self._store.commit(resource, changes, scope))
