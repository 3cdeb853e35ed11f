"""Where API keys are known from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from diptych.identity.api_key import read_hash
from diptych.identity.watched_file import WatchedFile
from diptych.semantics.json_text import read_json
from diptych.semantics.outcome import Malformed
from diptych.semantics.principal import Principal


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that the server knows. `expires` is in seconds since 1970, None for never."""

    principal: Principal
    expires: float | None = None


class KeysAway(Exception):
    """The place where keys are known cannot be asked now."""


class ApiKeySource(Protocol):
    async def find(self, hash: str) -> KnownKey | None:
        """The key of a hash, None where there is none or it is revoked. Raises KeysAway."""
        ...

    async def close(self) -> None: ...


class NamedKeys:
    """Keys named in the program; raises ValueError for one that is no hash."""

    def __init__(self, keys: Mapping[str, Principal]) -> None:
        if not keys:
            raise ValueError("ApiKeys({…}) has no keys. `python -m diptych.identity` makes one.")
        self._keys = {read_hash(hash, f"Key {index} of ApiKeys"): KnownKey(who) for index, (hash, who) in enumerate(keys.items())}
        if any(who.is_anonymous for who in keys.values()):
            raise ValueError("Each key of ApiKeys stands for a Principal with a subject.")

    async def find(self, hash: str) -> KnownKey | None:
        return self._keys.get(hash)

    async def close(self) -> None:
        return

    def __repr__(self) -> str:
        return f"{{{len(self._keys)} keys}}"


class ApiKeyFile:
    """Keys in a TOML or JSON file; raises ValueError where it cannot be used."""

    def __init__(self, path: Path) -> None:
        if path.suffix not in (".toml", ".json"):
            raise ValueError("A file of API keys ends in .toml or .json.")
        self._file = WatchedFile(path, _from_toml if path.suffix == ".toml" else _from_json)

    async def find(self, hash: str) -> KnownKey | None:
        return self._file.content().get(hash)

    async def close(self) -> None:
        return

    def __repr__(self) -> str:
        return repr(self._file.path.name)


_MEMBERS: Final = frozenset({"hash", "subject", "roles", "expires"})


def _from_toml(text: bytes) -> dict[str, KnownKey]:
    try:
        return _read(tomllib.loads(text.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        # The parser's own words quote the line, which may hold a key.
        raise ValueError("It is not TOML.") from None


def _from_json(text: bytes) -> dict[str, KnownKey]:
    members = read_json(text)
    if isinstance(members, Malformed):
        raise ValueError(f"{members.reason}.")
    return _read(members)


def _read(members: Any) -> dict[str, KnownKey]:
    listed = members.get("keys") if isinstance(members, dict) and len(members) == 1 else None
    if not isinstance(listed, list):
        raise ValueError('It has one member, "keys", a list of keys.')
    found: dict[str, KnownKey] = {}
    for index, each in enumerate(listed):
        place = f"keys[{index}]"
        if not isinstance(each, dict) or not {"hash", "subject"} <= each.keys() <= _MEMBERS:
            raise ValueError(f"{place} has a hash and a subject, may have roles and expires, and nothing else.")
        hash = read_hash(each["hash"], f"{place}.hash")
        if hash in found:
            raise ValueError(f"{place} has the same hash as one before it.")
        found[hash] = KnownKey(_principal(each, place), _expires(each, place))
    return found


def _principal(each: Mapping[str, Any], place: str) -> Principal:
    subject, roles = each["subject"], each.get("roles", [])
    if not isinstance(subject, str) or not subject:
        raise ValueError(f"{place}.subject is text that names who has the key.")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ValueError(f"{place}.roles is a list of text.")
    return Principal(subject, frozenset(roles))


def _expires(each: Mapping[str, Any], place: str) -> float | None:
    if "expires" not in each:
        return None
    moment = each["expires"]
    try:
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(f"{place}.expires is a moment with its time zone, such as 2030-01-31T00:00:00Z.")
    return moment.timestamp()
