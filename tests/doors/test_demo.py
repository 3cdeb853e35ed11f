"""The demo's examples, word for word, and each one's GraphQL twin."""

from typing import Any, TypeAlias

import httpx

from tests.doors.door import Graphql

Document: TypeAlias = dict[str, Any]

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"

JANE = {"name": "Jane", "email": "jane@example.com"}
JANE_DOE = {"name": "Jane Doe", "email": "jane@example.com", "role": "admin"}

USER = "user { id name email role bio version }"
PROBLEM = "... on Problem { type title status code detail }"
WRITTEN = f"__typename ... on UserWritten {{ outcome version {USER} }} {PROBLEM}"
MISMATCH = "... on UserVersionMismatch { currentVersion current { id name email role bio version } }"


async def make_jane(client: httpx.AsyncClient) -> dict[str, Any]:
    response = await client.post("/api/users", json=JANE)
    assert response.status_code == 201
    jane: dict[str, Any] = response.json()
    return jane


async def asked(graphql: Graphql, operation: str) -> Any:
    """The answer to the one root field of an operation."""
    body = (await graphql.send(operation)).json()
    assert "errors" not in body, body
    ((_, answer),) = body["data"].items()
    return answer


async def test_post_makes_a_user(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/users", json=JANE)
    jane = response.json()
    assert response.status_code == 201
    assert jane == {"id": jane["id"], "name": "Jane", "email": "jane@example.com", "role": "user", "bio": None, "version": 1}
    assert list(jane) == ["id", "name", "email", "role", "bio", "version"]
    assert isinstance(jane["id"], int)
    assert response.headers["location"] == f"/api/users/{jane['id']}"
    assert response.headers["etag"] == '"1"'
    assert response.headers["content-type"] == JSON_TYPE
    read = await client.get(response.headers["location"])
    assert (read.status_code, read.json()) == (200, jane)
    assert read.headers["etag"] == '"1"'
    assert read.headers["cache-control"] == "private, no-cache"


async def test_create_user_twin(client: httpx.AsyncClient, graphql: Graphql) -> None:
    answer = await asked(graphql, f'mutation {{ createUser(input: {{name: "Jane", email: "jane@example.com"}}) {{ {WRITTEN} }} }}')
    key = answer["user"]["id"]
    assert isinstance(key, str)
    assert answer == {
        "__typename": "UserWritten",
        "outcome": "CREATED",
        "version": 1,
        "user": {"id": key, "name": "Jane", "email": "jane@example.com", "role": "user", "bio": None, "version": 1},
    }
    assert (await client.get(f"/api/users/{key}")).headers["etag"] == '"1"'


async def test_put_three_times_has_one_effect_and_one_tag(client: httpx.AsyncClient) -> None:
    jane = await make_jane(client)
    path = f"/api/users/{jane['id']}"
    for _ in range(3):
        response = await client.put(path, json=JANE_DOE)
        assert response.status_code == 200
        assert response.json() == {"id": jane["id"], **JANE_DOE, "bio": None, "version": 2}
        assert response.headers["etag"] == '"2"'
        assert response.headers["content-location"] == path
    assert (await client.get(path)).headers["etag"] == '"2"'


async def test_replace_three_times_twin(client: httpx.AsyncClient, graphql: Graphql) -> None:
    jane = await make_jane(client)
    told = []
    for _ in range(3):
        answer = await asked(
            graphql,
            f"""mutation {{ replaceUser(id: {jane["id"]}, input: {{name: "Jane Doe", email: "jane@example.com", role: "admin"}})
                {{ {WRITTEN} }} }}""",
        )
        told.append((answer["outcome"], answer["version"]))
        assert answer["user"] == {"id": str(jane["id"]), **JANE_DOE, "bio": None, "version": 2}
    assert told == [("REPLACED", 2), ("UNCHANGED", 2), ("UNCHANGED", 2)]


async def test_put_on_an_old_tag_is_412_and_an_old_version_in_the_body_409(client: httpx.AsyncClient) -> None:
    jane = await make_jane(client)
    path = f"/api/users/{jane['id']}"
    current = (await client.patch(path, json={"bio": "somebody else was here"})).json()
    assert current["version"] == 2
    problem = {"type": "/problems/version-mismatch", "title": "Version mismatch", "code": "version_mismatch"}
    facts = {"currentVersion": 2, "current": current}
    for status, headers, document in ((412, {"if-match": '"1"'}, JANE_DOE), (409, {}, {**JANE_DOE, "version": 1})):
        response = await client.put(path, json=document, headers=headers)
        told = response.json()
        assert response.status_code == told["status"] == status
        assert response.headers["etag"] == '"2"'
        assert response.headers["content-type"] == PROBLEM_TYPE
        assert response.headers["cache-control"] == "no-store"
        assert told == {**problem, "status": status, "detail": told["detail"], **facts}
    assert (await client.get(path)).json() == current


async def test_replace_at_an_old_version_twin(client: httpx.AsyncClient, graphql: Graphql) -> None:
    jane = await make_jane(client)
    path = f"/api/users/{jane['id']}"
    current = (await client.patch(path, json={"bio": "somebody else was here"})).json()
    answer = await asked(
        graphql,
        f"""mutation {{ replaceUser(id: {jane["id"]}, version: 1, input: {{name: "Jane Doe", email: "jane@example.com"}})
            {{ {WRITTEN} {MISMATCH} }} }}""",
    )
    told = (await client.put(path, json=JANE_DOE, headers={"if-match": '"1"'})).json()
    assert answer == {"__typename": "UserVersionMismatch", **told, "current": {**current, "id": str(jane["id"])}}


async def test_put_without_name_is_400(client: httpx.AsyncClient) -> None:
    jane = await make_jane(client)
    response = await client.put(f"/api/users/{jane['id']}", json={"email": "jane@example.com"})
    told = response.json()
    assert (response.status_code, told["code"]) == (400, "invalid")
    assert [(one["pointer"], one["code"]) for one in told["violations"]] == [("/name", "required")]


async def test_replace_without_name_twin(client: httpx.AsyncClient, graphql: Graphql) -> None:
    """The schema itself refuses it: a request error, which has no data at all."""
    jane = await make_jane(client)
    response = await graphql.send(f'mutation {{ replaceUser(id: {jane["id"]}, input: {{email: "jane@example.com"}}) {{ {WRITTEN} }} }}')
    assert response.json().keys() == {"errors"}
    assert (await client.get(f"/api/users/{jane['id']}")).json() == jane


async def test_put_where_nobody_is_is_404(client: httpx.AsyncClient, graphql: Graphql) -> None:
    response = await client.put("/api/users/999999", json=JANE_DOE)
    told = response.json()
    assert (response.status_code, told["code"], told["key"]) == (404, "not_found", 999999)
    assert response.headers["content-type"] == PROBLEM_TYPE
    answer = await asked(
        graphql,
        f"""mutation {{ replaceUser(id: 999999, input: {{name: "Jane Doe", email: "jane@example.com"}})
            {{ {WRITTEN} ... on NotFound {{ key }} }} }}""",
    )
    assert answer == {"__typename": "NotFound", **told, "key": "999999"}


async def test_patch_leaves_the_rest_untouched(client: httpx.AsyncClient) -> None:
    jane = await make_jane(client)
    response = await client.patch(f"/api/users/{jane['id']}", json={"role": "admin"})
    assert response.status_code == 200
    assert response.json() == {**jane, "role": "admin", "version": 2}
    assert response.headers["etag"] == '"2"'
    assert response.headers["content-location"] == f"/api/users/{jane['id']}"


async def test_patch_user_twin(client: httpx.AsyncClient, graphql: Graphql) -> None:
    jane = await make_jane(client)
    answer = await asked(graphql, f'mutation {{ patchUser(id: {jane["id"]}, patch: {{role: "admin"}}) {{ {WRITTEN} }} }}')
    user = {**jane, "id": str(jane["id"]), "role": "admin", "version": 2}
    assert answer == {"__typename": "UserWritten", "outcome": "PATCHED", "version": 2, "user": user}


async def test_put_makes_a_document_at_a_key_of_the_clients_own(client: httpx.AsyncClient) -> None:
    document = {"title": "My Document", "content": "…"}
    made = await client.put("/api/documents/my-custom-id", json=document)
    whole: Document = {"id": "my-custom-id", **document, "tags": [], "metadata": {}, "ownerId": None, "version": 1}
    assert (made.status_code, made.json()) == (201, whole)
    assert made.headers["location"] == "/api/documents/my-custom-id"
    assert made.headers["etag"] == '"1"'
    again = await client.put("/api/documents/my-custom-id", json=document)
    assert (again.status_code, again.json(), again.headers["etag"]) == (200, whole, '"1"')
    assert "location" not in again.headers


async def test_replace_makes_a_document_twin(graphql: Graphql) -> None:
    operation = """mutation { replaceDocument(id: "my-custom-id", input: {title: "My Document", content: "…"})
        { ... on DocumentWritten { outcome version document { id title content tags metadata ownerId version } } } }"""
    document: Document = {
        "id": "my-custom-id",
        "title": "My Document",
        "content": "…",
        "tags": [],
        "metadata": {},
        "ownerId": None,
        "version": 1,
    }
    assert await asked(graphql, operation) == {"outcome": "CREATED", "version": 1, "document": document}
    assert await asked(graphql, operation) == {"outcome": "UNCHANGED", "version": 1, "document": document}


async def test_put_that_leaves_out_bio_clears_it(client: httpx.AsyncClient) -> None:
    jane = await make_jane(client)
    path = f"/api/users/{jane['id']}"
    assert (await client.patch(path, json={"bio": "a life"})).json()["bio"] == "a life"
    response = await client.put(path, json=JANE)
    assert (response.status_code, response.json()) == (200, {**jane, "version": 3})


async def test_replace_that_leaves_out_bio_twin(client: httpx.AsyncClient, graphql: Graphql) -> None:
    jane = await make_jane(client)
    assert (await client.patch(f"/api/users/{jane['id']}", json={"bio": "a life"})).json()["bio"] == "a life"
    answer = await asked(
        graphql, f'mutation {{ replaceUser(id: {jane["id"]}, input: {{name: "Jane", email: "jane@example.com"}}) {{ {WRITTEN} }} }}'
    )
    assert answer["user"] == {**jane, "id": str(jane["id"]), "version": 3}


async def test_put_of_stock_without_a_condition_is_428(client: httpx.AsyncClient) -> None:
    bolt = (await client.post("/api/stock-items", json={"sku": "B-1", "name": "Bolt", "quantity": 5})).json()
    response = await client.put(f"/api/stock-items/{bolt['id']}", json={"sku": "B-1", "name": "Bolt", "quantity": 4})
    told = response.json()
    assert (response.status_code, told["code"], told["requires"]) == (428, "precondition_required", "If-Match")
    assert response.headers["cache-control"] == "no-store"
    assert (await client.get(f"/api/stock-items/{bolt['id']}")).json() == bolt


async def test_replace_of_stock_without_a_version_twin(client: httpx.AsyncClient, graphql: Graphql) -> None:
    bolt = (await client.post("/api/stock-items", json={"sku": "B-1", "name": "Bolt", "quantity": 5})).json()
    response = await graphql.send(
        f"""mutation {{ replaceStockItem(id: {bolt["id"]}, input: {{sku: "B-1", name: "Bolt", quantity: 4}}) {{ __typename }} }}"""
    )
    assert response.json().keys() == {"errors"}
    assert (await client.get(f"/api/stock-items/{bolt['id']}")).json() == bolt
