"""Reporting of errors that Flask itself does not log."""

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask, Response, request, send_file
from werkzeug.test import create_environ

from app import reporting
from app.reporting.capture import UncaughtExceptionHook
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import root_handlers

MakeApp = Callable[..., Flask]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The log file."""
    return tmp_path / "logs" / "microblog.log"


# -- other loggers --------------------------------------------------------------------


@behaviour("log.other-loggers")
@pytest.mark.parametrize("level", ["WARNING", "ERROR", "CRITICAL"])
def test_other_logger(
    make_app: MakeApp, path: Path, mailbox: Mailbox, level: str
) -> None:
    """Warnings of any logger are written, and its errors are mailed, too."""
    make_app()
    logging.getLogger("a_library.part").log(logging.getLevelName(level), "Broken")

    assert path.read_text().count(f"{level}: Broken [in ") == 1
    if level != "WARNING":
        assert "Broken" in mailbox.next().text
    assert mailbox.empty()


@behaviour("log.other-loggers")
def test_lesser_records(
    make_app: MakeApp, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records below WARNING of other loggers are not written."""
    make_app()
    library = logging.getLogger("a_chatty_library")
    monkeypatch.setattr(library, "level", logging.DEBUG)
    library.info("Hello")

    assert not path.exists()


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("werkzeug", "127.0.0.1 - - [...] code 400, message Bad request syntax"),
        ("sqlalchemy.pool.impl.QueuePool", "Exception during reset or similar"),
    ],
)
def test_noise(make_app: MakeApp, path: Path, name: str, message: str) -> None:
    """Malformed requests and abandoned database connections are not reported."""
    make_app()
    logging.getLogger(name).error(message)

    assert not path.exists()


@behaviour("log.other-loggers")
def test_exception_of_the_development_server(make_app: MakeApp, path: Path) -> None:
    """An exception that reaches the development server is reported."""
    make_app()
    logging.getLogger("werkzeug").error("Error on request:\nTraceback ...")

    assert "ERROR: Error on request:" in path.read_text()


@behaviour("log.other-loggers")
def test_request_of_another_logger(make_app: MakeApp, path: Path) -> None:
    """An error of another logger within a request has the request's reference."""
    site = make_app()
    with site.test_request_context():
        logging.getLogger("a_library").error("Broken")

        assert f"Broken [ref {reporting.reference()}]" in path.read_text()


@behaviour("log.other-loggers")
@pytest.mark.parametrize("has_handler", [True, False])
@root_handlers()
def test_console_of_another_logger(
    make_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    has_handler: bool,
) -> None:
    """A warning that no other handler takes is shown on stderr."""
    make_app()
    library = logging.getLogger("a_library")
    monkeypatch.setattr(library, "handlers", [logging.NullHandler()] * has_handler)
    library.warning("Broken")

    assert capsys.readouterr().err.count("Broken") == (not has_handler)


