"""What commands are called."""

from typing import assert_never

from diptych.semantics.command import Command, Create, Delete, Fetch, FetchMany, JsonPatch, List, MergePatch, Replace


def named(command: Command | FetchMany) -> str:
    match command:
        case Create():
            return "create"
        case Replace():
            return "replace"
        case MergePatch():
            return "merge patch"
        case JsonPatch():
            return "json patch"
        case Delete():
            return "delete"
        case Fetch():
            return "fetch"
        case List():
            return "list"
        case FetchMany():
            return "fetch many"
        case _:
            assert_never(command)
