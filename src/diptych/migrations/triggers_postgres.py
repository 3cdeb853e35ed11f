"""The triggers of one table on PostgreSQL.

Their names begin with zz: triggers run in the order of their names, and ours must see what others have made of the row. The
library's own statements end here in three ways. An UPDATE says its version, so no WHEN holds. An INSERT is at the version above
the ledger's already. A DELETE writes the ledger in the same statement, which a trigger must not do before it (the statement would
fail on a row that changed under it), so ours comes AFTER, and finds nothing left to raise.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from diptych.semantics.version import LAST
from diptych.store.tables import VERSION, Stored

_PREFIX: Final = "zz_diptych_"
_LONGEST: Final = 63  # bytes, the longest name of PostgreSQL

# Whatever the role's search_path is, a table is found where it was when the triggers were made.
_THERE: Final = """
    SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(:name)
"""
_OURS: Final = """
    SELECT t.tgname, n.nspname, p.proname FROM pg_trigger AS t
    JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE t.tgrelid = to_regclass(:name) AND t.tgname LIKE 'zz\\_diptych\\_%' AND NOT t.tgisinternal ORDER BY t.tgname
"""


def making(connection: sa.Connection, stored: Stored, columns: Sequence[str]) -> list[str]:
    """Functions and triggers; `columns` are those whose change is a change of state."""
    quote: Callable[[str], str] = connection.dialect.identifier_preparer.quote
    schema = connection.execute(sa.text(_THERE), {"name": quote(stored.table.name)}).scalar_one()
    table, key, version = f"{quote(schema)}.{quote(stored.table.name)}", quote(stored.key.name), quote(VERSION)
    changed = " OR ".join(f"OLD.{quote(name)} IS DISTINCT FROM NEW.{quote(name)}" for name in columns)
    name = stored.table.name
    statements = []

    def add(what: str, when: str, body: str, condition: str = "", each: str = "ROW") -> None:
        function = f"{quote(schema)}.{quote(_short(f'diptych_{what}_{name}'))}"
        # A role may well have a search_path in which other tables and operators come first.
        head = (
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $diptych$"
        )
        statements.append(f"{head}\n{body}\n$diptych$")
        where = f" WHEN ({condition})" if condition else ""
        statements.append(f"CREATE TRIGGER {quote(_PREFIX + what)} {when} ON {table} FOR EACH {each}{where} EXECUTE FUNCTION {function}()")

    add(
        "key",
        "BEFORE UPDATE",
        _refusal(f"The key of a row of {name} never changes. Delete the row and insert another."),
        f"OLD.{key} IS DISTINCT FROM NEW.{key}",
    )
    add(
        "order",
        "BEFORE UPDATE",
        _refusal(f"The version of a row of {name} never goes down, and never beyond {LAST}."),
        f"NEW.{version} IS NULL OR NEW.{version} < OLD.{version} OR NEW.{version} > {LAST}",
    )
    if changed:
        add(
            "step",
            "BEFORE UPDATE",
            _body(
                _refuse_if(f"OLD.{version} >= {LAST}", f"A row of {name} is at its last version, {LAST}, and takes no change."),
                f"NEW.{version} := OLD.{version} + 1;",
                "RETURN NEW;",
            ),
            f"NEW.{version} = OLD.{version} AND ({changed})",
        )
    above = f"greatest(coalesce(NEW.{version}, 1), last + 1)"
    too_high = f"A row of {name} would be born beyond the last version, {LAST}."
    if stored.ledger is None:
        add(
            "birth",
            "BEFORE INSERT",
            _body(
                "last := 0;",
                f"NEW.{version} := {above};",
                _refuse_if(f"NEW.{version} > {LAST}", too_high),
                "RETURN NEW;",
                declare="last bigint;",
            ),
        )
        return statements
    ledger = f"{quote(schema)}.{quote(stored.ledger.name)}"
    add(
        "birth",
        "BEFORE INSERT",
        _body(
            f"INSERT INTO {ledger} AS l (key, version) VALUES (NEW.{key}, 0) ON CONFLICT (key) DO NOTHING;",
            # The ledger's row is locked before the row itself is there, as the library does it.
            f"SELECT l.version INTO last FROM {ledger} AS l WHERE l.key = NEW.{key} FOR UPDATE;",
            f"NEW.{version} := {above};",
            _refuse_if(f"NEW.{version} > {LAST}", too_high),
            "RETURN NEW;",
            declare="last bigint;",
        ),
    )
    raised = "ON CONFLICT (key) DO UPDATE SET version = EXCLUDED.version WHERE l.version < EXCLUDED.version;"
    add(
        "death",
        "AFTER DELETE",
        _body(f"INSERT INTO {ledger} AS l (key, version) VALUES (OLD.{key}, OLD.{version}) {raised}", "RETURN NULL;"),
    )
    add(
        "end",
        "BEFORE TRUNCATE",
        _body(f"INSERT INTO {ledger} AS l (key, version) SELECT t.{key}, t.{version} FROM {table} AS t {raised}", "RETURN NULL;"),
        each="STATEMENT",
    )
    return statements


def dropping(connection: sa.Connection, stored: Stored) -> list[str]:
    quote: Callable[[str], str] = connection.dialect.identifier_preparer.quote
    table = quote(stored.table.name)
    found = connection.execute(sa.text(_OURS), {"name": table}).all()
    triggers = [f"DROP TRIGGER {quote(trigger)} ON {table}" for trigger, _, __ in found]
    return [*triggers, *(f"DROP FUNCTION {quote(schema)}.{quote(function)}()" for _, schema, function in found)]


def _body(*lines: str, declare: str = "") -> str:
    declared = [f"DECLARE {declare}"] if declare else []
    return "\n".join([*declared, "BEGIN", *(f"    {line}" for line in lines), "END"])


def _refusal(message: str) -> str:
    return _body(_raise(message))


def _refuse_if(condition: str, message: str) -> str:
    return f"IF {condition} THEN {_raise(message)} END IF;"


def _raise(message: str) -> str:
    # A violation of a CHECK is what it would be, if a CHECK could see the row as it was.
    quoted = message.replace("'", "''").replace("%", "%%")
    return f"RAISE EXCEPTION '{quoted}' USING ERRCODE = 'check_violation';"


def _short(name: str) -> str:
    return name if len(name.encode()) <= _LONGEST else f"{name[:40]}_{sha256(name.encode()).hexdigest()[:16]}"
