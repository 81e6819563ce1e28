"""Finds the sign-in and registration pages, and checks that they work."""

import re
from collections.abc import Sequence

from tests.contract.pages import (
    Route,
    find_page,
    is_registration,
    is_sign_in,
    plain_addresses,
)
from tests.contract.storage import is_stored
from tests.contract.target_errors import (
    CannotBeJudged,
    RegistrationFailed,
    cannot_be_judged,
)
from tests.harness.http.form import Form
from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.server.site import Site

#: By the key of the page: its purpose, a pattern for its URL or the text of a link to
#: it, and a function that recognizes its form.
AUTH_PAGES = {
    "login": ("sign in", r"log.?in|sign.?in|auth", is_sign_in),
    "register": (
        "register",
        r"regist|sign.?up|join|create.*account|new.*user",
        is_registration,
    ),
}


def find_auth_page(
    site: Site, visitor: Visitor, routes: Sequence[Route], key: str
) -> tuple[Page, Form]:
    """Return the sign-in or registration page, and its form.

    Args:
        visitor: An anonymous visitor of the site.
        key: A key of `AUTH_PAGES`.

    Raises:
        CannotBeJudged: No such page was found.
    """
    purpose, pattern, is_wanted = AUTH_PAGES[key]
    home = visitor.home()
    first = visitor.sitemap.places.get(key, home.path)
    paths = [
        *(first, *plain_addresses(routes, pattern, home)),
        *plain_addresses(routes, "", home),
    ]
    found = find_page(visitor, list(dict.fromkeys(paths)), is_wanted)
    if found is None:
        statuses = _statuses(visitor, routes, home)
        tried = ", ".join(f"{path} {status}" for path, status in statuses.items())
        failing = [status >= 500 for status in statuses.values()]
        what = f"Tried: {tried or 'no address at all'}."
        hint = f'A profile can name its address: [places] {key} = "/..."'
        if failing and all(failing):
            what, hint = "Every page answers with status 500.", ""
        raise cannot_be_judged(
            f"No page to {purpose} was found. {what}",
            site.output if any(failing) else "",
            f"{hint} (--target-profile)." if hint else "",
        )
    return found


def _statuses(visitor: Visitor, routes: Sequence[Route], home: Page) -> dict[str, int]:
    """Return the status of each page that the message lists, by path."""
    paths = plain_addresses(routes, "", home)[:12]
    return {path: visitor.open(path).status for path in paths}


#: Paths that are not opened to find a page for signed-in users, as they may act.
ACTING = re.compile(r"(log|sign).?out|delete|remove|send|export", re.IGNORECASE)


def find_members_only(
    member: Visitor, anonymous: Visitor, routes: Sequence[Route]
) -> str:
    """Return a path that opens for signed-in users only, "" if none is found."""
    home = member.sitemap.home
    paths = [home, *plain_addresses(routes, "", anonymous.home())]
    for path in dict.fromkeys(paths):
        if not (ACTING.search(path) or opens(anonymous, path)) and opens(member, path):
            return path
    return ""


def opens(visitor: Visitor, path: str) -> bool:
    """Return whether a page opens without a redirect to another one."""
    page = visitor.open(path)
    return (page.status, page.path) == (200, path)


def demand_stored(site: Site, page: Page, name: str) -> None:
    """Raise an error if the registration form was accepted but no user is stored.

    Args:
        page: The response to the form.
        name: The username that was registered.

    Raises:
        RegistrationFailed: The form was accepted, and no row has the username.
    """
    refused = page.status >= 400 or any(map(is_registration, page.forms))
    if not refused and not is_stored(site, name):
        raise RegistrationFailed(
            "accounts.register",
            f"the form is accepted, {page.path} answers, and no user is stored",
        )


class LockedOut(CannotBeJudged):
    """The registered user cannot sign in; the address may need to be confirmed."""


def locked_out(site: Site, registered: Page, page: Page, name: str) -> LockedOut:
    """Return the error for a user who cannot sign in, with the text of the page.

    Args:
        registered: The response to the registration form.
        page: The response to the sign-in form.
    """
    what = f"registered, and cannot sign in at {page.path}"
    if any(map(is_registration, registered.forms)):
        what, page = f"cannot register at {registered.path}", registered
    error = cannot_be_judged(
        f"{name} {what}. The page reads: {page.text[:300]}",
        site.output if page.status >= 500 else "",
        "Does it require something that cannot be guessed (a captcha, a confirmed "
        "address)? A profile can name fields and what is stored of a confirmed address "
        "(--target-profile).",
    )
    return LockedOut(str(error))
