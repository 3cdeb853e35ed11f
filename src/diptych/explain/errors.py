"""The one error of this package."""


class NotUnderstood(ValueError):
    """What was given cannot be explained; the message says what is wrong, where, and what would be accepted."""
