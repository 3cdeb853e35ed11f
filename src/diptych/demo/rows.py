"""The rows that the demo starts with."""

from typing import Final

from diptych.demo.models import RESOURCES
from diptych.resource.reading import read_resources
from diptych.semantics.change import Insert
from diptych.semantics.command import Create, List
from diptych.semantics.json_value import Document
from diptych.semantics.outcome import Page
from diptych.semantics.version import LAST, Version
from diptych.service.execute import Service

_USERS: Final[tuple[Document, ...]] = (
    {"name": "Ada Lovelace", "email": "ada@example.com", "role": "admin", "bio": "Wrote the first programs."},
    {"name": "Grace Hopper", "email": "grace@example.com"},
)
_DOCUMENTS: Final[tuple[Document, ...]] = (
    {"id": "welcome", "title": "Welcome", "content": "Change me through one door, read me through the other.", "tags": ["demo"]},
    {"id": "notes", "title": "Notes on versions", "metadata": {"language": "en"}},
)
_STOCK: Final[tuple[Document, ...]] = (
    {"sku": "BOLT-M4", "name": "Bolt M4", "quantity": 120, "location": "A1"},
    {"sku": "NUT-M4", "name": "Nut M4", "quantity": 80},
)
# A row that has had all its versions, so that `version_exhausted` can be seen.
_WORN_OUT: Final[Document] = {"sku": "LAST", "name": "Item at its last version", "quantity": 1, "location": None}


async def store_first_rows(service: Service) -> None:
    """Store the first rows where no resource has any. Of two processes that start at once, the later one is refused row by row."""
    user, document, stock = shapes = read_resources(RESOURCES)
    for shape in shapes:
        page = await service.list(shape, List(size=1))
        if not isinstance(page, Page) or page.rows:
            return
    for shape, rows in ((user, _USERS), (document, _DOCUMENTS), (stock, _STOCK)):
        for row in rows:
            await service.write(shape, Create(row))
    await service.store.commit(stock, (Insert(None, _WORN_OUT, above=Version(LAST - 1)),))
