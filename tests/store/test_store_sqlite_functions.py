"""What SQLite is taught: orders of text that stands for other values, whatever another program has written."""

import sqlite3
from collections.abc import Iterator

import pytest

from diptych.store.sqlite_functions import DURATION, NUMBER, teach


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    teach(connection)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("collation", "texts"),
    [
        pytest.param(NUMBER, ["-10", "-9.5", "0", "0.10", "9", "10", "123456789012345678901234567890.5"], id="numbers-by-value"),
        pytest.param(NUMBER, ["7", "12", "", "NaN", "x"], id="what-is-no-number-comes-last"),
        pytest.param(DURATION, ["-P1D", "PT0S", "PT9S", "PT10S", "PT23H", "P1D"], id="durations-by-length"),
        pytest.param(DURATION, ["PT1H", "P999999999D", "P9999999999D", "hour"], id="what-is-no-duration-comes-last"),
    ],
)
def test_orders(connection: sqlite3.Connection, collation: str, texts: list[str]) -> None:
    connection.execute("CREATE TABLE shuffled (text TEXT)")
    connection.executemany("INSERT INTO shuffled VALUES (?)", [(text,) for text in sorted(texts, key=lambda text: text[::-1])])
    ordered = connection.execute(f"SELECT text FROM shuffled ORDER BY text COLLATE {collation}").fetchall()
    assert [text for (text,) in ordered] == texts


@pytest.mark.parametrize(
    ("collation", "one", "other"),
    [pytest.param(NUMBER, "1.50", "1.5", id="scales"), pytest.param(DURATION, "PT60M", "PT1H", id="units")],
)
def test_spellings_of_one_value_are_equal(connection: sqlite3.Connection, collation: str, one: str, other: str) -> None:
    assert connection.execute(f"SELECT ? COLLATE {collation} = ?", (one, other)).fetchone() == (1,)
