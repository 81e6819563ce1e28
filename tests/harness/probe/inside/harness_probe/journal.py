"""Records each request to another implementation: its status, SQL and exceptions.

The harness uses it to find the line of the application that caused a failure.
"""

import inspect
import json
import linecache
import os
import sys
import time
import traceback
from contextlib import suppress

from flask import got_request_exception
from werkzeug.exceptions import HTTPException

from harness_probe.state import current

#: The maximum numbers of statements, of frames, and of characters of each text.
STATEMENTS, FRAMES, LENGTH = 100, 40, 2000
#: The maximum number of lines with decorators before a view.
DECORATORS = 20


class Journal:
    """A file with one line for each answered request."""

    def __init__(self, app, path):
        self.app = app
        self.path = path
        with suppress(RuntimeError):  # before Flask 2.3 signals may be missing
            # Not weakly, as there is no other reference to the method.
            got_request_exception.connect(self._signalled, app, weak=False)

    def _signalled(self, sender, exception, **more):
        self.note(exception)

    def around(self, wsgi_app):
        """Return a WSGI application that records what *wsgi_app* does."""

        def watched(environ, start_response):
            answered = []

            def start(status, *more):
                answered.append(status)
                return start_response(status, *more)

            current.exceptions = []
            try:
                return wsgi_app(environ, start)
            except Exception as error:
                self.note(error)
                raise
            finally:
                request = "{REQUEST_METHOD} {PATH_INFO}".format(**environ)
                self.end(request, answered, self.view(environ))

        return watched

    @staticmethod
    def note(error):
        """Record an exception of this request, once."""
        recorded = getattr(current, "exceptions", None)
        if recorded is not None and all(each is not error for each in recorded):
            recorded.append(error)

    def view(self, environ):
        """Return file, line, name and source of the view for a request, if any."""
        try:
            endpoint, _ = self.app.url_map.bind_to_environ(environ).match()
            code = inspect.unwrap(self.app.view_functions[endpoint]).__code__
        except (HTTPException, KeyError, AttributeError):
            return None
        for line in range(code.co_firstlineno, code.co_firstlineno + DECORATORS):
            source = linecache.getline(code.co_filename, line).strip()
            begin = source.partition("(")[0].split()[-2:]
            if begin == ["def", code.co_name] or code.co_name == "<lambda>":
                return [absolute(code.co_filename), line, code.co_name, source]
        return None

    def end(self, request, answered, view):
        """Record a request.

        *answered* contains the status of its response, if any; *view* is what `view`
        returns.
        """
        entry = {
            "at": time.time(),
            "request": request,
            "status": answered[-1] if answered else "",
            "sql": [step[:LENGTH] for step in current.steps[:STATEMENTS]],
            "exceptions": [described(error) for error in current.exceptions],
            "view": view,
        }
        current.exceptions = None
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def described(error):
    """Return type, message and frames of an exception."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be printed)"
    return {
        "type": type(error).__name__,
        "message": message[:LENGTH],
        "frames": [
            [absolute(frame.filename), frame.lineno, frame.name, frame.line]
            for frame in frames
        ],
    }


def absolute(path):
    """Return the absolute path of a source file; generated code has none."""
    return path if path.startswith("<") else os.path.abspath(path)


def caller(skipped):
    """Return file, line and source of the nearest caller outside some folders."""
    frame = sys._getframe(1)
    here = os.path.dirname(os.path.abspath(__file__))
    while frame is not None:
        path = absolute(frame.f_code.co_filename)
        if not path.startswith((here, *skipped)):
            source = linecache.getline(path, frame.f_lineno).strip()
            return [path, frame.f_lineno, source]
        frame = frame.f_back
    return None
