"""The benchmark's own arithmetic and checks: what wrk prints and notices, who is compared with whom, tables, ratios, pictures."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.bench.cases import CASES, FILTERED, GET, NESTED, REPLACE, WALK, Case
from tests.bench.chart import Bar, Group, Panel, draw
from tests.bench.contestants import BY_HAND, OURS, POSTGRAPHILE
from tests.bench.databases import ADMINS, DOCUMENTS, State
from tests.bench.growth_page import Point, Start, growth_page, memory_per_caller
from tests.bench.load import LoadError, Report, Times, drive, read_report
from tests.bench.measure import Run, compare
from tests.bench.plan import PHASES, Contest, Entry, contests, turns
from tests.bench.report import as_json, faults, page
from tests.bench.statement_log import Logged, count_logged
from tests.bench.summary import Line, middle_of, ratio, summarize, targets
from tests.bench.tables import cells, columns, markdown_table, significant, terminal_tables

RUN = Run(
    requests=1000.0,
    p50=2.0,
    p99=9.0,
    server_cpu=100.0,
    database_cpu=30.0,
    load_cpu=20.0,
    machine_busy=0.9,
    transactions=1.0,
    memory=80.0,
    conflicts=0,
    written=3000,
    lost=0,
    torn=0,
    wrong=0,
    errors=0,
    unanswered=0,
)

# What wrk prints around the script's line.
PRINTED = """\
Running 15s test @ http://127.0.0.1:8000/
  2 threads and 2 connections
  Non-2xx or 3xx responses: 3
{line}
Transfer/sec:     95.42KB
"""
BUCKET_OF_1_MS = math.floor(50 * math.log(1000))
BUCKET_OF_4_MS = math.floor(50 * math.log(4000))


def connection(**counts: object) -> dict[str, object]:
    return {"kinds": {}, "samples": [], "wrong": 0, "unanswered": 0, "acknowledged": 0, "created": 0, "conflicts": 0, **counts}


def printed(*connections: dict[str, object], **errors: int) -> str:
    return PRINTED.format(line="REPORT " + json.dumps({"connections": connections, "errors": {"connect": 0, "status": 3, **errors}}))


def replaces(*runs: Run) -> tuple[tuple[Contest, Entry], list[Run]]:
    entry = Entry(OURS, "rest")
    return (Contest("postgres", "rest", REPLACE, 32, (entry, Entry(BY_HAND, "rest"))), entry), list(runs)


@pytest.fixture
def lines() -> list[Line]:
    """Ours and one other, over two rounds between which the machine became twice as fast."""
    (contest, ours), runs = replaces(replace(RUN, requests=4000.0, transactions=0.05), replace(RUN, requests=8000.0, transactions=0.05))
    theirs = [
        replace(RUN, requests=1000.0),
        replace(RUN, requests=2000.0, lost=1, faults=("1 acknowledged writes are not in the database.",)),
    ]
    return summarize({(contest, ours): runs, (contest, Entry(BY_HAND, "rest")): theirs})


def test_report_of_wrk_is_added_up_over_connections() -> None:
    """Counts of all connections and the histograms of each kind become one report; refusals by status are no broken connections."""
    slow = {"count": 1, "total": 0.004, "slowest": 0.004, "buckets": {str(BUCKET_OF_4_MS): 1}}
    quick = {"count": 3, "total": 0.003, "slowest": 0.001, "buckets": {str(BUCKET_OF_1_MS): 3}}
    report = read_report(
        printed(
            connection(kinds={"write": slow}, acknowledged=1),
            connection(kinds={"write": quick}, acknowledged=4, wrong=1, samples=["x"]),
            read=2,
        )
    )
    assert (report.acknowledged, report.wrong, report.samples, report.errors) == (5, 1, ("x",), {"connect": 0, "read": 2})
    assert report.times("write").count == 4
    assert report.times("write").percentile(0.5) == pytest.approx(0.001, rel=0.02)
    assert report.times("write").percentile(0.99) == pytest.approx(0.004, rel=0.02)


def test_output_without_a_report_is_an_error() -> None:
    with pytest.raises(LoadError, match="unable to connect"):
        read_report("unable to connect to 127.0.0.1:1 Connection refused")


def test_no_requests_have_no_times() -> None:
    assert Times(0, 0.0, 0.0, {}).percentile(0.5) == 0.0


@pytest.mark.parametrize(
    ("state", "unanswered", "lost", "torn", "said"),
    [
        pytest.param(State(12, 5, 0), 0, 0, 0, 0, id="all-there"),
        pytest.param(State(12, 4, 0), 0, 1, 0, 1, id="a-change-is-missing"),
        pytest.param(State(11, 6, 0), 1, 1, 0, 1, id="a-created-row-is-missing"),
        pytest.param(State(12, 6, 0), 1, 0, 0, 0, id="a-write-without-an-answer-is-there"),
        pytest.param(State(12, 6, 0), 0, 0, 0, 1, id="a-write-that-nobody-was-told-of"),
        pytest.param(State(12, 5, 2), 0, 0, 2, 1, id="rows-contradict-themselves"),
    ],
)
def test_database_is_compared_with_what_was_acknowledged(state: State, unanswered: int, lost: int, torn: int, said: int) -> None:
    """Ten rows, five acknowledged changes, two created rows."""
    report = Report({}, acknowledged=5, created=2, conflicts=0, unanswered=unanswered, wrong=0, samples=(), errors={})
    found = compare(state, report, 10)
    assert (found[0], found[1], len(found[2])) == (lost, torn, said)


def test_ratio_is_the_median_of_the_rounds_ratios(lines: list[Line]) -> None:
    """A machine that drifts changes both sides of a round, and not their ratio."""
    ours, other = lines
    assert ours.times_ours == 1.0
    assert other.times_ours == 4.0
    assert ratio([1.0], [0.0]) is None


def test_middle_is_a_median_and_faults_are_added_up(lines: list[Line]) -> None:
    assert lines[1].middle.requests == 1500.0
    assert lines[1].middle.lost == 1
    assert middle_of([replace(RUN, database_cpu=None)]).database_cpu is None


def test_targets_say_what_was_reached_and_what_was_not_measured(lines: list[Line]) -> None:
    found = {target.text: target for target in targets(lines)}
    by_hand = found["REST replace against (c) asyncpg by hand, 32 connections"]
    assert (by_hand.value, by_hand.met) == (4.0, True)
    assert found["lost updates, in all runs of all contestants"].met is False
    assert found["GraphQL get against (d) mercurius, 32 connections"].met is None


def test_every_target_names_a_case_that_is_run() -> None:
    """A target whose case or server is not called so would be not measured for ever."""
    lines = [
        Line(contest.phase, contest.door, contest.case.name, contest.connections, entry.server.name, entry.label, RUN, (RUN,), 1.0)
        for phase in PHASES
        for contest in contests(phase)
        for entry in contest.entries
    ]
    assert [target.text for target in targets(lines) if target.value is None] == []


def test_page_and_json_hold_every_line(lines: list[Line]) -> None:
    facts = {"Python": "3.11"}
    settings = {"fsync": "on"}
    text = page(
        lines,
        targets(lines),
        facts=facts,
        settings=settings,
        commits={"diptych, rest": 0.05},
        sessions={"diptych": 2},
        rounds=2,
        seconds=1,
        connections=16,
        chart="throughput.svg",
    )
    assert "| 32 | (c) FastAPI + asyncpg | 1,500 | 4.00 × |" in text
    assert "| PostgreSQL: fsync | on |" in text
    assert "What went wrong" in text
    found = json.loads(as_json(lines, targets(lines), facts=facts))
    assert [len(line["runs"]) for line in found["lines"]] == [2, 2]
    assert faults(lines) == [
        "(c) FastAPI + asyncpg, REST, replace with a version, 32 connections: 1 acknowledged writes are not in the database."
    ]


def test_tables_have_a_cell_for_each_column(lines: list[Line]) -> None:
    wanted = columns([replace(lines[0], case="contended")])
    assert wanted[-1] == "lost updates"
    assert len(cells(lines[0], wanted)) == len(wanted)
    assert [table.row_count for table in terminal_tables(lines)] == [2]
    assert markdown_table(("a", "b"), [("1", "2")], right=("b",)) == ["| a | b |", "| --- | ---: |", "| 1 | 2 |"]


@pytest.mark.parametrize(
    ("value", "text"),
    [pytest.param(0.0, "0", id="nothing"), pytest.param(0.0312, "0.031", id="small"), pytest.param(1234.5, "1,234", id="large")],
)
def test_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


def test_everyone_takes_turns_at_being_first() -> None:
    contest = next(one for one in contests(PHASES[0]) if one.case is GET)
    firsts = {next(turns(contest.entries, round_)).server.name for round_ in range(len(contest.entries))}
    assert firsts == {entry.server.name for entry in contest.entries}
    assert sorted(map(str, turns(contest.entries, 1))) == sorted(map(str, contest.entries))


def test_contests_are_of_all_who_can() -> None:
    """Every case is run behind each of its doors, by ours and by somebody else; PostGraphile stands with GraphQL."""
    found = contests(PHASES[0])
    assert {(one.door, one.case.name) for one in found} == {(door, case.name) for case in CASES for door in case.doors}
    assert all(len(one.entries) == 4 and one.entries[0].server is OURS for one in found)
    assert all(POSTGRAPHILE in [entry.server for entry in one.entries] for one in found if one.door == "graphql")


def test_only_keeps_what_it_names() -> None:
    found = contests(PHASES[0], ["replace", "32", "rest", "ours", "by-hand"])
    assert [(one.case, one.connections, len(one.entries)) for one in found] == [(REPLACE, 32, 2)]
    assert contests(PHASES[0], ["sqlite"]) == []
    with pytest.raises(ValueError, match="Nothing here is called replcae"):
        contests(PHASES[0], ["replcae"])


def test_chart_is_well_formed_and_its_bars_keep_their_ratio() -> None:
    bars = (Bar("ours", 9000.0, True), Bar('<another> & "one"', 3000.0, False))
    root = ElementTree.fromstring(draw("Requests & more", [Panel("REST", (Group("get", bars),))]))
    rects = root.findall("{http://www.w3.org/2000/svg}rect")
    assert [rect.get("class") for rect in rects] == ["ours", "bar"]
    widths = [float(rect.get("width", "0")) for rect in rects]
    assert widths[0] / widths[1] == pytest.approx(3, rel=0.01)
    assert '<another> & "one"' in ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_statements_are_counted_in_the_log_of_postgresql() -> None:
    """The harness and other databases do not count; two sessions may have transactions at once."""
    log = """\
