"""What limits may be set to, and what is said where they may not."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from diptych import Bridge, Limits, LimitsError
from diptych.demo.models import RESOURCES
from diptych.semantics.limits import USUAL_LIMITS
from diptych.store.sql import SqlStore

# Every limit, with a value just beyond each end of what it may be.
BEYOND = {
    "body_bytes": (0, (1 << 30) + 1),
    "json_depth": (7, 65),
    "tokens": (9, 100_001),
    "operations": (0, 10_001),
    "depth": (0, 201),
    "aliases": (-1, 100_001),
    "root_fields": (0, 100_001),
    "directives": (0, 1001),
    "relation_depth": (-1, 11),
    "rows": (0, 10_000_001),
    "values": (0, 100_000_001),
    "page_size": (0, 10_001),
    "comparisons": (0, 1001),
    "compared_values": (0, 10_001),
    "joined": (0, 10_001),
    "filter_depth": (0, 33),
    "compared_characters": (0, (1 << 20) + 1),
    "request_seconds": (0, 86_400.1),
    "statement_seconds": (0, 86_401),
    "waiting": (0, 1_000_001),
}


def test_every_limit_has_its_bounds_here() -> None:
    assert {field.name for field in fields(Limits)} == {*BEYOND, "introspection"}


@pytest.mark.parametrize(("name", "value"), [pytest.param(name, value, id=f"{name}={value}") for name in BEYOND for value in BEYOND[name]])
def test_a_value_beyond_its_bounds_is_refused(name: str, value: Any) -> None:
    settings: dict[str, Any] = {"request_seconds": 86_400, name: value}
    with pytest.raises(LimitsError, match=rf"Limits\({name}={value!r}\): must be"):
        Limits(**settings)


@pytest.mark.parametrize("name", [name for name in BEYOND if not name.endswith("_seconds")])
def test_a_value_at_its_bounds_is_taken(name: str) -> None:
    below, above = BEYOND[name]
    for value in (below + 1, above - 1):
        settings: dict[str, Any] = {name: value}
        assert getattr(Limits(**settings), name) == value


@pytest.mark.parametrize("value", [True, "10", None, 10.5])
@pytest.mark.parametrize("name", ["tokens", "page_size", "request_seconds"])
def test_another_kind_of_value_is_refused(name: str, value: Any) -> None:
    settings: dict[str, Any] = {name: value, "statement_seconds": 1}
    if name == "request_seconds" and value == 10.5:
        assert Limits(**settings).request_seconds == 10.5
        return
    with pytest.raises(LimitsError, match=rf"Limits\({name}="):
        Limits(**settings)


def test_introspection_is_on_or_off() -> None:
    off: Any = "off"
    with pytest.raises(LimitsError, match=r"Limits\(introspection='off'\): must be true or false."):
        Limits(introspection=off)


def test_no_statement_takes_longer_than_its_request() -> None:
    with pytest.raises(LimitsError, match=r"statement_seconds=31\): must be at most request_seconds, which is 30"):
        Limits(statement_seconds=31, request_seconds=30)


def test_a_misspelled_limit_is_refused() -> None:
    settings: dict[str, Any] = {"most_tokens": 5}
    with pytest.raises(TypeError, match="most_tokens"):
        Limits(**settings)


def test_the_bytes_of_a_body_are_said_once(sqlite_url: str) -> None:
    assert Bridge(sqlite_url, RESOURCES, most_bytes=10).limits == Limits(body_bytes=10)
    assert Bridge(sqlite_url, RESOURCES).limits == USUAL_LIMITS
    with pytest.raises(LimitsError, match="body_bytes"):
        Bridge(sqlite_url, RESOURCES, most_bytes=10, limits=Limits())


def test_limits_reach_the_database(sqlite_url: str) -> None:
    bridge = Bridge(sqlite_url, RESOURCES, limits=Limits(waiting=7, page_size=3))
    store = bridge.store
    assert isinstance(store, SqlStore)
    assert {lane._most_waiting for lane in (store._commits, store._fetches, store._windows)} == {7}
    assert (store._commits._settles, store._fetches._settles) == (True, False)
    assert {shape.limits.page_size for shape in bridge.resources} == {3}


def test_the_settings_name_every_limit_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for field in fields(Limits):
        default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        assert f"| `{field.name}` | `{default}` |" in page
