"""What each file of tests has for itself: one Chromium, and a demo with the console."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.pages.browsing import chromium
from tests.pages.consoling import demo


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with demo(tmp_path_factory.mktemp("console")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
