"""What a project may be called: its name is that of a Python package, of a folder and of a database."""

import keyword
import re
import sys
import unicodedata
from typing import Final

# A package of such a name would hide what the project imports, or be hidden.
_TAKEN: Final = frozenset(
    {"alembic", "asyncpg", "client", "diptych", "fastapi", "graphql", "httpx", "pydantic", "pytest"}
    | {"sqlalchemy", "sqlmodel", "starlette", "strawberry", "tests", "uvicorn"}
)
_FIT: Final = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST: Final = 60  # PostgreSQL keeps 63 bytes of a name


class UnfitName(ValueError):
    """A project cannot be called so; the message says what would do."""


def checked_name(name: str) -> str:
    """The name, if it can be that of a package; raises UnfitName otherwise."""
    reason = _reason(name)
    if reason is None:
        return name
    raise UnfitName(f"{name[:_LONGEST]!r} {reason}. {_suggested(name)!r} would do.")


def _reason(name: str) -> str | None:
    """Why a project cannot be called so; None if it can."""
    if keyword.iskeyword(name):
        return "is a word of Python's own"
    if name in sys.stdlib_module_names or name in _TAKEN:
        return "is the name of a package that is needed itself"
    if len(name) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if _FIT.fullmatch(name) is None:
        return "is no name of a Python package: small letters, digits and underscores, a letter first"
    return None


def _suggested(name: str) -> str:
    """A name like it that would do."""
    # ShopFront is shop_front, and so are "shop front" and shop-front; an accent is dropped.
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower())
    near = "_".join(words)[: _LONGEST - len("_project")].strip("_") or "shop"
    if near[0].isdigit():
        near = f"project_{near}"[:_LONGEST]
    return near if _reason(near) is None else f"{near}_project"
