"""A server of keys, and what is checked after each test: that no secret was logged."""

from collections.abc import Iterator

import pytest

from tests.identity.issuer import Time
from tests.identity.key_server import KeyServer


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    server = KeyServer()
    yield server
    server.close()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the logger says, from info on."""
    caplog.set_level("INFO", logger="diptych.identity")
    return caplog
