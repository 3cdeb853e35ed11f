"""The page of conditions as data: its tables, and what the cells of the first four say is sent and answered."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.docs.blocks import ROOT

PAGE: Final = (ROOT / "docs" / "reference" / "http-conditions.md").read_text(encoding="utf-8")

THERE: Final = "The row is there, at version 7"
NOTHING_THERE: Final = "Nothing is there"
POSTED: Final = "POST on a collection"
READ: Final = "Reads of one row, at version 7"
BODY: Final = "The body"
FORM: Final = "The form of the request"

Body = Literal["good", "bad", "unreadable"]


def read_tables() -> Mapping[str, Sequence[Sequence[str]]]:
    """The cells of every table of the page, by its heading; the first row is that of the columns' names."""
    tables = {}
    for heading, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL):
        lines = re.findall(r"^\|.*$", text, re.MULTILINE)
        if lines:
            tables[heading] = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if set(line) - set("| -")]
    return tables


TABLES: Final = read_tables()


@dataclass(frozen=True)
class Sent:
    """One of the alternatives of a cell: header fields, a version in the document, and how good the document is."""

    fields: tuple[tuple[str, str], ...] = ()
    version: str | None = None
    body: Body = "good"

    @property
    def needs_content(self) -> bool:
        return self.version is not None or self.body != "good"

    def content(self, members: dict[str, Any]) -> bytes:
        """The body, made of a document that is good by itself."""
        if self.body == "unreadable":
            return b'{"name": '
        said = {**members, **({"name": ""} if self.body == "bad" else {})}
        if self.version is not None:
            said["version"] = json.loads(self.version)
        return json.dumps(said).encode()


@dataclass(frozen=True)
class Row:
    """One row of a table; `cells` are those in front of what is sent. `status` None stands for what each method does."""

    cells: tuple[str, ...]
    sent: tuple[Sent, ...]
    status: int | None
    code: str | None

    def admits(self, at: int, word: str) -> bool:
        return self.cells[at] in (word, "either")


def read_sent(text: str) -> Sent:
    sent = Sent()
    for part in text.split(" and "):
        match part.strip():
            case "nothing":
                pass
            case "a bad body":
                sent = Sent(sent.fields, sent.version, "bad")
            case "an unreadable body":
                sent = Sent(sent.fields, sent.version, "unreadable")
            case said if (version := re.fullmatch(r'`"version": (.+)`', said)) is not None:
                sent = Sent(sent.fields, version[1], sent.body)
            case said:
                line = re.fullmatch(r"`([\w-]+):(.*)`", said)
                assert line is not None, f"there is no rule for {said}"
                sent = Sent((*sent.fields, (line[1], line[2].strip())), sent.version, sent.body)
    return sent


def read_rows(heading: str, before: int) -> list[Row]:
    """The rows under a heading; `before` cells stand in front of what is sent, the answer behind it."""
    rows = []
    for cells in TABLES[heading][1:]:
        answer = re.fullmatch(r"(?:(\d+)(?: `(\w+)`)?|done)", cells[before + 1])
        assert answer is not None, cells
        sent = tuple(map(read_sent, cells[before].split("·")))
        rows.append(Row(tuple(cells[:before]), sent, int(answer[1]) if answer[1] else None, answer[2]))
    return rows
