"""What the URL of a PostgreSQL server says beside where it is: settings of its sessions, and how many statements may stay parsed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from diptych.store.url import DatabaseUrlError

ISOLATION: Final = "default_transaction_isolation"
_ISOLATIONS: Final = ("read committed", "repeatable read", "serializable")
# Two names for one thing, asyncpg's own and SQLAlchemy's.
_KEPT: Final = ("statement_cache_size", "prepared_statement_cache_size")


@dataclass(frozen=True, slots=True)
class PostgresOptions:
    """A URL without what is ours in it, the settings of every session, and how many statements stay parsed on each, None for many."""

    dsn: str
    settings: Mapping[str, str]
    most_kept: int | None


def read_options(dsn: str, busy_seconds: float, statement_seconds: float) -> PostgresOptions:
    """Read the parameters of a URL; its settings come before ours. Raises DatabaseUrlError, which never repeats the URL.

    Where no statement stays parsed, the sessions are a pooler's: it refuses settings that it does not know, so they are the role's.
    """
    parts = urlsplit(dsn)
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    said = dict(parameters)
    if said.get(ISOLATION, _ISOLATIONS[0]) not in _ISOLATIONS:
        raise DatabaseUrlError(f"{ISOLATION} in a database URL must be one of {', '.join(_ISOLATIONS)}; a space is written as %20.")
    most_kept = _most_kept(said)
    ours = {
        "application_name": "diptych",
        "lock_timeout": str(round(busy_seconds * 1000)),
        "statement_timeout": str(round(statement_seconds * 1000)),
        # The guards are made for this isolation, whatever the database's own default is; at a stricter one they are tried again.
        ISOLATION: _ISOLATIONS[0],
    }
    if most_kept == 0:
        ours = {"application_name": "diptych"}
    kept = urlencode([(name, value) for name, value in parameters if name not in _KEPT])
    settings = {name: value for name, value in ours.items() if name not in said}
    return PostgresOptions(parts._replace(query=kept).geturl(), settings, most_kept)


def _most_kept(said: Mapping[str, str]) -> int | None:
    values = {said[name] for name in _KEPT if name in said}
    if not values:
        return None
    value = values.pop()
    if values or not (value.isascii() and value.isdigit() and len(value) <= 6):
        raise DatabaseUrlError(f"{_KEPT[0]} in a database URL must be a whole number up to 999999; 0 keeps no statement parsed.")
    return int(value)
