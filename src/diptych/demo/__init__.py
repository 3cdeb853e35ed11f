"""The demo: three resources, and a few rows to begin with."""

from diptych.demo.bridge import DATABASE, demo_bridge

__all__ = ["DATABASE", "demo_bridge"]
