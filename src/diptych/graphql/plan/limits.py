"""Where a plan ends and graphql-core begins."""

from typing import Final

# Selections and members that one variant of a plan may have; fragments could multiply them without end.
MOST_PARTS: Final = 2000
# Variants that one operation may have: one for each set of answers to its @skip and @include.
MOST_VARIANTS: Final = 8

# About the bytes that they take in memory, the closures and the nodes' tuples included.
BYTES_PER_VARIANT: Final = 5000
BYTES_PER_PART: Final = 450


class NotPlain(Exception):
    """A value is not of the form that plans are made for. Graphql-core judges it, and finds the words if it is wrong."""


class Unplannable(Exception):
    """The operation has something that plans do not know; graphql-core runs it."""
