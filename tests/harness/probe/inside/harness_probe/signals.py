"""Records the exceptions that Flask signals."""

from flask import got_request_exception

_recorded = []


def _record(sender, exception, **more):
    _recorded.append(str(exception))


def signalled(app):
    """Return the exceptions signalled since the previous call, [] at the first."""
    # Connecting the same function again has no effect.
    got_request_exception.connect(_record, app)
    recorded = list(_recorded)
    _recorded.clear()
    return recorded
