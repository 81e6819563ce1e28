"""What error pages do not reveal."""

import re

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site

#: Internals that users should not see, according to the chapter.
INSIDES = re.compile(
    r"Traceback|RuntimeError|OperationalError|broken by the harness|on demand|sqlite3?|"
    r"SELECT .* FROM|UPDATE .* SET|psycopg|site-packages|SQLAlchemy|\.py\b.*line \d+",
    re.IGNORECASE,
)


@behaviour("errors.reveal-nothing")
@pytest.mark.parametrize("status", [404, 500])
def test_pages_hide_internals(site: Site, visitor: Visitor, status: int) -> None:
    """No error page shows internals that the other pages do not show."""
    usual = set(INSIDES.findall(visitor.open(visitor.sitemap.register).html))

    if status == 404:
        page = visitor.open("/nope")
    else:
        site.probe.break_statement(error="OperationalError", matching="(?i)insert")
        page = visitor.register("grace")

    shown = set(INSIDES.findall(page.html)) - usual
    assert shown == set(), f"The page shows {', '.join(sorted(map(repr, shown)))}."
    if page.status < 400:  # pragma: no cover - other people's
        raise NotOffered(f"no error page came, but one with status {page.status}")


@behaviour("errors.reveal-nothing")
def test_500_page_hides_the_exception(site: Site, visitor: Visitor) -> None:
    """The 500 page shows neither the class of the exception nor its message."""
    page = visitor.open(site.probe.raising("the pipe burst", "ArithmeticError"))

    shown = set(re.findall("ArithmeticError|the pipe burst", page.html))
    assert shown == set(), f"The page says {', '.join(sorted(map(repr, shown)))}."


SECRETS = re.compile(
    r"Traceback|RuntimeError|IntegrityError|on demand|SELECT|UPDATE|\buser\.|sqlite|"
    r"psycopg|\.py\b|site-packages|Werkzeug|Flask|SQLAlchemy|Python|line \d+",
    re.IGNORECASE,
)


@own_only
@behaviour("errors.reveal-nothing")
@pytest.mark.parametrize("status", [400, 404, 405, 500])
def test_pages_reveal_nothing(site: Site, susan: Visitor, status: int) -> None:
    """No error page shows exceptions, traces, SQL, tables, files or versions."""
    page = {
        400: lambda: susan.request("POST", "/", data={"body": "x"}),
        404: lambda: susan.profile("nobody"),
        405: lambda: susan.open("/logout"),
        500: lambda: failed_flush(site, susan),
    }[status]()

    assert page.status == status
    tokens = re.compile(r'name="csrf_token" [^>]*value="[^"]+"')
    assert SECRETS.findall(tokens.sub("", page.html)) == []


def failed_flush(site: Site, visitor: Visitor) -> Page:
    """Return the page after a database error, which could reveal the most."""
    site.users.refuse_profile_updates()
    return visitor.edit_profile(about_me="does not arrive")
