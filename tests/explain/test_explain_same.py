"""What is explained is the same: one twin is asked in GraphQL, the other in REST, and answers and databases stay alike."""

import json
from random import Random
from typing import Any

import pytest

from diptych.explain import InGraphql, InRest, Message, NotUnderstood
from diptych.explain.requests import Requests, as_message
from diptych.explain.sameness import same_command
from diptych.graphql.spelling import Operation, Operations, Shown
from diptych.resource.shape import ResourceShape
from diptych.rest.spelling import Request, request_of
from diptych.semantics.command import Command, Create, Delete, Fetch, JsonPatch, List, MergePatch, Replace
from diptych.semantics.limits import USUAL_LIMITS
from tests.explain.commands import CommandMaker
from tests.explain.twins import Twins, graphql_row

# Each seed is a story of its own, over two new databases.
SEEDS = range(14)


def compare(value: Any, errors: Any, answer: Any, command: Command, shape: ResourceShape) -> None:
    """What GraphQL answered for one field, and what REST answered to the request that is said to mean the same."""
    body: Any = answer.json() if answer.content else None
    if errors:
        assert answer.status_code >= 400, (errors, answer.text)
        assert body["code"] == errors[0]["extensions"]["code"], (errors, answer.text)
        return
    match command:
        case Fetch():
            if value is None:
                assert answer.status_code == 404
            else:
                assert {name: graphql_row(body, shape)[name] for name in value} == value
        case List():
            assert answer.status_code == 200, answer.text
            assert [edge["node"] for edge in value["edges"]] == [graphql_row(row, shape) for row in body["items"]]
            assert value["pageInfo"] == {name: one for name, one in body["pageInfo"].items() if name != "totalCount"}
            assert value.get("totalCount") == body["pageInfo"].get("totalCount")
        case _ if value["__typename"] == f"{shape.name}Written":
            assert answer.status_code == (201 if value["outcome"] == "CREATED" else 200), answer.text
            assert graphql_row(body, shape) == value[shape.names.singular]
        case _ if value["__typename"] == f"{shape.name}Deleted":
            assert answer.status_code == 204
        case _:
            assert (body["code"], body["detail"]) == (value["code"], value["detail"])
            assert body.get("violations") == value.get("violations")
            assert "currentVersion" not in value or body["currentVersion"] == value["currentVersion"]


@pytest.mark.parametrize("seed", SEEDS)
def test_commands_mean_the_same_on_both_doors(twins: Twins, seed: int) -> None:
    """A command in GraphQL, explained: the requests do to one copy of the database what the operation does to the other."""
    spelling = Operations(twins.bridges[0].schema._schema, twins.bridges[0].resources)
    maker = CommandMaker(list(twins.shapes.values()), Random(seed), seed % 3 / 10)
    for _ in range(25):
        shape, command = maker.command()
        operation = spelling.of(command, shape, Shown())
        assert isinstance(operation, Operation), operation
        explained = twins.explainer.operation(operation.query, operation.variables, operation.name)
        (step,) = explained.steps
        assert step.request is not None, (command, step.notes)
        assert step.exact
        answer = twins.send(step.request)
        told = twins.ask(operation)
        (value,) = (told.get("data") or {"": None}).values()
        compare(value, told.get("errors"), answer, command, shape)
    one, other = twins.states()
    assert one == other


@pytest.mark.parametrize("seed", SEEDS)
def test_there_and_back_is_the_same_command(twins: Twins, seed: int) -> None:
    """A request in GraphQL, and that in REST again, is the command that it was."""
    requests = Requests(twins.bridges[0].resources, "/api", USUAL_LIMITS)
    maker = CommandMaker(list(twins.shapes.values()), Random(seed), seed % 3 / 10)
    for _ in range(25):
        shape, command = maker.command()
        first = request_of(command, shape, "/api")
        assert isinstance(first, Request)
        understood = requests.read(as_message(first))
        assert understood.resource is shape
        assert same_command(understood.command, command, shape), (first, command)
        explained = twins.explainer.message(as_message(first))
        assert isinstance(explained, InGraphql)
        if isinstance(command, Create | Replace | MergePatch) and explained.operation is None:
            # GraphQL's own types are stricter than the document, which REST refuses by its content.
            assert explained.notes[0].startswith("The schema refuses")
            continue
        assert explained.operation is not None, (first, explained.notes)
        assert explained.exact
        back = twins.explainer.operation(explained.operation.query, explained.operation.variables)
        assert isinstance(back, InRest)
        (step,) = back.steps
        assert step.request is not None
        second = requests.read(as_message(step.request)).command
        if isinstance(command, MergePatch | JsonPatch | Delete | Fetch):
            assert second == understood.command
            assert step.request == first
        else:
            assert same_command(second, understood.command, shape), (first, step.request)
            assert (step.request.method, step.request.headers) == (first.method, first.headers)


def loosely(message: Message, random: Random) -> Message:
    """The same request with more in it, as people write them: a version or a key in the document, preferences, fields of others."""
    more = random.choice([(), (("Prefer", "return=minimal"),), (("X-Trace", "1"),), (("Accept", "*/*"),)])
    content = json.loads(message.content) if message.content else None
    headers = [one for one in message.headers if one[0] != "If-Match" or random.random() < 0.5]
    if isinstance(content, dict) and message.method in ("PUT", "PATCH"):
        if random.random() < 0.5:
            content["version"] = random.choice([1, 1, 2, 0])
        last = message.path.rpartition("/")[2]
        if last.isdigit() and random.random() < 0.5:
            content["id"] = int(last)
    return Message(message.method, message.target, (*headers, *more), b"" if content is None else json.dumps(content).encode())


@pytest.mark.parametrize("seed", SEEDS)
def test_requests_mean_the_same_in_graphql(twins: Twins, seed: int) -> None:
    """A request, explained: where there is an operation, it writes what the request writes, and is refused with the same code."""
    random = Random(seed)
    maker = CommandMaker(list(twins.shapes.values()), random, 0.1)
    for _ in range(25):
        shape, command = maker.command()
        request = request_of(command, shape, "/api")
        assert isinstance(request, Request)
        message = loosely(as_message(request), random)
        try:
            explained = twins.explainer.message(message)
        except NotUnderstood as error:
            raise AssertionError(message) from error
        assert isinstance(explained, InGraphql)
        if explained.operation is None:
            assert explained.notes
            continue
        told = twins.ask(explained.operation)
        sent = dict(message.headers)
        answer = twins.runner.run(twins.told.request(message.method, message.target, headers=sent, content=message.content))
        (value,) = (told.get("data") or {"": None}).values()
        if told.get("errors"):
            assert answer.json()["code"] == told["errors"][0]["extensions"]["code"]
        elif isinstance(command, Create | Replace | MergePatch | JsonPatch | Delete):
            refused = answer.status_code >= 400
            assert refused is ("code" in value), (message, value, answer.text)
            if refused:
                assert answer.json()["code"] == value["code"]
        else:
            assert (answer.status_code == 404) is (value is None)
    one, other = twins.states()
    assert one == other
