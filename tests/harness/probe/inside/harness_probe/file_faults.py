"""Makes a chosen operation on the log files fail, as a broken disk would."""

import errno
import os
import sys

from harness_probe.state import current

#: By audit event: how its first argument names the file.
AUDITED = {
    "open": "path",
    "os.rename": "path",
    "os.remove": "path",
    "os.mkdir": "path",
    "os.truncate": "descriptor",
    "fcntl.flock": "descriptor",
}
#: By function without an audit event: how its first argument names the file.
UNAUDITED = {
    "stat": "path",
    "lstat": "path",
    "fstat": "descriptor",
    "write": "descriptor",
}


def install(app, state):
    """Count the operations of the handlers of *app* on files in the log folder."""
    logs = [getattr(each, "baseFilename", None) for each in app.logger.handlers]
    folders = tuple({os.path.dirname(path) for path in logs if path})
    for handler in app.logger.handlers:
        handler.handle = marking(handler.handle)

    def fail(step, named_by, what):
        if not getattr(current, "logs", False):
            return
        of_the_log = named_by == "descriptor" or str(what).startswith(folders)
        fault = getattr(current, "fault", None)
        if of_the_log and fault and "errno" in fault:
            current.count += 1
            if current.count == fault["number"] and state.disarm(step):
                number = getattr(errno, fault["errno"])
                raise OSError(number, os.strerror(number), str(what))

    for name, named_by in UNAUDITED.items():
        setattr(os, name, failing(getattr(os, name), name, named_by, fail))

    def audit(event, arguments):
        if event in AUDITED:
            fail(event, AUDITED[event], arguments[0])

    # Audit hooks are otherwise hidden from coverage and debuggers:
    # https://docs.python.org/3/library/sys.html#sys.addaudithook
    audit.__cantrace__ = True
    sys.addaudithook(audit)


def marking(handle):
    """Return *handle*, which marks its duration as writing the log of a request."""

    def marked(record):
        current.logs = getattr(current, "request", None) is not None
        try:
            return handle(record)
        finally:
            current.logs = False

    return marked


def failing(plain, name, named_by, fail):
    """Return an operation that first calls *fail*."""

    def operation(what, *arguments, **options):
        fail(name, named_by, what)
        return plain(what, *arguments, **options)

    return operation
