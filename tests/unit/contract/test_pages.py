"""The chapter's pages and fields, found as a newcomer finds them."""

import pytest

from tests.harness.contract.pages import (
    Fields,
    is_registration,
    is_sign_in,
    plain_addresses,
    profile_rules,
)
from tests.harness.forms import Form
from tests.harness.page import Page


def page(html: str) -> Page:
    """Return a page of a site."""
    return Page(200, "http://127.0.0.1/", {}, html.encode())


def form(*controls: str) -> Form:
    """Return a form with these fields."""
    return page(f"<form method=post>{''.join(controls)}</form>").forms[0]


PASSWORD = "<input type=password name=password>"
NAME = "<input name=username>"
MAIL = "<input type=email name=email>"
AGAIN = "<input type=password name=password2>"


@pytest.mark.parametrize(
    ("control", "key"),
    [
        ("<input name=user_name>", "username"),
        ("<input name=nick placeholder=Nickname>", "username"),
        ("<label for=a>E-mail address</label><input id=a name=a>", "email"),
        ("<label for=a>Repeat password</label><input id=a name=a>", "password2"),
        ("<input type=password name=pwd>", "password"),
        ("<input name=password>", "password"),
        ("<input type=checkbox name=remember_me>", "remember"),
        ("<textarea name=bio></textarea>", "about_me"),
    ],
)
def test_fields(control: str, key: str) -> None:
    """A field is known by its name, its label or its placeholder."""
    assert Fields().gather(form(control)) == {key}


@pytest.mark.parametrize(
    "control", ["<input type=hidden name=username>", "<input name=remember>", "<input>"]
)
def test_no_fields(control: str) -> None:
    """Hidden fields and those of another kind are not taken for one."""
    assert Fields().gather(form(control)) == set()


def test_two_passwords() -> None:
    """A second password is the repeated one, whatever it is called."""
    fields = Fields()

    fields.gather(form(PASSWORD, "<input type=password name=other>"))

    assert fields.names == {"password": ["password"], "password2": ["other"]}


def test_names_are_gathered_once() -> None:
    """The names of several forms are kept in order, each once."""
    fields = Fields()

    for names in ("email", "mail_email", "email"):
        fields.gather(form(f"<input name={names}>"))

    assert fields.names == {"email": ["email", "mail_email"]}


def test_what_else_is_asked() -> None:
    """What else a registration asks for is answered by its type."""
    fields = Fields()

    fields.gather(
        form(
            *(NAME, "<input name=csrf_token value=x type=hidden>"),
            *("<input name=city>", "<input name=filled value=x>"),
            *("<input type=date name=born>", "<input type=checkbox name=terms>"),
            *("<textarea name=why></textarea>", "<select name=land></select>"),
        ),
        all_needed=True,
    )

    assert fields.extra == {
        **{"city": "Example", "born": "1990-01-01", "terms": True, "why": "Example"}
    }


def test_forms() -> None:
    """A form to sign in is told from one to register."""
    assert is_sign_in(form(NAME, PASSWORD))
    assert not is_sign_in(form(NAME, MAIL, PASSWORD, AGAIN))
    assert is_registration(form(NAME, MAIL, PASSWORD))
    assert not is_registration(form(NAME, PASSWORD))
    assert not is_registration(form(NAME, MAIL))


def test_addresses() -> None:
    """Addresses come from links, then from rules; those with arguments do not."""
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
    """Rules with one name may be profiles, but not those that do something."""
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
