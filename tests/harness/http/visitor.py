"""A user of a microblog at a browser."""

from collections.abc import Callable
from typing import Any, Self

from tests.harness.capabilities import NotOffered
from tests.harness.http.browser import SERVED, Browser
from tests.harness.http.form import FieldMissing, Form
from tests.harness.http.page import LinkMissing, Page
from tests.harness.http.site_map import SiteMap
from tests.harness.logs.secret_scanner import SECRETS, SecretScanner

#: Meets common password policies: letters in both cases, digits and punctuation.
PASSWORD = "Correct7Horse!42"


def address(username: str) -> str:
    """Return the e-mail address of a username."""
    return f"{username}@example.com"


class Visitor(Browser):
    """A browser with the actions of a user, who needs only the forms of the site."""

    def __init__(
        self,
        address: Callable[[], str],
        sitemap: SiteMap,
        secrets: SecretScanner = SECRETS,
    ) -> None:
        super().__init__(address, sitemap, secrets)
        #: The username of the latest sign-in.
        self.username = ""

    def submit(
        self, form: Form, *, token: str | None = SERVED, **typed: str | bool | None
    ) -> Page:
        """Fill in a form and send it, with the user's password if it asks for that."""
        if self.username and "password" not in typed and form.current_password:
            typed[form.current_password] = PASSWORD
        return super().submit(form, token=token, **typed)

    def register(
        self, username: str, email: str | None = None, password: str = PASSWORD
    ) -> Page:
        """Submit the registration form; *email* defaults to the result of `address`."""
        page = self.open(self.sitemap.register)
        form = self._auth_form(page, registers=True)
        email = address(username) if email is None else email
        typed: dict[str, str | bool | None] = {
            "username": username,
            "email": email,
            "email2": email,
            "password": password,
            "password2": password,
        }
        values = {key: value for key, value in typed.items() if self.asks(form, key)}
        return self.submit(form, token=SERVED, **values, **self._further(form))

    def sign_in(
        self,
        username: str,
        password: str = PASSWORD,
        *,
        remember: bool = False,
        page: Page | None = None,
    ) -> Page:
        """Submit the sign-in form of *page*, by default a freshly opened one."""
        self.username = username
        form = self._auth_form(page or self.open(self.sitemap.login))
        if remember and not self.asks(form, "remember"):
            raise NotOffered('the sign-in form has no "remember me"')
        # Without a field for a username, people sign in by their e-mail address.
        key = "username" if self.asks(form, "username") else "email"
        name = username if key == "username" else address(username)
        return self.submit(
            form, **{key: name}, password=password, remember=remember or None
        )

    def sign_out(self) -> Page:
        """Sign out by the form or the link on the home page."""
        page = self.home()
        sign_out = page.sign_out
        if sign_out is None:
            raise LinkMissing(f"no way to sign out on {page}")
        if isinstance(sign_out, Form):
            return self.submit(sign_out)
        return self.open(sign_out)

    def is_signed_in(self, **options: Any) -> bool:
        """Return whether a page opens that only signed-in users can open.

        Without such a page, the home page has to offer to sign out.

        Args:
            options: Options of `request`, such as headers.
        """
        place = self.sitemap.members_only
        if not place:
            return self.open(self.sitemap.home, **options).signed_in
        page = self.open(place, **options)
        return (page.status, page.path) == (200, place)

    def home(self) -> Page:
        """Open the home page."""
        return self.open(self.sitemap.home)

    def usual_pages(self) -> list[Page]:
        """Return the pages of the site that open, each once."""
        name = self.username or "susan"
        paths = [path.format(username=name) for path in self.sitemap.places.values()]
        pages = {page.path: page for page in map(self.open, paths) if page.status < 400}
        return list(pages.values())

    def is_home(self, path: str) -> bool:
        """Return whether a path is the home page or an alias of it."""
        return path in (self.sitemap.home, *self.sitemap.home_aliases)

    def profile(self, username: str | None = None) -> Page:
        """Open a profile, by default one's own."""
        return self.open(self.sitemap.profile(username or self.username))

    def edit_profile(
        self, username: str | None = None, about_me: str | None = None
    ) -> Page:
        """Submit the form to edit one's profile; None leaves a field as served.

        An empty field for the username is filled in, as prefilling it is a behaviour of
        its own.
        """
        typed = {"username": username, "about_me": about_me}
        form = self._best_form(self.open(self.sitemap.edit_profile), *typed)
        if username is None and self.asks(form, "username"):
            typed["username"] = self.value(form, "username") or self.username
        values = {key: value for key, value in typed.items() if value is not None}
        for key in values:
            if not self.asks(form, key):
                raise NotOffered(
                    f"the form that edits a profile does not ask for {key}"
                )
        return self.submit(form, **values)

    def write(self, text: str) -> Page:
        """Write a post on the home page."""
        page = self.home()
        try:
            form = self.form(page, "text")
        except FieldMissing:
            raise NotOffered("the home page has no form to write a post") from None
        return self.submit(form, token=SERVED, text=text, **self._further(form))

    def _further(self, form: Form) -> dict[str, str | bool]:
        """Return the values of the further fields that a form has."""
        extra = self.sitemap.extra_fields
        return {name: value for name, value in extra.items() if form.has(name)}

    def _auth_form(self, page: Page, *, registers: bool = False) -> Form:
        """Return the form to register, or to sign in, of a page that may have both."""
        self.form(page, "password")
        forms = [form for form in page.forms if self.asks(form, "password")]
        choose = max if registers else min
        return choose(forms, key=lambda form: self._count(form, "email", "password2"))

    def _count(self, form: Form, *keys: str) -> int:
        return sum(self.asks(form, key) for key in keys)

    def _best_form(self, page: Page, *keys: str) -> Form:
        """Return the form of *page* that has most of the fields *keys*."""
        page.raise_for_server_error()
        count = {form: self._count(form, *keys) for form in page.forms}
        best = max(count, key=count.__getitem__, default=None)
        if best is None or not count[best]:
            raise FieldMissing(f"no form with {', '.join(keys)} on {page}")
        return best

    def copy(self, address: Callable[[], str] | None = None) -> Self:
        """Return the same user at a second browser with the same cookies."""
        twin = super().copy(address)
        twin.username = self.username
        return twin
