"""What tests of the console share: the demo served once, rows made for a test alone, and what is looked for in the page."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Locator, Page

from diptych.demo import demo_bridge
from tests.pages.browsing import serving

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "src" / "console" / "node_modules" / "axe-core" / "axe.min.js"
SEEN: Final = ROOT / "build" / "console"
NASTY: Final = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    with serving(demo_bridge(f"sqlite:///{folder}/demo.db").app(), lifespan="on") as address:
        yield address


def make_user(address: str, name: str) -> dict[str, Any]:
    """A user of its own, whatever other tests do to the others."""
    answer = httpx.post(f"{address}/api/users", json={"name": name, "email": f"{uuid.uuid4()}@example.com"})
    assert answer.status_code == 201
    row: dict[str, Any] = answer.json()
    return row


def user(address: str, key: int) -> dict[str, Any]:
    row: dict[str, Any] = httpx.get(f"{address}/api/users/{key}").json()
    return row


def go(page: Page, fragment: str) -> None:
    """Open the console at a place, as somebody who follows a link from elsewhere."""
    page.goto("about:blank")
    page.goto(f"/{fragment}")
    page.get_by_role("heading", level=1).wait_for()


def field(place: Page | Locator, name: str) -> Locator:
    return place.get_by_label(name, exact=True)


def told(place: Page | Locator, name: str) -> Locator:
    """What stands beneath a field because it is wrong."""
    return place.locator(f".field:has(label:text-is('{name}')) .told")


def graphql(page: Page) -> Locator:
    return page.get_by_label("GraphQL document")


def variables(page: Page) -> Locator:
    return page.get_by_label("Variables")


def rest(page: Page, language: str = "curl") -> Locator:
    return page.get_by_label(f"REST as {language}")


def look(page: Page, name: str) -> None:
    """Leave a picture for people to look at."""
    SEEN.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SEEN / f"{name}.png", full_page=True)
