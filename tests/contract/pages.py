"""Finds the chapter's pages by their links, their routes and their forms."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tests.contract.fields import Fields
from tests.harness.http.browser import Browser
from tests.harness.http.form import Form
from tests.harness.http.page import Page

#: Rule, methods and endpoint.
Route = tuple[str, tuple[str, ...], str]


def passwords(form: Form) -> int:
    """Return the number of password fields of a form."""
    hidden = sum(tag.get("type") == "password" for tag in form.controls)
    return hidden or int("password" in Fields().gather(form))


def is_sign_in(form: Form) -> bool:
    """Return whether a form signs users in: one password, and not two other texts."""
    keys = Fields().gather(form)
    return passwords(form) == 1 and not {"username", "email"} <= keys


def is_registration(form: Form) -> bool:
    """Return whether a form registers users.

    Such a form has a password field, and two of username, e-mail and second password.
    """
    keys = Fields().gather(form)
    return passwords(form) >= 1 and len(keys & {"username", "email", "password2"}) >= 2


def find_page(
    browser: Browser, addresses: list[str], wanted: object
) -> tuple[Page, Form] | None:
    """Return the first page and its first form for which *wanted* returns true."""
    assert callable(wanted)
    for address in addresses:
        page = browser.open(address)
        if page.status < 400:
            for form in page.forms:
                if wanted(form):
                    return page, form
    return None


def plain_addresses(routes: Sequence[Route], regex: str, page: Page) -> list[str]:
    """Return the paths of rules without arguments and of links that match *regex*.

    The rule, the endpoint, the path or the text of the link has to match.

    Args:
        page: The page with the links; those to other sites are left out.
    """
    pattern = re.compile(regex, re.IGNORECASE)
    linked = [
        urlsplit(address).path
        for text, address in page.links.items()
        if (pattern.search(text) or pattern.search(urlsplit(address).path))
        and urlsplit(address).netloc == urlsplit(page.url).netloc
    ]
    ruled = [
        rule
        for rule, methods, endpoint in routes
        if "<" not in rule
        and "GET" in methods
        and (pattern.search(rule) or pattern.search(endpoint))
    ]
    return list(dict.fromkeys([*linked, *ruled]))


def profile_rules(routes: Sequence[Route]) -> Iterator[str]:
    """Yield rules that may be those of profiles, with ``{username}`` for the name."""
    likely = re.compile(r"user|profile|member|author|people|\bu/", re.IGNORECASE)
    acting = re.compile(r"follow|delete|send|reset|confirm|popup", re.IGNORECASE)
    for strict in (True, False):
        for rule, methods, endpoint in routes:
            arguments = re.findall(r"<([^>]+)>", rule)
            if len(arguments) != 1 or "GET" not in methods:
                continue
            if re.match(r"(int|float|path|uuid)\b", arguments[0]):
                continue
            names = re.sub(r"<[^>]+>", "", rule) + endpoint
            if not acting.search(names) and bool(likely.search(names)) is strict:
                yield re.sub(r"<[^>]+>", "{username}", rule)
