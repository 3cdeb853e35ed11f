"""Which rows a caller may see and change, as conditions that join the statements."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement


@dataclass(frozen=True, slots=True)
class Scope:
    """Conditions on the columns of a resource's own model, as SQLAlchemy has them; None stands for every row.

    Only rows for which `seen` holds are there for the caller at all: in reads, in totals, in what a page tells of its
    neighbours. A write may touch only rows for which both hold, before it and after it.
    """

    seen: ColumnElement[bool] | None = None
    touched: ColumnElement[bool] | None = None
