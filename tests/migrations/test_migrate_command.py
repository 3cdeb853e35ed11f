"""`diptych migrate`, as people type it: what it prints, where, and what it says when something is wrong."""

import re
from pathlib import Path

import pytest

from tests.migrations.conftest import Diptych, execute

MODELS = """
from sqlmodel import Field
from diptych import Bridge, Resource, Versioned

class Note(Versioned, table=True):
    __tablename__ = "typed_notes"
    id: int | None = Field(default=None, primary_key=True)
    text: str = ""

class Tag(Versioned, table=True):
    __tablename__ = "typed_tags"
    id: str = Field(primary_key=True, max_length=20)
    text: str | None = None

bridge = Bridge({url!r}, [Resource(Note), Resource(Tag, keys="client")], create_tables=False)
"""


@pytest.fixture
def of(database_url: str, diptych: Diptych, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A module in the current folder; its name is new for each test, since modules and their tables stay."""
    name = f"typed_{abs(hash(request.node.nodeid))}"
    text = MODELS.format(url=database_url).replace("typed_", f"{name}_").replace("class Note", f"class Note{name}")
    text = text.replace("class Tag", f"class Tag{name}").replace("Resource(Note", f"Resource(Note{name}, plural='notes', type_name='Note'")
    text = text.replace("Resource(Tag,", f"Resource(Tag{name}, type_name='Tag',")
    (tmp_path / f"{name}.py").write_text(text)
    return f"{name}:bridge"


def table(of: str, what: str) -> str:
    return f"{of.partition(':')[0]}_{what}"


def test_a_day_of_a_deployment(of: str, diptych: Diptych, database_url: str, tmp_path: Path) -> None:
    checked = diptych("check", of)
    assert checked.exit_code == 1
    assert f"- There is no table {table(of, 'notes')}." in checked.stderr
    written = diptych("revision", of, "-m", "notes and tags")
    assert (written.exit_code, written.stdout) == (0, "")
    assert re.search(r"migrations/versions/\w+_notes_and_tags\.py:\n- There is no table", written.stderr)
    assert (tmp_path / "migrations" / "script.py.mako").is_file()
    assert diptych("current", of).stdout == "no revision\n"
    up = diptych("upgrade", of)
    assert up.exit_code == 0, up.stderr
    assert re.fullmatch(r"up to (\w+)  notes and tags\nThe database is at \1\.\n", up.stderr)
    at = diptych("current", of).stdout.strip()
    assert diptych("history", of).stdout == f"{at}  notes and tags (newest)\n"
    assert diptych("check", of).stdout == "The database is as declared.\n"
    assert diptych("upgrade", of).stderr == f"The database is at {at}.\n"
    again = diptych("revision", of, "-m", "nothing")
    assert again.exit_code == 1
    assert "nothing to revise" in again.stderr
    down = diptych("downgrade", of, "-1")
    assert down.exit_code == 0, down.stderr
    assert "The database is at no revision." in down.stderr


def test_sql_alone_is_printed(of: str, diptych: Diptych, database_url: str) -> None:
    """And does what the command would have done."""
    diptych("revision", of, "-m", "notes and tags")
    up = diptych("upgrade", of, "--sql")
    assert (up.exit_code, up.stderr) == (0, "")
    assert up.stdout.startswith("BEGIN")
    assert diptych("current", of).stdout == "no revision\n"
    statements = [each.strip() for each in re.sub(r"--.*", "", up.stdout).split(";")]
    execute(database_url, *(each for each in statements if each and not each.startswith(("BEGIN", "COMMIT"))))
    assert diptych("check", of).stdout == "The database is as declared.\n"
    down = diptych("downgrade", of, "head:base", "--sql")
    assert f"DROP TABLE {table(of, 'notes')};" in down.stdout
    assert diptych("downgrade", of, "base", "--sql").exit_code == 1
    if not database_url.startswith("sqlite"):
        assert "pg_advisory_xact_lock" in up.stdout
        assert "pg_advisory_xact_lock" in down.stdout


def test_adoption_by_hand_and_at_once(of: str, diptych: Diptych, database_url: str) -> None:
    serial = "INTEGER PRIMARY KEY" if database_url.startswith("sqlite") else "SERIAL PRIMARY KEY"
    execute(
        database_url,
        f"CREATE TABLE {table(of, 'notes')} (id {serial}, text TEXT NOT NULL)",
        f"INSERT INTO {table(of, 'notes')} (text) VALUES ('there')",
        f"CREATE TABLE {table(of, 'tags')} (id VARCHAR(20) NOT NULL PRIMARY KEY, text TEXT)",
        f"INSERT INTO {table(of, 'tags')} VALUES ('red', NULL)",
    )
    assert "not both" in diptych("adopt", of, "--apply", "--sql").stderr
    printed = diptych("adopt", of, "--sql")
    if database_url.startswith("sqlite"):
        assert printed.exit_code == 1
        assert "must be read" in printed.stderr
    else:
        assert f"INSERT INTO {table(of, 'tags')}_ledger (key, version) SELECT id, 0 FROM {table(of, 'tags')};" in printed.stdout
    refused = diptych("adopt", of, "--apply")
    assert "upgrade` first" in refused.stderr
    assert diptych("upgrade", of).exit_code == 0
    assert diptych("check", of).exit_code == 0
    assert execute(database_url, f"SELECT id, text, version FROM {table(of, 'notes')}") == [(1, "there", 1)]
    assert diptych("downgrade", of, "base").exit_code == 0
    for file in Path("migrations/versions").glob("*.py"):
        file.unlink()
    applied = diptych("adopt", of, "--apply")
    assert applied.exit_code == 0, applied.stderr
    assert "up to " in applied.stderr
    assert execute(database_url, f"SELECT key, version FROM {table(of, 'tags')}_ledger") == [("red", 0)]


def test_triggers_come_and_go(of: str, diptych: Diptych, database_url: str) -> None:
    early = diptych("triggers", of)
    assert early.exit_code == 1
    assert "upgrade it or adopt" in early.stderr
    diptych("revision", of, "-m", "all")
    diptych("upgrade", of)
    printed = diptych("triggers", of, "--sql").stdout
    assert printed.count("CREATE TRIGGER") == 10
    made = diptych("triggers", of)
    assert made.stderr == f"The triggers are on {table(of, 'notes')}, {table(of, 'tags')}.\n"
    execute(
        database_url,
        f"INSERT INTO {table(of, 'notes')} (text, version) VALUES ('a', 1)",
        f"UPDATE {table(of, 'notes')} SET text = 'b'",
    )
    assert execute(database_url, f"SELECT version FROM {table(of, 'notes')}") == [(2,)]
    assert diptych("triggers", of, "--drop").stderr == "The triggers are gone.\n"
    assert diptych("triggers", of, "--drop").stderr == "There were no triggers.\n"


def test_another_database_than_the_bridge_s(of: str, diptych: Diptych, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    assert diptych("revision", of, "-m", "all", "--database", other, "--folder", "others").exit_code == 0
    assert diptych("upgrade", of, "--database", other, "--folder", "others").exit_code == 0
    assert diptych("check", of, "--database", other).exit_code == 0
    assert diptych("check", of).exit_code == 1


def test_a_folder_of_the_other_database(of: str, diptych: Diptych, database_url: str, tmp_path: Path, postgres_url: str) -> None:
    other = postgres_url if database_url.startswith("sqlite") else f"sqlite:///{tmp_path}/other.db"
    diptych("revision", of, "-m", "all")
    refused = diptych("upgrade", of, "--database", other)
    assert refused.exit_code == 1
    assert re.search(r"was made for (SQLite|PostgreSQL), and the database is (PostgreSQL|SQLite)\. Keep a folder for each", refused.stderr)


def test_what_is_said_of_wrong_folders_and_revisions(of: str, diptych: Diptych, database_url: str, tmp_path: Path) -> None:
    assert "There are no revisions in migrations. Make the first" in diptych("upgrade", of).stderr
    diptych("revision", of, "-m", "all")
    unknown = diptych("upgrade", of, "nonsense")
    assert unknown.exit_code == 1
    assert "Can't locate revision" in unknown.stderr
    assert "Traceback" not in unknown.stderr
    diptych("upgrade", of)
    assert "The database is at" in diptych("revision", of, "-m", "x", "--folder", "elsewhere").stderr
    lost = diptych("upgrade", of, "--folder", "elsewhere")
    assert lost.exit_code == 1
    (tmp_path / "migrations" / "env.py").touch()
    assert "belongs to Alembic's own command" in diptych("upgrade", of).stderr


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("sqlite:////no/such/folder/x.db", "There is no folder /no/such/folder", id="no-folder"),
        pytest.param("postgresql://app:hidden@127.0.0.1:1/x", "The database cannot be reached.", id="no-server"),
        pytest.param("mysql://x/y", "Only SQLite and PostgreSQL are supported", id="another-database"),
    ],
)
def test_a_database_that_cannot_be_had(of: str, diptych: Diptych, url: str, says: str) -> None:
    refused = diptych("current", of, "--database", url)
    assert refused.exit_code == 1
    assert says in refused.stderr
    assert "hidden" not in refused.stderr


def test_without_alembic_it_says_what_to_install(of: str, diptych: Diptych, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diptych.cli.migrate.find_spec", lambda _: None)
    assert "pip install 'diptych[migrations]'" in diptych("current", of).stderr


@pytest.mark.parametrize("command", ["revision", "upgrade", "downgrade", "current", "history", "check", "adopt", "triggers"])
def test_each_command_asks_for_a_bridge(diptych: Diptych, command: str) -> None:
    assert "MODULE:BRIDGE" in diptych(command, "--help").stdout
    assert diptych(command).exit_code == 2
