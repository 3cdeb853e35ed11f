"""One line in the log for each command, and for each request that was turned away before there was one."""

import logging
from collections.abc import Mapping
from typing import Final

from diptych.observe.report import INTERNAL, UNAVAILABLE, Report

log: Final = logging.getLogger("diptych.commands")
# Silent unless somebody listens: without this, Python would print warnings where no logging is set up at all.
log.addHandler(logging.NullHandler())

_LEVELS: Final = {INTERNAL: logging.ERROR, UNAVAILABLE: logging.WARNING}


def is_on() -> bool:
    """Whether lines are written: the logger, or one above it, lets INFO pass."""
    return log.isEnabledFor(logging.INFO)


def write_command(report: Report) -> None:
    """Write the line of a command. The stack of an unforeseen error stands under the same request id, where it was caught."""
    _write(
        _LEVELS.get(report.outcome, logging.INFO),
        "%s %s: %s",
        (report.command, report.resource, report.outcome),
        {
            "request_id": report.request_id,
            "door": report.door,
            "resource": report.resource,
            "command": report.command,
            "outcome": report.outcome,
            "milliseconds": round(report.seconds * 1000, 3),
            "subject": report.subject,
            "error": report.error,
        },
    )


def write_turned_away(request_id: str, door: str, method: str, status: int, seconds: float) -> None:
    """Write the line of a request that was refused before it became a command."""
    fields = {"request_id": request_id, "door": door, "method": method, "status": status, "milliseconds": round(seconds * 1000, 3)}
    _write(logging.INFO, "no command: %d", (status,), fields)


def _write(level: int, message: str, arguments: tuple[object, ...], fields: Mapping[str, object]) -> None:
    if log.isEnabledFor(level):
        # Made by hand: the logger would look through the stack for who has called it, which is the same for every line.
        record = logging.LogRecord(log.name, level, __file__, 0, message, arguments, None, _write.__name__)
        record.__dict__.update(fields)
        log.handle(record)
