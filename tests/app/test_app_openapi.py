"""One OpenAPI document of two: the application's own, and ours."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate
from pydantic import BaseModel, create_model

from diptych.demo import demo_bridge


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
