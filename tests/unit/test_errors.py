"""The error pages, one HTTP error at a time."""

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask, session
from flask_wtf.csrf import CSRFError
from jinja2 import DictLoader
from sqlalchemy.exc import OperationalError
from werkzeug import Response
from werkzeug.exceptions import (
    HTTPException,
    ImATeapot,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    default_exceptions,
)

from app import errors
from app.extensions import db
from tests.harness.plugin.behaviour import behaviour

BROKEN_TEMPLATES = {
    "exception": "{{ 1 / 0 }}",
    "link": "{{ url_for('removed.endpoint') }}",
}
JSON = "application/problem+json"


@behaviour("errors.every-http-error")
@pytest.mark.parametrize("code", sorted(default_exceptions))
@pytest.mark.usefixtures("request_context")
def test_every_error_has_a_page(code: int) -> None:
    """Each HTTP error that Werkzeug knows has a page in the layout."""
    error = default_exceptions[code]()
    response = errors.http_error(error)

    page = BeautifulSoup(response.get_data(), "html.parser")
    heading, *_ = errors.MESSAGES.get(code, (error.name,))
    assert response.status_code == code
    assert [tag.get_text() for tag in page.select("h1")] == [heading]
    assert len(page.select("main h1 ~ p")) >= 2  # the explanation and the way back
    assert page.select("link[rel=stylesheet]") != []
    assert page.select("nav a") != []


@behaviour("errors.every-http-error")
@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (MethodNotAllowed(["GET", "HEAD"]), "Allow", "GET, HEAD"),
        (ServiceUnavailable(retry_after=120), "Retry-After", "120"),
    ],
    ids=["405", "503"],
)
@pytest.mark.usefixtures("request_context")
def test_headers_are_kept(error: HTTPException, header: str, value: str) -> None:
    """Headers of an HTTP error are kept on its page."""
    assert errors.http_error(error).headers[header] == value


@behaviour("errors.every-http-error")
@pytest.mark.usefixtures("request_context")
def test_lost_csrf_token() -> None:
    """A form with a bad token gets a page that says what to do."""
    error = CSRFError("The CSRF token is missing.")

    assert errors.message(error) == errors.CSRF_MESSAGE
    assert errors.http_error(error).status_code == 400


@behaviour("errors.reveal-nothing")
@pytest.mark.usefixtures("request_context")
def test_description_is_not_shown() -> None:
    """A description passed to abort() is not shown to visitors."""
    page = errors.http_error(ImATeapot("Key susan is secret.")).get_data(as_text=True)

    assert "<h1>I&#39;m a teapot</h1>" in page
    assert "susan" not in page


@behaviour("errors.not-cached")
@pytest.mark.usefixtures("request_context")
def test_not_cached() -> None:
    """Error pages forbid caching and vary by the Accept header."""
    response = errors.http_error(NotFound())

    assert response.headers["Cache-Control"] == "no-store"
    assert "Accept" in response.vary


@behaviour("errors.as-json")
@pytest.mark.parametrize(
    ("accept", "json"),
    [
        *(("", False), ("*/*", False), ("text/html", False), ("image/png", False)),
        *(("application/json", True), (JSON, True)),
        ("text/html, application/json;q=0.9", False),
        ("text/html;q=0.5, application/json", True),
    ],
)
def test_who_gets_json(app: Flask, accept: str, json: bool) -> None:
    """Only a client that prefers JSON gets it."""
    with app.test_request_context(headers={"Accept": accept}):
        content_type = errors.http_error(NotFound()).content_type

    assert content_type == (JSON if json else "text/html; charset=utf-8")


@behaviour("errors.as-json")
def test_problem_document(app: Flask) -> None:
    """A problem document has type, title, status and detail (RFC 9457)."""
    with app.test_request_context(headers={"Accept": JSON}):
        document = errors.http_error(NotFound()).get_json()

    assert document == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": errors.MESSAGES[404][1],
    }


@behaviour("errors.reference")
def test_problem_document_of_a_500(app: Flask) -> None:
    """The problem document of a 500 has the reference."""
    with app.test_request_context(headers={"Accept": JSON}):
        document = errors.http_error(InternalServerError()).get_json()

    assert document["reference"]


