"""Trusted documents: the operations of the clients one has built, known beforehand and asked for by name.

Source: GraphQL over HTTP, appendix A; the manifests of Apollo's and Relay's compilers.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphql import GraphQLError

if TYPE_CHECKING:
    from diptych.graphql.documents import Document, Documents

# The member of `extensions` in which Apollo's clients name a document.
BY_APOLLO: Final = "persistedQuery"
NOT_TRUSTED: Final = "document_not_trusted"
_FORMAT: Final = "apollo-persisted-query-manifest"
_PREFIX: Final = "sha256:"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """A manifest that cannot be used; the message names the file, the entry, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a request says in place of a document. `by_apollo`: in the extension of Apollo's clients, who know their own errors."""

    identifier: str
    by_apollo: bool = False


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """The documents of a manifest, as Apollo's or Relay's tools write it, by their identifiers.

    With `only`, nothing else is run. `public` are seconds for which a shared cache may keep the answer to a query that was asked for
    by GET, by the identifier or by the name that the manifest has for it; only what anybody may see belongs there.
    Raises ManifestError for what it cannot be.
    """

    manifest: str | Path
    only: bool = False
    public: Mapping[str, int] | None = None

    def __post_init__(self) -> None:
        for name, seconds in (self.public or {}).items():
            if type(seconds) is not int or seconds < 1:
                raise ManifestError(f"TrustedDocuments(public={{{name!r}: {seconds!r}}}): must be a whole number of seconds, at least 1.")

    def read(self, documents: "Documents") -> "Trusted":
        """Read the manifest, each of its documents as a request would be. Raises ManifestError, with the entry that is wrong."""
        file = Path(self.manifest)
        found: dict[str, Document] = {}
        ages: dict[str, int] = {}
        unnamed = dict(self.public or {})
        for entry in _entries(file):
            identifier = _bare(entry.identifier)
            if identifier in found and found[identifier].text != entry.body:
                raise ManifestError(f"{file}: {entry} is there twice, with two documents.")
            if _DIGEST.fullmatch(identifier) and sha256(entry.body.encode()).hexdigest() != identifier:
                raise ManifestError(f"{file}: {entry} is not the SHA-256 of its document. Write the manifest again.")
            read = documents.pin(entry.body)
            if isinstance(read, Sequence):
                said = "; ".join(error.message for error in read[:3])
                raise ManifestError(f"{file}: the document of {entry} cannot be run under this schema: {said}")
            found[identifier] = read
            for name in (entry.identifier, entry.name):
                if name is not None and name in unnamed:
                    ages[read.text] = unnamed.pop(name)
        if unnamed:
            raise ManifestError(f"{file}: TrustedDocuments(public=…) names {', '.join(map(repr, unnamed))}, which is not in the manifest.")
        return Trusted(documents, found, ages, only=self.only)


class Trusted:
    """The trusted documents under one schema."""

    def __init__(self, documents: "Documents", found: Mapping[str, "Document"], ages: Mapping[str, int], *, only: bool) -> None:
        self._documents = documents
        self._found = found
        self._ages = ages
        self._only = only

    def document(self, text: str, named: Named | None) -> "Document | Sequence[GraphQLError]":
        """The document of a request, by its name or, where that is allowed, by its text; or why it is not run."""
        if named is None:
            if not self._only:
                return self._documents.read(text)
            return [_refusal("Only trusted documents are run here: name one by documentId, and send no text.")]
        document = self._found.get(_bare(named.identifier))
        if document is not None:
            return document
        if named.by_apollo and not self._only:
            # The word at which Apollo's clients send the text after all.
            return [GraphQLError("PersistedQueryNotFound", extensions={"code": "PERSISTED_QUERY_NOT_FOUND"})]
        return [_refusal("There is no trusted document with this identifier.")]

    def public_seconds(self, document: "Document") -> int | None:
        """For how long a shared cache may keep what this document answers; None where it may not."""
        return self._ages.get(document.text)


@dataclass(frozen=True, slots=True)
class _Entry:
    identifier: str
    name: str | None
    body: str

    def __str__(self) -> str:
        return f"the entry {self.identifier!r}" + (f" ({self.name})" if self.name else "")


def _entries(file: Path) -> Iterator[_Entry]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ManifestError(f"{file} is not JSON in UTF-8.") from None
    if not isinstance(content, dict):
        raise ManifestError(f"{file} is no manifest: write an object, as Apollo's or Relay's tools do.")
    if "format" in content or "operations" in content:
        yield from _of_apollo(file, content)
        return
    for identifier, body in content.items():
        if not isinstance(body, str):
            raise ManifestError(f"{file}: the entry {identifier!r} is not the text of a document.")
        yield _Entry(identifier, None, body)


def _of_apollo(file: Path, content: Mapping[str, Any]) -> Iterator[_Entry]:
    if content.get("format") != _FORMAT or content.get("version") != 1 or not isinstance(content.get("operations"), list):
        raise ManifestError(f'{file} is no manifest: "format" must be "{_FORMAT}", "version" 1, and "operations" a list.')
    for number, entry in enumerate(content["operations"]):
        if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) and entry[name] for name in ("id", "body")):
            raise ManifestError(f'{file}: entry {number} of "operations" must have "id" and "body", both text.')
        name = entry.get("name")
        yield _Entry(entry["id"], name if isinstance(name, str) else None, entry["body"])


def _bare(identifier: str) -> str:
    """An identifier without the prefix that says how it was made, which manifests leave out."""
    return identifier.removeprefix(_PREFIX)


def _refusal(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": NOT_TRUSTED})
