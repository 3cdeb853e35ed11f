"""The demo as a bridge."""

from typing import Final

from diptych.app.bridge import Bridge
from diptych.demo.models import RESOURCES
from diptych.demo.rows import store_first_rows

DATABASE: Final = "sqlite:///diptych-demo.db"


def demo_bridge(database: str = DATABASE) -> Bridge:
    """The demo over a database; its first rows are stored when it opens and nothing is there yet."""
    return Bridge(database, RESOURCES, title="diptych demo", on_open=store_first_rows)
