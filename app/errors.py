"""The error pages: every HTTP error in the site's layout, or as JSON.

They are shown when something has failed, so they depend on as little as possible: they
ask the database for nothing but the viewer's name, and if the template fails, a fixed
page takes its place.
"""

from contextlib import suppress

from flask import Blueprint, current_app, json, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import SQLAlchemyError
from werkzeug import Response
from werkzeug.exceptions import HTTPException, SecurityError

from . import reporting
from .extensions import db

bp = Blueprint("errors", __name__)

# Heading and text of the errors that visitors meet; others have HTTP's own.
MESSAGES = {
    400: (
        "Bad Request",
        "The request was incomplete or malformed. Please check the address, or go back "
        "and try again.",
    ),
    403: (
        "Forbidden",
        "You may not open this page. If you have another account, sign in with that.",
    ),
    404: (
        "File Not Found",
        "There is no page at this address. Please check its spelling, or start from "
        "the home page. A user who changes their name also changes the address of "
        "their profile.",
    ),
    405: (
        "Method Not Allowed",
        "This address cannot be used in this way. Please go back and use the links and "
        "buttons of the page.",
    ),
    413: (
        "Content Too Large",
        "That is more than this site accepts at once. Please shorten it and try again.",
    ),
    429: ("Too Many Requests", "Please wait a moment before you try again."),
    500: (
        "An unexpected error has occurred",
        "The administrator has been notified. Sorry for the inconvenience!",
    ),
    503: ("Service Unavailable", "Please come back in a moment."),
}
CSRF_MESSAGE = (
    "Form Not Accepted",
    "The form was opened too long ago, or comes from another site. Please go back, "
    "reload the page and try again.",
)

# The icon is named because browsers ask for one, and the answer could be another error.
FALLBACK = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{heading} - Microblog</title>
  <link rel="icon" type="image/svg+xml" href="{root}/static/favicon.svg">
  <link rel="stylesheet" href="{root}/static/style.css">
</head>
<body>
  <main>
    <div class="columns">
      <p class="status">{status}</p>
      <div>
        <h1>{heading}</h1>
        <p>{text}</p>
        {reference}
        <p><a class="button" href="{root}/">Back</a></p>
      </div>
    </div>
  </main>
</body>
</html>
"""


@bp.app_errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """Answer an HTTP error, or an unhandled exception as a 500."""
    response = error.get_response()  # with Allow, Retry-After and the like
    status = response.status_code
    reference = None
    if status == 500:
        # Make the session usable again, so that the page can show who is signed in.
        with suppress(SQLAlchemyError):  # without a connection there is nothing to undo
            db.session.rollback()
        # Flask logs an unhandled exception, but not an abort(500), whose page says that
        # the administrator has been notified, too.
        if getattr(error, "original_exception", None) is None:
            current_app.logger.error(
                "%s on %s [%s]", error, request.path, request.method, exc_info=error
            )
        reference = reporting.reference()
    heading, text = message(error)
    if prefers_json():
        response.data = problem(error, text, reference)
        response.content_type = "application/problem+json"
    else:
        response.data = page(status, heading, text, reference)
        response.content_type = "text/html; charset=utf-8"
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def message(error: HTTPException) -> tuple[str, str]:
    """Return the heading and the text of an error's page.

    The text is never the error's own, which may contain what the visitor sent.
    """
    if isinstance(error, CSRFError):
        return CSRF_MESSAGE
    if error.code in MESSAGES:
        return MESSAGES[error.code]
    return error.name, type(error).description or "The request was not answered."


def prefers_json() -> bool:
    """Return whether the client prefers JSON to HTML."""
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"]
    )
    return best in {"application/json", "application/problem+json"}


def problem(error: HTTPException, text: str, reference: str | None) -> str:
    """Return the error as a problem document (RFC 9457), titled by HTTP's phrase."""
    members = {
        "type": "about:blank",
        "title": error.name,
        "status": error.code,
        "detail": text,
    }
    return json.dumps(members | ({"reference": reference} if reference else {}))


def page(status: int, heading: str, text: str, reference: str | None) -> str:
    """Return the error as a page; a fixed one if the template cannot be rendered."""
    values = {"status": status, "heading": heading, "text": text}
    try:
        return render_template("errors/error.html", reference=reference, **values)
    except Exception:
        # Flask builds no URL for a host that TRUSTED_HOSTS does not allow.
        if not isinstance(request.routing_exception, SecurityError):
            current_app.logger.exception("The error page cannot be rendered")
        shown = f"<p>Reference: <code>{reference}</code></p>" if reference else ""
        root = escape(request.script_root)
        return FALLBACK.format(reference=shown, root=root, **values)


@bp.teardown_app_request
def end_session(_error: BaseException | None) -> None:
    """End the request's session; a lost connection does not replace a finished page.

    Flask-SQLAlchemy ends it, too, but an error there would become the response.
    """
    try:
        db.session.remove()
    except SQLAlchemyError as error:
        current_app.logger.warning("The session did not end cleanly: %s", error)
