"""Trusted documents: manifests as the tools write them, requests as the clients make them, and what caches are told."""

import json
from collections.abc import Callable
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from diptych import Bridge, Limits, ManifestError, TrustedDocuments
from diptych.demo.models import RESOURCES
from tests.limits.asked import GRAPHQL, ask, refused

Serving = Callable[..., httpx.AsyncClient]

LIST = "query Users($n: Int) { users(first: $n) { edges { node { name } } } }"
RENAME = 'mutation Rename($name: String!) { patchUser(id: "1", patch: {name: $name}) { ... on UserWritten { version } } }'
LIST_ID, RENAME_ID = (sha256(text.encode()).hexdigest() for text in (LIST, RENAME))
OTHER = "query Other { documents { totalCount } }"


@pytest.fixture
def apollo(tmp_path: Path) -> Path:
    """What Apollo's generate-persisted-query-manifest writes."""
    operations = [
        {"id": LIST_ID, "name": "Users", "type": "query", "body": LIST},
        {"id": RENAME_ID, "name": "Rename", "type": "mutation", "body": RENAME},
    ]
    return written(tmp_path, {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations})


def written(folder: Path, manifest: Any) -> Path:
    file = folder / "manifest.json"
    file.write_text(manifest if isinstance(manifest, str) else json.dumps(manifest), encoding="utf-8")
    return file


NAMED = [
    pytest.param({"documentId": LIST_ID}, id="by-id"),
    pytest.param({"documentId": f"sha256:{LIST_ID}"}, id="by-prefixed-id"),
    pytest.param({"id": LIST_ID}, id="as-id"),
    pytest.param({"doc_id": LIST_ID}, id="as-doc_id"),
    pytest.param({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": LIST_ID}}}, id="by-apollo"),
    pytest.param({"documentId": LIST_ID, "query": ""}, id="with-an-empty-text"),
]


@pytest.mark.parametrize("only", [False, True])
@pytest.mark.parametrize("named", NAMED)
async def test_a_document_runs_by_its_name(serving: Serving, apollo: Path, named: dict[str, Any], only: bool) -> None:
    http = serving(trusted=TrustedDocuments(apollo, only=only))
    answer = await http.post("/graphql", json={**named, "variables": {"n": 1}})
    assert len(answer.json()["data"]["users"]["edges"]) == 1
    params = {name: value if isinstance(value, str) else json.dumps(value) for name, value in named.items()}
    got = await http.get("/graphql", params={**params, "variables": '{"n": 1}'})
    assert got.json() == answer.json()


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"query": OTHER}, id="a-text"),
        pytest.param({"query": LIST}, id="the-text-of-a-trusted-one"),
        pytest.param({"query": OTHER, "documentId": LIST_ID}, id="a-text-beside-a-name"),
        pytest.param({"documentId": "f" * 64}, id="an-unknown-name"),
        pytest.param({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "f" * 64}}}, id="unknown-to-apollo"),
        pytest.param({"query": "{ __schema { queryType { name } } }"}, id="introspection"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_only_trusted_ones_run_where_it_is_said(serving: Serving, apollo: Path, asked: dict[str, Any], method: str) -> None:
    http = serving(trusted=TrustedDocuments(apollo, only=True))
    headers = {"accept": GRAPHQL}
    if method == "POST":
        answer = await http.post("/graphql", json=asked, headers=headers)
    else:
        params = {name: value if isinstance(value, str) else json.dumps(value) for name, value in asked.items()}
        answer = await http.get("/graphql", params=params, headers=headers)
    assert refused(answer)["extensions"]["code"] == "document_not_trusted"


async def test_others_run_where_it_is_not(serving: Serving, apollo: Path) -> None:
    http = serving(trusted=TrustedDocuments(apollo))
    assert "totalCount" in (await ask(http, OTHER)).text
    # A client of Apollo's is told in its own word, and sends the text after all.
    unknown = {"persistedQuery": {"version": 1, "sha256Hash": sha256(OTHER.encode()).hexdigest()}}
    error = refused(await ask(http, None, extensions=unknown))
    assert (error["message"], error["extensions"]["code"]) == ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
    assert "totalCount" in (await ask(http, OTHER, extensions=unknown)).text
    assert refused(await ask(http, None, extensions=unknown))["message"] == "PersistedQueryNotFound", "nothing is registered by asking"
    assert refused(await ask(http, None, documentId="nothing"))["extensions"]["code"] == "document_not_trusted"


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        pytest.param({"documentId": 5}, "/documentId", id="a-number"),
        pytest.param({"extensions": {"persistedQuery": {"version": 1}}}, "/extensions/persistedQuery", id="no-hash"),
        pytest.param({"extensions": {"persistedQuery": "x"}}, "/extensions/persistedQuery", id="no-object"),
        pytest.param({}, "/query", id="nothing"),
    ],
)
async def test_a_name_that_is_none(serving: Serving, apollo: Path, asked: dict[str, Any], pointer: str) -> None:
    error = refused(await ask(serving(trusted=TrustedDocuments(apollo)), None, **asked))
    assert error["extensions"]["violations"][0]["pointer"] == pointer


async def test_without_a_manifest_a_name_is_no_document(serving: Serving) -> None:
    error = refused(await ask(serving(), None, documentId=LIST_ID))
    assert error["extensions"]["violations"][0]["pointer"] == "/query"


async def test_a_mutation_does_not_run_by_get(serving: Serving, apollo: Path) -> None:
    http = serving(trusted=TrustedDocuments(apollo, only=True))
    answer = await http.get("/graphql", params={"documentId": RENAME_ID, "variables": '{"name": "X"}'})
    assert (answer.status_code, answer.headers["allow"], answer.headers["cache-control"]) == (405, "POST", "no-store")
    ran = await http.post("/graphql", json={"documentId": RENAME_ID, "variables": {"name": "Renamed"}})
    assert ran.json()["data"]["patchUser"]["version"] == 2
    assert ran.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("digest", [md5, sha1, sha256])
