"""A browser without scripts: it keeps cookies, follows redirects and sends forms."""

from collections.abc import Callable, Mapping
from http.cookiejar import Cookie
from typing import Any, Self, cast
from urllib.parse import urljoin, urlsplit

import requests

from tests.harness.http.form import FieldMissing, Form, is_token
from tests.harness.http.page import Page, Redirect
from tests.harness.http.site_map import SiteMap
from tests.harness.logs.secret_scanner import SECRETS, SecretScanner

#: The Accept header of browsers; some sites answer other clients in JSON.
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
USER_AGENT = "a visitor"
MAX_REDIRECTS = 10
#: Stands for the CSRF token that the form was served with.
SERVED = "as served"


class _Cookies(requests.cookies.RequestsCookieJar):
    """A jar that sends Secure cookies over HTTP, as browsers do on their own machine.

    https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
    """

    def set_cookie(self, cookie: Cookie, *arguments: Any, **options: Any) -> Any:
        """Keep a cookie."""
        cookie.secure = False
        return super().set_cookie(cookie, *arguments, **options)


class _Session(requests.Session):
    """An HTTP session that stays on one site and ignores the caller's settings."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # neither proxies nor .netrc
        self.max_redirects = MAX_REDIRECTS
        self.headers.update({"Accept": ACCEPT, "User-Agent": USER_AGENT})
        self.cookies = _Cookies()

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a response redirects to, None if that is another site."""
        target: str | None = super().get_redirect_target(resp)
        here = urlsplit(resp.url)[:2]
        return target if urlsplit(urljoin(resp.url, target or ""))[:2] == here else None


class Browser:
    """A client of one site that sends what a browser would send.

    Args:
        address: Returns the URL of the site; called for each request, as the port may
            change at a restart.
        secrets: Collects the passwords, tokens and cookies that are used.
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
        self._session = _Session()

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
        """Send a request and return the page that it leads to.

        Args:
            path: A path of this site, or a URL.
            follow: Whether to follow redirects within this site.
            timeout: Seconds to wait for the server to connect or to send more.
            options: Further options of `requests.Session.request`.
        """
        self._secrets.add_request(data, headers)
        try:
            response = self._session.request(
                method,
                urljoin(self._address(), path),
                data=data,
                headers=headers,
                allow_redirects=follow,
                timeout=timeout,
                **options,
            )
        except requests.TooManyRedirects as error:
            response = cast(requests.Response, error.response)
        for one in [*response.history, response]:
            self._secrets.add_cookies(one.cookies.get_dict())
        return Page(
            status=response.status_code,
            url=response.url,
            headers=dict(response.headers),
            body=response.content,
            redirects=tuple(
                Redirect(one.status_code, one.headers["Location"])
                for one in response.history
            ),
        )

    def open(self, path: str, **options: Any) -> Page:
        """Open an address; the options are those of `request`."""
        return self.request("GET", path, **options)

    def follow(self, page: Page, text: str) -> Page:
        """Follow the link of *page* that reads *text*."""
        return self.open(page.link(text))

    def submit(
        self, form: Form, *, token: str | None = SERVED, **typed: str | bool | None
    ) -> Page:
        """Fill in a form and send it as a browser does.

        Args:
            token: The CSRF token to send in place of the form's own; None sends none.
            typed: Values by the site map's name of the field; None leaves a field as
                it was served.
        """
        pairs = form.values(
            **{
                self._name(form, key): value
                for key, value in typed.items()
                if value is not None
            }
        )
        if token != SERVED:
            pairs = [(name, value) for name, value in pairs if not is_token(name)]
            pairs += [("csrf_token", token)] if token else []
        if form.method == "GET":
            return self.request("GET", form.action, params=pairs)
        return self.request(form.method, form.action, data=pairs)

    def value(self, form: Form, key: str) -> str:
        """Return the value of a field, by the site map's name of the field."""
        return form.value(self._name(form, key))

    def _name(self, form: Form, key: str) -> str:
        names = self.sitemap.names(key)
        for name in names:
            if form.has(name):
                return name
        raise FieldMissing(f"the form for {form.action} lacks a field {names}")

    def asks(self, form: Form, key: str) -> bool:
        """Return whether a form has a field, by the site map's name of the field."""
        return any(map(form.has, self.sitemap.names(key)))

    def form(self, page: Page, *keys: str) -> Form:
        """Return the first form of *page* that has all the fields *keys*."""
        page.raise_for_server_error()
        for form in page.forms:
            if all(self.asks(form, key) for key in keys):
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
        """Drop the cookies without an expiry, as closing a browser does."""
        self._session.cookies.clear_session_cookies()

    def copy(self, address: Callable[[], str] | None = None) -> Self:
        """Return a second browser with the same cookies.

        Args:
            address: Returns the URL of another site to use it on.
        """
        twin = type(self)(address or self._address, self.sitemap, self._secrets)
        twin._session.cookies.update(self._session.cookies)
        return twin

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
