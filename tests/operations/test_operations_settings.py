"""Settings: which source wins, and what is said of one that is unknown or wrong."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from diptych.app.settings import Settings, SettingsError, read_settings
from tests.proofs.command import run

SECRET = "swordfish"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "diptych.toml"
    path.write_text('port = 3\nlog = "json"\nmetrics = true\n[limits]\nrows = 30\ndepth = 3\n')
    return path


def test_the_nearest_source_wins(file: Path) -> None:
    read = read_settings(
        {"port": 1, "host": None}, config=file, environ={"DIPTYCH_PORT": "2", "DIPTYCH_LOG": "off", "DIPTYCH_LIMITS__ROWS": "20"}
    )
    settings = read.settings
    assert (settings.port, settings.log, settings.metrics, settings.workers) == (1, "off", True, 1)
    assert settings.limits == {"rows": 20, "depth": 3}
    assert read.origins == {
        "port": "command line",
        "log": "environment",
        "limits.rows": "environment",
        "metrics": str(file),
        "limits.depth": str(file),
    }


def test_without_any_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    read = read_settings({}, environ={"HOME": "/", "DIPTYCH_DATABASE": ""})
    assert (read.settings, read.origins) == (Settings(), {})


def test_the_file_of_the_folder_is_read_and_another_that_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    assert read_settings({}, environ={}).settings.port == 3
    other = file.with_name("other.toml")
    other.write_text("port = 4")
    assert read_settings({}, environ={"DIPTYCH_CONFIG": str(other)}).settings.port == 4
    other.with_name("third.toml").write_text("port = 5")
    assert read_settings({}, config=Path("third.toml"), environ={"DIPTYCH_CONFIG": str(other)}).settings.port == 5


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        pytest.param({"DIPTYCH_PORT": SECRET}, "DIPTYCH_PORT (environment): must be a whole number from 1 to 65535.", id="no-number"),
        pytest.param({"DIPTYCH_PORT": "0"}, "DIPTYCH_PORT (environment): must be a whole number from 1 to 65535.", id="just-too-small"),
        pytest.param({"DIPTYCH_PORT": "65536"}, "must be a whole number from 1 to 65535", id="just-too-large"),
        pytest.param({"DIPTYCH_PROT": SECRET}, "DIPTYCH_PROT (environment): there is no such setting. Perhaps port", id="unknown"),
        pytest.param({"DIPTYCH_METRICS": SECRET}, "DIPTYCH_METRICS (environment): must be true or false.", id="no-word-of-truth"),
        pytest.param({"DIPTYCH_LOG": SECRET}, "DIPTYCH_LOG (environment): must be json, text or off.", id="no-form"),
        pytest.param({"DIPTYCH_STOP_SECONDS": "nan"}, "DIPTYCH_STOP_SECONDS (environment): must be seconds, from 1", id="not-a-number"),
        pytest.param({"DIPTYCH_LIMITS__ROW": "1"}, "Perhaps limits.rows is meant.", id="unknown-limit"),
        pytest.param({"DIPTYCH_LIMITS": SECRET}, "DIPTYCH_LIMITS (environment): there is no such setting.", id="limits-as-one"),
        pytest.param({"DIPTYCH_PORT_80_TCP": SECRET}, "DIPTYCH_PORT_80_TCP (environment): there is no such setting.", id="of-kubernetes"),
    ],
)
def test_what_is_wrong_in_the_environment(environ: Mapping[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({}, environ=environ, config=None)
    assert said in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('prot = "swordfish"', "prot ({file}): there is no such setting. Perhaps port is meant.", id="unknown"),
        pytest.param('port = "swordfish"', "port ({file}): must be a whole number from 1 to 65535.", id="wrong"),
        pytest.param("workers = 0", "workers ({file}): must be a whole number from 1 to 1024.", id="out-of-bounds"),
        pytest.param("database = 7", "database ({file}): must be sqlite:///… or postgresql://….", id="no-text"),
        pytest.param("limits = 7", "limits ({file}): there is no such setting.", id="no-section"),
        pytest.param("[limits]\nrowz = 7", "limits.rowz ({file}): there is no such setting. Perhaps limits.rows is meant.", id="limit"),
        pytest.param("[serve]\nport = 7", "serve ({file}): there is no such setting.", id="unknown-section"),
        pytest.param('port = "swordfish', "{file} is not TOML", id="unreadable"),
        pytest.param('port = 1\nport = "swordfish"', "{file} is not TOML", id="twice"),
    ],
)
def test_what_is_wrong_in_the_file(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError) as refused:
        read_settings({}, environ={}, config=file)
    assert said.format(file=file) in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none.toml cannot be read: No such file or directory\."):
        read_settings({}, environ={}, config=tmp_path / "none.toml")


def test_what_is_wrong_on_the_command_line() -> None:
    with pytest.raises(SettingsError, match=r"^--stop-seconds \(command line\): must be seconds, from 1 to 3600\.$"):
        read_settings({"stop_seconds": 0}, environ={})


def test_a_database_is_never_shown() -> None:
    read = read_settings({}, environ={"DIPTYCH_DATABASE": f"postgresql://app:{SECRET}@db.example/x"})
    assert SECRET not in f"{read!r} {read.settings!s} {read.settings.model_dump()!r} {read.settings.model_dump_json()}"


def checked(*arguments: str, folder: Path, **variables: str) -> Any:
    done = run("check", "--json", *arguments, folder=folder, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_check_tells_each_setting_and_its_source(file: Path) -> None:
    file.write_text('database = "postgresql://app:swordfish@db.example/shop?sslmode=verify-full&passfile=swordfish"\n[limits]\nrows = 7')
    told = checked("--port", "8001", folder=file.parent, DIPTYCH_WORKERS="3", DIPTYCH_LIMITS__DEPTH="9")
    assert told["settings"]["port"] == {"value": 8001, "source": "command line"}
    assert told["settings"]["workers"] == {"value": 3, "source": "environment"}
    assert told["settings"]["database"] == {
        "value": "postgresql://app:***@db.example/shop?sslmode=verify-full&passfile=***",
        "source": "diptych.toml",
    }
    assert told["settings"]["host"] == {"value": "127.0.0.1", "source": "default"}
    assert told["limits"]["rows"] == {"value": 7, "source": "diptych.toml"}
    assert told["limits"]["depth"] == {"value": 9, "source": "environment"}
    assert [(one["name"], one["path"], one["keys"], one["versions"]) for one in told["resources"]] == [
        ("User", "/api/users", "server", "optional"),
        ("Document", "/api/documents", "client", "optional"),
        ("StockItem", "/api/stock-items", "server", "required"),
    ]
    in_words = run("check", folder=file.parent)
    assert SECRET not in in_words.stdout + in_words.stderr
    assert "db.example" in in_words.stdout


SHOP = """
from sqlmodel import Field
from diptych import Bridge, Resource, Versioned
from diptych.identity import ApiKeys
from diptych.resource.policy import Policy, anyone, nobody
from diptych.semantics.principal import Principal

