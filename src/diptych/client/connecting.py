"""What both clients make of their arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

import httpx

from diptych.client.codec import Codec
from diptych.client.conversation import Conversation
from diptych.client.graphql import GraphqlSpeech
from diptych.client.json_names import GraphqlNames, names_from
from diptych.client.known import Key, Known
from diptych.client.rest import RestSpeech
from diptych.client.retries import Retries
from diptych.client.rows import Rows
from diptych.client.speech import Speech

T = TypeVar("T")

Language: TypeAlias = Literal["rest", "graphql"]


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the doors are, and how the client behaves. Nothing secret is kept here. Raises ValueError for what cannot be used."""

    url: str
    speak: Language
    rest_path: str
    graphql_path: str
    timeout: float
    retries: Retries
    origin: str = field(init=False)

    def __post_init__(self) -> None:
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL:
            raise ValueError("The first argument is the server's address, such as http://127.0.0.1:8000.") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("The server's address begins with http:// or https:// and names a host.")
        if url.userinfo:
            # It would take the place of a token, and the address ends up in logs.
            raise ValueError("The server's address has no user and no password in it; give them with auth=.")
        if url.query or url.fragment:
            raise ValueError("The server's address has no query and no fragment.")
        if self.speak not in ("rest", "graphql"):
            raise ValueError('speak= is "rest" or "graphql".')
        if self.timeout <= 0:
            raise ValueError("timeout= is in seconds, more than 0.")
        object.__setattr__(self, "origin", f"{url.scheme}://{url.netloc.decode('ascii')}{url.path.rstrip('/')}")

    def talk(
        self, codec: Codec[T], path: str, type_name: str | None, names: GraphqlNames | None, key: str, read_only: frozenset[str]
    ) -> tuple[Conversation[T], Speech[T]]:
        """One resource, spoken to through this connection's door. Raises ValueError for a path that is none."""
        if not (short := path.strip("/")) or any(mark in path for mark in "?#% "):
            raise ValueError('path= is the resource\'s own, such as "users".')
        rows = Rows(codec, codec.name(key) if codec.spelling.fields is not None else key)
        speech: Speech[T]
        if self.speak == "rest":
            speech = RestSpeech(f"{self.rest_path.rstrip('/')}/{short}", rows)
        else:
            derived = names_from(type_name or "Row", short)
            speech = GraphqlSpeech(self.graphql_path, rows, names or (None if type_name is None else derived), derived.plural)
        return Conversation(speech, rows, frozenset(map(codec.name, read_only)), self.retries, self.timeout), speech


def fields_of(token: str | None, auth: object, headers: Mapping[str, str] | None) -> dict[str, str]:
    """The header fields of every request. Raises ValueError, which never has the token in it."""
    if token is None:
        return dict(headers or {})
    if auth is not None:
        raise ValueError("token= and auth= are two ways of saying who asks; give one of them.")
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError("token= is visible ASCII characters without spaces.")
    return {**(headers or {}), "authorization": f"Bearer {token}"}


def named_version(row: Known[Any] | Key, version: int | None, *, unconditional: bool) -> int | None:
    """The version that a write names: of the row as it was seen, unless the caller says another or none.

    Raises ValueError where nothing is said, since a write that names none may undo what it has not seen.
    """
    if unconditional:
        if version is not None:
            raise ValueError("unconditional=True names no version; leave version= out.")
        return None
    if version is not None:
        return version
    if isinstance(row, Known):
        return row.version
    raise ValueError("A key alone names no version: give the row that was read, version=…, or unconditional=True.")


def given_of(conversation: Conversation[T], given: Any, members: Mapping[str, Any]) -> Any:
    """What was given as one argument or as keyword arguments. Raises TypeError for both, for neither, and for unknown fields."""
    if given is not None and members:
        raise TypeError("Give the fields as one argument or as keyword arguments, not as both.")
    if given is None and not members:
        raise TypeError("There is nothing to write: give the fields, as one argument or as keyword arguments.")
    return given if given is not None else {conversation.name(name): value for name, value in members.items()}
