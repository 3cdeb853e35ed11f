"""The office in this process, behind both doors, with rows of three people in it."""

from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from diptych import Bridge
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Create, Delete, List
from diptych.semantics.json_value import Document
from diptych.semantics.outcome import Deleted, Page, Written
from diptych.semantics.principal import Principal
from diptych.service.execute import Grant
from tests.policies.world import CALLERS, headers_of

OWNERS: Final = {"ann": "red", "bob": "red", "cid": "blue"}
# Fields of an errand and of a satchel whose values tell the row and the field they are from.
ERRAND_MARKS: Final = ("title", "code", "meta", "pay", "grade", "rank", "pin", "createdBy", "changedBy")
SATCHEL_MARKS: Final = ("label", "remark")


def mark(kind: str, owner: str, name: str) -> str:
    """The text that stands in one field of one row, and nowhere else."""
    return f"mark-{kind}-{owner}-{name}-end"


def satchel_key(owner: str) -> str:
    return f"satchel-of-{owner}"


def errand_document(owner: str, team: str) -> dict[str, Any]:
    texts = {name: mark("errand", owner, name) for name in ("title", "code", "pay", "grade", "rank", "pin")}
    refers = {"satchelId": satchel_key(owner), "vaultId": satchel_key(owner)}
    return {"owner": owner, "team": team, "meta": {"inside": [mark("errand", owner, "meta")]}, **texts, **refers}


def satchel_document(owner: str, team: str) -> dict[str, Any]:
    texts = {name: mark("satchel", owner, name) for name in SATCHEL_MARKS}
    return {"id": satchel_key(owner), "owner": owner, "team": team, **texts}


@dataclass
class Office:
    """A bridge, clients for its callers, and what is stored now: key and version by the name of the owner."""

    bridge: Bridge
    errands: dict[str, tuple[Any, int]] = field(default_factory=dict)
    satchels: dict[str, tuple[Any, int]] = field(default_factory=dict)
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    refers: bool = True

    def shape(self, name: str) -> ResourceShape:
        return next(shape for shape in self.bridge.resources if shape.name == name)

    def stored(self, kind: str) -> dict[str, tuple[Any, int]]:
        return self.errands if kind == "Errand" else self.satchels

    def client(self, caller: str) -> httpx.AsyncClient:
        if caller not in self.clients:
            transport = httpx.ASGITransport(self.bridge.app(), raise_app_exceptions=False)
            headers = headers_of(caller)
            self.clients[caller] = httpx.AsyncClient(transport=transport, base_url="http://office", headers=headers, timeout=60)
        return self.clients[caller]

    async def close(self) -> None:
        for client in self.clients.values():
            await client.aclose()
        await self.bridge.close()

    async def everything(self) -> dict[str, Any]:
        """All that is stored, asked of the service itself, which knows no rules."""
        shapes = self.bridge.resources
        return {shape.name: [(row.key, row.version, dict(row.values)) for row in await self._rows(shape)] for shape in shapes}

    async def tidy(self) -> None:
        """Take everything out and put the rows of the three people in; each errand refers to the satchel of its owner if `refers`."""
        for shape in self.bridge.resources:
            # Errands refer to satchels, and stand first.
            for row in await self._rows(shape):
                assert isinstance(await self.bridge.service.write(shape, Delete(row.key)), Deleted)
        for owner, team in OWNERS.items():
            self.satchels[owner] = await self.put("Satchel", satchel_document(owner, team), owner)
            document = errand_document(owner, team)
            if not self.refers:
                document |= {"satchelId": None, "vaultId": None}
            self.errands[owner] = await self.put("Errand", document, owner)

    async def put(self, kind: str, document: Document, owner: str) -> tuple[Any, int]:
        """Store one row; its stamps say who it is of, unlike any caller."""
        made = await self.bridge.service.write(self.shape(kind), Create(document), Grant(Principal(mark("errand", owner, "createdBy"))))
        assert isinstance(made, Written), made
        return made.row.key, made.row.version

    async def _rows(self, shape: ResourceShape) -> Any:
        page = await self.bridge.service.list(shape, List(100))
        assert isinstance(page, Page), page
        return page.rows


def marks_open_to(caller: str) -> set[str]:
    """Every mark that a caller may read, by the rules told once more in plain Python."""
    known = CALLERS[caller]
    plain = {"title", "code", "meta", "rank", "createdBy"} | (set(ERRAND_MARKS) & known.knows)
    errands = {mark("errand", owner, name) for owner in known.sees for name in plain}
    satchels = {mark("satchel", owner, name) for owner in known.sees for name in {"label"} | (set(SATCHEL_MARKS) & known.knows)}
    # Who made a row has changed it last; one text stands for both.
    return errands | satchels
