"""Sees all that a request asks of its database, and lets a chosen step fail."""

import re

from harness_probe import barrier
from harness_probe.state import current

try:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.engine.default import DefaultDialect
    from sqlalchemy.pool import Pool
except ImportError:  # pragma: no cover - a target without SQLAlchemy
    event = None


def begin(state, request):
    """Start to count the statements of a request."""
    current.request = request
    current.fault = state.fault()
    current.count = 0
    current.own = []
    current.seen = []


def end(state):
    """Stop counting, and write down what was seen if that is asked for."""
    if state.recording():
        state.record(current.seen)
    current.request = None


def install(state):
    """Listen to every engine, those that are yet to be made included."""
    if event is None:  # pragma: no cover - a target without SQLAlchemy
        return

    def execute(cursor, statement, *_):
        if not in_request():
            return
        current.seen.append({"request": current.request, "sql": statement})
        barrier.wait(state, statement)
        strike(state, cursor.connection, statement)

    for way in ("do_execute", "do_execute_no_params", "do_executemany"):
        event.listen(Engine, way, execute)
    install_transactions(state)


def install_transactions(state):
    """See the steps for which there is no statement: CONNECT, COMMIT, ROLLBACK."""

    def checkout(connection, record, proxy):
        if in_request():
            current.own.append(connection)
        strike(state, connection, "CONNECT")

    def seen(name, plain):
        def step(dialect, connection):
            own = unpooled(connection)
            # What an earlier request lost is rolled back wherever it is found: by the
            # garbage collector, in the middle of anything.
            if in_request() and any(one is own for one in current.own):
                strike(state, own, name)
            plain(dialect, connection)

        return step

    event.listen(Pool, "checkout", checkout)
    DefaultDialect.do_commit = seen("COMMIT", DefaultDialect.do_commit)
    DefaultDialect.do_rollback = seen("ROLLBACK", DefaultDialect.do_rollback)


def unpooled(connection):
    """Return the driver's connection in a pooled one (SQLAlchemy 1.3 to 2)."""
    for name in ("driver_connection", "connection"):
        connection = getattr(connection, name, connection)
    return connection


def in_request():
    """Tell whether this thread answers a request of the target."""
    return getattr(current, "request", None) is not None


def strike(state, connection, step):
    """Fail here, as the database would, if this is the chosen step."""
    fault = current.fault if in_request() else None
    if fault is None or "matching" not in fault:
        return
    if not re.search(fault["matching"], step, re.I | re.S):
        return
    current.count += 1
    if current.count != fault["number"] or not state.disarm(step):
        return
    if fault["error"] == "disconnect":
        connection.close()
    else:
        # A driver's exceptions are attributes of its connections too (PEP 249).
        raise getattr(connection, fault["error"])("broken by the harness")
