import time

import pytest

from diptych.rest.entity_tags import EntityTag, if_match, if_none_match, read_tags, version_of, write_tag
from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt
from diptych.semantics.version import LAST, Version


def versions(*numbers: int) -> frozenset[Version]:
    return frozenset(map(Version, numbers))


@pytest.mark.parametrize(
    ("field", "tags"),
    [
        pytest.param('"7"', [("7", False)], id="one"),
        pytest.param('W/"7"', [("7", True)], id="weak"),
        pytest.param('"7", W/"9" ,"x"', [("7", False), ("9", True), ("x", False)], id="several-with-loose-spaces"),
        pytest.param('"7","9"', [("7", False), ("9", False)], id="no-space-after-the-comma"),
        pytest.param('"a,b", "c"', [("a,b", False), ("c", False)], id="comma-inside-a-tag"),
        pytest.param('""', [("", False)], id="empty-tag"),
        pytest.param(', "7",, \t,"9",', [("7", False), ("9", False)], id="empty-elements-are-read-over"),
        pytest.param('"\xe9\xff"', [("\xe9\xff", False)], id="octets-beyond-ascii"),
        pytest.param('"!#~\\"', [("!#~\\", False)], id="a-backslash-escapes-nothing"),
        pytest.param(' \t"7" ', [("7", False)], id="space-around"),
    ],
)
def test_lists_of_tags(field: str, tags: list[tuple[str, bool]]) -> None:
    assert read_tags(field) == [EntityTag(*tag) for tag in tags]


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("", id="empty"),
        pytest.param("  ", id="spaces-alone"),
        pytest.param(", ,", id="empty-elements-alone"),
        pytest.param("7", id="unquoted"),
        pytest.param('"7', id="no-end"),
        pytest.param('7"', id="no-start"),
        pytest.param('w/"7"', id="weakness-in-lower-case"),
        pytest.param('W / "7"', id="space-inside-the-weakness"),
        pytest.param('W/ "7"', id="space-before-the-quote"),
        pytest.param('*, "7"', id="star-and-a-tag"),
        pytest.param('"7", *', id="a-tag-and-star"),
        pytest.param("*, *", id="star-twice"),
        pytest.param("**", id="two-stars"),
        pytest.param('"7" "9"', id="no-comma"),
        pytest.param('"7";"9"', id="semicolon"),
        pytest.param('"a b"', id="space-inside-a-tag"),
        pytest.param('"a\tb"', id="tab-inside-a-tag"),
        pytest.param('"a\x7f"', id="delete-inside-a-tag"),
        pytest.param('"7"\n', id="line-end"),
        pytest.param("'7'", id="single-quotes"),
        pytest.param('"a\\"b"', id="escaped-quote"),
    ],
)
def test_what_is_neither_star_nor_a_list(field: str) -> None:
    assert if_match(field) is None
    assert if_none_match(field) is None


@pytest.mark.parametrize(
    ("opaque", "version"),
    [
        pytest.param("1", 1, id="first"),
        pytest.param("2147483647", LAST, id="last"),
        pytest.param("0", None, id="nothing-is-there-has-no-tag"),
        pytest.param("07", None, id="leading-zero"),
        pytest.param("+7", None, id="sign"),
        pytest.param("-7", None, id="negative"),
        pytest.param("7.0", None, id="fraction"),
        pytest.param("7\n", None, id="line-end"),
        pytest.param("x", None, id="word"),
        pytest.param("", None, id="empty"),
        pytest.param("\xb2", None, id="superscript"),
        pytest.param("1" * 5000, None, id="thousands-of-digits"),
    ],
)
def test_version_of_a_tag(opaque: str, version: int | None) -> None:
    assert version_of(EntityTag(opaque)) == version


@pytest.mark.parametrize("number", [1, 7, 10, LAST])
def test_what_is_written_is_read_back(number: int) -> None:
    field = write_tag(Version(number)).decode()
    assert if_match(field) == IsAt(versions(number))
    assert if_none_match(field) == IsNotAt(versions(number))


def test_star_is_a_question_of_presence() -> None:
    assert if_match(" * ") == Exists()
    assert if_none_match("*\t") == Absent()


def test_a_weak_tag_matches_only_where_weak_comparison_is_asked_for() -> None:
    """RFC 9110 section 8.8.3.2: If-Match compares strongly, If-None-Match weakly."""
    assert if_match('W/"7", "8"') == IsAt(versions(8))
    assert if_none_match('W/"7", "8"') == IsNotAt(versions(7, 8))


def test_foreign_tags_leave_a_condition_that_matches_nothing() -> None:
    assert if_match('"x", "07"') == IsAt(frozenset())
    assert if_none_match('"x"') == IsNotAt(frozenset())


@pytest.mark.parametrize("field", [" " * 60_000 + "x", '"' * 60_000, ',"' * 30_000, 'W/"a"' * 10_000, '"1",' * 15_000 + "x"])
def test_a_hostile_field_costs_little(field: str) -> None:
    began = time.process_time()
    if_match(field)
    assert time.process_time() - began < 1
