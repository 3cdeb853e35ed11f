"""Carries out steps over httpx, for callers that wait and for those that await."""

import asyncio
import time
from contextlib import aclosing, closing
from math import inf
from typing import TypeVar

import httpx

from diptych.client.steps import Answered, Ask, Heard, Lost, Steps, Unsent

T = TypeVar("T")

# Before any of these, no byte of the request has left.
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
    httpx.LocalProtocolError,
)


def drive(steps: Steps[T], http: httpx.Client) -> T:
    """Carry out steps to their end, and return what they return."""
    try:
        ask = next(steps)
        while True:
            time.sleep(ask.pause)
            ask = steps.send(_hear(ask, http))
    except StopIteration as end:
        result: T = end.value
        return result


async def drive_async(steps: Steps[T], http: httpx.AsyncClient) -> T:
    """The same, without blocking others."""
    try:
        ask = next(steps)
        while True:
            await asyncio.sleep(ask.pause)
            ask = steps.send(await _hear_async(ask, http))
    except StopIteration as end:
        result: T = end.value
        return result


def _hear(ask: Ask, http: httpx.Client) -> Heard:
    until = _until(ask)
    try:
        response = http.send(_request(ask, http), stream=True)
        if ask.stream and response.status_code == 200:
            return Answered(200, response.headers, b"", response)
        content = bytearray()
        with closing(response):
            for piece in response.iter_bytes():
                _take(piece, content, until)
    except httpx.TransportError as error:
        return _failure(error)
    except httpx.DecodingError:
        return Lost("its content could not be decoded")
    return Answered(response.status_code, response.headers, bytes(content))


async def _hear_async(ask: Ask, http: httpx.AsyncClient) -> Heard:
    until = _until(ask)
    try:
        response = await http.send(_request(ask, http), stream=True)
        if ask.stream and response.status_code == 200:
            return Answered(200, response.headers, b"", response)
        content = bytearray()
        async with aclosing(response):
            async for piece in response.aiter_bytes():
                _take(piece, content, until)
    except httpx.TransportError as error:
        return _failure(error)
    except httpx.DecodingError:
        return Lost("its content could not be decoded")
    return Answered(response.status_code, response.headers, bytes(content))


def _request(ask: Ask, http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
    timeout = http.timeout if ask.timeout is None else httpx.Timeout(ask.timeout)
    # httpx takes no parameters for none only where they are None.
    return http.build_request(
        ask.method, ask.path, params=ask.params or None, headers=dict(ask.fields), content=ask.content, timeout=timeout
    )


def _until(ask: Ask) -> float:
    return inf if ask.timeout is None else time.monotonic() + ask.timeout


def _take(piece: bytes, content: bytearray, until: float) -> None:
    """Take in a piece of an answer. Raises ReadTimeout: httpx bounds the wait for each piece, not for all of them."""
    content += piece
    if time.monotonic() > until:
        raise httpx.ReadTimeout("The answer came too slowly.")


def _failure(error: httpx.TransportError) -> Unsent | Lost:
    reason = "in time" if isinstance(error, httpx.TimeoutException) else type(error).__name__
    return Unsent(reason) if isinstance(error, _BEFORE_SENDING) else Lost(reason)
