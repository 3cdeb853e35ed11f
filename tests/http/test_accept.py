"""Content negotiation by Accept (RFC 9110, section 12.5.1)."""

import pytest

from diptych.http.accept import choose

JSON, GRAPHQL = "application/json", "application/graphql-response+json"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(None, JSON, id="no-field"),
        pytest.param("", JSON, id="an-empty-field"),
        pytest.param(" , ,", JSON, id="a-list-of-nothing"),
        pytest.param("*/*", JSON, id="anything"),
        pytest.param("application/*", JSON, id="anything-of-the-kind"),
        pytest.param(JSON, JSON, id="the-favourite"),
        pytest.param(GRAPHQL, GRAPHQL, id="the-other"),
        pytest.param("Application/GraphQL-Response+JSON", GRAPHQL, id="in-capitals"),
        pytest.param(f"{GRAPHQL}, {JSON}", JSON, id="both-alike-leave-the-servers-order"),
        pytest.param(f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL, id="weights"),
        pytest.param(f"{GRAPHQL};q=0.8,{JSON};q=0.9", JSON, id="weights-the-other-way"),
        pytest.param(f"{GRAPHQL}, */*;q=0.1", GRAPHQL, id="the-named-one-before-the-rest"),
        pytest.param(f"{JSON};q=0.1, application/*", GRAPHQL, id="the-most-specific-range-decides"),
        pytest.param(f"application/*;q=0.1, */*, {JSON};q=0.2", JSON, id="three-ranges-of-three-kinds"),
        pytest.param(f"*/*, {JSON};q=0", GRAPHQL, id="all-but-one"),
        pytest.param(f"{JSON}; charset=utf-8", JSON, id="a-parameter"),
        pytest.param(f"{JSON} ; charset=utf-8 ; Q=0", None, id="a-parameter-and-a-weight-of-none"),
        pytest.param("text/html, */*;q=0.8", JSON, id="a-browser"),
        pytest.param("text/html", None, id="another-type"),
        pytest.param("text/*", None, id="another-kind"),
        pytest.param("applicatio/*", None, id="half-a-kind"),
        pytest.param("application", None, id="no-range"),
        pytest.param(f"{JSON};q=0", None, id="a-weight-of-none"),
        pytest.param("*/*;q=0", None, id="nothing-at-all"),
        pytest.param(f"{JSON};q=x", None, id="a-weight-that-is-no-number"),
        pytest.param(f"{JSON};q=nan", None, id="a-weight-that-is-not-a-number"),
        pytest.param(f"{JSON};q=-1", None, id="a-weight-below-none"),
        pytest.param(f"{JSON};q=7, {GRAPHQL}", JSON, id="a-weight-above-all-is-one"),
        pytest.param(f"{JSON};q=0.001", JSON, id="the-smallest-weight"),
    ],
)
def test_choose(accept: str | None, expected: str | None) -> None:
    assert choose(accept, [JSON, GRAPHQL]) == expected
