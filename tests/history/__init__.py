"""Releases that broke applications: ``tox -e history`` shows that each is noticed."""
