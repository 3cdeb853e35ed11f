"""Lines to the demo on which something happens between a request and its answer."""

import os
from collections.abc import Callable
from itertools import count
from typing import Final

import httpx

ADDRESS: Final = os.environ["DIPTYCH_ADDRESS"]
_MADE: Final = count(1)


def new_item(quantity: int) -> int:
    """Make a stock item that no other test uses; its version is 1."""
    document = {"sku": f"py-{os.getpid()}-{next(_MADE)}", "name": "Washer", "quantity": quantity, "location": "A1"}
    id: int = httpx.post(f"{ADDRESS}/api/stock-items", json=document).raise_for_status().json()["id"]
    return id


def set_quantity(id: int, version: int, quantity: int) -> None:
    """What somebody else does in between."""
    url = f"{ADDRESS}/api/stock-items/{id}"
    httpx.patch(url, json={"quantity": quantity}, headers={"If-Match": f'"{version}"'}).raise_for_status()


class Disturbed(httpx.HTTPTransport):
    """Does something once, as soon as the first request has been answered; what it raises is raised in the answer's place."""

    def __init__(self, disturb: Callable[[], None]) -> None:
        super().__init__()
        self.sent = 0
        self._disturb = disturb

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        self.sent += 1
        if self.sent == 1:
            answer.read()
            self._disturb()
        return answer


def lose() -> None:
    raise httpx.ReadError("the connection was lost")
