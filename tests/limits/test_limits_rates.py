"""How often one caller may ask: counted in this process, or in a Redis that is started for it."""

import asyncio
import logging
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from diptych import Bridge, RateLimit, RateLimitError
from diptych.app import windows
from diptych.app.addresses import UNREADABLE, group_of
from diptych.app.rated import Rated
from diptych.app.windows import MemoryWindows
from diptych.demo.models import RESOURCES
from diptych.http.asgi import Headers, Scope
from diptych.http.doorkeeper import ADMISSIONS, STAMPS, Admission, TurnedAway
from diptych.semantics.principal import ANONYMOUS, Caller, DoorName, Principal
from diptych.semantics.problems import problem
from tests.proofs.server import free_port

Serving = Callable[..., httpx.AsyncClient]
ADA, BEA = Principal("ada"), Principal("bea")
HERE = "203.0.113.7"


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis server of this test's own, behind a password."""
    program = shutil.which("redis-server")
    assert program is not None, "make test installs it; on Debian: apt-get install redis-server"
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "hush-hush", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://:hush-hush@127.0.0.1:{port}/0"
    client = redis.Redis.from_url(url)
    for _ in range(200):
        try:
            client.ping()
            break
        except redis.ConnectionError:
            assert server.poll() is None
            time.sleep(0.02)
    client.close()
    yield url
    server.terminate()
    server.wait(10)