class Lamp(Versioned, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str

def editors(principal):
    return "editor" in principal.roles

keys = ApiKeys({"0" * 64: Principal("ann")})
ruled = [Resource(Lamp, policy=Policy(read=anyone, write=editors, delete=nobody))]
bridge = Bridge("sqlite:///lamps.db", ruled, authenticator=keys, deny_by_default=True)
loose = Bridge("sqlite:///lamps.db", [Resource(Lamp)], authenticator=keys, rates=False)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    return tmp_path


def test_check_tells_who_may_do_what(shop: Path) -> None:
    told = checked("shop:bridge", folder=shop)
    (lamp,) = told["resources"]
    assert lamp["may"] == {
        "create": "as editors says",
        "read": "everybody who is let in",
        "replace": "as editors says",
        "patch": "as editors says",
        "delete": "nobody",
    }
    assert told["callers"]["authenticator"] == "ApiKeys"
    assert told["warnings"] == []
    assert run("check", "shop:bridge", "--strict", folder=shop).returncode == 0


DANGERS = [
    pytest.param((), ("--host", "0.0.0.0"), "give the bridge an authenticator", id="nobody-is-asked"),
    pytest.param((), ("--host", "::"), "give the bridge an authenticator", id="nobody-is-asked-by-ipv6"),
    pytest.param((), ("--host", "0.0.0.0"), "Playground and reference are open", id="playground"),
    pytest.param(("shop:bridge",), ("--host", "0.0.0.0"), "can read its schema", id="introspection"),
    pytest.param((), (), "User takes writes that name no version", id="versions"),
    pytest.param((), ("--workers", "2"), "share one SQLite file", id="sqlite-and-workers"),
    pytest.param(("shop:loose",), (), "Nothing bounds how often", id="no-rates"),
    pytest.param(("shop:loose",), (), "Everybody who is let in may do everything with Lamp", id="no-policy"),
    pytest.param(("shop:bridge",), ("--database", "postgresql://db.example/x"), "sslmode=verify-full", id="no-sslmode"),
    pytest.param(("shop:bridge",), ("--database", "postgresql:///x?host=db.example"), "sslmode=verify-full", id="host-in-the-query"),
    pytest.param(("shop:bridge",), ("--metrics",), "can read its metrics", id="metrics-on-the-app"),
    pytest.param(("shop:bridge",), ("--metrics-port", "9", "--metrics-host", "0.0.0.0"), "let a firewall", id="metrics-for-all"),
    pytest.param(("shop:bridge",), ("--host", "0.0.0.0", "--log", "off"), "No command is logged", id="no-log"),
]


@pytest.mark.parametrize(("target", "options", "said"), DANGERS)
def test_check_warns(shop: Path, target: tuple[str, ...], options: tuple[str, ...], said: str) -> None:
    told = checked(*target, *options, folder=shop)
    assert [warning for warning in told["warnings"] if said in warning] != []
    strictly = run("check", *target, *options, "--strict", folder=shop)
    assert strictly.returncode == 1
    assert said in strictly.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    "options",
    [
        ("--host", "127.0.0.1"),
        ("--host", "::1"),
        ("--host", "localhost"),
        ("--database", "postgresql://app@localhost/x"),
        ("--database", "postgresql:///x?host=/run/postgresql"),
        ("--database", "postgresql://app@db.example/x?sslmode=require"),
        ("--metrics-port", "9"),
        ("--host", "0.0.0.0", "--no-pages"),
    ],
    ids=" ".join,
)
def test_check_has_nothing_to_say_of_what_is_safe(shop: Path, options: tuple[str, ...]) -> None:
    told = checked("shop:bridge", *options, folder=shop, DIPTYCH_LIMITS__INTROSPECTION="false")
    assert told["warnings"] == []


