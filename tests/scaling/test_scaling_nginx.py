"""A real nginx, with the configuration that the documentation shows, in front of two real servers."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.doors.door import USER, Graphql, Rest
from tests.proofs.command import environment
from tests.proofs.raw import RawConnection
from tests.proofs.server import free_port, serving
from tests.scaling.programs import Program, running
from tests.scaling.proxying import answering, in_front_of, nginx, snippets, with_ports

JANE = {"name": "Jane", "email": "jane@example.com"}
GZIP = {"accept-encoding": "gzip"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of two servers over one database, behind nginx."""
    url = request.getfixturevalue(f"{request.param}_url")
    async with serving("--database", url, folder=tmp_path, count=2) as servers:
        with in_front_of([server.port for server in servers], tmp_path) as address:
            async with httpx.AsyncClient(base_url=address, timeout=60) as client:
                await answering(client)
                yield client


async def test_strong_tags_pass_and_come_back(client: httpx.AsyncClient) -> None:
    """Every guarded write of a client that sends back what it got, in turn through both servers and both doors."""
    rest, graphql = Rest(client), Graphql(client)
    tag = (await client.get("/api/users/1", headers=GZIP)).headers["etag"]
    assert tag == '"1"'
    for step in range(8):
        written = await client.patch(
            "/api/users/1", json={"bio": f"{step}"}, headers={**GZIP, "if-match": tag, "content-type": "application/merge-patch+json"}
        )
        assert written.status_code == 200
        assert "content-encoding" not in written.headers
        tag = written.headers["etag"]
        assert tag == f'"{step + 2}"'
        one, two = await rest.fetch(USER, 1), await graphql.fetch(USER, 1)
        assert one.row == two.row
        assert one.version == step + 2, "one server sees what was acknowledged by the other"
    assert (await client.get("/api/users/1", headers={"if-none-match": tag})).status_code == 304
    assert (await client.get("/api/users/1", headers={"if-none-match": f"W/{tag}"})).status_code == 304
    assert (await client.patch("/api/users/1", json={"bio": "x"}, headers={"if-match": f"W/{tag}"})).status_code in (412, 415)


async def test_both_servers_are_asked_and_connections_are_kept(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.get(f"/api/users/{1 + number % 2}") for number in range(64)))
    assert {answer.status_code for answer in answers} == {200}
    made = await asyncio.gather(*(client.post("/api/users", json={"name": "n", "email": f"u{number}@example.com"}) for number in range(32)))
    assert {answer.status_code for answer in made} == {201}
    listed = (await client.get("/api/users?limit=100")).json()["items"]
    assert len({row["id"] for row in listed}) == 34


