"""Traces: a span for each command, its steps beneath it, in the trace that the request names."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from diptych import Bridge
from diptych.service.ports import StoreError
from tests.doors.door import USER, Door
from tests.proofs.command import environment
from tests.proofs.server import DIPTYCH, free_port, serving

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECRET = "Xq7-nobody-may-read-this"


@pytest.fixture(scope="module")
def provider() -> TracerProvider:
    """The SDK takes one for the whole process."""
    provider = TracerProvider()
    trace.set_tracer_provider(provider)
    return provider


@pytest.fixture
def spans(provider: TracerProvider, bridge: Bridge) -> Iterator[InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    processor = SimpleSpanProcessor(kept)
    provider.add_span_processor(processor)
    bridge.observe(traces=True)
    yield kept
    processor.shutdown()


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def told(spans: InMemorySpanExporter) -> list[tuple[str, list[str]]]:
    """Each command's span with the names of those beneath it, in the order in which they began."""
    ours = sorted((span for span in spans.get_finished_spans() if owner(span) == "diptych"), key=lambda span: span.start_time or 0)
    found = []
    for span in ours:
        if " " in span.name:
            beneath = [one.name for one in ours if one.parent is not None and one.parent.span_id == span_id(span)]
            found.append((span.name, beneath))
    return found


def span_id(span: ReadableSpan) -> int:
    assert span.context is not None
    number: int = span.context.span_id
    return number


def trace_id(span: ReadableSpan) -> int:
    assert span.context is not None
    number: int = span.context.trace_id
    return number


def owner(span: ReadableSpan) -> str:
    assert span.instrumentation_scope is not None
    return span.instrumentation_scope.name


def command_span(spans: InMemorySpanExporter) -> ReadableSpan:
    (span,) = [span for span in spans.get_finished_spans() if owner(span) == "diptych" and " " in span.name]
    return span


async def test_a_command_and_its_steps(spans: InMemorySpanExporter, door: Door, bridge: Bridge) -> None:
    made = await door.create(USER, {"name": "A", "email": "t@x"})
    await door.merge_patch(USER, made.key, {"name": "B"})
    await door.fetch(USER, made.key)
    await door.list(USER)
    await door.delete(USER, made.key)
    assert told(spans) == [
        ("create User", ["decide", "commit"]),
        ("patch User", ["fetch", "decide", "commit"]),
        ("fetch User", ["fetch"]),
        ("list User", ["fetch"]),
        ("delete User", ["fetch", "decide", "commit"]),
    ]
    system = "sqlite" if bridge.database.startswith("sqlite") else "postgresql"
    for span in spans.get_finished_spans():
        if span.name in ("fetch", "commit"):
            assert span.kind is SpanKind.CLIENT
            assert attributes(span) == {"db.system.name": system, "db.collection.name": "users", "db.operation.name": span.name}


