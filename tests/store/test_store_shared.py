"""Which changes of one key need no statement of their own, since an earlier one tells that they miss."""

from typing import Any

import pytest

from diptych.semantics.change import Change, Insert, Remove, Update
from diptych.semantics.row import Row
from diptych.semantics.version import NOTHING, Version
from diptych.store.shared import known_to_miss

V1, V2 = Version(1), Version(2)
VALUES: dict[str, Any] = {"name": "n"}
MOVED, SAME = Row("k", V2, VALUES), Row("k", V1, VALUES)


@pytest.mark.parametrize(
    ("change", "earlier", "left", "expected"),
    [
        pytest.param(Update("k", V1, VALUES), Update("k", V1, VALUES), MOVED, True, id="update-of-the-version-that-was-moved-on"),
        pytest.param(Update("k", V1, VALUES), Update("k", V1, VALUES), None, True, id="update-that-missed-already"),
        pytest.param(Update("k", V1, VALUES), Update("k", V1, VALUES), SAME, False, id="update-that-changed-nothing"),
        pytest.param(Update("k", V2, VALUES), Update("k", V1, VALUES), MOVED, False, id="update-of-the-version-that-came-to-be"),
        pytest.param(Insert("k", VALUES, NOTHING), Insert("k", VALUES, NOTHING), SAME, True, id="second-birth"),
        pytest.param(Insert("k", VALUES, V1), Insert("k", VALUES, NOTHING), None, False, id="birth-above-another-version"),
        pytest.param(Remove("k", V1), Remove("k", V1), SAME, True, id="second-death"),
        pytest.param(Remove("k", V2), Remove("k", V1), None, False, id="death-of-another-version"),
        pytest.param(Remove("k", V1), Update("k", V1, VALUES), MOVED, False, id="of-two-kinds-nothing-is-known"),
    ],
)
def test_known_to_miss(change: Change, earlier: Change, left: Row | None, expected: bool) -> None:
    assert known_to_miss(change, earlier, left) is expected
