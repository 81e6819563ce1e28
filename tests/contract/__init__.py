"""Judges anyone's implementation: ``tox -e contract -- --target PATH``."""
