"""Goes through a running target once, and finds where everything is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.contract.doors import (
    demand_stored,
    find_door,
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
from tests.contract.storage import NAME, confirm, find_users
from tests.harness.database.users import Users
from tests.harness.http.form import Form
from tests.harness.http.site_map import SiteMap
from tests.harness.http.visitor import Visitor
from tests.harness.server.site import Site


@dataclass
class Exploration:
    """What was found on a running target; the site map grows as it goes."""

    site: Site
    routes: list[Route]
    places: dict[str, str]
    fields: Fields

    #: What a profile says of addresses, which is not looked for.
    overruled: Mapping[str, str]
    #: What a profile says of the users.
    stored: Mapping[str, str]
    #: The columns, with values, of a user whose address is confirmed.
    confirmed: Mapping[str, Any]
    #: The address of a page that opens for members only, "" if there is none.
    members_only: str = ""

    @classmethod
    def begin(cls, site: Site, profile: Mapping[str, Any]) -> "Exploration":
        """Look at what the application itself tells, and what a profile says."""
        routes = site.probe.routes()
        named = {
            key: [names] if isinstance(names, str) else list(names)
            for key, names in profile.get("fields", {}).items()
        }
        fields = Fields(named, dict(profile.get("extra", {})))
        overruled = dict(profile.get("places", {}))
        stored = dict(profile.get("users", {}))
        confirmed = stored.pop("confirmed", {})
        places = {"home": _home(routes)} | overruled
        return cls(site, routes, places, fields, overruled, stored, confirmed)

    @property
    def sitemap(self) -> SiteMap:
        """What is known by now."""
        return SiteMap(
            places=dict(self.places),
            fields={key: tuple(names) for key, names in self.fields.names.items()},
            members_only=self.members_only,
            home_aliases=_same_view(self.routes, self.places["home"]),
            extra_fields=dict(self.fields.extra),
        )

    def visitor(self) -> Visitor:
        """Return somebody who knows what is known by now."""
        return Visitor(lambda: self.site.url, self.sitemap)

    def explore(self) -> None:
        """
        Find the pages, and let somebody register and sign in.

        :raise CannotBeJudged: there is no way in
        :raise RegistrationFailed: the way in leads nowhere
        """
        with self.visitor() as newcomer:
            for key in ("login", "register"):
                page, form = find_door(self.site, newcomer, self.routes, key)
                self.places[key] = page.path
                self.fields.gather(form, all_needed=key == "register")
        with self.visitor() as newcomer:  # whom registering may sign in
            registered = newcomer.register(NAME)
            demand_stored(self.site, registered, NAME)
            self._confirm(newcomer)
        with self.visitor() as susan, self.visitor() as stranger:
            page = susan.sign_in(NAME)
            self.members_only = find_members_only(susan, stranger, self.routes)
            if not (self.members_only or page.signed_in or susan.home().signed_in):
                raise locked_out(self.site, registered, page, NAME)
            self._find_profiles(susan)
            self._find_form(susan)

    def _confirm(self, newcomer: Visitor) -> None:
        """Confirm the address, as the profile says or as a mail that came does."""
        if self.confirmed:
            Users(self.site.probe, find_users(self.site, self.users)).confirm(NAME)
        else:
            self.confirmed = confirm(self.site, newcomer)

    @property
    def users(self) -> dict[str, Any]:
        """What a profile says of the users, and what was found of those confirmed."""
        return {**self.stored, "confirmed": tuple(self.confirmed.items())}

    def _find_profiles(self, susan: Visitor) -> None:
        if "profiles" in self.overruled:
            return
        for rule in profile_rules(self.routes):
            page = susan.open(rule.format(username=NAME))
            if page.redirects:
                continue
            if page.status == 200 and NAME in page.text and page.links:
                self.places["profiles"] = rule
                break
            if page.status >= 500:  # better to be judged than not to be offered
                self.places.setdefault("profiles", rule)

    def _find_form(self, susan: Visitor) -> None:
        profile = susan.open(self.places.get("profiles", "/").format(username=NAME))
        words = r"edit|profile|account|settings"
        addresses = [
            *plain_addresses(self.routes, r"edit.*(profile|user|account)", profile),
            *plain_addresses(self.routes, words, profile),
        ]
        if "edit_profile" in self.overruled:
            addresses = [self.overruled["edit_profile"]]
        doors = (self.places["login"], self.places["register"])
        others = [address for address in addresses if address not in doors]
        found = find_page(susan, others, _edits_about_me) or find_page(
            susan, others, _edits_a_name
        )
        if found is not None:
            self.places["edit_profile"] = found[0].path
            self.fields.gather(found[1])
        else:  # one that fails is better judged than not offered
            failing = [one for one in addresses if susan.open(one).status >= 500]
            if failing:
                self.places["edit_profile"] = failing[0]
        for form in susan.home().forms:
            for control in form.controls:
                if control.name == "textarea" and control.get("name"):
                    self.fields.names["text"] = [str(control["name"])]


def _edits_about_me(form: Form) -> bool:
    return "about_me" in Fields().gather(form) and form.method == "POST"


def _edits_a_name(form: Form) -> bool:
    return "username" in Fields().gather(form) and form.method == "POST"


def _home(routes: list[Route]) -> str:
    """Return the address of the home page: / or a rule that is called index or home."""
    rules = [
        rule for rule, methods, _ in routes if "GET" in methods and "<" not in rule
    ]
    for wanted in ("/", "/index", "/home"):
        if wanted in rules:
            return wanted
    return next((rule for rule in rules if re.search("index|home", rule)), "/")


def _same_view(routes: list[Route], address: str) -> tuple[str, ...]:
    views = {name for rule, _, name in routes if rule == address}
    return tuple(rule for rule, _, name in routes if name in views)
