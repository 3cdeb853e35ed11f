"""Where the lines of `diptych serve` go: to standard error, one for each command, in the form that was chosen."""

import asyncio
import logging
import sys
from typing import Final, Literal

from diptych.observe.formats import JsonLines, PlainLines

LogForm = Literal["json", "text", "off"]

# Ours, and the server's own, whose warnings belong with them.
_LOGGERS: Final = {"diptych": logging.INFO, "uvicorn": logging.WARNING}


def log_form(chosen: LogForm | None) -> LogForm:
    """What was chosen; else text for a person at a terminal, and JSON for a program that reads a pipe or a file."""
    if chosen is not None:
        return chosen
    return "text" if sys.stderr.isatty() else "json"


def write_logs(form: LogForm) -> None:
    """Set up this process's loggers; the application's own are left as they are. Off, only errors are written, as Python does it."""
    logging.getLogger("uvicorn.error").addFilter(_without_stack)
    if form == "off":
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    for name, level in _LOGGERS.items():
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False


def _without_stack(record: logging.LogRecord) -> bool:
    """A request that was cut off when time was up is no fault of the code's, so its stack tells nothing."""
    if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
        record.exc_info, record.msg, record.args = None, "A request was cut off, since the time for stopping was up.", ()
    return True
