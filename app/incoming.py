"""Requests as browsers send them: what is otherwise is left out, or refused."""

from string import punctuation
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes, urlsplit

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.http import parse_date
from werkzeug.utils import cached_property

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_DATES = {"HTTP_IF_MODIFIED_SINCE", "HTTP_IF_RANGE"}


class SoundRequest(Request):
    """A request without those headers that no browser sends and extensions fail on."""

    def __init__(self, environ: "WSGIEnvironment", *args: bool, **kwargs: bool) -> None:
        """Drop a Host that is no name: no address could be built, nor any page.

        And a date that no calendar has: Werkzeug 3.1 raises OverflowError for it.
        """
        try:
            host = environ.get("HTTP_HOST", "").partition(":")[0].encode("idna")
            host.decode("idna")
        except UnicodeError:
            environ["HTTP_HOST"] = ""
        for header in _DATES & environ.keys():
            try:
                parse_date(environ[header])
            except OverflowError:
                del environ[header]
        super().__init__(environ, *args, **kwargs)

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies whose values are ASCII, as RFC 6265, section 4.1.1, has them.

        Flask-Login 0.6.3 raises TypeError for anything else.
        """
        pairs = super().cookies.items(multi=True)
        return ImmutableMultiDict(pair for pair in pairs if pair[1].isascii())

    @cached_property
    def url(self) -> str:
        """The address, as a browser would send it again.

        Werkzeug 3.1 reads it to people: the profile of "a%41" has that of "aA" there,
        and Flask-Login leads whoever signs in to `url`.
        """
        path = quote(self.root_path + self.path)
        query = quote(self.query_string, safe=punctuation)  # it is quoted already
        return self.host_url.removesuffix("/") + path + (f"?{query}" if query else "")

    @cached_property
    def referrer(self) -> str | None:  # type: ignore[override]  # there it is no property
        """The address that the request comes from; None if it is no address.

        Over HTTPS, Flask-WTF 1.3.0 raises ValueError for one that cannot be parsed.
        """
        address = self.headers.get("Referer", "")
        try:
            urlsplit(address).port  # noqa: B018 - parsed only when asked for
        except ValueError:
            return None
        return address or None


def install(app: Flask) -> None:
    """Put the rules of this module in force."""
    app.request_class = SoundRequest
    app.before_request(read_pieces)
    app.before_request(refuse_what_no_browser_sends)


def read_pieces() -> None:
    """Read a body that comes in pieces (chunked) here, where it can be refused.

    For pieces that are none gunicorn raises errors of its own, which nobody expects of
    a form. Of too many Werkzeug 3.1 reads as much as is allowed, and takes that for the
    whole: https://github.com/pallets/werkzeug/pull/2620
    """
    if request.content_length is not None:
        return
    try:
        body = request.get_data()
    except Exception:
        raise BadRequest from None
    limit = request.max_content_length
    if limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge


def refuse_what_no_browser_sends() -> None:
    """Answer 400 to a body that is not UTF-8, and to a form that has a field twice.

    Werkzeug would keep other characters in place of the bytes, and the first field.
    """
    sent = request.get_data()
    if request.mimetype == "application/x-www-form-urlencoded":
        sent = unquote_to_bytes(sent)
    try:
        sent.decode()
    except UnicodeDecodeError:
        abort(400)
    if any(len(values) > 1 for values in request.form.listvalues()):
        abort(400)
