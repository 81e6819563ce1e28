"""The harness itself, where it takes a process or a server to show."""
