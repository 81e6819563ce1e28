"""The implementation under test: its copy, its environment and its commands."""
