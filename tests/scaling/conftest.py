"""A streaming replica for all tests of a module that ask for one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scaling.streaming import Replica, replica_of


@pytest.fixture(scope="module")
def streaming_replica(postgres_server: Any) -> Iterator[Replica]:
    with replica_of(postgres_server.get_uri("postgres")) as replica:
        yield replica
