"""Finds the chapter's pages, as a newcomer would."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tests.contract.fields import Fields
from tests.harness.http.browser import Browser
from tests.harness.http.form import Form
from tests.harness.http.page import Page

Route = tuple[str, tuple[str, ...], str]


def passwords(form: Form) -> int:
    """Return how many passwords a form asks for."""
    hidden = sum(tag.get("type") == "password" for tag in form.controls)
    return hidden or int("password" in Fields().gather(form))


def is_sign_in(form: Form) -> bool:
    """Tell a form to sign in: one password, and at most one more text."""
    asked = Fields().gather(form)
    return passwords(form) == 1 and not {"username", "email"} <= asked


def is_registration(form: Form) -> bool:
    """Tell a form to register: a password, and two of name, address, password again."""
    asked = Fields().gather(form)
    return passwords(form) >= 1 and len(asked & {"username", "email", "password2"}) >= 2


def find_page(
    browser: Browser, addresses: list[str], wanted: object
) -> tuple[Page, Form] | None:
    """Return the first page of *addresses* with a form that is *wanted*."""
    assert callable(wanted)
    for address in addresses:
        page = browser.open(address)
        if page.status < 400:
            for form in page.forms:
                if wanted(form):
                    return page, form
    return None


def plain_addresses(routes: Sequence[Route], words: str, page: Page) -> list[str]:
    """Return addresses whose rule, endpoint or link text has one of *words*."""
    pattern = re.compile(words, re.IGNORECASE)
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
    """Yield rules that may be those of profiles, ``{username}`` in the name's place."""
    likely = re.compile(r"user|profile|member|author|people|\bu/", re.IGNORECASE)
    acting = re.compile(r"follow|delete|send|reset|confirm|popup", re.IGNORECASE)
    for strict in (True, False):
        for rule, methods, endpoint in routes:
            arguments = re.findall(r"<([^>]+)>", rule)
            if len(arguments) != 1 or "GET" not in methods:
                continue
            if re.match(r"(int|float|path|uuid)\b", arguments[0]):
                continue
            named = re.sub(r"<[^>]+>", "", rule) + endpoint
            if not acting.search(named) and bool(likely.search(named)) is strict:
                yield re.sub(r"<[^>]+>", "{username}", rule)
