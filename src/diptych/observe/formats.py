"""How a line looks: one JSON object, or plain text. Nothing that came from outside can begin a line of its own."""

import json
import logging
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from pydantic_core import to_json

# In this order, where a record has them.
FIELDS: Final = ("request_id", "door", "method", "resource", "command", "outcome", "status", "milliseconds", "subject", "error")


class JsonLines(logging.Formatter):
    """`time` (RFC 3339, UTC), `level`, `logger`, `message`, the fields of the line, and `stack` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"time": _time(record), "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        line.update(_fields(record))
        if record.exc_info and record.exc_info[1] is not None:
            line["stack"] = self.formatException(record.exc_info)
        return to_json(line, fallback=str).decode()


class PlainLines(logging.Formatter):
    """The same for people: time, level and message, then the fields as `name=value`, and the stack on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_plain(value)}" for name, value in _fields(record).items() if name not in _IN_MESSAGE)
        line = f"{_time(record)} {record.levelname.lower():<7} {_plain_text(record.getMessage())}{fields}"
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + self.formatException(record.exc_info)
        return line


_IN_MESSAGE: Final = frozenset({"command", "resource", "outcome", "status"})


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    there = record.__dict__
    return {name: there[name] for name in FIELDS if there.get(name) is not None}


def _time(record: logging.LogRecord) -> str:
    return f"{_second(int(record.created))}.{int(record.created % 1 * 1000):03}Z"


@lru_cache(maxsize=2)
def _second(second: int) -> str:
    """Many lines are of one second, and writing its date takes longer than all the rest of the time."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _plain(value: object) -> str:
    text = str(value)
    # In ASCII, since there are more line breaks in Unicode than programs agree on.
    return text if text.isascii() and text.isprintable() and not set(text) & set(' "=') else json.dumps(text)


def _plain_text(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)
