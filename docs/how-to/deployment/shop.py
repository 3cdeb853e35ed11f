"""A shop to deploy: one resource, API keys, and where the database is."""

from os import environ

from sqlmodel import Field

from diptych import Bridge, Resource, Versioned
from diptych.identity import ApiKeys


class Item(Versioned, table=True):
    """A thing to sell."""

    __tablename__ = "items"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(min_length=1, max_length=200)
    quantity: int = Field(ge=0)


bridge = Bridge(
    environ["SHOP_DATABASE"],
    [Resource(Item)],
    title="Shop",
    authenticator=ApiKeys(environ.get("SHOP_KEYS", "/run/secrets/keys")),
    # None where there is no replica.
    replica=environ.get("SHOP_REPLICA"),
)
