"""The error pages: every HTTP error in the site's layout, or as JSON.

They are shown when something is wrong, so they need as little as can be: no page here
asks the database for more than the visitor's name, and a page whose template fails is
replaced by a fixed one.
"""

from contextlib import suppress

from flask import Blueprint, current_app, json, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from . import reporting
from .extensions import db
from .wording import words

bp = Blueprint("errors", __name__)

# It names an icon because browsers ask for one, and another 404 would come here again.
FALLBACK = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{heading} - Microblog</title>
  <link rel="icon" type="image/svg+xml" href="/static/favicon.svg">
  <link rel="stylesheet" href="/static/style.css">
</head>
<body>
  <main>
    <div class="columns">
      <p class="status">{status}</p>
      <div>
        <h1>{heading}</h1>
        <p>{text}</p>
        {reference}
        <p><a class="button" href="/">Back</a></p>
      </div>
    </div>
"""


@bp.app_errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """The answer to an HTTP error, and to an unhandled exception (as a 500)."""
    status = error.code or 500
    if status == 500:
        end_failed_work(error)
    response = error.get_response()  # with Allow, Retry-After and the like
    heading, text = words(error)
    reference = reporting.reference() if status == 500 else None
    if wants_json():
        response.data = problem(status, heading, text, reference)
        response.content_type = "application/problem+json"
    else:
        response.data = page(status, heading, text, reference)
        response.content_type = "text/html; charset=utf-8"
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def end_failed_work(error: HTTPException) -> None:
    """Leave the session usable, and see that the failure is reported.

    Flask reports an exception before it comes here, but not an ``abort(500)``, whose
    page makes the same promise to the visitor.
    """
    # Without a connection there is nothing left to roll back.
    with suppress(SQLAlchemyError):
        db.session.rollback()
    if getattr(error, "original_exception", None) is None:
        current_app.logger.error(
            "%s on %s [%s]", error, request.path, request.method, exc_info=error
        )


@bp.teardown_app_request
def end_session(_error: BaseException | None) -> None:
    """End the request's session; a lost connection does not cost a page that is made.

    Flask-SQLAlchemy ends it too, but there its error would become the answer.
    """
    try:
        db.session.remove()
    except SQLAlchemyError as error:
        current_app.logger.warning("The session did not end in good order: %s", error)


def wants_json() -> bool:
    """Whether the client would rather have JSON than HTML."""
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"]
    )
    return best in {"application/json", "application/problem+json"}


def problem(status: int, heading: str, text: str, reference: str | None) -> str:
    """The error as a problem document (RFC 9457)."""
    members = {
        "type": "about:blank",
        "title": heading,
        "status": status,
        "detail": text,
    }
    return json.dumps(members | ({"reference": reference} if reference else {}))


def page(status: int, heading: str, text: str, reference: str | None) -> str:
    """The error as a page; a fixed one if the site's own cannot be rendered."""
    try:
        return render_template(
            "errors/error.html",
            status=status,
            heading=heading,
            messages=[text],
            reference=reference,
        )
    except Exception:
        current_app.logger.exception("The error page cannot be rendered")
        told = f"<p>Reference: <code>{reference}</code></p>" if reference else ""
        return FALLBACK.format(
            status=status, heading=heading, text=text, reference=told
        )
