"""HTTP errors that a view raises with abort()."""

import re

import pytest

from tests.harness.http.layout import frame
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

HEADINGS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "File Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    418: "I'm a teapot",
    429: "Too Many Requests",
    500: "An unexpected error has occurred",
    503: "Service Unavailable",
}


@behaviour("errors.every-http-error")
@pytest.mark.parametrize("status", HEADINGS)
def test_own_words(site: Site, susan: Visitor, status: int) -> None:
    """Each HTTP error page has a heading and a text, in the site's layout."""
    usual, page = susan.home(), susan.open(site.probe.aborting(status))

    assert (page.status, page.heading) == (status, HEADINGS[status])
    assert len(page.soup.select("main h1 ~ p")) >= 2  # what it means, and the way back
    assert frame(page) == frame(usual) != []


@behaviour("errors.every-http-error")
@pytest.mark.parametrize("status", [429, 503])
def test_headers_of_the_error(site: Site, visitor: Visitor, status: int) -> None:
    """The response keeps a Retry-After that the view set on the error."""
    page = visitor.open(site.probe.aborting(status, retry_after="120"))

    assert (page.status, page.heading) == (status, HEADINGS[status])
    assert page.headers["Retry-After"] == "120"


@behaviour("errors.abort-500-is-reported")
def test_reported_like_an_exception(site: Site, susan: Visitor) -> None:
    """The report of an abort(500) has the reference, path, user and source line."""
    path = site.probe.aborting(500, description="no more paper")

    reference = susan.open(path).reference

    [mail] = site.mails()
    [record] = [one for one in site.records() if one.level == "ERROR"]
    assert re.fullmatch(r"[A-Z2-9]{8}", reference)
    for expected in (reference, "no more paper", "/__probe__/abort/500 [GET]"):
        assert expected in mail.text
        assert expected in record.message
    assert re.search(r"^User: +\d+$", mail.text, re.MULTILINE)
    for trace in (mail.text, record.trace):
        assert "in refuse\n" in trace


@behaviour("errors.abort-500-is-reported")
def test_logged_without_mail(launcher: Launcher) -> None:
    """Without a mail server, an abort(500) is logged and gets its page."""
    site = launcher.shared(mail=False)

    page = site.visitor().open(site.probe.aborting(500))

    [record] = [one for one in site.records() if one.level == "ERROR"]
    assert (page.status, page.heading) == (500, HEADINGS[500])
    assert page.reference in record.message
