"""What a project may be called."""

import keyword
import sys

import pytest

from diptych.starter import UnfitName, checked_name


@pytest.mark.parametrize("name", ["shop", "shop2", "my_shop", "x", "s" * 60])
def test_names_that_will_do(name: str) -> None:
    assert checked_name(name) == name


NO_NAME = "is no name of a Python package: small letters, digits and underscores, a letter first"


@pytest.mark.parametrize(
    ("name", "reason", "suggested"),
    [
        pytest.param("my-shop", NO_NAME, "my_shop", id="a-dash"),
        pytest.param("Shop Front", NO_NAME, "shop_front", id="a-space"),
        pytest.param("ShopFront", NO_NAME, "shop_front", id="capitals"),
        pytest.param("9lives", NO_NAME, "project_9lives", id="a-digit-first"),
        pytest.param("_shop", NO_NAME, "shop", id="an-underscore-first"),
        pytest.param("café", NO_NAME, "cafe", id="an-accent"),
        pytest.param("店", NO_NAME, "shop", id="nothing-of-it-will-do"),
        pytest.param("", NO_NAME, "shop", id="empty"),
        pytest.param("..", NO_NAME, "shop", id="the-folder-above"),
        pytest.param("a/b", NO_NAME, "a_b", id="a-path"),
        pytest.param("shop\n", NO_NAME, "shop", id="a-line-break"),
        pytest.param("class", "is a word of Python's own", "class_project", id="a-keyword"),
        pytest.param("my class", NO_NAME, "my_class", id="a-keyword-in-it"),
        pytest.param("json", "is the name of a package that is needed itself", "json_project", id="the-standard-library"),
        pytest.param("diptych", "is the name of a package that is needed itself", "diptych_project", id="ours"),
        pytest.param("tests", "is the name of a package that is needed itself", "tests_project", id="its-own-tests"),
        pytest.param("s" * 61, "is longer than 60 characters", "s" * 52, id="too-long"),
    ],
)
def test_names_that_will_not_do(name: str, reason: str, suggested: str) -> None:
    with pytest.raises(UnfitName) as told:
        checked_name(name)
    assert str(told.value) == f"{name[:60]!r} {reason}. {suggested!r} would do."
    assert checked_name(suggested) == suggested


@pytest.mark.parametrize("ending", ["", "-", " 1", "/x", "é"])
def test_what_is_suggested_would_do(ending: str) -> None:
    for name in (*keyword.kwlist, *sorted(sys.stdlib_module_names), "sqlmodel", "Tests", "9", "0" * 80, "a" * 80):
        try:
            checked_name(name + ending)
        except UnfitName as told:
            suggested = str(told).split("'")[-2]
            assert checked_name(suggested) == suggested
