"""Benchmarks, whose figures depend on the machine: ``tox -e bench``."""
