"""Fenced blocks of Markdown pages, and the comparison of what they show with what came."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

JSON: TypeAlias = Any

ROOT: Final = Path(__file__).parents[2]
ANYTHING: Final = "…"


@dataclass(frozen=True)
class Block:
    """One fenced block. `info` is what follows the language; `skipped` is the reason why it is not run."""

    page: Path
    line: int
    language: str
    info: str
    text: str
    skipped: str | None

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page.name}:{self.line}"


FENCE: Final = re.compile(
    r"(?:^<!-- not run: (?P<skipped>[^\n]+?) -->\n)?^```(?P<language>\w+)(?: (?P<info>[^\n]+))?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def read_blocks(page: Path, text: str | None = None) -> list[Block]:
    source = page.read_text(encoding="utf-8") if text is None else text
    return [
        Block(page, source.count("\n", 0, found.start("language")) + 1, language, info or "", inner, skipped)
        for found in FENCE.finditer(source)
        for skipped, language, info, inner in [found.group("skipped", "language", "info", "text")]
    ]


@dataclass(frozen=True)
class Answer:
    """What came over HTTP, or what is shown of it. Names of fields are in lower case."""

    status: int
    fields: Mapping[str, Sequence[str]]
    body: str


def read_answer(text: str) -> Answer:
    """Read an answer as `curl -i` prints it; interim ones are skipped."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    line, *rest = head.splitlines()
    status = int(line.split()[1])
    if 100 <= status < 200:
        return read_answer(body)
    fields: dict[str, list[str]] = {}
    for each in rest:
        name, _, value = each.partition(":")
        fields.setdefault(name.strip().lower(), []).append(value.strip())
    return Answer(status, fields, body.strip())


def matches(shown: str, actual: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, shown.split(ANYTHING))), actual, re.DOTALL) is not None


def agrees(shown: JSON, actual: JSON) -> bool:
    """Whether a JSON value is as shown; members may come in any order.

    `…` in text stands for anything, and a member of that name for all others that there may be.
    """
    if isinstance(shown, dict):
        if not isinstance(actual, dict):
            return False
        names = shown.keys() - {ANYTHING}
        complete = names <= actual.keys() if ANYTHING in shown else names == actual.keys()
        return complete and all(agrees(shown[name], actual[name]) for name in names)
    if isinstance(shown, list):
        return isinstance(actual, list) and len(shown) == len(actual) and all(map(agrees, shown, actual))
    if isinstance(shown, str):
        return isinstance(actual, str) and matches(shown, actual)
    return type(shown) is type(actual) and bool(shown == actual)


def compare_json(place: str, shown: str, actual: str) -> None:
    assert actual.strip(), f"{place}: JSON is shown, and nothing came"
    assert agrees(json.loads(shown), json.loads(actual)), f"{place}: shown\n{shown}\nbut this came\n{actual}"


def compare_answers(place: str, shown: Answer, actual: Answer) -> None:
    assert shown.status == actual.status, f"{place}: shown {shown.status}, but {actual.status} came: {actual.body}"
    for name, values in shown.fields.items():
        came = actual.fields.get(name, ())
        assert len(came) == len(values), f"{place}: {name} is shown as {values}, but {came} came"
        assert all(map(matches, values, came)), f"{place}: {name} is shown as {values}, but {came} came"
    if shown.body:
        compare_json(place, shown.body, actual.body)
    if shown.status in (204, 304):
        assert not actual.body, f"{place}: a {shown.status} came with content"
