"""The use cases: a command in, an outcome out."""