@pytest.fixture(params=["memory", "redis"])
def storage(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "memory" else str(request.getfixturevalue("redis_url"))


@pytest.fixture
async def rating() -> AsyncIterator[Callable[..., RateLimit]]:
    made: list[RateLimit] = []

    def make(**settings: Any) -> RateLimit:
        made.append(RateLimit(**settings))
        return made[-1]

    yield make
    for rates in made:
        await rates.close()


async def admitted(rates: RateLimit, principal: Principal, address: str | None) -> bool:
    return await rates.admit(principal, address, []) is None


async def test_a_principal_at_its_rate_and_beyond(rating: Callable[..., RateLimit], storage: str) -> None:
    rates = rating(per_principal="3/minute", per_address=None, storage=storage)
    assert [await admitted(rates, ADA, HERE) for _ in range(4)] == [True, True, True, False]
    assert await admitted(rates, BEA, HERE), "each is counted alone"
    assert await admitted(rates, ANONYMOUS, HERE), "nobody is no principal"


async def test_an_address_at_its_rate_and_beyond(rating: Callable[..., RateLimit], storage: str) -> None:
    rates = rating(per_principal=None, per_address="3/minute", storage=storage)
    assert [await admitted(rates, each, HERE) for each in (ADA, BEA, ANONYMOUS, ADA)] == [True, True, True, False]
    assert await admitted(rates, ADA, "203.0.113.8")
    assert await admitted(rates, ADA, None)


async def test_a_window_ends(rating: Callable[..., RateLimit], storage: str) -> None:
    rates = rating(per_principal="1/second", per_address=None, storage=storage)
    assert [await admitted(rates, ADA, None) for _ in range(2)] == [True, False]
    await asyncio.sleep(1.1)
    assert await admitted(rates, ADA, None)


async def test_what_is_told(rating: Callable[..., RateLimit], storage: str) -> None:
    """The fields of the draft, and with a refusal how long to wait."""
    rates = rating(per_principal="1/minute", per_address="9/hour", storage=storage)
    stamps: list[tuple[bytes, bytes]] = []
    assert await rates.admit(ADA, HERE, stamps) is None
    told = dict(stamps)
    assert told[b"ratelimit-policy"] == b'"principal";q=1;w=60, "address";q=9;w=3600'
    assert told[b"ratelimit"] == b'"principal";r=0;t=60, "address";r=8;t=3600'
    turned = await rates.admit(ADA, HERE, [])
    assert turned is not None
    assert (turned.problem.code, turned.problem.status) == ("too_many_requests", 429)
    assert 55 <= int(dict(turned.fields)[b"retry-after"]) <= 60
    assert "1 requests in 60 seconds" in turned.problem.detail
    assert "ada" not in repr(stamps) + repr(turned)


async def test_two_processes_count_together(rating: Callable[..., RateLimit], redis_url: str) -> None:
    first, second = (rating(per_principal="4/minute", per_address=None, storage=redis_url) for _ in range(2))
    assert [await admitted(each, ADA, None) for each in (first, second, first, second, first)] == [True] * 4 + [False]
    assert not await admitted(second, ADA, None)


async def test_many_at_once_are_each_counted(rating: Callable[..., RateLimit], storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # On a machine that is busy, fifty connections take longer than one caller would wait for.
    monkeypatch.setattr(windows, "_PATIENCE", 30.0)
    rates = rating(per_principal="20/minute", per_address=None, storage=storage)
    assert sum(await asyncio.gather(*(admitted(rates, ADA, None) for _ in range(50)))) == 20


async def test_redis_away_lets_everybody_in(rating: Callable[..., RateLimit], caplog: pytest.LogCaptureFixture) -> None:
    """It says so once, without the URL, and does not make every caller wait."""
    rates = rating(per_principal="1/minute", storage=f"redis://:hush-hush@127.0.0.1:{free_port()}/0")
    with caplog.at_level(logging.WARNING, "diptych"):
        assert [await admitted(rates, ADA, HERE) for _ in range(3)] == [True] * 3
    (record,) = [each for each in caplog.records if each.name == "diptych"]
    assert "Redis failed with ConnectionError" in record.getMessage()
    assert "hush-hush" not in caplog.text


async def test_redis_that_hangs_is_not_waited_for(rating: Callable[..., RateLimit]) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    rates = rating(per_principal="1/minute", per_address=None, storage=f"redis://127.0.0.1:{port}/0")
    began = asyncio.get_running_loop().time()
    assert await admitted(rates, ADA, None)
    assert asyncio.get_running_loop().time() - began < 3
    await rates.close()
    server.close()


async def test_a_wrong_password_for_redis_is_not_told(
    rating: Callable[..., RateLimit], redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    rates = rating(per_principal="1/minute", storage=redis_url.replace("hush-hush", "sesame-sesame"))
    assert await admitted(rates, ADA, HERE)
    assert "AuthenticationError" in caplog.text
    assert "sesame" not in caplog.text + repr(rates)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        pytest.param("203.0.113.7", "203.0.113.7", id="version-4"),
        pytest.param("::ffff:203.0.113.7", "203.0.113.7", id="version-4-in-6"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="version-6"),
        pytest.param("2001:db8:1:2::9", "2001:db8:1:2::/64", id="of-the-same-customer"),
        pytest.param("fe80::1%eth0", "fe80::/64", id="with-a-zone"),
        pytest.param("127.0.0.1", None, id="loopback"),
        pytest.param("127.8.9.1", None, id="loopback-too"),
        pytest.param("::1", None, id="loopback-6"),
        pytest.param("::ffff:127.0.0.1", None, id="loopback-in-6"),
        pytest.param("testclient", UNREADABLE, id="no-address"),
        pytest.param("203.0.113.7, 10.0.0.1", UNREADABLE, id="a-list"),
        pytest.param("", UNREADABLE, id="empty"),
    ],
)
def test_who_counts_as_one(address: str, counted: str | None) -> None:
    assert group_of(address) == counted


async def test_memory_is_bounded() -> None:
    windows = MemoryWindows(most=10)
    for number in range(100):
        assert await windows.incr(f"a{number}", 60) == 1
    assert len(windows) == 10
    assert await windows.incr("a99", 60) == 2
    assert await windows.incr("a1", 60) == 1, "the oldest is forgotten, and counted anew"


async def test_windows_that_ended_are_forgotten() -> None:
    windows = MemoryWindows()
    for number in range(5):
        await windows.incr(f"a{number}", 1)
    await asyncio.sleep(1.05)
    await windows.incr("b", 1)
    assert (len(windows), await windows.get("a1"), await windows.get("b")) == (1, 0, 1)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({"per_principal": "often"}, "RateLimit(per_principal='often'): write a number and a time", id="words"),
        pytest.param({"per_address": "10"}, "RateLimit(per_address='10'): write", id="no-time"),
        pytest.param({"per_address": 10}, "RateLimit(per_address=10): write", id="number"),
        pytest.param({"per_address": "0/minute"}, "must allow at least one request", id="none-at-all"),
        pytest.param({"storage": "memcached://:hush@host"}, "write memory://, or where Redis is", id="another-storage"),
        pytest.param({"storage": "redis://:hush@host:port/0"}, "cannot be read", id="broken-url"),
    ],
)
def test_a_wrong_setting_is_refused(settings: Any, said: str) -> None:
    with pytest.raises(RateLimitError) as refusal:
        RateLimit(**settings)
    assert said in str(refusal.value)
    assert "hush" not in str(refusal.value)


