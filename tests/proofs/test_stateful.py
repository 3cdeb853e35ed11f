"""Random commands through alternating doors, compared step by step with the model of the contract.

Each step sends one command to the demo through one door and asks the model what must come back; then the row is read through the
other door. `make soak` takes more and longer walks.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import httpx
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from diptych import Bridge
from diptych.demo import demo_bridge
from tests.doors.door import DOCUMENT, JSON_PATCH, MERGE_PATCH, STOCK, USER, Answer, Door, Graphql, Rest, Subject, item, read_rest
from tests.effort import SOAK, progress
from tests.proofs import words
from tests.proofs.model import DOCUMENTS, LAST, USERS, Conditions, Expected, Key, Model, Rules, State, same
from tests.proofs.model import STOCK as STOCK_RULES
from tests.proofs.raw import EMPTY_DEMO, RawConnection
from tests.proofs.schema import Refused, coerced
from tests.proofs.words import Claim, Through

JSON: TypeAlias = Any

SUBJECTS: dict[str, Subject] = {"User": USER, "Document": DOCUMENT, "StockItem": STOCK}
RULES: dict[str, Rules] = {"User": USERS, "Document": DOCUMENTS, "StockItem": STOCK_RULES}
CODES = {
    *("created", "reborn", "written", "deleted", "found", "page", "not_found", "version_mismatch", "precondition_required", "invalid"),
    *("already_exists", "unique_conflict", "reference_conflict", "patch_conflict", "patch_invalid", "version_exhausted", "request_error"),
}


@dataclass
class Bench:
    """The demo in one event loop, with both doors open."""

    runner: asyncio.Runner
    bridge: Bridge
    client: httpx.AsyncClient
    raw: RawConnection
    rest: Rest
    graphql: Graphql

    def wait(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)


@pytest.fixture
def bench(database_url: str) -> Iterator[Bench]:
    with asyncio.Runner() as runner:
        bridge = demo_bridge(database_url)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test")
        runner.run(bridge.open())
        raw = runner.run(RawConnection(database_url).open())
        yield Bench(runner, bridge, client, raw, Rest(client), Graphql(client))
        runner.run(raw.close())
        runner.run(client.aclose())
        runner.run(bridge.close())


class DemoMachine(RuleBasedStateMachine):
    """One walk. `bench` is set by the test that runs it."""

    bench: ClassVar[Bench]
    met: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.given: dict[str, list[Key]] = {"User": [], "Document": [], "StockItem": []}
        self.steps = 0
        self.cursors: dict[str, list[tuple[str, Key]]] = {"User": [], "Document": [], "StockItem": []}

    @initialize()
    def empty(self) -> None:
        """Every walk begins with one row, at its last version."""
        bench = self.bench
        self.met["walk"] += 1
        if self.met["walk"] % 100 == 0:
            progress(f"{self.met['walk']} walks, {self.met.total()} answers")
        bench.wait(bench.raw.run(*EMPTY_DEMO))
        (last,) = bench.wait(bench.rest.list(STOCK)).rows
        key = last["id"]
        self.model.rows["StockItem"][key] = State(LAST, {name: last[name] for name in STOCK_RULES.fields})
        self.model.ever["StockItem"].add(key)
        self.given["StockItem"].append(key)
        ann = self.ask(bench.graphql.create(USER, {"name": "Ann", "email": "ann@x"}))
        self.compare(self.model.create(USERS, {"name": "Ann", "email": "ann@x"}, at=ann.key), ann, "graphql", "User", ann.key)
        self.given["User"].append(ann.key)
        bolt = self.ask(bench.rest.create(STOCK, {"sku": "S-1", "name": "bolt", "quantity": 1}))
        document = {"sku": "S-1", "name": "bolt", "quantity": 1}
        self.compare(self.model.create(STOCK_RULES, document, at=bolt.key), bolt, "rest", "StockItem", bolt.key)
        self.given["StockItem"].append(bolt.key)
        title = self.ask(bench.rest.replace(DOCUMENT, "a", {"title": "t", "ownerId": ann.key}))
        self.compare(self.model.replace(DOCUMENTS, "a", {"title": "t", "ownerId": ann.key}), title, "rest", "Document", "a")

    @rule(through=words.doors, name=words.resources, data=st.data(), claim=words.claims)
    def create(self, through: Through, name: str, data: st.DataObject, claim: Claim) -> None:
        rules = RULES[name]
        conditions = words.conditions(claim, 0, through)
        document = self.resolved(name, None, data.draw(words.documents(name, complete=True, keyed=rules.client_keyed)))
        if through == "rest":
            answer = self.send("POST", SUBJECTS[name].path, document, conditions)
            seen = document
        else:
            answer = self.ask(self.bench.graphql.create(SUBJECTS[name], document, version=words.version(conditions)))
            try:
                seen = coerced(rules, "create", document)
            except Refused:
                self.refused_by_the_schema(answer, name, None)
                return
            # `version: 0` is what a create starts from anyway, and asks for nothing more.
            conditions = Conditions(if_match=conditions.if_match)
        at = answer.key if answer.code == "created" else None
        if at is not None and not rules.client_keyed:
            assert not self.model.ever[name] or at > max(self.model.ever[name]), "keys of the server's go up"  # type: ignore[operator]
        expected = self.model.create(rules, seen, conditions, at=at)
        if at is not None and at not in self.given[name]:
            self.given[name].append(at)
        self.compare(expected, answer, through, name, at)

    @rule(through=words.doors, name=words.resources, pick=words.picks, data=st.data(), claim=words.claims)
    def replace(self, through: Through, name: str, pick: int, data: st.DataObject, claim: Claim) -> None:
        rules, key = RULES[name], self.key(name, pick)
        conditions = words.conditions(claim, self.version(name, key), through)
        document = self.resolved(name, key, data.draw(words.documents(name, complete=True)))
        if through == "rest":
            answer, seen = self.send("PUT", item(SUBJECTS[name], key), document, conditions), document
        else:
            version = words.version(conditions)
            answer = self.ask(self.bench.graphql.replace(SUBJECTS[name], key, document, version=version))
            try:
                seen = coerced(rules, "replace", document)
            except Refused:
                self.refused_by_the_schema(answer, name, key)
                return
            if version is None and rules.versions_required:
                self.refused_by_the_schema(answer, name, key)
                return
        self.compare(self.model.replace(rules, key, seen, conditions), answer, through, name, key)

    @rule(through=words.doors, name=words.resources, pick=words.picks, data=st.data(), claim=words.claims)
    def merge_patch(self, through: Through, name: str, pick: int, data: st.DataObject, claim: Claim) -> None:
        rules, key = RULES[name], self.key(name, pick)
        conditions = words.conditions(claim, self.version(name, key), through)
        patch = self.resolved(name, key, data.draw(words.documents(name, complete=False)))
        if through == "rest":
            answer, seen = self.send("PATCH", item(SUBJECTS[name], key), patch, conditions, MERGE_PATCH), patch
        else:
            version = words.version(conditions)
            answer = self.ask(self.bench.graphql.merge_patch(SUBJECTS[name], key, patch, version=version))
            try:
                seen = coerced(rules, "patch", patch)
            except Refused:
                self.refused_by_the_schema(answer, name, key)
                return
            if version is None and rules.versions_required:
                self.refused_by_the_schema(answer, name, key)
                return
        self.compare(self.model.merge_patch(rules, key, seen, conditions), answer, through, name, key)

    @rule(through=words.doors, name=words.resources, pick=words.picks, data=st.data(), claim=words.claims)
    def json_patch(self, through: Through, name: str, pick: int, data: st.DataObject, claim: Claim) -> None:
        rules, key = RULES[name], self.key(name, pick)
        conditions = words.conditions(claim, self.version(name, key), through)
        working = self.model.representation(rules, key) if key in self.model.rows[name] else {}
        operations = words.settled(data.draw(words.operations(name)), working)
        note(json.dumps(operations))
        if through == "rest":
            answer = self.send("PATCH", item(SUBJECTS[name], key), operations, conditions, JSON_PATCH)
        else:
            version = words.version(conditions)
            answer = self.ask(self.bench.graphql.json_patch(SUBJECTS[name], key, operations, version=version))
            if version is None and rules.versions_required:
                self.refused_by_the_schema(answer, name, key)
                return
        self.compare(self.model.json_patch(rules, key, operations, conditions), answer, through, name, key)

    @rule(through=words.doors, name=words.resources, pick=words.picks, claim=words.claims)
    def delete(self, through: Through, name: str, pick: int, claim: Claim) -> None:
        rules, key = RULES[name], self.key(name, pick)
        if self.version(name, key) == LAST:
            return
        conditions = words.conditions(claim, self.version(name, key), through)
        if through == "rest":
            answer = self.send("DELETE", item(SUBJECTS[name], key), None, conditions)
        else:
            version = words.version(conditions)
            answer = self.ask(self.bench.graphql.delete(SUBJECTS[name], key, version=version))
            if version is None and rules.versions_required:
                self.refused_by_the_schema(answer, name, key)
                return
        self.compare(self.model.delete(rules, key, conditions), answer, through, name, key)

    @rule(through=words.doors, pick=words.picks, title=st.sampled_from(["t", "u"]))
    def delete_and_make_again(self, through: Through, pick: int, title: str) -> None:
        """What a walk would seldom do by itself: a client's key goes, and comes again through the other door."""
        key = self.key("Document", pick)
        door, other = (door for _, door in (self.both() if through == "rest" else reversed(self.both())))
        deleted = self.ask(door.delete(DOCUMENT, key))
        self.compare(self.model.delete(DOCUMENTS, key), deleted, through, "Document", key)
        made = self.ask(other.create(DOCUMENT, {"id": key, "title": title}))
        self.compare(self.model.create(DOCUMENTS, {"id": key, "title": title}), made, through, "Document", key)

    @rule(pick=words.picks, name=words.resources)
    def fetch(self, pick: int, name: str) -> None:
        key = self.key(name, pick)
        expected = self.model.fetch(RULES[name], key)
        for through, door in self.both():
            self.compare(expected, self.ask(door.fetch(SUBJECTS[name], key)), through, name, None)

    @rule(name=words.resources, size=st.integers(1, 4), end=st.sampled_from(["first", "last"]), after=words.picks, before=words.picks)
    def page(self, name: str, size: int, end: Any, after: int, before: int) -> None:
        """Both doors' pages are the model's. REST counts back only where `before` stands alone."""
        cursors = self.cursors[name]
        low = cursors[after % len(cursors)] if cursors and after < 4 else None
        high = cursors[before % len(cursors)] if cursors and before < 4 else None
        rows, following, preceding = self.model.page(
            RULES[name], size, end=end, after=low[1] if low else None, before=high[1] if high else None
        )
        asked: dict[str, Any] = {end: size, "after": low[0] if low else None, "before": high[0] if high else None}
        backwards_on_rest = low is None and high is not None
        for through, door in self.both():
            if through == "rest" and (end == "last") != backwards_on_rest:
                continue
            answer = self.ask(door.list(SUBJECTS[name], **asked))
            self.met["page"] += 1
            assert answer.code == "page", answer
            assert [dict(row) for row in answer.rows] == rows
            assert (answer.page["hasNextPage"], answer.page["hasPreviousPage"]) == (following, preceding)
            if rows:
                cursors += [(answer.page["startCursor"], rows[0]["id"]), (answer.page["endCursor"], rows[-1]["id"])]

    # How a step is taken.

    def key(self, name: str, pick: int) -> Key:
        """One of the keys there are; or, for the last picks, one there was, one there never was, and one that cannot be."""
        self.steps += 1
        if pick == words.NO_KEY:
            return "no key" if name == "Document" else "no-number"
        if name == "Document":
            # Few names, so that they come again.
            return words.NAMES[pick % len(words.NAMES)] if pick != words.MISSING_KEY else "missing"
        there = list(self.model.rows[name])
        if pick < words.FORMER_KEY and there:
            return there[pick % len(there)]
        former = self.given[name]
        return former[self.steps % len(former)] if pick != words.MISSING_KEY and former else 999_999

    def version(self, name: str, key: Key) -> int:
        state = self.model.rows[name].get(key)
        return 0 if state is None else state.version

    def resolved(self, name: str, key: Key | None, drawn: dict[str, JSON]) -> dict[str, JSON]:
        """A drawn document, with what it leaves to the state of things filled in."""
        document = words.resolved(drawn, users=self.given["User"], key=key, version=0 if key is None else self.version(name, key))
        note(json.dumps(document))
        return document

    def send(self, method: str, path: str, content: JSON, conditions: Conditions, media_type: str = "application/json") -> Answer:
        headers = words.headers(conditions)
        if content is not None:
            headers["content-type"] = media_type
        body = None if content is None else json.dumps(content)
        return read_rest(self.bench.wait(self.bench.client.request(method, path, content=body, headers=headers)))

    def ask(self, asking: Any) -> Answer:
        answer = self.bench.wait(asking)
        assert isinstance(answer, Answer)
        return answer

    def both(self) -> tuple[tuple[Through, Door], tuple[Through, Door]]:
        return ("rest", self.bench.rest), ("graphql", self.bench.graphql)

    def refused_by_the_schema(self, answer: Answer, name: str, key: Key | None) -> None:
        self.met["request_error"] += 1
        assert answer.code == "request_error", answer
        self.look(name, key, "graphql")

    def compare(self, expected: Expected, answer: Answer, through: Through, name: str, key: Key | None) -> None:
        note(f"{through}: {answer}")
        reborn = expected.code == "created" and expected.row is not None and expected.row["version"] > 1
        self.met["reborn" if reborn else expected.code] += 1
        assert answer.code == expected.code, f"expected {expected}"
        if expected.row is not None:
            assert answer.row is not None
            assert same(answer.row, expected.row), f"expected {expected.row}"
        if expected.status is not None:
            assert answer.status == expected.status
        for fact, value in expected.facts.items():
            assert same(answer.facts[fact], value), f"{fact} should be {value!r}"
        if expected.violations is not None:
            told = answer.facts["violations"]
            assert {(one["pointer"], one["code"]) for one in told} == expected.violations, f"expected {expected.violations}"
        self.look(name, key, through)

    def look(self, name: str, key: Key | None, written_through: Through) -> None:
        """Read the row through the other door: it is as the model has it."""
        if key is None:
            return
        door: Door = self.bench.graphql if written_through == "rest" else self.bench.rest
        answer = self.ask(door.fetch(SUBJECTS[name], key))
        if key in self.model.rows[name]:
            assert same(answer.row, self.model.representation(RULES[name], key)), answer
        else:
            assert answer.code == "not_found", answer

    def teardown(self) -> None:
        """At the end everything is as the model has it, in order."""
        for name, subject in SUBJECTS.items():
            keys = sorted(self.model.rows[name])
            expected = [self.model.representation(RULES[name], key) for key in keys]
            for _, door in self.both():
                assert [dict(row) for row in self.ask(door.list(subject, first=100)).rows] == expected


@pytest.mark.slow
def test_the_demo_keeps_the_contract(bench: Bench) -> None:
    machine: type[DemoMachine] = type("Machine", (DemoMachine,), {"bench": bench, "met": Counter()})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=50 * SOAK,
            stateful_step_count=30 if SOAK == 1 else 60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            report_multiple_bugs=False,
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
        ),
    )
    # A walk that never gets anywhere would prove nothing.
    missed = CODES - machine.met.keys()
    assert len(missed) <= 2, f"the walks never met {missed}"
