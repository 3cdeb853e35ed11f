"""Metrics and traces of `diptych serve`: where they go, with one process or several."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import Final

from diptych.app.bridge import Bridge
from diptych.app.health import METRICS
from diptych.app.settings import Settings
from diptych.cli.saying import fail

_NO_METRICS: Final = "Metrics need prometheus-client, which is not installed: pip install 'diptych[metrics]'."
_NO_TRACES: Final = (
    "Traces need the OpenTelemetry SDK and an exporter, one of which is not installed: "
    "pip install 'diptych[tracing]' opentelemetry-sdk opentelemetry-exporter-otlp-proto-http."
)
# The standard variable, which says where spans go; and where the SDK and the exporters make themselves known.
_EXPORTER: Final = "OTEL_TRACES_EXPORTER"
_EXPORTERS: Final = "opentelemetry_traces_exporter"
# As prometheus-client calls it; its modules must not be imported before this is set.
_SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"


def observe(bridge: Bridge, settings: Settings) -> None:
    """Switch on what the settings want of one process."""
    try:
        bridge.observe(metrics=settings.counts, traces=settings.tracing)
    except ModuleNotFoundError:
        fail(_NO_METRICS if settings.counts else _NO_TRACES)
    if settings.tracing:
        _export_traces()


@contextmanager
def shared_metrics(settings: Settings) -> Iterator[None]:
    """Give workers a folder in which they count together, and serve the metrics at their own port, as long as the server runs."""
    folder = None
    if settings.counts and settings.workers > 1 and _SHARED_FOLDER not in os.environ:
        # What an earlier run has left would be counted as well, so the folder is new.
        folder = os.environ[_SHARED_FOLDER] = tempfile.mkdtemp(prefix="diptych-metrics-")
    stop = None
    try:
        if settings.metrics_port is not None:
            stop = _serve_metrics(settings.metrics_host, settings.metrics_port)
        yield
    finally:
        if stop is not None:
            stop()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _serve_metrics(host: str, port: int) -> Callable[[], None]:
    try:
        from diptych.observe.exposition import serve_alone
    except ModuleNotFoundError:
        fail(_NO_METRICS)
    try:
        return serve_alone(host, port)
    except OSError as error:
        fail(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --metrics-host or --metrics-port.")


def _export_traces() -> None:
    """Send spans by the exporter that OTEL_TRACES_EXPORTER names, otlp if it says nothing; an application may have set up its own."""
    try:
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        fail(_NO_TRACES)
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    name = os.environ.get(_EXPORTER) or "otlp"
    if name == "none":
        return
    found = next(iter(entry_points(group=_EXPORTERS, name="otlp_proto_http" if name == "otlp" else name)), None)
    if found is None:
        others = ", ".join(sorted({entry.name for entry in entry_points(group=_EXPORTERS)}))
        fail(f"There is no exporter of traces called {name!r} ({_EXPORTER}); there are {others}. {_NO_TRACES}")
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(found.load()()))
    trace.set_tracer_provider(provider)


def where(settings: Settings) -> str | None:
    """Where the metrics are, None where there are none."""
    if settings.metrics_port is not None:
        return f"http://{settings.metrics_host}:{settings.metrics_port}{METRICS}"
    return METRICS if settings.metrics else None
