"""Errors from everywhere: each is logged and mailed, whatever raised it."""

from collections.abc import Callable

import pytest
import requests

from tests.harness.http.layout import is_bare
from tests.harness.http.page import Page
from tests.harness.logs.records import Record
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.launcher import mail_settings
from tests.harness.server.service import flask_server
from tests.harness.server.site import Site
from tests.harness.target.command import run
from tests.harness.target.workplace import Workplace

#: The maximum length of a report in characters, a tenth of what mail servers accept.
BOUND = 1_000_000


def open_failing(site: Site, place: str) -> None:
    """Make a request that fails in a place other than its view."""
    site.visitor().open(site.probe.failing_in(place, f"{place} failed"))


def errors(site: Site) -> list[Record]:
    """Return the errors that were logged so far."""
    return [one for one in site.records() if one.level in {"ERROR", "CRITICAL"}]


def require_one_report(site: Site, text: str) -> None:
    """Require that an error with this text was logged once and mailed once."""
    mailed = [mail for mail in site.mails() if text in mail.text]
    logged = [one for one in errors(site) if text in one.message + one.trace]
    assert len(logged) == 1, f"The error was logged {len(logged)} times."
    assert len(mailed) == 1, f"The error was mailed {len(mailed)} times."


def require_page(page: Page) -> None:
    """Require the site's own page of an internal server error."""
    assert page.status == 500, f"The request was answered with {page.status}."
    assert not is_bare(page), "The answer is not the site's own error page."


@behaviour("errors.while-streaming")
def test_streaming(site: Site) -> None:
    """An exception in the middle of a response is logged and mailed, once."""
    path = site.probe.failing_in("stream", "the stream dried up")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(site.url + path, timeout=10)

    require_one_report(site, "the stream dried up")


@behaviour("errors.while-streaming")
def test_streaming_under_gunicorn(launch: Callable[..., Site]) -> None:
    """Under gunicorn, too, an exception in the middle of a response is reported."""
    with Mailbox() as mailbox:
        site = launch(mail=mailbox, workers=1)
        path = site.probe.failing_in("stream", "the stream dried up")
        with pytest.raises(requests.exceptions.RequestException):
            requests.get(site.url + path, timeout=10)

        require_one_report(site, "the stream dried up")


@behaviour("errors.in-after-request")
@pytest.mark.parametrize("place", ["after_request", "teardown_request"])
@pytest.mark.parametrize("workers", [None, 1], ids=["flask", "gunicorn"])
def test_after_the_view(
    launch: Callable[..., Site], place: str, workers: int | None
) -> None:
    """An exception after the view is logged and mailed, and gets the error page."""
    with Mailbox() as mailbox:
        site = launch(mail=mailbox, workers=workers, env={"MAIL_INTERVAL": "60"})
        page = site.visitor().open(site.probe.failing_in(place, f"{place} failed"))
        logged = [one for one in errors(site) if f"{place} failed" in one.trace]
        site.stop()

        require_page(page)
        mailed = [m for m in mailbox.drain() if f"{place} failed" in m.text]
        assert logged != [], "The error is not in the log."
        assert len(mailed) == 1, f"The error was mailed {len(mailed)} times."


@own_only
@behaviour("errors.in-after-request")
@behaviour("errors.reference")
def test_reference_after_the_view(site: Site) -> None:
    """The page of an exception in a teardown function shows the record's reference."""
    path = site.probe.failing_in("teardown_request", "the pipe burst")
    page = site.visitor().open(path)

    [record] = errors(site)
    assert f"[ref {page.reference}]" in record.message
    assert page.heading == "An unexpected error has occurred"


@behaviour("errors.unprintable")
@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("unprintable", "Unprintable"),
        ("group", "KeyError: 'the second'"),
        ("recursion", "RecursionError"),
        ("long", "RuntimeError: on demand is long"),
    ],
)
def test_unprintable(site: Site, place: str, text: str) -> None:
    """An exception that cannot be printed is logged and mailed within limits."""
    page = site.visitor().open(site.probe.failing_in(place))

    mails = [mail.text for mail in site.mails() if text in mail.text]
    traces = [one.trace for one in errors(site) if text in one.trace]
    longest = max(map(len, [*mails, *traces]), default=0)
    require_page(page)
    assert len(traces) == 1, f"The error was logged {len(traces)} times."
    assert len(mails) == 1, f"The error was mailed {len(mails)} times."
    assert longest < BOUND, f"A report has {longest:,} characters."


@own_only
@behaviour("errors.unprintable")
def test_unprintable_message(site: Site) -> None:
    """A message that cannot be formatted is logged and mailed unformatted."""
    open_failing(site, "unprintable_message")

    require_one_report(site, "<not formatted: ValueError>")


@behaviour("log.other-loggers")
def test_other_logger(site: Site) -> None:
    """An error that a library logs is logged and mailed, once."""
    open_failing(site, "logger")

    require_one_report(site, "logger failed")


@behaviour("mail.outside-requests")
def test_thread(site: Site) -> None:
    """An exception that ends a thread is logged and mailed, once."""
    open_failing(site, "thread")

    require_one_report(site, "thread failed")


@behaviour("mail.outside-requests")
def test_command(workplace: Workplace, database_url: str) -> None:
    """An exception that ends a `flask` command is logged and mailed."""
    site = Site(workplace, flask_server(), {})
    site.require_log()
    with Mailbox() as mailbox:
        env = {"DATABASE_URL": database_url, **mail_settings(mailbox)}
        finished = run(workplace, "flask", "harness-fail", env=env, probed=True)

        assert finished.status == 1, f"It ended with status {finished.status}."
        is_logged = "the command failed" in site.log.text
        assert is_logged, "The error is not in the log."
        assert "the command failed" in mailbox.next().text, "The mail is of another."
