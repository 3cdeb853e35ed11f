"""Twins, and an explainer of the demo."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from diptych.demo import demo_bridge
from diptych.explain import Explainer
from tests.explain.twins import Twins


@pytest.fixture(scope="session")
def explainer() -> Explainer:
    bridge = demo_bridge("sqlite:///never-opened.db")
    return Explainer(bridge.schema, bridge.resources)


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    made = Twins(tmp_path)
    yield made
    made.close()
