"""Every type of field, read and written as it was meant, by models that know the server's classes and by ones that do not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from diptych.client.codec import ModelCodec, Unreadable
from diptych.client.spelled import spelled
from tests.client.conftest import AnyClient
from tests.client.shop import GEM, Colour, Facet, Gem, GemShown, Missive

VALUES: dict[str, Any] = {
    "colour": Colour.DARK_RED,
    "others": [Colour.BLUE, Colour.DARK_RED],
    "price": Decimal("1.50"),
    "found_at": datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    "aged": timedelta(days=1, hours=2),
    "content": b"\xff\xfe?>",
    "facet": Facet(corner_count=3, flat=True),
}


@pytest.mark.parametrize("model", [Gem, GemShown])
def test_each_type_comes_back(client: AnyClient, model: type[BaseModel]) -> None:
    gems = client.resource(model, "gems", names=GEM)
    made = gems.create(model(**VALUES))
    shown = made.value
    assert {name: getattr(shown, name) for name in VALUES if name != "facet"} == {n: v for n, v in VALUES.items() if n != "facet"}
    assert Facet.model_validate(shown.facet, from_attributes=True) == VALUES["facet"]
    changed = gems.edit(made, lambda gem: setattr(gem, "colour", Colour.BLUE))
    assert (changed.value.colour, changed.version, changed.document["colour"]) == (Colour.BLUE, 2, "blue")
    assert gems.patch(changed, others=[Colour.BLUE], aged=timedelta(minutes=90)).document["others"] == ["blue"]
    again = gems.replace(gems.get(made.key))
    # What was read can be sent back, and changes nothing.
    assert again.version == 3


def test_rows_without_a_model_have_every_field(client: AnyClient) -> None:
    client.resource(GemShown, "gems", names=GEM).create(**VALUES)
    (row,) = client.resource(path="gems").iterate()
    assert row.value.keys() == {"id", *("colour", "others", "price", "foundAt", "aged", "content", "facet"), "version"}
    assert row.value["price"] == "1.50"


class Named(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    id: str
    given_name: str
    metadata_: dict[str, Any] = Field(default_factory=dict, alias="metadata")
    read_as: int = Field(default=0, validation_alias="readAs", serialization_alias="writtenAs")


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        pytest.param("given_name", "givenName", id="by-the-generator"),
        pytest.param("metadata_", "metadata", id="by-its-alias"),
        pytest.param("read_as", "writtenAs", id="by-the-alias-for-writing"),
        pytest.param("givenName", "givenName", id="the-json-name-itself"),
    ],
)
def test_names_of_fields(attribute: str, name: str) -> None:
    assert ModelCodec(Named).name(attribute) == name


def test_a_model_reads_what_it_writes() -> None:
    codec = ModelCodec(Named)
    value = codec.read({"id": "x", "givenName": "Ann", "metadata": {"a": 1}, "writtenAs": 3, "later": 1})
    assert value.read_as == 3
    assert codec.document(value) == {"id": "x", "givenName": "Ann", "metadata": {"a": 1}, "writtenAs": 3}
    assert codec.document(value.model_copy(update={"given_name": "Ben"}), given_only=True)["givenName"] == "Ben"
    assert ModelCodec(Missive).document(Missive(id="x", title="One"), given_only=True) == {"id": "x", "title": "One"}


def test_what_does_not_fit_is_told_without_its_value() -> None:
    with pytest.raises(Unreadable, match="Named does not fit what the server has: metadata: ") as wrong:
        ModelCodec(Named).read({"id": "x", "givenName": "Ann", "metadata": "secret-word"})
    assert "secret-word" not in str(wrong.value)


@pytest.mark.parametrize("value", [object(), [object()], {"a": object()}])
def test_what_has_no_json(value: object) -> None:
    with pytest.raises(TypeError, match="There is no JSON for object"):
        spelled(value)
