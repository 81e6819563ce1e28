"""Finding the pages of the chapter on an unknown site."""

from tests.contract.pages import (
    is_registration,
    is_sign_in,
    plain_addresses,
    profile_rules,
)
from tests.harness.http.page import Page
from tests.unit.contract.written import AGAIN, MAIL, NAME, PASSWORD, form


def page(html: str) -> Page:
    """Return a page of a site."""
    return Page(200, "http://127.0.0.1/", {}, html.encode())


def test_forms() -> None:
    """Sign-in and registration forms are distinguished by their fields."""
    assert is_sign_in(form(NAME, PASSWORD))
    assert not is_sign_in(form(NAME, MAIL, PASSWORD, AGAIN))
    assert is_registration(form(NAME, MAIL, PASSWORD))
    assert not is_registration(form(NAME, PASSWORD))
    assert not is_registration(form(NAME, MAIL))


def test_addresses() -> None:
    """Candidate addresses come from links, then from rules without arguments."""
    home = page("<a href=/enter>Log in</a><a href=http://evil.example/login>x</a>")
    routes = [
        ("/auth/login", ("GET", "POST"), "auth.login"),
        ("/door", ("GET",), "login"),
        ("/login/<name>", ("GET",), "x"),
        ("/login2", ("POST",), "y"),
        ("/other", ("GET",), "z"),
    ]

    assert plain_addresses(routes, "log.?in", home) == [
        "/enter",
        "/auth/login",
        "/door",
    ]


def test_profiles() -> None:
    """Rules with one string argument may be profiles, unless they are actions."""
    routes = [
        ("/post/<slug>", ("GET",), "post"),
        ("/user/<int:id>", ("GET",), "by_id"),
        ("/user/<string:username>", ("GET",), "user"),
        ("/user/<a>/<b>", ("GET",), "two"),
        ("/user/<name>/delete", ("POST",), "delete"),
        ("/unfollow/<username>", ("GET",), "unfollow"),
        ("/tag/<username>", ("GET",), "tag"),
    ]

    assert list(profile_rules(routes)) == [
        *("/user/{username}", "/post/{username}", "/tag/{username}"),
    ]
