"""What operators see of commands: a line in the log, metrics, and traces. All of it is off until somebody switches it on."""