async def test_problems_come_from_the_server_and_not_from_the_proxy(client: httpx.AsyncClient) -> None:
    """Too much content, a path that is not there, a stream: whatever it is, it has our shape."""
    large = await client.post("/api/users", json={**JANE, "bio": "x" * ((1 << 20) + 1)})
    assert (large.status_code, large.json()["code"]) == (413, "content_too_large")
    missing = await client.get("/api/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    streamed = await client.get("/api/users", headers={"accept": "application/x-ndjson"})
    assert streamed.headers["content-type"].startswith("application/x-ndjson")
    assert len(streamed.text.splitlines()) == 2


@pytest.mark.parametrize("field", ['"1"', 'W/"1"'], ids=["sent-strong", "sent-as-it-came"])
async def test_without_the_snippets_line_tags_become_weak(sqlite_url: str, tmp_path: Path, field: str) -> None:
    """Then a tag that is sent back as it came never matches, and the same number in quotes does. Source: RFC 9110 section 13.1.1."""
    async with serving("--database", sqlite_url, folder=tmp_path, count=2) as servers:
        port = free_port()
        text = with_ports(snippets()[0], [server.port for server in servers], port)
        assert "gzip off;" in text
        with nginx(text.replace("gzip off;", ""), tmp_path):
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                await answering(client)
                assert (await client.get("/api/users/1", headers=GZIP)).headers["etag"] == 'W/"1"'
                written = await client.put("/api/users/1", json=JANE, headers={"if-match": field})
                assert written.status_code == (200 if field == '"1"' else 412)
                # What does not travel in a field is not touched.
                answer = await Graphql(client).merge_patch(USER, 1, {"bio": "x"}, version=2 if field == '"1"' else 1)
                assert answer.code == "written"


async def test_nginx_does_not_know_no_transform(tmp_path: Path) -> None:
    """A server of a few lines says `no-transform`; nginx compresses all the same, so that is no way out."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        fields = b'etag: "7"\r\ncache-control: no-transform\r\ncontent-type: application/json\r\ncontent-length: 64\r\nconnection: close'
        writer.write(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + b'"' + b"x" * 62 + b'"')
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    behind, port = server.sockets[0].getsockname()[1], free_port()
    with nginx(f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{behind}; }} }}", tmp_path):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=GZIP) as client:
            await answering(client, "/")
            assert (await client.get("/")).headers["etag"] == 'W/"7"'
    server.close()
    await server.wait_closed()


SHOP = """
from fastapi import Request
from diptych import Bridge
from diptych.demo.models import RESOURCES
from diptych.demo.rows import store_first_rows

bridge = Bridge("sqlite:///shop.db", RESOURCES, on_open=store_first_rows)
app = bridge.app(root_path="/shop")

@app.get("/who")
async def who(request: Request) -> dict[str, str]:
    return {"host": request.client.host, "scheme": request.url.scheme, "url": str(request.base_url)}
"""


async def test_a_prefix_and_who_asks(tmp_path: Path) -> None:
    """The documentation's prefix, and the fields that its proxy sets: what a client writes there itself goes no further."""
    (tmp_path / "shop.py").write_text(SHOP)
    behind, port, plain = free_port(), free_port(), free_port()
    prefixed = snippets()[1].replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    first = with_ports(snippets()[0], [behind, behind], plain)
    command = [sys.executable, "-m", "uvicorn", "shop:app", "--port", str(behind), "--log-level", "warning"]
    process = Program(["env", "-C", str(tmp_path), *command], tmp_path / "uvicorn.log", environment=environment())
    with running(process), nginx(f"{first}\nserver {{ listen 127.0.0.1:{port};\n{prefixed}\n}}", tmp_path):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await answering(client, "/shop/api/users/1")
            made = await client.post("/shop/api/users", json=JANE)
            assert (made.status_code, made.headers["location"]) == (201, "/shop/api/users/3")
            assert (await client.get(made.headers["location"], headers=GZIP)).headers["etag"] == '"1"'
            missing = (await client.get("/shop/api/users/99")).json()
            assert missing["type"] == "/shop/problems/not-found"
            assert (await client.get(missing["type"])).status_code == 200
            slash = (await client.get("/shop/api/documents/a%2Fb")).json()
            assert (slash["code"], slash["key"]) == ("not_found", "a/b"), "a key of one segment, with a slash in it"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{plain}") as client:
            told = (await client.get("/who", headers={"x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https"})).json()
            assert told["host"] == "127.0.0.1"
            assert told["scheme"] == "http"
            assert told["url"].startswith(f"http://127.0.0.1:{plain}")


@pytest.mark.postgres
async def test_writers_through_the_proxy(postgres_url: str, tmp_path: Path) -> None:
    """32 writers count one row up through two servers: each number is acknowledged once."""
    async with serving("--database", postgres_url, folder=tmp_path, count=2) as servers:
        with in_front_of([server.port for server in servers], tmp_path) as address:
            async with httpx.AsyncClient(base_url=address, timeout=60) as client:
                await answering(client)
                won: list[int] = []

                async def write(number: int) -> None:
                    version = 1
                    for _ in range(6):
                        door = (Rest(client), graphql)[number % 2]
                        answer = await door.merge_patch(USER, 1, {"bio": f"{number} from {version}"}, version=version)
                        if answer.code == "written":
                            assert answer.version == version + 1
                            won.append(answer.version)
                            version = answer.version
                        else:
                            assert answer.code == "version_mismatch"
                            version = answer.facts["currentVersion"]

                graphql = Graphql(client)
                await graphql.fetch(USER, 1)
                await asyncio.gather(*(write(number) for number in range(32)))
    raw = await RawConnection(postgres_url).open()
    ((version,),) = await raw.rows("SELECT version FROM users WHERE id = 1")
    await raw.close()
    assert sorted(won) == list(range(2, version + 1))
