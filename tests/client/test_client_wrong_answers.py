"""Answers that no server of diptych's gives: clear errors, and none of what came in them."""

from collections.abc import Callable
from typing import Any

import pytest

from diptych.client import BadAnswer, GraphqlError, Refused
from tests.client.canned import Canned, answer, refusal
from tests.client.conftest import Connect
from tests.client.shop import Member

PAGE = b"<html><body>Sign in to the secret-word hotel</body></html>"

WRONG = {
    "a-page": (answer(200, PAGE, kind="text/html"), "200 with text/html, 58 bytes, not JSON"),
    "a-page-of-a-proxy": (answer(500, PAGE, kind="text/html"), "500 with text/html"),
    "a-page-for-404": (answer(404, PAGE, kind="text/html; charset=utf-8"), "404 with text/html"),
    "a-redirect": (answer(307, b"", kind="", fields={"location": "https://elsewhere"}), "is a redirect"),
    "nothing": (answer(200, b"", kind=""), "no media type"),
    "text-cut-off": (answer(200, b'{"id": 1, "secret-word": "Sm'), "broken or cut off"),
    "nested-beyond-measure": (answer(200, b"[" * 100_000), "broken or cut off"),
    "a-list": (answer(200, [{"secret-word": 1}]), "is no object"),
    "another-object": (answer(200, {"secret-word": 1}), "cannot be taken|has not the form"),
    "not-utf-8": (answer(200, b'{"id": "\xff secret-word"}'), "broken or cut off"),
    "another-form-of-problem": (answer(400, {"detail": "secret-word"}), "has not the form"),
    "a-mismatch-without-facts": (refusal("version_mismatch", 412), "has not the form"),
}


@pytest.mark.parametrize(("came", "said"), [pytest.param(*case, id=name) for name, case in WRONG.items()])
def test_what_came_is_told(connect: Connect, canned: Callable[..., Canned], came: bytes, said: str) -> None:
    server = canned(came, came)
    members = connect(server.url).resource(Member, "members")
    acts: list[tuple[Callable[[], Any], bool]] = [(lambda: members.get(1), False), (lambda: members.patch(1, points=1, version=1), True)]
    for act, writes in acts:
        with pytest.raises(BadAnswer, match=said) as bad:
            act()
        assert "secret-word" not in str(bad.value)
        assert bad.value.may_be_written is (writes and not 400 <= bad.value.status < 500)
    assert len(server.asked) == 2


@pytest.mark.parametrize("speak", ["rest"])
def test_a_row_that_the_model_does_not_fit(connect: Connect, canned: Callable[..., Canned]) -> None:
    row = {"id": 1, "name": "Ann", "email": "a", "points": "secret-word", "version": 2}
    members = connect(canned(answer(200, row)).url).resource(Member, "members")
    with pytest.raises(BadAnswer, match="Member does not fit what the server has: points: ") as bad:
        members.get(1)
    assert "secret-word" not in str(bad.value)


@pytest.mark.parametrize("version", [None, "2", True, 1.5])
@pytest.mark.parametrize("speak", ["rest"])
def test_a_row_without_a_version(connect: Connect, canned: Callable[..., Canned], version: object) -> None:
    row = {"id": 1, "name": "Ann", "email": "a", "version": version}
    with pytest.raises(BadAnswer, match="integer in 'version'"):
        connect(canned(answer(200, row)).url).resource(Member, "members").get(1)


@pytest.mark.parametrize("speak", ["rest"])
def test_a_code_of_a_later_version(connect: Connect, canned: Callable[..., Canned]) -> None:
    members = connect(canned(refusal("too_shy", 451)).url).resource(Member, "members")
    with pytest.raises(Refused) as refused:
        members.get(1)
    assert (type(refused.value), refused.value.code, refused.value.status) == (Refused, "too_shy", 451)


@pytest.mark.parametrize("speak", ["graphql"])
def test_an_operation_that_the_schema_does_not_have(connect: Connect, canned: Callable[..., Canned]) -> None:
    said = canned(answer(400, {"errors": [{"message": "Cannot query field 'member' on type 'Query'."}]}))
    with pytest.raises(GraphqlError, match="Cannot query field 'member'"):
        connect(said.url).resource(Member, "members").get(1)
