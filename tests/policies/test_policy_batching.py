"""Callers who ask at the same time share statements, and never answers: each is told what it is told alone."""

import asyncio
import random
from collections import Counter
from typing import Any

import httpx
import pytest

from diptych.resource.shape import ResourceShape
from tests.policies.asking import MERGE, Asked, condition, path_of, read_graphql, read_one, read_page, read_rest, send, write
from tests.policies.commands import ROWS
from tests.policies.office import OWNERS, Office, errand_document
from tests.policies.questions import Question, that_change_nothing
from tests.policies.table import item_lines
from tests.policies.world import CALLERS

pytestmark = pytest.mark.asyncio(loop_scope="module")
AT_ONCE = 64


def everything_of(response: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    return response.status_code, response.headers.multi_items(), response.content


async def at_once(office: Office, questions: list[Question]) -> list[httpx.Response]:
    """Ask so many at a time, all of them waiting for the same databases."""
    answers: list[httpx.Response] = []
    for start in range(0, len(questions), AT_ONCE):
        some = questions[start : start + AT_ONCE]
        answers += await asyncio.gather(*(send(office.client(caller), asked) for caller, asked in some))
    return answers


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (1, 2))])
async def test_answers_are_those_of_a_caller_alone(office: Office, seed: int) -> None:
    office.refers = True
    await office.tidy()
    questions = that_change_nothing(office)
    chosen = random.Random(seed).sample(questions, 640)
    alone = [everything_of(await send(office.client(caller), asked)) for caller, asked in chosen]
    order = list(range(len(chosen)))
    random.Random(-seed - 1).shuffle(order)
    before = await office.everything()
    together = await at_once(office, [chosen[place] for place in order])
    wrong = [
        f"{chosen[place]}: {everything_of(answer)} instead of {alone[place]}"
        for place, answer in zip(order, together, strict=True)
        if everything_of(answer) != alone[place]
    ]
    assert not wrong, "\n".join(wrong[:5])
    assert before == await office.everything()


async def test_the_same_page_for_everybody_at_once(office: Office) -> None:
    """The same question of many callers in one moment, which the store may answer to several of them with one page."""
    office.refers = True
    await office.tidy()
    questions = [
        asked
        for kind in ("Errand", "Satchel")
        for asked in (
            Asked("GET", path_of(kind)),
            Asked("GET", f"{path_of(kind)}?order=-owner&limit=1", None, {"prefer": "count=exact"}),
            read_page(kind, counted=True),
            read_one(kind, office.stored(kind)["ann"][0]),
            read_one(kind, office.stored(kind)["cid"][0]),
            Asked("GET", path_of(kind, office.stored(kind)["bob"][0])),
        )
    ]
    for asked in questions:
        callers = list(CALLERS) * 7
        random.Random(7).shuffle(callers)
        alone = {caller: everything_of(await send(office.client(caller), asked)) for caller in CALLERS}
        together = await asyncio.gather(*(send(office.client(caller), asked) for caller in callers))
        for caller, answer in zip(callers, together, strict=True):
            assert everything_of(answer) == alone[caller], (caller, asked)


async def made_rows(office: Office, number: int) -> list[tuple[str, Any]]:
    """Errands of the three people in turn: the owner and the key of each."""
    rows = []
    for place in range(number):
        owner = list(OWNERS)[place % 3]
        document = errand_document(owner, OWNERS[owner]) | {"code": f"of-{place}", "satchelId": None, "vaultId": None}
        rows.append((owner, (await office.put("Errand", document, owner))[0]))
    return rows


async def test_writes_touch_the_rows_of_their_callers_alone(office: Office) -> None:
    """Many patch and delete at once, each a row of its own; what happens to it is what the owner of the row makes of the caller."""
    await office.tidy()
    chance = random.Random(11)
    rows = await made_rows(office, 90)
    callers = [chance.choice([*CALLERS, "ann", "bob", "cid"]) for _ in rows]
    questions: list[Question] = []
    for place, (caller, (_, key)) in enumerate(zip(callers, rows, strict=True)):
        patch = {"title": f"changed by {caller} at {place}"}
        questions.append(
            chance.choice(
                [
                    (caller, Asked("PATCH", path_of("Errand", key), patch, {"content-type": MERGE})),
                    (caller, Asked("PATCH", path_of("Errand", key), patch, {"content-type": MERGE, **condition(1)})),
                    (caller, write("Errand", "merge", key, patch)),
                    (caller, write("Errand", "merge", key, patch, 1)),
                    (caller, Asked("DELETE", path_of("Errand", key))),
                    (caller, write("Errand", "delete", key)),
                ]
            )
        )
    answers = await at_once(office, questions)
    stored = {key: values for shape in office.bridge.resources for key, _, values in await _all(office, shape)}
    told: Counter[str] = Counter()
    for place, (caller, (owner, key), (_, asked), answer) in enumerate(zip(callers, rows, questions, answers, strict=True)):
        code = (read_graphql if asked.path == "/graphql" else read_rest)(answer).code
        expected = dict(zip(ROWS, item_lines("Errand")[caller, "merge"], strict=True))[owner]
        assert code == expected, (caller, owner, asked, answer.text)
        told[code] += 1
        deleted = asked.method == "DELETE" or "deleteErrand" in str(asked.body)
        if code != "ok":
            assert stored[key]["title"] == errand_document(owner, "")["title"]
        elif deleted:
            assert key not in stored
        else:
            assert (stored[key]["title"], stored[key]["changedBy"]) == (f"changed by {caller} at {place}", caller)
    assert min(told[code] for code in ("ok", "forbidden", "not_found", "unauthenticated")) > 3, told


async def test_rows_made_at_once_are_those_of_their_makers(office: Office) -> None:
    await office.tidy()
    chance = random.Random(13)
    questions: list[Question] = []
    for place in range(90):
        caller = chance.choice(list(CALLERS))
        owner = chance.choice([caller if caller in OWNERS else "ann", "ann", "cid"])
        document = {"owner": owner, "team": OWNERS[owner], "title": caller, "code": f"made-{place}"}
        asked = Asked("POST", path_of("Errand"), document) if place % 2 else write("Errand", "create", document=document)
        questions.append((caller, asked))
    answers = await at_once(office, questions)
    errands = {values["code"]: values for _, _, values in await _all(office, office.shape("Errand"))}
    told: Counter[str] = Counter()
    for place, ((caller, asked), answer) in enumerate(zip(questions, answers, strict=True)):
        document = asked.body if asked.path != "/graphql" else asked.body["variables"]["input"]
        may = caller in ("ada", "dot") or (caller in OWNERS and document["owner"] == caller)
        code = (read_graphql if asked.path == "/graphql" else read_rest)(answer).code
        told[code] += 1
        assert code == ("ok" if may else "unauthenticated" if caller == "nobody" else "forbidden"), (caller, document, answer.text)
        made = errands.get(f"made-{place}")
        assert (made is not None) == may
        assert made is None or (made["title"], made["createdBy"], made["changedBy"]) == (caller, caller, caller)
    assert told["ok"] > 10
    assert told["forbidden"] > 10
    await office.tidy()


async def _all(office: Office, shape: ResourceShape) -> list[tuple[Any, int, dict[str, Any]]]:
    rows: list[tuple[Any, int, dict[str, Any]]] = (await office.everything())[shape.name]
    assert len(rows) < 100
    return rows
