"""Lets a chosen operation on the files of the log fail, as a broken disk would."""

import errno
import os
import sys

from harness_probe.state import current

#: What Python announces before it happens: the event, and what names the file.
ANNOUNCED = {
    "open": "path",
    "os.rename": "path",
    "os.remove": "path",
    "os.mkdir": "path",
    "os.truncate": "descriptor",
    "fcntl.flock": "descriptor",
}
#: What it does not announce.
SILENT = {"stat": "path", "lstat": "path", "fstat": "descriptor", "write": "descriptor"}


def install(app, state):
    """Count what the handlers of *app* do to the files in the folder of its log."""
    logs = [getattr(each, "baseFilename", None) for each in app.logger.handlers]
    folders = tuple({os.path.dirname(path) for path in logs if path})
    for handler in app.logger.handlers:
        handler.handle = noting(handler.handle)

    def strike(step, named_by, what):
        if not getattr(current, "logs", False):
            return
        of_the_log = named_by == "descriptor" or str(what).startswith(folders)
        fault = getattr(current, "fault", None)
        if of_the_log and fault and "errno" in fault:
            current.count += 1
            if current.count == fault["number"] and state.disarm(step):
                number = getattr(errno, fault["errno"])
                raise OSError(number, os.strerror(number), str(what))

    for name, named_by in SILENT.items():
        setattr(os, name, striking(getattr(os, name), name, named_by, strike))

    def heard(event, arguments):
        if event in ANNOUNCED:
            strike(event, ANNOUNCED[event], arguments[0])

    # Audit hooks are otherwise hidden from coverage and debuggers:
    # https://docs.python.org/3/library/sys.html#sys.addaudithook
    heard.__cantrace__ = True
    sys.addaudithook(heard)


def noting(handle):
    """Return *handle*, during which it is known that a log is written."""

    def handle_noted(record):
        current.logs = getattr(current, "request", None) is not None
        try:
            return handle(record)
        finally:
            current.logs = False

    return handle_noted


def striking(plain, name, named_by, strike):
    """Return an operation that fails when it is its turn."""

    def operation(what, *arguments, **options):
        strike(name, named_by, what)
        return plain(what, *arguments, **options)

    return operation
