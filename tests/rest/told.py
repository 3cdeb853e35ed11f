"""What the OpenAPI document says, put to what really comes and goes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from diptych.resource.shape import ResourceShape
from diptych.rest import openapi_paths

# Fields that describe the content itself; OpenAPI tells those elsewhere.
_OF_CONTENT = {"content-type", "content-length"}


class Told:
    """One document, and which of its answers have been seen."""

    def __init__(self, shapes: Sequence[ResourceShape], base: str = "/api") -> None:
        self.paths, self.components = openapi_paths(shapes, base)
        self.seen: set[tuple[str, str]] = set()
        self._patterns = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), item) for path, item in self.paths.items()]

    @property
    def document(self) -> dict[str, Any]:
        return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": self.paths, "components": self.components}

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for item in self.paths.values():
            for method, operation in item.items():
                if method != "parameters":
                    yield method, operation

    def violations(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """What is wrong with a value by a schema of the document."""
        whole = Draft202012Validator({**schema, "components": self.components})
        return [f"{error.json_path}: {error.message}" for error in whole.iter_errors(value)]

    def schema(self, name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def check(self, answer: httpx.Response) -> None:
        """Raise AssertionError unless the document tells of this answer: its status, its fields and its content."""
        request = answer.request
        path = request.url.raw_path.decode().partition("?")[0]
        item = next(item for pattern, item in self._patterns if pattern.fullmatch(path))
        operation = item[request.method.lower()]
        where = f"{operation['operationId']} {answer.status_code}"
        assert str(answer.status_code) in operation["responses"], f"{where} is not told: {answer.text}"
        response = operation["responses"][str(answer.status_code)]
        known = {name.lower() for name in response.get("headers", {})}
        assert set(answer.headers) - _OF_CONTENT <= known, f"{where}: {set(answer.headers) - _OF_CONTENT - known} are not told"
        code = "-"
        if answer.content:
            media = answer.headers["content-type"]
            assert media in response["content"], f"{where}: {media} is not told"
            value = answer.text if media == "application/x-ndjson" else answer.json()
            assert not (wrong := self.violations(response["content"][media]["schema"], value)), f"{where}: {wrong}"
            code = value.get("code", "-") if isinstance(value, dict) else "-"
        self.seen.add((f"{operation['operationId']} {answer.status_code}", code))

    def promised(self) -> set[tuple[str, str]]:
        """Every answer that the document tells of: operation and status, and for refusals with content the code."""
        answers = set()
        for method, operation in self.operations():
            for status, response in operation["responses"].items():
                name = f"{operation['operationId']} {status}"
                schema = response.get("content", {}).get("application/problem+json", {}).get("schema")
                if schema is None or method == "head":
                    answers.add((name, "-"))
                    continue
                for target in schema.get("oneOf", [schema]):
                    kind = self.components["schemas"][target["$ref"].rsplit("/", 1)[-1]]
                    answers.add((name, kind["properties"]["code"]["const"]))
        return answers
