"""Listens to the signal that Flask sends for an exception in a request."""

from flask import got_request_exception

_seen = []


def _note(sender, exception, **more):
    _seen.append(str(exception))


def signalled(app):
    """Return the exceptions signalled since the last call; the first one listens."""
    # Connecting twice is connecting once.
    got_request_exception.connect(_note, app)
    seen = list(_seen)
    _seen.clear()
    return seen