# Before both doors


@pytest.mark.parametrize("door", ["rest", "graphql"])
async def test_through_a_door(serving: Serving, door: str) -> None:
    http = serving(rates=RateLimit(per_address="2/minute"))
    path = "/api/users" if door == "rest" else "/graphql?query={__typename}"
    first, second, third = [await http.get(path) for _ in range(3)]
    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in (first, second, third)] == [
        '"address";r=1;t=60',
        '"address";r=0;t=60',
        '"address";r=0;t=60',
    ]
    assert third.headers["ratelimit-policy"] == '"address";q=2;w=60'
    assert 55 <= int(third.headers["retry-after"]) <= 60
    code = third.json()["code"] if door == "rest" else third.json()["errors"][0]["extensions"]["code"]
    assert code == "too_many_requests"


async def test_both_doors_count_together_and_a_refusal_writes_nothing(serving: Serving) -> None:
    http = serving(rates=RateLimit(per_address="2/minute"))
    assert (await http.get("/api/users")).status_code == 200
    assert (await http.get("/graphql?query={__typename}")).status_code == 200
    assert (await http.post("/api/users", json={"name": "N", "email": "never@example.com"})).status_code == 429
    free = serving()
    assert "never@example.com" not in (await free.get("/api/users")).text


async def test_loopback_and_a_socket_are_not_counted(serving: Serving) -> None:
    for client in (("127.0.0.1", 1), None):
        http = serving(rates=RateLimit(per_address="1/minute"), client=client)
        assert [(await http.get("/api/users")).status_code for _ in range(3)] == [200] * 3


async def test_rates_are_on_where_nothing_is_said(sqlite_url: str) -> None:
    on, off = Bridge(sqlite_url, RESOURCES), Bridge(sqlite_url, RESOURCES, rates=False)
    assert isinstance(on.rates, RateLimit)
    assert off.rates is None


async def test_a_path_that_is_not_there_is_not_counted(serving: Serving) -> None:
    """What stands in the order of refusals before who may ask."""
    http = serving(rates=RateLimit(per_address="1/minute"))
    assert [(await http.get("/api/nothing")).status_code for _ in range(3)] == [404] * 3
    assert (await http.get("/api/users")).status_code == 200


async def asked_of(keeper: Rated, scope: Scope, door: DoorName) -> Admission:
    admission = keeper(scope, Headers(scope), door)
    return admission if isinstance(admission, ADMISSIONS) else await admission


async def test_guesses_at_credentials_are_counted() -> None:
    """Nobody is asked who they are once their address has asked too often."""
    asked: list[str] = []

    async def behind(scope: Scope, headers: Headers, door: DoorName) -> Admission:
        asked.append(door)
        return TurnedAway(problem("unauthenticated", "A valid credential is required."))

    keeper = Rated(RateLimit(per_address="2/minute"), behind)
    codes = []
    for _ in range(4):
        scope: Scope = {"client": (HERE, 1), "headers": []}
        turned = await asked_of(keeper, scope, "rest")
        assert isinstance(turned, TurnedAway)
        codes.append(turned.problem.code)
        assert [name for name, _ in scope[STAMPS]] == [b"ratelimit-policy", b"ratelimit"]
    assert codes == ["unauthenticated", "unauthenticated", "too_many_requests", "too_many_requests"]
    assert asked == ["rest", "rest"]


async def test_whoever_is_believed_is_counted_as_who_they_are() -> None:
    async def behind(scope: Scope, headers: Headers, door: DoorName) -> Admission:
        return Caller(ADA, door)

    keeper = Rated(RateLimit(per_principal="1/minute", per_address="9/minute"), behind)
    answers = []
    for last in (7, 8):
        scope: Scope = {"client": (f"203.0.113.{last}", 1), "headers": []}
        answers.append(await asked_of(keeper, scope, "graphql"))
        assert [value for name, value in scope[STAMPS] if name == b"ratelimit"] == [b'"address";r=8;t=60', b'"principal";r=0;t=60']
    assert isinstance(answers[0], Caller)
    assert isinstance(answers[1], TurnedAway)