async def test_a_map_of_texts(serving: Serving, tmp_path: Path, digest: Any) -> None:
    """What Relay's compiler and the client preset of GraphQL Code Generator write."""
    name = digest(LIST.encode()).hexdigest()
    http = serving(trusted=TrustedDocuments(written(tmp_path, {name: LIST}), only=True))
    assert "edges" in (await ask(http, None, doc_id=name)).text


async def test_trusted_documents_are_never_pushed_out(serving: Serving, apollo: Path) -> None:
    http = serving(trusted=TrustedDocuments(apollo))
    for number in range(600):
        await ask(http, f"{{ a{number}: __typename }}")
    assert "edges" in (await ask(http, None, documentId=LIST_ID)).text


async def test_a_trusted_document_is_bounded_by_its_variables(serving: Serving, apollo: Path) -> None:
    http = serving(trusted=TrustedDocuments(apollo), limits=Limits(page_size=5))
    assert "between 1 and 5" in (await ask(http, None, {"n": 6}, documentId=LIST_ID)).text


# What caches are told


async def read(http: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await http.get("/graphql", params={"documentId": LIST_ID, "variables": '{"n":1}'}, headers=headers)


async def test_an_answer_is_private_and_may_be_asked_for_again(serving: Serving, apollo: Path) -> None:
    http = serving(trusted=TrustedDocuments(apollo))
    first = await read(http)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Accept, Authorization, Cookie"
    again = await read(http, **{"if-none-match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == "private, no-cache"
    await ask(http, None, {"name": "Changed"}, documentId=RENAME_ID)
    changed = await read(http, **{"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)


@pytest.mark.parametrize("name", ["Users", LIST_ID])
async def test_a_public_answer_is_for_all_who_say_nothing_of_themselves(serving: Serving, apollo: Path, name: str) -> None:
    http = serving(trusted=TrustedDocuments(apollo, public={name: 60}))
    assert (await read(http)).headers["cache-control"] == "public, max-age=60"
    for header in ("authorization", "cookie", "x-api-key"):
        assert (await read(http, **{header: "hush"})).headers["cache-control"] == "private, no-cache", header


async def test_what_went_wrong_is_never_kept(serving: Serving, apollo: Path) -> None:
    http = serving(trusted=TrustedDocuments(apollo, public={"Users": 60}))
    answer = await http.get("/graphql", params={"documentId": LIST_ID, "variables": '{"n":0}'})
    assert "errors" in answer.json()
    assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)
    assert (await http.get("/graphql", params={"query": LIST})).headers["cache-control"] == "no-store"
    assert (await ask(http, None, documentId=LIST_ID)).headers["cache-control"] == "no-store"


# Manifests that cannot be used

APOLLO = {"format": "apollo-persisted-query-manifest", "version": 1}
WRONG = [
    pytest.param("{", "is not JSON", id="no-json"),
    pytest.param([], "write an object", id="a-list"),
    pytest.param({**APOLLO, "version": 2, "operations": []}, '"version" 1', id="another-version"),
    pytest.param({**APOLLO, "format": "x", "operations": []}, '"format" must be', id="another-format"),
    pytest.param({**APOLLO, "operations": {}}, '"operations" a list', id="no-list"),
    pytest.param({**APOLLO, "operations": [{"id": "a"}]}, 'entry 0 of "operations" must have "id" and "body"', id="no-body"),
    pytest.param({"a": 5}, "the entry 'a' is not the text", id="no-text"),
    pytest.param({"a": "{"}, "the document of the entry 'a' cannot be run", id="unreadable"),
    pytest.param({"a": "{ nothing }"}, "Cannot query field 'nothing'", id="unknown-field"),
    pytest.param({LIST_ID: OTHER}, f"the entry '{LIST_ID}' is not the SHA-256 of its document", id="another-hash"),
    pytest.param({f"sha256:{LIST_ID}": OTHER}, "is not the SHA-256 of its document", id="another-prefixed-hash"),
    pytest.param(
        {**APOLLO, "operations": [{"id": "a", "name": "A", "body": LIST}, {"id": "a", "name": "B", "body": OTHER}]},
        "the entry 'a' (B) is there twice",
        id="twice",
    ),
    pytest.param({"a": "{ " + "__typename " * 101 + "}"}, "at most 100 root fields", id="beyond-the-limits"),
]


@pytest.mark.parametrize(("manifest", "said"), WRONG)
def test_a_manifest_is_checked_when_the_bridge_is_built(sqlite_url: str, tmp_path: Path, manifest: Any, said: str) -> None:
    file = written(tmp_path, manifest)
    with pytest.raises(ManifestError) as refusal:
        Bridge(sqlite_url, RESOURCES, trusted=TrustedDocuments(file))
    assert said in str(refusal.value)
    assert str(file) in str(refusal.value)


@pytest.mark.parametrize(
    ("public", "said"),
    [({"Nobody": 5}, "names 'Nobody', which is not in the manifest"), ({"Users": 0}, "at least 1"), ({"Users": True}, "at least 1")],
)
def test_what_is_public_is_checked(sqlite_url: str, apollo: Path, public: Any, said: str) -> None:
    with pytest.raises(ManifestError, match=said):
        Bridge(sqlite_url, RESOURCES, trusted=TrustedDocuments(apollo, public=public))


def test_a_manifest_that_is_not_there(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read: No such file"):
        Bridge(sqlite_url, RESOURCES, trusted=TrustedDocuments(tmp_path / "none.json"))
