"""What a validated value inside a JSON column is written as: one spelling for each type, and JSON that stays as it is."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, computed_field

from diptych.resource.canonical import canonical
from diptych.semantics.json_value import JSON


class Colour(Enum):
    RED = "red"


class Size(BaseModel):
    wide: float = Field(alias="w")

    @computed_field
    def twice(self) -> float:
        return 2 * self.wide


@dataclass
class Place:
    x: int
    at: date


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(1.0, 1, id="float-without-a-fraction"),
        pytest.param(-0.0, 0, id="minus-zero"),
        pytest.param(1e22, 10**22, id="large-float"),
        pytest.param(Colour.RED, "red", id="enum"),
        pytest.param(Size(w=2.0), {"w": 2}, id="model-by-alias-without-what-is-computed"),
        pytest.param(Place(1, date(2024, 5, 1)), {"x": 1, "at": "2024-05-01"}, id="dataclass"),
        pytest.param(datetime(2024, 5, 1, 14, 30, tzinfo=timezone(timedelta(hours=2))), "2024-05-01T12:30:00Z", id="moment"),
        pytest.param(date(2024, 5, 1), "2024-05-01", id="date"),
        pytest.param(time(12, 30), "12:30:00", id="time"),
        pytest.param(timedelta(hours=1, seconds=1), "PT1H1S", id="duration"),
        pytest.param(Decimal("1.50"), "1.5", id="decimal"),
        pytest.param(UUID(int=10), "00000000-0000-0000-0000-00000000000a", id="uuid"),
        pytest.param(b"\xff\x00", "/wA=", id="bytes"),
        pytest.param(IPv4Address("127.0.0.1"), "127.0.0.1", id="what-pydantic-can-write"),
        pytest.param((1.0, (2.0,)), [1, [2]], id="tuple"),
        pytest.param({3, 1, 2}, [1, 2, 3], id="set"),
        pytest.param(frozenset({"b", "a"}), ["a", "b"], id="frozen-set"),
        pytest.param(OrderedDict(b=1.0, a=None), {"b": 1, "a": None}, id="dict-of-another-class"),
        pytest.param(MappingProxyType({"a": [UUID(int=1)]}), {"a": ["00000000-0000-0000-0000-000000000001"]}, id="mapping"),
        pytest.param({1: "a", 2.5: "b"}, {"1": "a", "2.5": "b"}, id="names-that-are-numbers"),
        pytest.param({date(2024, 5, 1): 1}, {"2024-05-01": 1}, id="names-that-are-dates"),
        pytest.param({(1, 2): 1}, {"[1,2]": 1}, id="names-that-are-arrays"),
        pytest.param({Colour.RED: 1}, {"red": 1}, id="names-of-an-enum"),
    ],
)
def test_canonical(value: Any, written: JSON) -> None:
    told = canonical(value)
    assert (told, type(told)) == (written, type(written))
    assert canonical(told) == told, "once is enough"


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), [Decimal("NaN")], datetime(2024, 5, 1), {"a": {"b": float("nan")}}],
    ids=["nan", "infinity", "minus-infinity", "decimal-nan", "naive-moment", "inside"],
)
def test_not_canonical(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical(value)
