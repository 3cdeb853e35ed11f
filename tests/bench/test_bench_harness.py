"""The benchmark's own arithmetic, without a load: what wrk prints, who is compared with whom, tables, ratios, pictures."""

import json
import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.bench.cases import CASES, GET, REPLACE
from tests.bench.chart import Bar, Group, Panel, draw
from tests.bench.contestants import BY_HAND, OURS, POSTGRAPHILE
from tests.bench.databases import State
from tests.bench.growth_page import Point, Start, growth_page, memory_per_caller
from tests.bench.load import LoadError, Report, Times, read_report
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
