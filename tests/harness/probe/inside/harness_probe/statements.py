"""Observes the statements of a request, and makes a chosen one fail."""

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
    """Start counting the steps of a request."""
    current.request = request
    current.fault = state.fault()
    current.count = 0
    current.own = []
    current.observed = []
    current.steps = []


def end(state):
    """Stop counting, and record the statements if the harness records them."""
    if state.recording():
        state.record(current.observed)
    current.request = None


def install(state):
    """Observe every engine, including those that do not exist yet."""
    if event is None:  # pragma: no cover - a target without SQLAlchemy
        return

    def execute(cursor, statement, *_):
        if not in_request():
            return
        current.observed.append({"request": current.request, "sql": statement})
        current.steps.append(statement)
        barrier.wait(state, statement)
        fail(state, cursor.connection, statement)

    for name in ("do_execute", "do_execute_no_params", "do_executemany"):
        event.listen(Engine, name, execute)
    install_transactions(state)


def install_transactions(state):
    """Observe the steps without a statement: CONNECT, COMMIT and ROLLBACK."""

    def checkout(connection, record, proxy):
        if in_request():
            current.own.append(connection)
        fail(state, connection, "CONNECT")

    def observed(name, plain):
        def step(dialect, connection):
            own = unpooled(connection)
            # The garbage collector rolls back a connection that an earlier request has
            # lost, at any time; that is not a step of this request.
            if in_request() and any(one is own for one in current.own):
                current.steps.append(name)
                fail(state, own, name)
            plain(dialect, connection)

        return step

    event.listen(Pool, "checkout", checkout)
    DefaultDialect.do_commit = observed("COMMIT", DefaultDialect.do_commit)
    DefaultDialect.do_rollback = observed("ROLLBACK", DefaultDialect.do_rollback)


def unpooled(connection):
    """Return the driver's connection in a pooled one (SQLAlchemy 1.3 to 2)."""
    for name in ("driver_connection", "connection"):
        connection = getattr(connection, name, connection)
    return connection


def in_request():
    """Return whether this thread handles a request of the target."""
    return getattr(current, "request", None) is not None


def fail(state, connection, step):
    """Fail as the database would, if this is the chosen step."""
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
        # A driver's exceptions are also attributes of its connections (PEP 249).
        raise getattr(connection, fault["error"])("broken by the harness")