ours 11 |LOG:  statement: BEGIN;
ours 12 |LOG:  execute __asyncpg_stmt_1__: UPDATE users
\tSET version = 2
ours 11 |LOG:  execute __asyncpg_stmt_2__: WITH held AS (SELECT 1) UPDATE users
ours 11 |LOG:  statement: COMMIT;
ours 13 harness|LOG:  statement: VACUUM ANALYZE users
other 14 |LOG:  statement: SELECT 1
ours 11 |LOG:  execute __asyncpg_stmt_3__: SELECT 1
"""
    assert count_logged(log, "ours") == Logged(statements=3, commits=3)


def test_growth_page_says_what_a_waiting_caller_costs() -> None:
    points = [
        Point("callers", 1, "REST replace", replace(RUN, memory=70.0), 1.0, 1.0),
        Point("callers", 513, "REST replace", replace(RUN, memory=78.0), 0.02, 0.02),
        Point("rows", 1000, "REST get", RUN),
    ]
    assert memory_per_caller(points) == 16 * 1024
    text = growth_page(points, [Start(100, 2.5, 2.9, 2.4, 120.0)], {"fsync": "on"}, 3, 3.0)
    assert "Memory per waiting caller: 16 KiB." in text
    assert "100 resources: met." in text


Answer = dict[str, Any]
ROWS = 130


def users(first: int, after: str | None) -> Answer:
    """A page of users that are there: keys are cursors."""
    place = int(after or 0)
    keys = range(place + 1, min(place + first, ROWS) + 1)
    return page_of([user(key) for key in keys], place + first < ROWS)


def admins() -> Answer:
    found = sorted((user(key) for key in range(ADMINS, ROWS + 1, ADMINS)), key=lambda one: str(one["name"]))
    return page_of(found, False)


def owners() -> Answer:
    found = page_of([{"id": key, "name": f"n0 {key}"} for key in range(1, 21)], True)
    for edge in found["edges"]:
        key = edge["node"]["id"]
        titles = [f"Document {number} of user {key}" for number in range(1, min(5, key % DOCUMENTS) + 1)]
        edge["node"]["documents"] = {"edges": [{"node": {"id": title, "title": title}} for title in titles]}
    return found


def user(key: int) -> Answer:
    return {"id": key, "name": f"n0 {key}", "email": f"user{key}@example.com", "role": "user" if key % ADMINS else "admin"}


def page_of(rows: list[Answer], more: bool) -> Answer:
    edges = [{"cursor": str(row["id"]), "node": row} for row in rows]
    return {"edges": edges, "pageInfo": {"hasNextPage": more, "endCursor": edges[-1]["cursor"]}}


@contextmanager
def answering(answer: Callable[[Answer], Answer]) -> Iterator[int]:
    """A server of these answers to the variables of an operation; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"data": {"users": answer(asked["variables"])}}, separators=(",", ":")).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def walking(asked: Answer) -> Answer:
    return users(asked["first"], asked["after"])


