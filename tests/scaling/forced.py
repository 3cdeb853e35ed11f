"""Failures that PostgreSQL is made to report, as often as a test asks for: by a trigger in a statement, at a commit, or in a read."""

from typing import Literal

from tests.proofs.raw import RawConnection

When = Literal["statement", "insert", "commit"]

# A sequence counts on where its transaction is undone.
FAIL = """
CREATE SEQUENCE IF NOT EXISTS forced_failures;
CREATE OR REPLACE FUNCTION fail_for_a_while() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF nextval('forced_failures') <= {times} THEN
        RAISE EXCEPTION 'forced' USING ERRCODE = '{code}';
    END IF;
    RETURN true;
END $$;
CREATE OR REPLACE FUNCTION fail_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fail_for_a_while();
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""
_AT: dict[When, str] = {
    "statement": "CREATE TRIGGER forced BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION fail_first()",
    "insert": "CREATE TRIGGER forced BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail_first()",
    "commit": (
        "CREATE CONSTRAINT TRIGGER forced AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION fail_first()"
    ),
}


async def fail_in_writes(raw: RawConnection, table: str, code: str, times: int, when: When) -> None:
    """From here on the first `times` changes of a table's rows fail with an SQLSTATE."""
    await raw.run(FAIL.format(code=code, times=times), "ALTER SEQUENCE forced_failures RESTART", _AT[when].format(table=table))


async def keep_failing(raw: RawConnection, code: str) -> None:
    """Whatever fails for a while fails for ever from here on."""
    await raw.run(FAIL.format(code=code, times=1_000_000))


async def stop_failing(raw: RawConnection, table: str) -> None:
    await raw.run(f"DROP TRIGGER forced ON {table}")


async def fail_in_reads(raw: RawConnection, table: str, code: str, times: int) -> None:
    """Put a view in the place of a table; reading it fails as often."""
    await raw.run(
        FAIL.format(code=code, times=times),
        "ALTER SEQUENCE forced_failures RESTART",
        f"ALTER TABLE {table} RENAME TO {table}_itself",
        # In a CTE of its own the function is asked once for each statement, and not once for each row.
        f"CREATE VIEW {table} AS WITH asked AS MATERIALIZED (SELECT fail_for_a_while() AS went) "
        f"SELECT {table}_itself.* FROM {table}_itself, asked WHERE asked.went",
    )


async def failures(raw: RawConnection) -> int:
    """How often something was asked whether to fail."""
    ((count,),) = await raw.rows("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM forced_failures")
    assert isinstance(count, int)
    return count
