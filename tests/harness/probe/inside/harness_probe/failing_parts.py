"""Views and hooks that fail on demand in other places than a view."""

import logging
import threading

from flask import Response, request


def install(app):
    """Add the views, the hooks and the command to an application."""
    app.add_url_rule("/__probe__/fail/<place>", "probe_fail_in", fail_in)
    app.after_request(after_request)
    app.teardown_request(teardown_request)
    app.cli.command("harness-fail")(fail_in_command)


def message():
    """Return the message of the exception."""
    return request.args["message"]


def fail_in(place):
    """Fail in a view; hooks recognize their place in the path themselves."""
    return VIEWS.get(place, lambda: "fine")()


def is_in(place):
    """Return whether the current request has to fail in a place."""
    return request.path == "/__probe__/fail/" + place


def after_request(response):
    """Fail after the view, before anything is sent."""
    if is_in("after_request"):
        raise RuntimeError(message())
    return response


def teardown_request(_error):
    """Fail after the response was created."""
    if is_in("teardown_request"):
        raise RuntimeError(message())


def stream():
    """Fail in the middle of the response."""

    def parts(text):
        yield "a part"
        raise RuntimeError(text)

    return Response(parts(message()))


def thread():
    """Fail in a thread, which has ended when the view returns."""

    def work(text):
        raise RuntimeError(text)

    worker = threading.Thread(target=work, args=(message(),))
    worker.start()
    worker.join()
    return "fine"


def logger():
    """Log an error with the logger of a library."""
    logging.getLogger("a_library.part").error(message())
    return "fine"


class Unprintable(Exception):
    """An exception that cannot be converted to text."""

    def __str__(self):
        raise ValueError("it has no text")

    __repr__ = __str__


def unprintable():
    """Raise an exception that cannot be printed."""
    raise Unprintable


def unprintable_message():
    """Log an exception that cannot be printed as the message."""
    logging.getLogger("a_library.part").error(Unprintable())
    return "fine"


def recursion():
    """Recurse without end through another function."""

    def another():
        return recursion()

    return another()


def long():
    """Raise an exception with a message of several megabytes."""
    raise RuntimeError(message() + " is long" * 500000)


def group():
    """Raise several exceptions at once."""
    raise ExceptionGroup(message(), [ValueError("the first"), KeyError("the second")])


def fail_in_command():
    """Fail in a command."""
    raise RuntimeError("the command failed")


VIEWS = {
    "stream": stream,
    "thread": thread,
    "logger": logger,
    "unprintable": unprintable,
    "unprintable_message": unprintable_message,
    "recursion": recursion,
    "long": long,
    "group": group,
}