@behaviour("errors.page-without-template")
@pytest.mark.parametrize("broken", BROKEN_TEMPLATES.values(), ids=BROKEN_TEMPLATES)
def test_fallback_page(
    own_app: Flask, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    """If the template fails, a fixed page is served and the failure is logged."""
    own_app.jinja_loader = DictLoader({"errors/error.html": broken})
    with own_app.test_request_context():
        response = errors.http_error(NotFound())

    page = BeautifulSoup(response.get_data(), "html.parser")
    assert response.status_code == 404
    assert page.main
    assert [*page.main.stripped_strings] == [
        *("404", *errors.MESSAGES[404], "Back"),
    ]
    assert "The error page cannot be rendered" in caplog.text


@behaviour("errors.page-without-template")
def test_links_of_the_fallback_page(own_app: Flask) -> None:
    """The fixed page links to where the application is mounted."""
    own_app.jinja_loader = DictLoader({"errors/error.html": "{{ 1 / 0 }}"})

    response = own_app.test_client().get(
        "/nope", environ_overrides={"SCRIPT_NAME": "/<blog>"}
    )

    page = BeautifulSoup(response.text, "html.parser")
    links = [tag["href"] for tag in page.select("[href]")]
    assert len(links) == 3
    assert all(str(link).startswith("/<blog>/") for link in links)
    assert "<blog>" not in response.text


@behaviour("errors.every-http-error")
def test_untrusted_host(own_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A Host that TRUSTED_HOSTS does not allow gets a plain page and is no error."""
    own_app.config["TRUSTED_HOSTS"] = ["example.com"]

    response = own_app.test_client().get("/login")

    assert response.status_code == 400
    assert "<h1>Bad Request</h1>" in response.text
    assert [one.levelname for one in caplog.records if one.levelno > 20] == []


@behaviour("errors.page-without-template")
def test_fallback_page_of_a_500(own_app: Flask) -> None:
    """The fixed page of a 500 is complete: layout, text, reference and way back."""
    own_app.jinja_loader = DictLoader({"errors/error.html": "{{ 1 / 0 }}"})
    with own_app.test_request_context():
        html = errors.http_error(InternalServerError()).get_data(as_text=True)

    page = BeautifulSoup(html, "html.parser")
    assert [tag.get_text() for tag in page.select("title, h1, .status, code, a")] == [
        "An unexpected error has occurred - Microblog",
        "500",
        "An unexpected error has occurred",
        page.code and page.code.get_text(),
        "Back",
    ]
    assert page.code
    assert errors.MESSAGES[500][1] in page.get_text()


@behaviour("errors.every-http-error")
@pytest.mark.parametrize(
    ("code", "heading", "words"),
    [
        (400, "Bad Request", "incomplete or malformed"),
        (401, "Unauthorized", "could not verify"),
        (403, "Forbidden", "You may not open this page"),
        (404, "File Not Found", "no page at this address"),
        (405, "Method Not Allowed", "cannot be used in this way"),
        (413, "Content Too Large", "more than this site accepts"),
        (429, "Too Many Requests", "wait a moment"),
        (500, "An unexpected error has occurred", "administrator has been notified"),
        (503, "Service Unavailable", "come back in a moment"),
    ],
)
@pytest.mark.usefixtures("request_context")
def test_what_an_error_page_says(code: int, heading: str, words: str) -> None:
    """The errors that visitors meet are explained in words of the site's own."""
    response = errors.http_error(default_exceptions[code]())

    page = BeautifulSoup(response.get_data(), "html.parser")
    assert [tag.get_text() for tag in page.select("h1")] == [heading]
    assert [tag.get_text() for tag in page.select(".status")] == [str(code)]
    assert words in page.get_text()
    assert bool(page.code and page.code.get_text()) == (code == 500)


@behaviour("errors.every-http-error")
@pytest.mark.parametrize(
    "message", [*errors.MESSAGES.values(), errors.CSRF_MESSAGE], ids=lambda one: one[0]
)
def test_messages_are_sentences(message: tuple[str, str]) -> None:
    """Each message has a heading of words, and a text of sentences."""
    heading, text = message

    assert heading[0].isupper()
    assert text.endswith((".", "!"))


@behaviour("errors.every-http-error")
@pytest.mark.usefixtures("request_context")
def test_error_without_a_description() -> None:
    """An HTTP error without a text of the site or of Werkzeug gets a general one."""

    class Odd(HTTPException):
        """An error that HTTP does not define."""

        code = 499

    page = errors.http_error(Odd()).get_data(as_text=True)

    assert "<p>The request was not answered.</p>" in page


@behaviour("errors.abort-500-is-reported")
@pytest.mark.usefixtures("request_context")
def test_abort_500_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An abort(500) is logged as an error with its source line."""
    errors.http_error(InternalServerError())

    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.records[0].exc_info
    assert re.fullmatch(
        r"500 Internal Server Error: .* on / \[GET\]", caplog.messages[0]
    )


@behaviour("errors.abort-500-is-reported")
@pytest.mark.usefixtures("request_context")
def test_own_error_of_status_500(caplog: pytest.LogCaptureFixture) -> None:
    """An HTTP error of the application's own with status 500 is logged, too."""

    class Broken(HTTPException):
        """An error of the application."""

        code = 500

    errors.http_error(Broken())

    assert [record.levelname for record in caplog.records] == ["ERROR"]


@behaviour("errors.every-http-error")
@pytest.mark.usefixtures("request_context")
def test_error_with_a_response() -> None:
    """The page replaces the response that an HTTP error was made with."""
    response = Response("text", 418, content_type="text/plain")

    shown = errors.http_error(ImATeapot(response=response))

    assert shown.content_type == "text/html; charset=utf-8"
    assert shown.get_data(as_text=True).startswith("<!doctype html>")


@pytest.mark.usefixtures("request_context")
def test_exception_is_not_logged_again(caplog: pytest.LogCaptureFixture) -> None:
    """An exception that Flask has logged is not logged again."""
    errors.http_error(InternalServerError(original_exception=ZeroDivisionError()))

    assert caplog.records == []


@behaviour("rollback.page-after-failed-flush")
@pytest.mark.usefixtures("request_context")
def test_500_rolls_back() -> None:
    """A 500 ends the transaction of the failed request."""
    db.session.connection()

    errors.http_error(InternalServerError(original_exception=ZeroDivisionError()))

    assert not db.session().in_transaction()


@behaviour("errors.page-without-database")
@pytest.mark.usefixtures("request_context")
def test_500_without_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that is lost with its connection does not replace the page."""

    def rollback() -> None:
        raise OperationalError("ROLLBACK", {}, Exception("server closed"))

    with monkeypatch.context() as patch:
        patch.setattr(db.session, "rollback", rollback)
        response = errors.http_error(InternalServerError())

    assert response.status_code == 500


@pytest.mark.usefixtures("request_context")
def test_404_does_not_roll_back() -> None:
    """Other errors leave the session's changes alone."""
    db.session.connection()

    errors.http_error(NotFound())

    assert db.session().in_transaction()


@behaviour("errors.page-without-database")
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed-in", "anonymous"])
def test_protected_page_without_database(own_app: Flask, signed_in: bool) -> None:
    """Without a database only a visitor without a session is asked to sign in."""
    with own_app.test_request_context():
        db.drop_all()
        session.update({"_user_id": "1.mark"} if signed_in else {})
        page = errors.http_error(NotFound()).get_data(as_text=True)

    assert ("Sign In" in page, ">Home</a>" in page) == (not signed_in, signed_in)
    assert "Signed in as" not in page


@behaviour("errors.page-without-database")
def test_connection_lost_at_the_end(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that is lost when a request ends leaves page and warning."""
    failures = [OperationalError("ROLLBACK", {}, Exception("server closed"))]
    remove = db.session.remove

    def lose_once() -> None:
        if failures:
            raise failures.pop()
        remove()

    monkeypatch.setattr(db.session, "remove", lose_once)

    response = own_app.test_client().get("/login")

    assert response.status_code == 200
    [warning] = [one for one in caplog.messages if "session" in one]
    assert warning.startswith("The session did not end cleanly: ")
    assert "server closed" in warning
