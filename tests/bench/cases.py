"""What is measured: the cases, and at how many connections each runs."""

from dataclasses import dataclass
from typing import Final

CONTENDED_ROWS: Final = 16


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of load. `script` is its name in `load.lua`, `kinds` are the answers that count as throughput."""

    name: str
    script: str
    title: str
    connections: tuple[int, ...]
    kinds: tuple[str, ...]
    writes: bool
    doors: tuple[str, ...] = ("rest", "graphql")


GET: Final = Case("get", "get", "get by key", (1, 32, 128), ("read",), writes=False)
REPLACE: Final = Case("replace", "replace", "replace with a version", (1, 32, 64, 128), ("write",), writes=True)
PATCH: Final = Case("patch", "patch", "merge patch", (1, 32, 128), ("write",), writes=True, doors=("rest",))
CREATE: Final = Case("create", "create", "create", (1, 32, 128), ("write",), writes=True)
LIST: Final = Case("list", "list", "list of 50", (1, 32, 128), ("read",), writes=False, doors=("graphql",))
WALK: Final = Case("walk", "walk", "list of 50, each at another place", (1, 32, 128), ("read",), writes=False, doors=("graphql",))
FILTERED: Final = Case("filtered", "filtered", "filtered list of 20", (1, 32, 128), ("read",), writes=False, doors=("graphql",))
NESTED: Final = Case("nested", "nested", "list of 20 with documents", (1, 32, 128), ("read",), writes=False, doors=("graphql",))
MIXED: Final = Case("mixed", "mixed", "mixed, 80 % reads", (32, 128), ("read", "write"), writes=True)
CONTENDED: Final = Case("contended", "contended", f"all on {CONTENDED_ROWS} rows, read then write", (32, 128), ("write",), writes=True)
BAD: Final = Case("bad", "bad", "one bad caller among 32, the others replace", (32,), ("write",), writes=True)

CASES: Final = (GET, REPLACE, PATCH, CREATE, LIST, WALK, FILTERED, NESTED, MIXED, CONTENDED, BAD)
