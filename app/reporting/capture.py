"""Sends errors that Flask does not log to the application's handlers.

They come from other loggers, threads, commands and other programs; and from responses
and teardown functions, whose exceptions Flask lets pass to the server.
"""

import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from werkzeug.wsgi import ClosingIterator

_REPORTED = f"{__name__}.reported"
"""Marks an exception that was logged and goes on to the server, which logs it again."""


class OtherLoggers(logging.Handler):
    """A handler of the root logger that passes records of other loggers on.

    They go to the handlers of the application's logger, and to the console if nothing
    else shows them. The level is WARNING: a handler that takes less would replace the
    one that Werkzeug adds for its access log.
    """

    def __init__(
        self,
        logger: logging.Logger,
        handlers: Iterable[logging.Handler],
        console: logging.Handler,
    ) -> None:
        super().__init__(logging.WARNING)
        self.logger = logger
        self._handlers = tuple(handlers)
        self._console = console

    def handle(self, record: logging.LogRecord) -> bool:
        """Pass the record on; without a lock, which each of the handlers has."""
        error = record.exc_info[1] if record.exc_info else sys.exception()
        is_reported = error is not None and _REPORTED in vars(error)
        # A record of an application's logger has a context from its own handlers.
        if is_reported or is_noise(record) or hasattr(record, "request_context"):
            return False
        handlers = self._handlers
        others = logging.root.handlers + logging.getLogger(record.name).handlers
        if others == [self]:
            handlers += (self._console,)  # in place of logging.lastResort
        for handler in handlers:
            if record.levelno >= handler.level:
                handler.handle(record)
        return True


def is_noise(record: logging.LogRecord) -> bool:
    """Return whether a library logs something that is not an application error.

    Any client can make Werkzeug's development server log a malformed request.
    SQLAlchemy's pool logs a failed connection, which raises an exception anyway.
    """
    if record.name == "werkzeug":
        return not record.getMessage().startswith("Error on request")
    return record.name.startswith("sqlalchemy.pool")


class UncaughtExceptionHook:
    """Logs an uncaught exception before it calls the hook that it replaces."""

    def __init__(self, app: Flask, hook: Callable[..., object]) -> None:
        self._app = app
        if isinstance(hook, UncaughtExceptionHook):  # an earlier application's
            hook = hook._replaced
        self._replaced: Callable[..., object] = hook

    def __call__(self, *args: Any) -> None:
        """Take the arguments of sys.excepthook or threading.excepthook."""
        error = args[1] if len(args) == 3 else args[0].exc_value
        if isinstance(error, Exception):
            name = threading.current_thread().name
            self._app.logger.error("Uncaught exception in %s", name, exc_info=error)
        self._replaced(*args)


class ReportingMiddleware:
    """Logs the exceptions that Flask lets pass to the server.

    An exception in a teardown function or an error handler gets the error page. One
    that is raised while the response is sent can only be logged.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.wsgi_app = app.wsgi_app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request."""
        started: list[Any] = []
        answered = False

        def start_later(*args: Any) -> Any:
            if answered:  # another middleware starts it when its body is read
                return start_response(*args)
            started[:] = args

        try:
            # Flask starts the response before teardown functions can fail, and servers
            # do not take back the headers of a response that was started.
            body = self.wsgi_app(environ, start_later)
        except Exception as error:
            if self._propagates:
                raise
            return self._error_page(error, environ, start_response)
        answered = True
        if started:
            start_response(*started)
        # Other responses are files, which some servers send on their own.
        if self._propagates or not isinstance(body, ClosingIterator):
            return body
        close = self._reported(environ)(body.close)
        return ClosingIterator(self._iterate(body, environ), close)

    @property
    def _propagates(self) -> bool:
        setting = self._app.config["PROPAGATE_EXCEPTIONS"]
        return bool(
            self._app.testing or self._app.debug if setting is None else setting
        )

    def _error_page(
        self,
        error: Exception,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Let Flask log the exception and answer it as one of a view."""
        with self._request_context(environ):
            try:
                response = self._app.handle_exception(error)
            except Exception as another:
                vars(another)[_REPORTED] = True
                raise
            return response(environ, start_response)

    def _iterate(
        self, body: Iterable[bytes], environ: WSGIEnvironment
    ) -> Iterator[bytes]:
        with self._reported(environ):
            yield from body

    @contextlib.contextmanager
    def _reported(self, environ: WSGIEnvironment) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if _REPORTED not in vars(error):
                with self._request_context(environ):
                    self._app.log_exception(sys.exc_info())
            vars(error)[_REPORTED] = True
            raise

    @contextlib.contextmanager
    def _request_context(self, environ: WSGIEnvironment) -> Iterator[None]:
        """Enter a request again: its own context has ended."""
        context = self._app.request_context(environ)
        context.push()
        try:
            yield
        finally:
            # The teardown functions are called again, and may fail again.
            with contextlib.suppress(Exception):
                context.pop()


def install_capture(
    app: Flask, handlers: Iterable[logging.Handler], console: logging.Handler
) -> None:
    """Capture the errors that Flask does not log."""
    app.wsgi_app = ReportingMiddleware(app)  # type: ignore[method-assign]
    sys.excepthook = UncaughtExceptionHook(app, sys.excepthook)
    threading.excepthook = UncaughtExceptionHook(app, threading.excepthook)
    logging.root.addHandler(OtherLoggers(app.logger, handlers, console))
