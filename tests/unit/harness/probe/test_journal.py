"""The journal of an application's requests and their exceptions."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.harness.probe.client import AnsweredRequest
from tests.harness.probe.client import Probe as Client


class Unprintable(Exception):
    """An exception that cannot be converted to text."""

    def __str__(self) -> str:
        raise ValueError


#: The line of a view without a name.
LAMBDA = 'app.add_url_rule("/lambda", "lambda", lambda: "hello")'


@pytest.fixture
def app(probe: Callable[[str], Any], tmp_path: Path) -> Flask:
    """An application with a journal."""
    app = Flask("blog")
    state = probe("state")
    journal = probe("journal").Journal(app, str(tmp_path / "journal.jsonl"))
    watched = journal.around(app.wsgi_app)

    def with_statements(environ: Any, start_response: Any) -> Any:
        state.current.steps = ["SELECT 1", "COMMIT"]
        return watched(environ, start_response)

    app.wsgi_app = with_statements  # type: ignore[method-assign]

    @app.get("/")
    def home() -> str:
        return "hello"

    @app.get("/fails")
    def fails() -> str:
        raise KeyError("x")

    app.add_url_rule("/lambda", "lambda", lambda: "hello")
    generated: dict[str, Any] = {}
    exec("def view(): return 'hello'", generated)
    app.add_url_rule("/generated", "generated", generated["view"])

    @app.get("/unprintable")
    def unprintable() -> str:
        raise Unprintable

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that gets error pages."""
    return app.test_client()


@pytest.fixture
def journal(tmp_path: Path) -> Callable[..., list[AnsweredRequest]]:
    """The function with which a test reads the journal."""
    return Client(lambda: "", tmp_path).journal


def test_answer(client: FlaskClient, journal: Any) -> None:
    """The journal has a request with its status and its statements."""
    client.get("/")

    [request] = journal()
    assert (request.request, request.status) == ("GET /", "200 OK")
    assert request.sql == ("SELECT 1", "COMMIT")
    assert request.exceptions == ()


def test_view(client: FlaskClient, journal: Any) -> None:
    """The journal has the view that a request was for, from its first line on."""
    client.get("/")
    client.get("/nowhere")
    client.get("/static/nothing")
    client.get("/lambda")
    client.get("/generated")

    [home, nowhere, static, unnamed, generated] = journal()
    file, line, function, source = home.view
    assert (file, function, source) == (__file__, "home", "def home() -> str:")
    assert Path(file).read_text().splitlines()[line - 1].strip() == source
    assert unnamed.view[2:] == ("<lambda>", LAMBDA)
    assert nowhere.view is generated.view is None
    assert "flask" in static.view[0]


def test_exception(client: FlaskClient, journal: Any) -> None:
    """The journal has an unhandled exception once, with its frames."""
    client.get("/fails")

    [request] = journal()
    [error] = request.exceptions
    assert request.status == "500 INTERNAL SERVER ERROR"
    assert (error.kind, error.message) == ("KeyError", "'x'")
    file, _, function, source = error.frames[-1]
    assert file == __file__
    assert (function, source) == ("fails", 'raise KeyError("x")')


def test_exception_of_an_error_page(
    app: Flask, client: FlaskClient, journal: Any
) -> None:
    """An exception in an error handler follows the one that it handles."""

    @app.errorhandler(500)
    def error_page(error: Exception) -> str:
        raise LookupError("no template")

    with pytest.raises(LookupError):
        client.get("/fails")

    [request] = journal()
    assert request.status == ""
    assert [error.kind for error in request.exceptions] == ["KeyError", "LookupError"]


def test_propagated(app: Flask, client: FlaskClient, journal: Any) -> None:
    """The journal has a propagated exception once."""
    app.testing = True

    with pytest.raises(KeyError):
        client.get("/fails")

    [request] = journal()
    assert [error.kind for error in request.exceptions] == ["KeyError"]


def test_unprintable(client: FlaskClient, journal: Any) -> None:
    """The journal has a note in place of a message that cannot be printed."""
    client.get("/unprintable")

    [request] = journal()
    assert [error.message for error in request.exceptions] == [
        "(its message cannot be printed)"
    ]


def test_since(client: FlaskClient, journal: Any) -> None:
    """The journal can be read from a point in time on."""
    client.get("/")
    [first] = journal()

    assert len(journal(first.at)) == 1
    assert journal(first.at + 1) == []


def test_no_journal(journal: Any) -> None:
    """The journal is empty before the first request."""
    assert journal() == []


def test_outside_of_requests(probe: Callable[[str], Any], tmp_path: Path) -> None:
    """An exception outside a request is not in the journal."""
    probe("journal").Journal(Flask("blog"), str(tmp_path / "x")).note(KeyError())

    assert not (tmp_path / "x").exists()


def test_origin_of_a_handler(
    probe: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A logging handler has the line of the code that added it."""
    monkeypatch.setattr(logging.Logger, "addHandler", logging.Logger.addHandler)
    origins = probe("handler_origins")
    origins.install()
    handler = logging.NullHandler()

    logging.getLogger("blog").addHandler(handler)

    logging.getLogger("blog").removeHandler(handler)
    file, _, source = getattr(handler, origins.ADDED_AT)
    assert file == __file__
    assert source == 'logging.getLogger("blog").addHandler(handler)'


def test_origin_without_a_file(
    probe: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The origin of code without a file has the name that Python gives it."""
    caller = probe("journal").caller

    found = eval(compile("caller(())", "<made up>", "eval"), {"caller": caller})

    assert found[:2] == ["<made up>", 1]
    assert caller(("/", "<")) is None
    assert json.dumps(found)