def unordered(_: Answer) -> Answer:
    found = admins()
    return {**found, "edges": found["edges"][::-1]}


def everybody(asked: Answer) -> Answer:
    return users(asked["first"], None)


def endless(asked: Answer) -> Answer:
    found = walking(asked)
    return {**found, "pageInfo": {**found["pageInfo"], "hasNextPage": True}}


def without_the_last(asked: Answer) -> Answer:
    found = walking(asked)
    return {**found, "edges": found["edges"][:-1]}


def one_too_many(_: Answer) -> Answer:
    found = owners()
    sixth = "Document 6 of user 6"
    found["edges"][5]["node"]["documents"]["edges"].append({"node": {"id": sixth, "title": sixth}})
    return found


def exchanged(_: Answer) -> Answer:
    found = owners()
    third, fourth = found["edges"][2]["node"], found["edges"][3]["node"]
    third["documents"], fourth["documents"] = fourth["documents"], third["documents"]
    return found


@pytest.mark.parametrize(
    ("case", "door", "answer", "right"),
    [
        pytest.param(WALK, "graphql", walking, True, id="walk-to-the-end-and-again"),
        pytest.param(WALK, "postgraphile", walking, True, id="walk-in-postgraphile"),
        pytest.param(WALK, "graphql", everybody, False, id="the-cursor-is-ignored"),
        pytest.param(WALK, "graphql", endless, False, id="the-end-is-not-told"),
        pytest.param(WALK, "graphql", without_the_last, False, id="a-row-is-missing"),
        pytest.param(FILTERED, "graphql", lambda _: admins(), True, id="admins-by-name"),
        pytest.param(FILTERED, "postgraphile", lambda _: admins(), True, id="admins-in-postgraphile"),
        pytest.param(FILTERED, "graphql", unordered, False, id="admins-in-another-order"),
        pytest.param(FILTERED, "graphql", everybody, False, id="the-filter-is-ignored"),
        pytest.param(NESTED, "graphql", lambda _: owners(), True, id="documents-of-each"),
        pytest.param(NESTED, "postgraphile", lambda _: owners(), True, id="documents-in-postgraphile"),
        pytest.param(NESTED, "graphql", one_too_many, False, id="a-sixth-document"),
        pytest.param(NESTED, "graphql", exchanged, False, id="documents-of-another"),
    ],
)
def test_load_tells_right_lists_from_wrong_ones(case: Case, door: str, answer: Callable[[Answer], Answer], right: bool) -> None:
    """Every answer of a list is compared with the rows that are there."""
    with answering(answer) as port:
        measured = drive(port, door, case, 2, rows=ROWS, warm=0.1, seconds=0.3, tag="test", read=lambda _: None, memory=lambda: 0)
    report = measured.report
    assert report.times("read").count > 3
    assert (report.wrong == 0) is right, report.samples
    assert sum(report.errors.values()) == 0
