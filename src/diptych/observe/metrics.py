"""Prometheus metrics. Labels are names that were declared and codes that are listed, so that no client can make more of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from time import perf_counter
from typing import Final, TypeAlias, TypeVar

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from diptych.observe.report import Report

# Told when a lane begins a batch: how many callers are in it, and how many are left waiting. Left when the batch is done.
LaneWatch: TypeAlias = Callable[[int, int], AbstractContextManager[None]]

Instrument = TypeVar("Instrument", Counter, Gauge, Histogram)

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The instruments in one registry. Bridges of one process that share a registry share them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._commands = Counter(
            "diptych_commands", "Commands, by how they ended.", ("door", "resource", "command", "outcome"), registry=registry
        )
        self._seconds = Histogram(
            "diptych_command_seconds",
            "Seconds from asking the service to its answer, waiting included.",
            ("door", "resource", "command"),
            registry=registry,
            buckets=_SECONDS,
        )
        self._answers = Counter("diptych_answers", "HTTP answers of the doors, by status.", ("door", "status"), registry=registry)
        self._batches = Histogram(
            "diptych_batch_size", "Callers that shared one statement or commit.", ("lane",), registry=registry, buckets=_SIZES
        )
        self._batch_seconds = Histogram(
            "diptych_batch_seconds", "Seconds that the database took for a batch.", ("lane",), registry=registry, buckets=_SECONDS
        )
        # What a process that has died had waiting is nobody's any more: live gauges are summed over those that run.
        self._waiting = Gauge(
            "diptych_waiting", "Callers left waiting when a batch began.", ("lane",), registry=registry, multiprocess_mode="livesum"
        )
        self._lines = Gauge(
            "diptych_lines_in_use", "Database connections at work.", ("lane",), registry=registry, multiprocess_mode="livesum"
        )
        self._documents = Counter(
            "diptych_graphql_documents", "GraphQL documents looked up among those that are kept.", ("found",), registry=registry
        )
        self._plans = Counter("diptych_graphql_plans", "Plans that were made, each variant counted.", registry=registry)
        # A look-up of a labelled child takes a lock and makes tuples of text; the commands that there are, are few.
        self._command_children: dict[tuple[str, str, str, str], tuple[Counter, Histogram]] = {}
        self._answer_children: dict[tuple[str, int], Counter] = {}
        self._hit = self._documents.labels("yes")
        self._miss = self._documents.labels("no")

    def command(self, report: Report) -> None:
        """Count a command that has ended."""
        key = (report.door, report.resource, report.command, report.outcome)
        children = self._command_children.get(key)
        if children is None:
            children = self._command_children[key] = (self._commands.labels(*key), self._seconds.labels(*key[:3]))
        children[0].inc()
        children[1].observe(report.seconds)

    def answer(self, door: str, status: int) -> None:
        """Count an answer over HTTP."""
        counter = self._answer_children.get((door, status))
        if counter is None:
            counter = self._answer_children[door, status] = self._answers.labels(door, str(status))
        counter.inc()

    def lane(self, name: str) -> LaneWatch:
        """What watches the batches of one lane."""
        size, seconds = self._batches.labels(name), self._batch_seconds.labels(name)
        waiting, lines = self._waiting.labels(name), self._lines.labels(name)

        @contextmanager
        def watch(batch: int, left: int) -> Iterator[None]:
            size.observe(batch)
            waiting.set(left)
            lines.inc()
            began = perf_counter()
            try:
                yield
            finally:
                seconds.observe(perf_counter() - began)
                lines.dec()

        return watch

    def document(self, found: bool) -> None:
        """Count a GraphQL document that was found among those that are kept, or had to be read."""
        (self._hit if found else self._miss).inc()

    def plan(self) -> None:
        """Count a plan, or one more variant of it."""
        self._plans.inc()


@cache
def metrics_in(registry: CollectorRegistry = REGISTRY) -> Metrics:
    """The instruments in a registry, made once."""
    return Metrics(registry)
