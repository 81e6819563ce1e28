"""Finds the pages where one signs in and registers, and sees that they lead in."""

import re
from collections.abc import Sequence

from tests.contract.pages import (
    Route,
    find_page,
    is_registration,
    is_sign_in,
    plain_addresses,
)
from tests.contract.target_errors import (
    CannotBeJudged,
    RegistrationFailed,
    cannot_be_judged,
)
from tests.harness.http.form import Form
from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.server.site import Site

#: Of each door: what it is for, what its address or link says, and its form.
DOORS = {
    "login": ("sign in", r"log.?in|sign.?in|auth", is_sign_in),
    "register": (
        "register",
        r"regist|sign.?up|join|create.*account|new.*user",
        is_registration,
    ),
}


def find_door(
    site: Site, newcomer: Visitor, routes: Sequence[Route], key: str
) -> tuple[Page, Form]:
    """
    Return the page to sign in or to register, and its form.

    :raise CannotBeJudged: there is none
    """
    purpose, words, wanted = DOORS[key]
    home = newcomer.home()
    first = newcomer.sitemap.places.get(key, home.path)
    addresses = [
        *(first, *plain_addresses(routes, words, home)),
        *plain_addresses(routes, "", home),
    ]
    found = find_page(newcomer, list(dict.fromkeys(addresses)), wanted)
    if found is None:
        answers = _answers(newcomer, routes, home)
        told = ", ".join(f"{address} {status}" for address, status in answers.items())
        failing = [status >= 500 for status in answers.values()]
        what = f"Looked at: {told or 'no address at all'}."
        hint = f'A profile can name its address: [places] {key} = "/..."'
        if failing and all(failing):
            what, hint = "Every page answers with status 500.", ""
        raise cannot_be_judged(
            f"No page to {purpose} was found. {what}",
            site.output if any(failing) else "",
            f"{hint} (--target-profile)." if hint else "",
        )
    return found


def _answers(newcomer: Visitor, routes: Sequence[Route], home: Page) -> dict[str, int]:
    addresses = plain_addresses(routes, "", home)[:12]
    return {address: newcomer.open(address).status for address in addresses}


#: What an address says that is not opened to see whether it can be.
ACTING = re.compile(r"(log|sign).?out|delete|remove|send|export", re.IGNORECASE)


def find_members_only(
    member: Visitor, stranger: Visitor, routes: Sequence[Route]
) -> str:
    """Return an address that opens for a member and not for a stranger, or ""."""
    home = member.sitemap.home
    for address in dict.fromkeys([home, *plain_addresses(routes, "", stranger.home())]):
        if not (ACTING.search(address) or opens(stranger, address)) and opens(
            member, address
        ):
            return address
    return ""


def opens(visitor: Visitor, address: str) -> bool:
    """Tell whether a page opens, and does not lead elsewhere."""
    page = visitor.open(address)
    return (page.status, page.path) == (200, address)


def demand_stored(site: Site, page: Page, name: str) -> None:
    """
    See to it that a registration form which went away has made a user.

    :raise RegistrationFailed: *page* came, and nobody of that *name* is stored
    """
    stored = any(
        name in map(str, row)
        for table in site.probe.tables()
        for row in site.probe.rows(f'SELECT * FROM "{table}"')
    )
    refused = page.status >= 400 or any(map(is_registration, page.forms))
    if not stored and not refused:
        raise RegistrationFailed(
            "accounts.register",
            f"the form is taken, {page.path} answers, and no user is stored",
        )


class LockedOut(CannotBeJudged):
    """Nobody gets in: perhaps an address has to be confirmed first."""


def locked_out(site: Site, registered: Page, page: Page, name: str) -> LockedOut:
    """
    Return the message on somebody who does not get in: what the site itself says.

    :param registered: what came of registering
    :param page: what came of signing in
    """
    what = f"registered, and cannot sign in at {page.path}"
    if any(map(is_registration, registered.forms)):
        what, page = f"is refused at {registered.path}", registered
    told = cannot_be_judged(
        f"{name} {what}: the page says: {page.text[:300]}",
        site.output if page.status >= 500 else "",
        "Does it ask for something that cannot be guessed (a captcha, a confirmed "
        "address)? A profile can name fields (--target-profile).",
    )
    return LockedOut(str(told))
