"""Finds the chapter's pages and the names of their fields, as a newcomer would."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bs4 import Tag

from tests.harness.browser import Browser
from tests.harness.forms import Form, is_token
from tests.harness.page import Page

Route = tuple[str, tuple[str, ...], str]

#: How fields are called: by their name, their label or their placeholder.
CALLED = (
    ("password2", r"pass.*(2|repeat|again|confirm|retype|check|verif)"),
    ("password2", r"(repeat|confirm|retype|verify|re).?_?pass|^confirm|^pwd2|^repeat"),
    ("remember", r"remember|stay.?signed|keep.?me"),
    ("email", r"e-?mail"),
    ("about_me", r"about|\bbio\b|biograph|describe|description|introduc"),
    ("username", r"user.?_?name|nick|login|^user$|^name$|^username"),
)

#: Answers for what else a registration may ask for, by type.
ANSWERS = {
    "date": "1990-01-01",
    "tel": "5550100",
    "number": "30",
    "url": "https://example.com/",
}


def called(control: Tag, label: str) -> str:
    """Return what tests call a field, "" if they have no name for it."""
    kind = str(control.get("type", "text")).lower()
    if kind in ("hidden", "submit", "button", "image", "file", "reset"):
        return ""
    names = [str(control.get("name", "")), label, str(control.get("placeholder", ""))]
    for key, pattern in CALLED:
        if any(re.search(pattern, name.strip(), re.IGNORECASE) for name in names):
            # Some show the password when it is asked for again.
            right = {"password2": ("password", "text"), "remember": ("checkbox",)}
            if kind in right.get(key, (kind,)):
                return key
    plain = any(re.fullmatch(r"(?i)pass(word|wd)?|pwd", name) for name in names)
    return "password" if kind == "password" or plain else ""


@dataclass
class Fields:
    """The names of the fields by what tests call them, gathered from the forms."""

    names: dict[str, list[str]] = field(default_factory=dict)
    extra: dict[str, str | bool] = field(default_factory=dict)

    def gather(self, form: Form, *, all_needed: bool = False) -> set[str]:
        """Note the fields of *form*, and say what they are for."""
        labels = {identity: text for text, identity in form.labels.items()}
        seen: set[str] = set()
        for control in form.controls:
            name = str(control.get("name", ""))
            key = called(control, labels.get(str(control.get("id")), ""))
            if key == "password" and key in seen:
                key = "password2"
            if key and name:
                seen.add(key)
                known = self.names.setdefault(key, [])
                if name not in known:
                    known.append(name)
            elif all_needed and name and not is_token(name):
                self._answer(control, name)
        return seen

    def _answer(self, control: Tag, name: str) -> None:
        kind = str(control.get("type", "text")).lower()
        if control.name == "input" and kind == "checkbox":
            self.extra.setdefault(name, True)  # terms of use
            return
        written = control.name == "textarea" or kind in ("text", *ANSWERS)
        if written and control.name != "select" and not control.get("value"):
            self.extra.setdefault(name, ANSWERS.get(kind, "Example"))


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
