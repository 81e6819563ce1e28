"""A response, read as a person reads the page."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from tests.harness.http.form import FieldMissing, Form
from tests.harness.http.page_text import flashes, text_of


@dataclass(frozen=True)
class Redirect:
    """One redirect on the way to a page."""

    status: int
    location: str


class LinkMissing(AssertionError):
    """A page lacks a link."""


class PageFailed(AssertionError):
    """A page that should have a form is a server error instead."""


@dataclass(frozen=True, eq=False)
class Page:
    """The response to a request, after the redirects that led there."""

    status: int
    url: str
    headers: dict[str, str]
    body: bytes
    redirects: tuple[Redirect, ...] = ()

    @property
    def path(self) -> str:
        """The path of the URL, without the query."""
        return urlsplit(self.url).path

    @property
    def answer(self) -> str:
        """A clause about the response for messages: "/nope answers 404"."""
        return f"{self.path} answers {self.status}"

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The parsed document."""
        return BeautifulSoup(self.html, "html.parser")

    @property
    def html(self) -> str:
        """The source of the page."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body parsed as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The text of the page with runs of whitespace collapsed."""
        return text_of(self.soup.body or self.soup)

    @property
    def title(self) -> str:
        """The title of the document, "" if it has none."""
        return self._text_of("title")

    @property
    def heading(self) -> str:
        """The first-level heading, "" if there is none."""
        return self._text_of("h1")

    @property
    def reference(self) -> str:
        """The reference that an error page shows, "" if it shows none."""
        return self._text_of("code")

    def _text_of(self, name: str) -> str:
        found = self.soup.find(name)
        return text_of(found) if isinstance(found, Tag) else ""

    @property
    def links(self) -> dict[str, str]:
        """The URLs of the page's links by text; the first of equal texts counts."""
        links: dict[str, str] = {}
        for anchor in self.soup.find_all("a", href=True):
            links.setdefault(
                text_of(anchor), urljoin(self.url, str(anchor["href"]).strip())
            )
        return links

    def has_link(self, text: str) -> bool:
        """Return whether a link reads *text*."""
        return text in self.links

    def link(self, text: str) -> str:
        """Return the URL of the link that reads *text*."""
        if not self.has_link(text):
            raise LinkMissing(f"no link {text!r} among {sorted(self.links)}\n{self}")
        return self.links[text]

    @cached_property
    def forms(self) -> list[Form]:
        """The forms in document order."""
        return [Form(tag, self.url) for tag in self.soup.find_all("form")]

    def raise_for_server_error(self) -> None:
        """Raise `PageFailed` if the status is 500 or higher."""
        if self.status >= 500:
            raise PageFailed(f"{self.path} answers {self.status}")

    def form(self, *fields: str) -> Form:
        """Return the first form that has all *fields*."""
        for form in self.forms:
            if all(form.has(field) for field in fields):
                return form
        raise FieldMissing(f"no form with {', '.join(fields)}\n{self}")

    def value(self, field: str) -> str:
        """Return the value of a field."""
        return self.form(field).value(field)

    def errors(self, field: str) -> list[str]:
        """Return the error messages at a field."""
        return self.form(field).errors(field)

    @property
    def values(self) -> str:
        """The values of all fields of the page, joined by spaces."""
        return " ".join(value for form in self.forms for _, value in form.values())

    @property
    def messages(self) -> list[str]:
        """The flashed messages."""
        return flashes(self.soup)

    @property
    def signed_in(self) -> bool:
        """Whether the page offers to sign out."""
        return self.sign_out is not None

    @property
    def sign_out(self) -> "Form | str | None":
        """The form to send or the URL to open to sign out, None without either."""
        for form in self.forms:
            if _is_sign_out(form.action) or _is_sign_out(form.button):
                return form
        for text, address in self.links.items():
            if _is_sign_out(text) or _is_sign_out(urlsplit(address).path):
                return address
        return None

    def __str__(self) -> str:
        return f"{self.status} {self.url} {self.title!r}: {self.text[:300]}"


def _is_sign_out(text: str) -> bool:
    return bool(re.search(r"(log|sign)[ _-]?out", text, re.IGNORECASE))
