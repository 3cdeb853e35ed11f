"""The rules: pure functions over values, with the standard library alone."""
