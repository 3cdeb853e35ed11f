"""What tests of the pages share: a server of their own, a real Chromium, and pages that must neither leave their host nor complain."""

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds: on a machine that is busy a page takes its time.
expect.set_options(timeout=30_000)

# What Chromium writes into its console for each answer that refuses something.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


@contextmanager
def serving(app: FastAPI, *, lifespan: Literal["on", "off"]) -> Iterator[str]:
    """A server of our own in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan=lifespan))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "the tests of the pages need Chromium: `make test` installs it on Debian"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def watched(
    browser: Browser,
    address: str,
    tmp_path: Path,
    scheme: Literal["light", "dark"] = "light",
    *,
    width: int = 1280,
    refusals: frozenset[int] = frozenset(),
) -> Iterator[Page]:
    """A page that must neither leave its host nor complain; seen in the end. Statuses in `refusals` are meant to be answered."""
    context = browser.new_context(base_url=address, color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    hosts: set[str] = set()

    def complain(text: str) -> None:
        refused = REFUSED.match(text)
        if refused is None or int(refused[1]) not in refusals:
            complaints.append(text)

    page.on("console", lambda message: complain(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 and answer.status not in refusals else None
        ),
    )
    context.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
    yield page
    page.screenshot(path=tmp_path / "seen.png")
    context.close()
    assert complaints == []
    assert hosts - {""} == {urlsplit(address).netloc}