def test_strangers_are_let_in_only_where_that_is_meant(shop: Path) -> None:
    with socket.socket() as taken:
        # Where it goes past the question, it comes to a port that is in use, and ends there.
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = run("serve", "--host", "0.0.0.0", "--port", port, folder=shop)
        assert refused.returncode == 1
        assert "no authenticator" in refused.stderr
        assert "--allow-anonymous" in refused.stderr
        for arguments, variables in (
            (("--allow-anonymous",), {}),
            ((), {"DIPTYCH_ALLOW_ANONYMOUS": "true"}),
        ):
            warned = run("serve", "--host", "0.0.0.0", "--port", port, *arguments, folder=shop, **variables)
            assert "warning: Whoever reaches 0.0.0.0 can read and write everything" in warned.stderr
            assert "Cannot listen" in warned.stderr
        assert "Whoever" not in run("serve", "shop:bridge", "--host", "0.0.0.0", "--port", port, folder=shop).stderr


def test_a_limit_that_cannot_be_is_told_with_its_source(shop: Path) -> None:
    ended = run("check", folder=shop, DIPTYCH_LIMITS__ROWS="many")
    assert ended.returncode == 1
    assert "limits.rows (environment)" in ended.stderr
    assert "must be a whole number from 1 to" in ended.stderr


RATES = ("rate_per_principal", "rate_per_address", "rate_storage", "replica")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param({}, ("6000/minute", "12000/minute", "memory://", None), id="the-bridge's-own"),
        pytest.param({"DIPTYCH_RATE_PER_ADDRESS": "off"}, ("6000/minute", "off", "memory://", None), id="one-is-off"),
        pytest.param({"DIPTYCH_RATE_PER_PRINCIPAL": "5/second"}, ("5/second", "12000/minute", "memory://", None), id="one-is-set"),
        pytest.param(
            {"DIPTYCH_RATE_STORAGE": f"redis://:{SECRET}@127.0.0.1:6379/0"},
            ("6000/minute", "12000/minute", "redis://:***@127.0.0.1:6379/0", None),
            id="counted-elsewhere",
        ),
        pytest.param(
            {"DIPTYCH_DATABASE": "postgresql://db/x", "DIPTYCH_REPLICA": f"postgresql://app:{SECRET}@copy/x"},
            ("6000/minute", "12000/minute", "memory://", "postgresql://app:***@copy/x"),
            id="a-replica",
        ),
    ],
)
def test_rates_and_a_replica_are_settings_too(shop: Path, given: Mapping[str, str], shown: tuple[str | None, ...]) -> None:
    settings = checked(folder=shop, **given)["settings"]
    assert tuple(settings[name]["value"] for name in RATES) == shown
    sources = {"environment" if f"DIPTYCH_{name.upper()}" in given else "bridge" for name in RATES}
    assert {settings[name]["source"] for name in RATES} == sources


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"DIPTYCH_RATE_PER_ADDRESS": "often"}, "write a number and a time", id="no-quota"),
        pytest.param({"DIPTYCH_RATE_STORAGE": f"mysql://{SECRET}"}, "write memory://, or where Redis is", id="no-redis"),
        pytest.param({"DIPTYCH_REPLICA": f"sqlite:///{SECRET}"}, "replica (environment)", id="no-replica"),
    ],
)
def test_rates_and_a_replica_that_cannot_be(shop: Path, given: Mapping[str, str], said: str) -> None:
    ended = run("check", folder=shop, **given)
    assert ended.returncode == 1
    assert said in " ".join(ended.stderr.split())
    assert SECRET not in ended.stderr
