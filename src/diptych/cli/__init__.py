"""The command line."""

from diptych.cli.app import app

__all__ = ["app"]
