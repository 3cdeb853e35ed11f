"""Values that are made for every request."""

from dataclasses import replace

from diptych.semantics.frozen import frozen


@frozen
class Point:
    """A place."""

    x: int
    y: int = 0


def test_values_that_are_alike_are_equal_and_count_as_one() -> None:
    assert Point(1) == Point(1, 0) != Point(0, 1)
    assert {Point(1), Point(1, 0), Point(0, 1)} == {Point(1), Point(0, 1)}


def test_a_value_has_its_fields_and_nothing_else() -> None:
    assert not hasattr(Point(1), "__dict__")


def test_it_is_taken_apart_and_made_anew() -> None:
    match replace(Point(1), y=2):
        case Point(x, y):
            assert (x, y) == (1, 2)
