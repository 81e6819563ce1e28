"""Private data in mails and logs."""

from collections.abc import Callable

import pytest

from tests.harness.http.visitor import PASSWORD, Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site

NEW_PASSWORD = "Battery-Staple-9-Horse"
MISTYPED = "Battery-Stable-9-Horse"
ANY = "(?i)insert|select|update"


def reported(site: Site) -> str:
    """Return everything that was mailed and logged."""
    mails = [mail.text for mail in site.mails()]
    site.records()
    assert mails != [], "No mail came of the failure."
    return "\n".join([*mails, site.log.text])


def tokens(visitor: Visitor) -> set[str]:
    """Return a visitor's secrets: the cookies and the CSRF token of the forms."""
    forms = visitor.open(visitor.sitemap.edit_profile).forms
    fields = [
        value for form in forms for name, value in form.values() if "csrf" in name
    ]
    return {*visitor.cookies.values(), *fields}


def register(site: Site, visitor: Visitor) -> set[str]:
    """Make a registration fail while it is stored."""
    site.probe.break_statement(error="OperationalError", matching="(?i)insert")
    visitor.register("grace", password=NEW_PASSWORD)
    return {NEW_PASSWORD, "scrypt:", "pbkdf2:", "$2b$", "$argon2"}


def sign_in(site: Site, visitor: Visitor) -> set[str]:
    """Make a sign-in fail while the user is loaded."""
    page = visitor.open(visitor.sitemap.login)
    site.probe.break_statement(error="OperationalError", matching=ANY)
    visitor.sign_in("susan", MISTYPED, page=page)
    return {MISTYPED}


def edit_profile(site: Site, visitor: Visitor) -> set[str]:
    """Make a profile change fail while it is stored."""
    site.users.refuse_profile_updates()
    susan = site.member("susan")
    susan.edit_profile(about_me="what nobody else reads yet")
    return {*tokens(susan), "what nobody else reads yet"}


def fail_with_cookie(site: Site, visitor: Visitor) -> set[str]:
    """Raise an exception that quotes the visitor's cookies."""
    susan = site.member("susan")
    susan.sign_out()
    susan.sign_in("susan", remember=True)
    site.fail(f"cookies: {susan.cookies}", susan)
    return {*susan.cookies.values()}


def fail_with_header(site: Site, visitor: Visitor) -> set[str]:
    """Raise an exception that quotes an Authorization header."""
    secret = "c3VzYW46Q29ycmVjdC1Ib3JzZQ=="
    header = f"Basic {secret}"
    visitor.open(
        site.probe.raising(f"Authorization: {header}"),
        headers={"Authorization": header},
    )
    return {secret}


def fail_with_user(site: Site, visitor: Visitor) -> set[str]:
    """Log everything stored about a user, and the password."""
    [row, *_] = site.probe.rows(f'SELECT * FROM "{site.users.table.name}"')
    hashes = {str(value) for value in row if len(str(value)) > 80}
    assert hashes != set(), "No password hash is stored."
    site.probe.log("ERROR", f"user {row}, password={PASSWORD!r}")
    return {*hashes, PASSWORD}


def fail_with_settings(site: Site, visitor: Visitor) -> set[str]:
    """Raise an exception that quotes the key that signs sessions."""
    key = site.workplace.environment()["SECRET_KEY"]
    site.fail(f"settings: {key}")
    return {key}


@behaviour("mail.no-secrets")
@pytest.mark.parametrize(
    "happen",
    [
        *(register, sign_in, edit_profile, fail_with_cookie, fail_with_header),
        *(fail_with_user, fail_with_settings),
    ],
    ids=lambda happen: happen.__name__.replace("_", "-"),
)
def test_no_secret_is_exposed(
    site: Site, visitor: Visitor, happen: Callable[[Site, Visitor], set[str]]
) -> None:
    """No error puts a password, hash, cookie or token into a mail or the log."""
    secrets = happen(site, visitor)

    text = reported(site)
    exposed = {secret for secret in secrets if secret in text}
    assert exposed == set(), f"{len(exposed)} secrets were mailed or logged."
