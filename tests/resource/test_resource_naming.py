"""Names: from Python's to JSON's, GraphQL's and URLs'."""

import pytest

from diptych.resource.naming import camel_case, names_of, plural_of
from diptych.resource.shape import Names


@pytest.mark.parametrize(
    ("attribute", "json_name"),
    [
        pytest.param("name", "name", id="one-word"),
        pytest.param("owner_id", "ownerId", id="two-words"),
        pytest.param("a_b_c", "aBC", id="letters"),
        pytest.param("metadata_", "metadata", id="trailing-underscore"),
        pytest.param("class__", "class", id="trailing-underscores"),
        pytest.param("ownerId", "ownerId", id="camel-case-already"),
        pytest.param("line_2", "line2", id="digit"),
    ],
)
def test_camel_case(attribute: str, json_name: str) -> None:
    assert camel_case(attribute) == json_name


@pytest.mark.parametrize(
    ("word", "plural"),
    [
        pytest.param("user", "users", id="plain"),
        pytest.param("category", "categories", id="y-after-a-consonant"),
        pytest.param("day", "days", id="y-after-a-vowel"),
        pytest.param("address", "addresses", id="s"),
        pytest.param("box", "boxes", id="x"),
        pytest.param("branch", "branches", id="ch"),
        pytest.param("wish", "wishes", id="sh"),
        pytest.param("analysis", "analyses", id="sis"),
        pytest.param("person", "people", id="irregular"),
        pytest.param("sheep", "sheep", id="the-same"),
    ],
)
def test_plural(word: str, plural: str) -> None:
    assert plural_of(word) == plural


@pytest.mark.parametrize(
    ("type_name", "names"),
    [
        pytest.param("User", Names("User", "user", "users", "users"), id="one-word"),
        pytest.param("StockItem", Names("StockItem", "stockItem", "stockItems", "stock-items"), id="two-words"),
        pytest.param("HTTPLog", Names("HTTPLog", "httpLog", "httpLogs", "http-logs"), id="acronym"),
        pytest.param("OrderHistory", Names("OrderHistory", "orderHistory", "orderHistories", "order-histories"), id="last-word-only"),
        pytest.param("Area51Item", Names("Area51Item", "area51Item", "area51Items", "area51-items"), id="digits"),
    ],
)
def test_names(type_name: str, names: Names) -> None:
    assert names_of(type_name) == names


def test_what_is_given_is_taken() -> None:
    assert names_of("Staff", singular="member", plural="allStaff", path="staff") == Names("Staff", "member", "allStaff", "staff")


def test_the_rest_follows_what_is_given() -> None:
    assert names_of("Staff", plural="staffMembers").path == "staff-members"
    assert names_of("Staff", singular="member").plural == "members"
