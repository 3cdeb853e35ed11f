"""One OpenAPI document of two: the application's own, and ours."""

import json
import re
from typing import Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.security import APIKeyCookie
from openapi_spec_validator import validate
from pydantic import BaseModel, create_model

from diptych import Bridge
from diptych.demo import demo_bridge
from diptych.demo.models import RESOURCES
from diptych.identity import Anyone, ApiKeys, Authenticator, BearerJwt, FirstOf, FromDependency
from diptych.semantics.limits import Limits
from diptych.semantics.principal import Principal


def telling(named: str, sqlite_url: str) -> dict[str, Any]:
    """The document of an application that has a schema of this name and means something else by it."""
    app = FastAPI()
    other: type[BaseModel] = create_model(named, colour=(str, ...))

    @app.get("/own", response_model=other)
    async def own() -> None: ...

    demo_bridge(sqlite_url).mount(app)
    told = app.openapi()
    assert app.openapi() is told, "made once"
    return told


@pytest.mark.parametrize("named", ["User", "Problem", "Nothing"])
def test_a_schema_that_both_name_keeps_both_meanings(sqlite_url: str, named: str) -> None:
    told = telling(named, sqlite_url)
    schemas = told["components"]["schemas"]
    own = told["paths"]["/own"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert own == {"$ref": f"#/components/schemas/{named}"}
    assert schemas[named]["properties"].keys() == {"colour"}
    bare = demo_bridge(sqlite_url).openapi()
    expected = bare["components"]["schemas"].get(named)
    assert (f"Diptych{named}" in schemas) is (expected is not None)
    if expected is not None:
        assert schemas[f"Diptych{named}"]["properties"].keys() == expected["properties"].keys()
        # Whatever of ours referred to it refers to it still, by its other name.
        ours = json.dumps({path: item for path, item in told["paths"].items() if path != "/own"})
        assert f'"#/components/schemas/{named}"' not in ours
        assert ours.replace(f'schemas/Diptych{named}"', f'schemas/{named}"') == json.dumps(bare["paths"])
    validate(told)


KEYS = ApiKeys({"0" * 64: Principal("ann")})
FIELD_KEYS = ApiKeys({"0" * 64: Principal("ann")}, header="X-API-Key")
TOKENS = BearerJwt(issuer="https://id.example", audience="shop", algorithms=["HS256"], key=b"k" * 64)
BEARER = {"type": "http", "scheme": "bearer"}
FIELD = {"type": "apiKey", "in": "header", "name": "X-API-Key"}


def whoever() -> None: ...


BASIC = FromDependency(whoever, challenge='Basic realm="x"')


@pytest.mark.parametrize(
    ("authenticator", "anonymous", "schemes", "needed"),
    [
        pytest.param(None, False, None, None, id="nobody-is-asked"),
        pytest.param(Anyone(), True, None, None, id="anyone"),
        pytest.param(KEYS, False, {"bearer": BEARER}, [{"bearer": []}], id="keys"),
        pytest.param(FIELD_KEYS, False, {"apiKey": FIELD}, [{"apiKey": []}], id="keys-in-a-field-of-their-own"),
        pytest.param(TOKENS, True, {"bearer": BEARER | {"bearerFormat": "JWT"}}, [{"bearer": []}, {}], id="tokens-or-nothing"),
        pytest.param(BASIC, False, {"basic": {"type": "http", "scheme": "basic"}}, [{"basic": []}], id="of-a-dependency"),
        pytest.param(
            FirstOf(TOKENS, KEYS, FIELD_KEYS),
            False,
            {"bearer": BEARER | {"bearerFormat": "JWT"}, "apiKey": FIELD},
            [{"apiKey": []}, {"bearer": []}],
            id="several",
        ),
    ],
)
def test_how_a_caller_says_who_it_is(
    sqlite_url: str, authenticator: Authenticator | None, anonymous: bool, schemes: dict[str, Any] | None, needed: list[Any] | None
) -> None:
    bridge = Bridge(sqlite_url, RESOURCES[-1:], authenticator=authenticator, anonymous=anonymous)
    told = bridge.openapi()
    assert told.get("components", {}).get("securitySchemes") == schemes
    operations = [operation for item in told["paths"].values() for operation in item.values() if isinstance(operation, dict)]
    assert len(operations) >= 7
    for operation in operations:
        assert operation.get("security") == needed
    validate(told)


def test_a_scheme_that_the_application_means_otherwise_keeps_its_name(sqlite_url: str) -> None:
    app = FastAPI()
    own = APIKeyCookie(name="session", scheme_name="bearer")

    @app.get("/own", dependencies=[Depends(own)])
    async def its_own() -> None: ...

    Bridge(sqlite_url, RESOURCES, authenticator=KEYS).mount(app)
    told = app.openapi()
    cookie = {"type": "apiKey", "in": "cookie", "name": "session"}
    assert told["components"]["securitySchemes"] == {"bearer": cookie, "Diptychbearer": BEARER}
    assert told["paths"]["/own"]["get"]["security"] == [{"bearer": []}]
    assert told["paths"]["/api/users"]["post"]["security"] == [{"Diptychbearer": []}]
    validate(told)


def test_both_schemas_tell_the_page_size_that_is_set(sqlite_url: str) -> None:
    bridge = Bridge(sqlite_url, RESOURCES, limits=Limits(page_size=7))
    schema = bridge.openapi()["components"]["parameters"]["Limit"]["schema"]
    assert (schema["minimum"], schema["maximum"], schema["default"]) == (1, 7, 7)
    told = bridge.schema.as_str()
    assert "1 to 7, 7 unless said." in told
    assert "The keys, at most 7." in told
    assert not re.search(r"\b(?:100|20)\b", " ".join(line for line in told.splitlines() if "How many" in line or "The keys" in line))
