"""What each caller is told, command by command and row by row: the one table that both doors and both databases are held to.

Callers, commands, and what is told for each kind of row in the order of `ROWS`; a command stands for itself at every condition that
is not named elsewhere. For a collection: the code, and after a colon the rows that came, by the names of their owners.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tests.policies.commands import COLLECTION_COMMANDS, ITEM_COMMANDS

SHORT: Final = {
    "ok": "ok",
    "no": "not_found",
    "not": "forbidden",
    "who": "unauthenticated",
    "old": "version_mismatch",
    "bad": "invalid",
    "one": "unique_conflict",
    "two": "already_exists",
}

# Callers who own nothing.
#                                                                          ann bob cid absent malformed
_NO_OWNERS: Final = """\
rae         | fetch head part                                             | ok  ok  no  no  no
rae         | fetch@stale                                                 | old old no  no  no
rae         | replace merge json delete @now @stale @nothing              | not not not not not
dot max nan | fetch head part @stale                                      | not not not not not
dot max nan | replace merge json delete @now @stale @nothing              | not not not not not
nobody      | fetch head part @stale                                      | who who who who who
nobody      | replace merge json delete @now @stale @nothing              | who who who who who
"""

ERRAND: Final = (
    """
ada         | fetch head part                                             | ok  ok  ok  no  no
ada         | fetch@stale                                                 | old old old no  no
ada         | replace merge json delete @now                              | ok  ok  ok  no  no
ada         | replace merge json delete only@stale only@nothing           | old old old no  no
ann         | fetch head part                                             | ok  ok  no  no  no
ann         | fetch@stale                                                 | old old no  no  no
ann         | replace merge json delete @now                              | ok  not no  no  no
ann         | replace merge json delete only@stale only@nothing           | old not no  no  no
bob         | fetch head part                                             | ok  ok  no  no  no
bob         | fetch@stale                                                 | old old no  no  no
bob         | replace merge json delete @now                              | not ok  no  no  no
bob         | replace merge json delete only@stale only@nothing           | not old no  no  no
cid         | fetch head part                                             | no  no  ok  no  no
cid         | fetch@stale                                                 | no  no  old no  no
cid         | replace merge json delete @now                              | no  no  ok  no  no
cid         | replace merge json delete only@stale only@nothing           | no  no  old no  no
"""
    + _NO_OWNERS
)

# A replace makes what is not there; a key that somebody else's row has, unseen, is told as a value that is taken.
SATCHEL: Final = (
    """
