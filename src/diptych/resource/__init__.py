"""The declaration: reads a SQLModel class once."""
