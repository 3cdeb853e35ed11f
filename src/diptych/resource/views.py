"""A resource as one caller has it: without the fields that it may not read, and with those that it may not write left as they are."""

from collections.abc import Callable
from dataclasses import replace

from diptych.resource.shape import Field, ResourceShape
from diptych.semantics.outcome import Page
from diptych.semantics.row import Row


class Views:
    """The views of some resources, each made once; there are as many as there are sets of fields that callers differ by."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, frozenset[str], frozenset[str]], ResourceShape] = {}

    def view(self, shape: ResourceShape, unseen: frozenset[str], unset: frozenset[str]) -> ResourceShape:
        """The resource for one who may not read some fields nor write some fields, by attribute name."""
        if not unseen and not unset:
            return shape
        known = (shape.name, unseen, unset)
        if known not in self._made:
            self._made[known] = _view(shape, unseen, unset)
        return self._made[known]


def _view(shape: ResourceShape, unseen: frozenset[str], unset: frozenset[str]) -> ResourceShape:
    def seen_by(column: Field) -> Field:
        return replace(
            column,
            hidden=column.hidden or column.attribute in unseen,
            read_only=column.read_only or column.attribute in unset,
        )

    columns = tuple(seen_by(column) for column in shape.columns)
    masked = frozenset(column.json_name for column in columns if column.hidden)
    return replace(
        shape,
        columns=columns,
        filters={name: filterable for name, filterable in shape.filters.items() if name not in masked},
        ordered_values={name: test for name, test in shape.ordered_values.items() if name not in masked},
        relations=tuple(one for one in shape.relations if one.many or one.field not in masked),
    )


def masker(shape: ResourceShape, view: ResourceShape) -> Callable[[Row], Row] | None:
    """What takes the values out of a row that a view has not, None stands for them; None where the view has them all."""
    masked = view.hidden - shape.hidden
    if not masked:
        return None

    def mask(row: Row) -> Row:
        return Row(row.key, row.version, {name: None if name in masked else value for name, value in row.values.items()})

    return mask


def mask_page(page: Page, mask: Callable[[Row], Row]) -> Page:
    """The page with its rows masked: a page of its own, since what is written of the other one is not for this caller."""
    return replace(page, rows=tuple(map(mask, page.rows)))
