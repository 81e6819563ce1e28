"""Explores a running target once to find its pages and fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.contract.auth_pages import (
    demand_stored,
    find_auth_page,
    find_members_only,
    locked_out,
)
from tests.contract.fields import Fields
from tests.contract.pages import (
    Route,
    find_page,
    plain_addresses,
    profile_rules,
)
from tests.contract.storage import NAME, confirm, find_users, is_stored
from tests.harness.database.users import Users
from tests.harness.http.browser import SERVED
from tests.harness.http.form import Form, is_token
from tests.harness.http.site_map import SiteMap
from tests.harness.http.visitor import Visitor
from tests.harness.server.site import Site

#: The text of the first post.
POST = "a post of the harness"

#: The path of a page that is all that a user with an unconfirmed address can open.
CONFIRMING = re.compile(r"confirm|verif|activat", re.IGNORECASE)


@dataclass
class Exploration:
    """An exploration of a running target, which fills the site map step by step."""

    site: Site
    routes: list[Route]
    places: dict[str, str]
    fields: Fields

    #: The paths in the profile, which are not searched for.
    given_places: Mapping[str, str]
    #: The settings of the user table in the profile.
    user_settings: Mapping[str, str]
    #: The columns that confirming an address changes, with their new values.
    confirmed: Mapping[str, Any]
    #: The path of a page that opens for signed-in users only, "" if there is none.
    members_only: str = ""

    @classmethod
    def begin(cls, site: Site, profile: Mapping[str, Any]) -> "Exploration":
        """Start with the routes of the application and the settings of a profile."""
        routes = site.probe.routes()
        field_names = {
            key: [names] if isinstance(names, str) else list(names)
            for key, names in profile.get("fields", {}).items()
        }
        fields = Fields(field_names, dict(profile.get("extra", {})))
        given_places = dict(profile.get("places", {}))
        user_settings = dict(profile.get("users", {}))
        confirmed = user_settings.pop("confirmed", {})
        places = {"home": _home(routes)} | given_places
        return cls(site, routes, places, fields, given_places, user_settings, confirmed)

    @property
    def sitemap(self) -> SiteMap:
        """The site map of what has been found."""
        return SiteMap(
            places=dict(self.places),
            fields={key: tuple(names) for key, names in self.fields.names.items()},
            members_only=self.members_only,
            home_aliases=_same_view(self.routes, self.places["home"]),
            extra_fields=dict(self.fields.extra),
        )

    def visitor(self) -> Visitor:
        """Return an anonymous visitor with the current site map."""
        return Visitor(lambda: self.site.url, self.sitemap)

    def explore(self) -> None:
        """Find the pages, and register and sign in a user.

        Raises:
            CannotBeJudged: Registering or signing in is not possible.
            RegistrationFailed: Registering or signing in has no effect.
        """
        with self.visitor() as anonymous:
            for key in ("login", "register"):
                page, form = find_auth_page(self.site, anonymous, self.routes, key)
                self.places[key] = page.path
                self.fields.gather(form, all_needed=key == "register")
        with self.visitor() as new_user:  # registering may also sign the user in
            registered = new_user.register(NAME)
            demand_stored(self.site, registered, NAME)
            self._confirm(new_user)
        with self.visitor() as susan, self.visitor() as anonymous:
            page = susan.sign_in(NAME)
            self.members_only = find_members_only(susan, anonymous, self.routes)
            signed_in = self.members_only or page.signed_in or susan.home().signed_in
            if not signed_in or CONFIRMING.search(self.members_only):
                raise locked_out(self.site, registered, page, NAME)
            self._find_profiles(susan)
            self._find_form(susan)
            self._find_post_form(susan)

    def _confirm(self, new_user: Visitor) -> None:
        """Confirm the address in the database or by the link in a mail.

        The database is used if the profile has the columns to change.
        """
        if self.confirmed:
            Users(self.site.probe, find_users(self.site, self.users)).confirm(NAME)
        else:
            self.confirmed = confirm(self.site, new_user)

    @property
    def users(self) -> dict[str, Any]:
        """The settings of the user table, with the columns of a confirmed address."""
        return {**self.user_settings, "confirmed": tuple(self.confirmed.items())}

    def _find_profiles(self, susan: Visitor) -> None:
        if "profiles" in self.given_places:
            return
        for rule in profile_rules(self.routes):
            page = susan.open(rule.format(username=NAME))
            if page.redirects:
                continue
            if page.status == 200 and NAME in page.text and page.links:
                self.places["profiles"] = rule
                break
            if page.status >= 500:  # a failing page is judged, a missing one is not
                self.places.setdefault("profiles", rule)

    def _find_form(self, susan: Visitor) -> None:
        profile = susan.open(self.places.get("profiles", "/").format(username=NAME))
        pattern = r"edit|profile|account|settings"
        addresses = [
            *plain_addresses(self.routes, r"edit.*(profile|user|account)", profile),
            *plain_addresses(self.routes, pattern, profile),
        ]
        if "edit_profile" in self.given_places:
            addresses = [self.given_places["edit_profile"]]
        auth_pages = (self.places["login"], self.places["register"])
        others = [address for address in addresses if address not in auth_pages]
        found = find_page(susan, others, _edits_about_me) or find_page(
            susan, others, _edits_a_name
        )
        if found is not None:
            self.places["edit_profile"] = found[0].path
            self.fields.gather(found[1])
        else:  # a failing page is judged, a missing one is not
            failing = [one for one in addresses if susan.open(one).status >= 500]
            if failing:
                self.places["edit_profile"] = failing[0]

    def _find_post_form(self, susan: Visitor) -> None:
        """Find the form to write a post, and what it asks for besides the text."""
        for form in susan.home().forms:
            names = {str(one.get("name", "")): one for one in form.controls}
            texts = [name for name, one in names.items() if one.name == "textarea"]
            if not any(texts):
                continue
            self.fields.names["text"] = [text] = list(filter(None, texts))[:1]
            for answer in ("Example", "3"):  # a word, or else a number
                further = Fields()
                for name, control in names.items():
                    if name not in ("", text) and not is_token(name):
                        further.answer(form, control, name, answer)
                if not further.extra:
                    return
                susan.submit(form, token=SERVED, **{text: POST, **further.extra})
                if is_stored(self.site, POST):
                    break
            self.fields.extra = {**further.extra, **self.fields.extra}
            return


def _edits_about_me(form: Form) -> bool:
    return "about_me" in Fields().gather(form) and form.method == "POST"


def _edits_a_name(form: Form) -> bool:
    return "username" in Fields().gather(form) and form.method == "POST"


def _home(routes: list[Route]) -> str:
    """Return the path of the home page: / or a rule that contains index or home."""
    rules = [
        rule for rule, methods, _ in routes if "GET" in methods and "<" not in rule
    ]
    for wanted in ("/", "/index", "/home"):
        if wanted in rules:
            return wanted
    return next((rule for rule in rules if re.search("index|home", rule)), "/")


def _same_view(routes: list[Route], address: str) -> tuple[str, ...]:
    """Return the rules of the view that serves a path."""
    views = {name for rule, _, name in routes if rule == address}
    return tuple(rule for rule, _, name in routes if name in views)
