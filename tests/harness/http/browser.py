"""A browser without scripts: cookies, redirects, and forms sent back as served."""

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import requests

from tests.harness.http.form import FieldMissing, Form, is_token
from tests.harness.http.page import Page, Redirect
from tests.harness.http.site_map import SiteMap
from tests.harness.logs.secret_scanner import SECRETS, SecretScanner

#: What browsers say that they accept; some sites answer others in JSON.
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
AGENT = "a visitor"
HOPS = 10
#: The CSRF token that came with the form.
SERVED = "as served"


class Browser:
    """
    One window on a site.

    :param address: tells where the site is; asked each time, as a restart moves it
    :param secrets: hears of the passwords, tokens and cookies that are used
    """

    def __init__(
        self,
        address: Callable[[], str],
        sitemap: SiteMap,
        secrets: SecretScanner = SECRETS,
    ) -> None:
        self._address = address
        self.sitemap = sitemap
        self._secrets = secrets
        self._session = requests.Session()
        self._session.trust_env = False  # no proxies, no .netrc
        self._session.headers.update({"Accept": ACCEPT, "User-Agent": AGENT})

    def request(
        self,
        method: str,
        path: str,
        *,
        data: list[tuple[str, str]] | Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
        timeout: float = 20.0,
        **options: Any,
    ) -> Page:
        """
        Send one request and return the page that it leads to.

        Redirects are followed on this site only; *options* are those of requests.
        """
        url = urljoin(self._address(), path)
        hops: list[Redirect] = []
        self._secrets.keep_request(data, headers)
        while True:
            answer = self._session.request(
                method,
                url,
                data=data,
                headers=dict(headers or {}),
                allow_redirects=False,
                timeout=timeout,
                **options,
            )
            self._secrets.keep_cookies(self.cookies)
            location = answer.headers.get("Location")
            page = Page(
                status=answer.status_code,
                url=url,
                headers=dict(answer.headers),
                body=answer.content,
                redirects=tuple(hops),
            )
            if not (follow and answer.is_redirect and location):
                return page
            hops.append(Redirect(answer.status_code, location))
            following = urljoin(url, location)
            if not self._is_here(following) or len(hops) > HOPS:
                return page
            url = following
            if answer.status_code not in (307, 308):
                method, data, options = "GET", None, {}

    def _is_here(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self._address())[:2]

    def open(self, path: str, **options: Any) -> Page:
        """Open an address, as :meth:`request` does."""
        return self.request("GET", path, **options)

    def follow(self, page: Page, text: str) -> Page:
        """Follow the link of *page* that reads *text*."""
        return self.open(page.link(text))

    def submit(
        self, form: Form, *, token: str | None = SERVED, **typed: str | bool | None
    ) -> Page:
        """
        Fill in *typed* and send the form as a browser does.

        Keys are the site map's; None leaves a field as it was served.

        :param token: another CSRF token than the form's; None: none at all
        """
        named = {
            self._name(form, key): value
            for key, value in typed.items()
            if value is not None
        }
        pairs = form.values(**named)
        if token != SERVED:
            pairs = [(name, value) for name, value in pairs if not is_token(name)]
            pairs += [("csrf_token", token)] if token else []
        if form.method == "GET":
            return self.request("GET", form.action, params=pairs)
        return self.request(form.method, form.action, data=pairs)

    def value(self, form: Form, key: str) -> str:
        """Return what stands in a field; keys are the site map's."""
        return form.value(self._name(form, key))

    def _name(self, form: Form, key: str) -> str:
        names = self.sitemap.names(key)
        for name in names:
            if form.has(name):
                return name
        raise FieldMissing(f"the form for {form.action} lacks a field {names}")

    def form(self, page: Page, *keys: str) -> Form:
        """Return the first form of *page* that has all fields *keys*."""
        page.raise_for_server_error()
        for form in page.forms:
            if all(any(map(form.has, self.sitemap.names(key))) for key in keys):
                return form
        raise FieldMissing(f"no form with {', '.join(keys)} on {page}")

    def fill_in(self, page: Page, **typed: str | bool | None) -> Page:
        """Submit the form of *page* that has all the fields of *typed*."""
        return self.submit(self.form(page, *typed), token=SERVED, **typed)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        return {cookie.name: cookie.value or "" for cookie in self._session.cookies}

    def restart_browser(self) -> None:
        """Close and open the browser: cookies without an expiry are gone."""
        self._session.cookies.clear_session_cookies()

    def copy(self, address: Callable[[], str] | None = None) -> Self:
        """
        Return a second browser with the same cookies.

        :param address: where it is to be used; None: on the same site
        """
        twin = type(self)(address or self._address, self.sitemap, self._secrets)
        twin._session.cookies.update(self._session.cookies)
        return twin

    def raw(self, request: bytes, within: float = 10.0) -> bytes:
        """Send *request* as it is, however malformed; return all that comes back."""
        parts = urlsplit(self._address())
        answer = b""
        deadline = time.monotonic() + within
        with socket.create_connection(
            (str(parts.hostname), int(parts.port or 80)), timeout=within
        ) as connection:
            connection.sendall(request)
            while chunk := connection.recv(65536):
                answer += chunk
                connection.settimeout(max(0.001, deadline - time.monotonic()))
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
