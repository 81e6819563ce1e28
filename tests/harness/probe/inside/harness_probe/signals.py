"""Records the exceptions that Flask signals."""

from flask import got_request_exception

_seen = []


def _record(sender, exception, **more):
    _seen.append(str(exception))


def signalled(app):
    """Return the exceptions signalled since the previous, or listening first, call."""
    # Connecting the same function again has no effect.
    got_request_exception.connect(_record, app)
    seen = list(_seen)
    _seen.clear()
    return seen
