"""What a Prometheus server reads: this process's metrics, or those of all workers together."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

# Where workers keep what they count, in files. prometheus-client looks for it when it is imported.
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

# The library types nothing of this module.
_workers: Final[Any] = multiprocess


def exposition() -> bytes:
    """All metrics as text."""
    return generate_latest(_registry())


def serve_alone(host: str, port: int) -> Callable[[], None]:
    """Serve the metrics at an address of their own, from a thread; returns what stops it. Raises OSError where it cannot listen."""
    server, thread = start_http_server(port, host, _registry())

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


class _Workers(Collector):
    """What all workers have counted. Those that are gone are left out of what is waiting and in use now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        for file in self._folder.glob("gauge_live*_*.db"):
            number = file.stem.rpartition("_")[2]
            if number.isdigit() and not _is_alive(int(number)):
                _workers.mark_process_dead(int(number), str(self._folder))
        found: Iterable[Metric] = _workers.MultiProcessCollector(None, str(self._folder)).collect()
        return found


def _registry() -> CollectorRegistry:
    folder = os.environ.get(SHARED_FOLDER)
    if folder is None:
        return REGISTRY
    together = CollectorRegistry()
    together.register(_Workers(Path(folder)))
    return together


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # It is somebody else's by now, or has changed its user.
        return True
    return True