# -- uncaught exceptions --------------------------------------------------------------


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the exceptions that the original hooks received."""
    called: list[str] = []
    monkeypatch.setattr(
        sys, "excepthook", lambda *args: called.append(args[0].__name__)
    )
    monkeypatch.setattr(
        threading, "excepthook", lambda args: called.append(args.exc_type.__name__)
    )
    return called


@pytest.fixture
def site(replaced: list[str], make_app: MakeApp) -> Flask:
    """An application that has installed its exception hooks over the original ones."""
    return make_app()


@behaviour("mail.outside-requests")
def test_thread(site: Flask, replaced: list[str], path: Path, mailbox: Mailbox) -> None:
    """An exception that ends a thread is written and mailed, once."""
    thread = threading.Thread(target=lambda: [][0], name="a-worker")
    thread.start()
    thread.join(5)

    log = path.read_text()
    assert log.count("ERROR: Uncaught exception in a-worker [in ") == 1
    assert log.rstrip().endswith("IndexError: list index out of range")
    assert "IndexError: list index out of range" in mailbox.next().text
    assert replaced == ["IndexError"]


@behaviour("mail.outside-requests")
def test_main_program(site: Flask, replaced: list[str], mailbox: Mailbox) -> None:
    """An exception that ends the program, such as a command, is mailed."""
    try:
        raise ValueError("grün")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)

    assert mailbox.next().text.rstrip().endswith("ValueError: grün")
    assert replaced == ["ValueError"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_not_an_error(
    site: Flask, replaced: list[str], path: Path, error: type[BaseException]
) -> None:
    """KeyboardInterrupt and SystemExit are not reported."""
    sys.excepthook(error, error(), None)

    assert not path.exists()
    assert replaced == [error.__name__]


def test_hooks_replace_earlier_ones(
    site: Flask, make_app: MakeApp, replaced: list[str], path: Path
) -> None:
    """A second application in the process does not report an exception twice."""
    make_app()
    sys.excepthook(ValueError, ValueError("grün"), None)

    assert isinstance(threading.excepthook, UncaughtExceptionHook)
    assert path.read_text().count("ValueError: grün") == 1
    assert replaced == ["ValueError"]


# -- middleware -----------------------------------------------------------------------


@pytest.fixture
def failing(make_app: MakeApp) -> Flask:
    """An application that fails after the view, where its query says."""
    site = make_app()

    @site.get("/")
    def index() -> Response:
        if "stream" not in request.args:
            response = Response("fine")
        else:
            response = Response(stream())
        response.call_on_close(lambda: fail("close"))
        return response

    def stream() -> Iterator[str]:
        yield "a part"
        raise ValueError("stream failed")

    def fail(part: str) -> None:
        if part in query:
            raise ValueError(f"{part} failed")

    query: list[str] = []

    @site.before_request
    def keep_query() -> None:
        query[:] = request.args

    @site.teardown_request
    def teardown(_: object) -> None:
        fail("teardown")

    @site.errorhandler(500)
    def page(error: Exception) -> tuple[str, int]:
        fail("handler")
        return f"the page {reporting.reference()}", 500

    return site


@behaviour("errors.in-after-request")
def test_teardown(failing: Flask, path: Path, mailbox: Mailbox) -> None:
    """An exception in a teardown function gets the page, a record and a mail."""
    page = failing.test_client().get("/?teardown")

    assert page.status_code == 500
    assert page.text.startswith("the page ")
    log = path.read_text()
    assert log.count("Exception on / [GET]") == 1
    assert f"[ref {page.text.split()[-1]}]" in log
    assert mailbox.next().text.rstrip().endswith("ValueError: teardown failed")
    assert mailbox.empty()


@behaviour("errors.in-after-request")
def test_after_request(failing: Flask, path: Path, mailbox: Mailbox) -> None:
    """An exception in an after_request function gets the page, a record and a mail."""

    @failing.after_request
    def after(response: Response) -> Response:
        raise ValueError("after_request failed")

    page = failing.test_client().get("/")

    assert page.status_code == 500
    assert page.text.startswith("the page ")
    assert path.read_text().count("Exception on / [GET]") == 1
    assert "ValueError: after_request failed" in mailbox.next().text


@behaviour("errors.in-after-request")
def test_middleware_that_starts_late(make_app: MakeApp) -> None:
    """Another middleware may start the response when its body is read."""
    site = make_app()
    answer = site.wsgi_app

    def late(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterator[bytes]:
        yield from answer(environ, start_response)

    site.wsgi_app = late  # type: ignore[method-assign]
    reporting.install(site)

    assert site.test_client().get("/nowhere").status_code == 404


@behaviour("errors.in-after-request")
def test_error_handler(failing: Flask, path: Path) -> None:
    """An exception in an error handler is reported, and goes to the server."""
    with pytest.raises(ValueError, match="handler failed") as failure:
        failing.test_client().get("/?teardown&handler")

    log = path.read_text()
    assert "ValueError: teardown failed" in log
    server_logs(failure.value)
    assert path.read_text() == log


def server_logs(error: Exception) -> None:
    """Log an exception as Werkzeug's server does."""
    try:
        raise error
    except Exception:
        logging.getLogger("werkzeug").error("Error on request")


@behaviour("errors.while-streaming")
@pytest.mark.parametrize("part", ["stream", "close"])
def test_streaming(failing: Flask, path: Path, mailbox: Mailbox, part: str) -> None:
    """An exception while the response is sent is written and mailed, once."""
    response = failing.test_client().get(f"/?{part}")
    end = response.get_data if part == "stream" else response.close
    with pytest.raises(ValueError, match=f"{part} failed") as failure:
        end()
    server_logs(failure.value)

    log = path.read_text()
    assert log.count(" ERROR: ") == log.count("Exception on / [GET] [ref ") == 1
    assert mailbox.next().text.rstrip().endswith(f"ValueError: {part} failed")
    assert mailbox.empty()


def test_installed_twice(failing: Flask, path: Path) -> None:
    """An application that installs reporting twice reports an exception once."""
    reporting.install(failing)
    with pytest.raises(ValueError, match="stream failed"):
        failing.test_client().get("/?stream").get_data()

    assert path.read_text().count("Exception on / [GET]") == 1


def test_file(make_app: MakeApp, tmp_path: Path) -> None:
    """A file response keeps the server's own way of sending it."""
    site = make_app()

    class FileWrapper:
        """A stand-in for the server's own way of sending a file."""

        def __init__(self, *_: object) -> None:
            pass

    @site.get("/")
    def index() -> Response:
        return send_file(io.BytesIO(b"x"), "text/plain")

    environ = create_environ()
    environ["wsgi.file_wrapper"] = FileWrapper
    assert isinstance(site.wsgi_app(environ, lambda *_: print), FileWrapper)


@pytest.mark.parametrize(
    "settings", [{"PROPAGATE_EXCEPTIONS": True}, {"TESTING": True}, {"DEBUG": True}]
)
@pytest.mark.parametrize("part", ["stream", "teardown"])
def test_propagated(
    failing: Flask, path: Path, settings: dict[str, bool], part: str
) -> None:
    """An exception that propagates is not reported."""
    failing.config.update(settings)

    with pytest.raises(ValueError, match=f"{part} failed"):
        failing.test_client().get(f"/?{part}").get_data()
    assert not path.exists() or "ERROR" not in path.read_text()
