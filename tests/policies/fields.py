"""Who may read (r) and write (w) which field of a row that is theirs to change."""

from collections.abc import Mapping
from typing import Final

#           ada ann bob
ERRAND: Final = """
owner       rw  rw  rw
team        rw  rw  rw
title       rw  rw  rw
code        rw  rw  rw
meta        rw  rw  rw
pay         rw  -   rw
grade       rw  w   w
rank        rw  r   r
pin         w   w   w
state       r   r   r
satchelId   rw  rw  rw
vaultId     rw  -   -
createdBy   r   r   r
createdAt   r   r   r
changedBy   r   -   -
changedAt   r   r   r
"""
SATCHEL: Final = """
owner       rw  rw  rw
team        rw  rw  rw
label       rw  rw  rw
remark      rw  w   w
"""
COLUMNS: Final = ("ada", "ann", "bob")

# A value of each field that can be written, which is not there yet and leaves the row where it is.
NEW_VALUES: Final[Mapping[str, object]] = {
    "owner": None,  # the same as it is: a row with another owner is another's
    "team": None,
    "title": "a new title",
    "code": "a new code",
    "meta": {"inside": ["new"]},
    "pay": "a new pay",
    "grade": "a new grade",
    "rank": "a new rank",
    "pin": "a new pin",
    "state": "old",
    "satchelId": "satchel-of-bob",
    "vaultId": "satchel-of-bob",
    "createdBy": "somebody",
    "createdAt": "2001-01-01T00:00:00Z",
    "changedBy": "somebody",
    "changedAt": "2001-01-01T00:00:00Z",
    "label": "a new label",
    "remark": "a new remark",
}


def rights(kind: str) -> Mapping[str, Mapping[str, str]]:
    """By field and caller."""
    lines = (line.split() for line in (ERRAND if kind == "Errand" else SATCHEL).strip().splitlines())
    return {name: dict(zip(COLUMNS, told, strict=True)) for name, *told in lines}
