"""The harness itself, where it takes a process to show."""
