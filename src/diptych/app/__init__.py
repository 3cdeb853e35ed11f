"""Assembly: the one place where the doors, the service and the store meet as objects."""