ada         | fetch head part                                             | ok  ok  ok  no  no
ada         | fetch@stale                                                 | old old old no  no
ada         | merge json delete @now                                      | ok  ok  ok  no  no
ada         | merge json delete only@stale only@nothing                   | old old old no  no
ada         | replace                                                     | ok  ok  ok  ok  bad
ada         | replace only@now                                            | ok  ok  ok  old old
ada         | replace only@stale                                          | old old old old old
ada         | replace only@nothing                                        | old old old ok  bad
ann         | fetch head part                                             | ok  ok  no  no  no
ann         | fetch@stale                                                 | old old no  no  no
ann         | merge json delete @now                                      | ok  not no  no  no
ann         | merge json delete only@stale only@nothing                   | old not no  no  no
ann         | replace                                                     | ok  not one ok  bad
ann         | replace only@now                                            | ok  not old old old
ann         | replace only@stale                                          | old not old old old
ann         | replace only@nothing                                        | old not one ok  bad
bob         | fetch head part                                             | ok  ok  no  no  no
bob         | fetch@stale                                                 | old old no  no  no
bob         | merge json delete @now                                      | not ok  no  no  no
bob         | merge json delete only@stale only@nothing                   | not old no  no  no
bob         | replace                                                     | not ok  one ok  bad
bob         | replace only@now                                            | not ok  old old old
bob         | replace only@stale                                          | not old old old old
bob         | replace only@nothing                                        | not old one ok  bad
cid         | fetch head part                                             | no  no  ok  no  no
cid         | fetch@stale                                                 | no  no  old no  no
cid         | merge json delete @now                                      | no  no  ok  no  no
cid         | merge json delete only@stale only@nothing                   | no  no  old no  no
cid         | replace                                                     | one one ok  ok  bad
cid         | replace only@now                                            | old old ok  old old
cid         | replace only@stale                                          | old old old old old
cid         | replace only@nothing                                        | one one old ok  bad
"""
    + _NO_OWNERS
)

COLLECTION: Final = """
ada         | list several related stream                                 | ok:ann,bob,cid
ada         | filtered                                                    | ok:cid
ada         | ordered                                                     | ok:cid,bob,ann
ada         | counted                                                     | ok:ann of 3
ada         | backwards                                                   | ok:cid
ada         | create create-for-another                                   | ok
ann bob     | list several related stream                                 | ok:ann,bob
ann bob     | filtered                                                    | ok:
ann bob     | ordered                                                     | ok:bob,ann
ann bob     | counted                                                     | ok:ann of 2
ann bob     | backwards                                                   | ok:bob
ann bob cid | create                                                      | ok
ann bob cid | create-for-another                                          | not
cid         | list several related stream filtered ordered backwards      | ok:cid
cid         | counted                                                     | ok:cid of 1
rae         | list several related stream                                 | ok:ann,bob
rae         | filtered                                                    | ok:
rae         | ordered                                                     | ok:bob,ann
rae         | counted                                                     | ok:ann of 2
rae         | backwards                                                   | ok:bob
rae         | create create-for-another                                   | not
dot         | create create-for-another                                   | ok
dot         | list several related stream filtered ordered                | not
dot         | counted backwards                                           | not
max nan     | list several related stream filtered ordered                | not
max nan     | counted backwards create create-for-another                 | not
nobody      | list several related stream filtered ordered                | who
nobody      | counted backwards create create-for-another                 | who
"""

TAKEN: Final = {
    # Of cid's row. Only who may see it is told that it is a row under this key.
    "Errand": """
ada ann bob cid dot | create-taken                                        | one
rae max nan         | create-taken                                        | not
nobody              | create-taken                                        | who
""",
    "Satchel": """
ada cid             | create-taken                                        | two
ann bob dot         | create-taken                                        | one
rae max nan         | create-taken                                        | not
nobody              | create-taken                                        | who
""",
}

# Whoever comes may do everything with what nobody has spoken of.
LEAFLET: Final = ("ok", "no", "no")

Lines = Mapping[tuple[str, str], tuple[str, ...]]


def item_lines(kind: str) -> Lines:
    """What is told, by caller and command: a code for each kind of row."""
    return dict(_once((key, tuple(SHORT[word] for word in told.split())) for key, told in _lines(ERRAND if kind == "Errand" else SATCHEL)))


def collection_lines(kind: str) -> Lines:
    """What is told, by caller and command: the code, what came, and how many there are in all if that was asked."""
    return dict(_once((key, _collected(told)) for key, told in _lines(COLLECTION + TAKEN[kind])))


def _lines(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    for line in filter(None, text.splitlines()):
        callers, commands, told = (part.strip() for part in line.split("|"))
        for caller in callers.split():
            for command in _commands(commands.split()):
                yield (caller, command), told


def _commands(words: list[str]) -> Iterator[str]:
    """`merge @now` is the command without a condition and with that one, `merge only@now` with that one alone."""
    only = [word.removeprefix("only") for word in words if word.startswith("only@")]
    besides = [word for word in words if word.startswith("@")]
    for word in words:
        if not word.startswith(("@", "only@")):
            yield from (f"{word}{when}" for when in (only or ["", *besides]) if f"{word}{when}" in (*ITEM_COMMANDS, *COLLECTION_COMMANDS))


def _once(
    lines: Iterator[tuple[tuple[str, str], tuple[str, ...]]],
) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    seen: set[tuple[str, str]] = set()
    for key, told in lines:
        assert key not in seen, f"{key} has two lines"
        seen.add(key)
        yield key, told


def _collected(told: str) -> tuple[str, ...]:
    code, colon, rest = told.partition(":")
    if not colon:
        return (SHORT[code],)
    rows, _, total = rest.partition(" of ")
    return (SHORT[code], rows, *([total] if total else []))