async def test_it_is_in_the_trace_that_the_request_names(spans: InMemorySpanExporter, door: Door, client: httpx.AsyncClient) -> None:
    client.headers["traceparent"] = PARENT
    client.headers["x-request-id"] = "r-1"
    await door.fetch(USER, 1)
    span = command_span(spans)
    assert span.parent is not None
    assert (f"{span.parent.trace_id:032x}", f"{span.parent.span_id:016x}") == tuple(PARENT.split("-")[1:3])
    assert span.parent.is_remote
    assert span.kind is SpanKind.SERVER
    assert attributes(span) == {
        "diptych.door": door.name,
        "diptych.resource": "User",
        "diptych.command": "fetch",
        "diptych.outcome": "found",
        "diptych.request_id": "r-1",
    }
    assert span.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize("sent", [None, "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
async def test_without_one_it_begins_a_trace(spans: InMemorySpanExporter, client: httpx.AsyncClient, sent: str | None) -> None:
    await client.get("/api/users/1", headers={} if sent is None else {"traceparent": sent})
    span = command_span(spans)
    assert span.parent is None
    assert span.kind is SpanKind.INTERNAL


async def test_the_applications_own_span_comes_first(spans: InMemorySpanExporter, client: httpx.AsyncClient) -> None:
    with trace.get_tracer("application").start_as_current_span("theirs") as theirs:
        await client.get("/api/users/1", headers={"traceparent": PARENT})
    span = command_span(spans)
    assert span.parent is not None
    assert span.parent.span_id == theirs.get_span_context().span_id


async def test_a_refusal_is_no_error_and_says_nothing_of_the_row(spans: InMemorySpanExporter, door: Door) -> None:
    await door.merge_patch(USER, 1, {"name": SECRET}, version=99)
    span = command_span(spans)
    assert attributes(span)["diptych.outcome"] == "version_mismatch"
    assert span.status.status_code is StatusCode.UNSET
    for one in spans.get_finished_spans():
        assert SECRET not in one.to_json()


async def test_what_nobody_planned_is_an_error_without_its_words(
    spans: InMemorySpanExporter, door: Door, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> Any:
        raise StoreError(f"the driver said {SECRET}")

    monkeypatch.setattr(type(bridge.store), "fetch", lambda *_: broken())
    await door.fetch(USER, 1)
    for span in spans.get_finished_spans():
        assert span.status.status_code is StatusCode.ERROR
        assert attributes(span)["error.type"] == "StoreError"
        assert SECRET not in span.to_json()
    assert len(spans.get_finished_spans()) == 2


async def test_callers_at_the_same_time_do_not_mix(spans: InMemorySpanExporter, client: httpx.AsyncClient) -> None:
    async def ask(number: int) -> None:
        parent = f"00-{number:032x}-{number:016x}-01"
        await client.patch("/api/users/1", json={"bio": str(number)}, headers={"traceparent": parent, "content-type": "application/json"})

    await asyncio.gather(*(ask(number) for number in range(1, 31)))
    finished = [span for span in spans.get_finished_spans() if owner(span) == "diptych"]
    by_id = {span_id(span): span for span in finished}
    for span in finished:
        assert span.parent is not None
        if " " not in span.name:
            assert trace_id(by_id[span.parent.span_id]) == trace_id(span)
    assert {trace_id(span) for span in finished} == set(range(1, 31))


async def test_off_there_is_no_span(provider: TracerProvider, client: httpx.AsyncClient) -> None:
    kept = InMemorySpanExporter()
    processor = SimpleSpanProcessor(kept)
    provider.add_span_processor(processor)
    await client.get("/api/users/1")
    processor.shutdown()
    assert [span.name for span in kept.get_finished_spans() if owner(span) == "diptych"] == []


def test_nothing_is_imported_for_what_is_off() -> None:
    script = (
        "import sys, asyncio, httpx\n"
        "from diptych.demo import demo_bridge\n"
        "app = demo_bridge('sqlite:///never.db').app()\n"
        "for name in ('prometheus_client', 'opentelemetry.sdk', 'diptych.observe.metrics', 'diptych.observe.traces'):\n"
        "    assert name not in sys.modules, name\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_serve_sends_spans_by_the_exporter_that_is_named(tmp_path: Path) -> None:
    variables = {"OTEL_TRACES_EXPORTER": "console", "DIPTYCH_TRACING": "true"}
    async with serving("--log", "off", folder=tmp_path, variables=variables) as (server,):
        async with httpx.AsyncClient(base_url=server.base) as client:
            await client.get("/api/users/1", headers={"traceparent": PARENT})
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
        assert '"name": "fetch User"' in server.said
        assert PARENT.split("-")[1] in server.said


def test_an_exporter_that_is_missing_is_told(tmp_path: Path) -> None:
    variables = environment(OTEL_TRACES_EXPORTER="nowhere")
    command = [DIPTYCH, "serve", "--tracing", "--port", str(free_port())]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "no exporter of traces called 'nowhere' (OTEL_TRACES_EXPORTER)" in done.stderr
    assert "pip install 'diptych[tracing]'" in done.stderr
    assert "Traceback" not in done.stderr
