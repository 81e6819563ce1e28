"""Goes through a running target once, and finds where everything is."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from tests.harness.contract.pages import (
    Fields,
    Route,
    find_page,
    is_registration,
    is_sign_in,
    plain_addresses,
    profile_rules,
)
from tests.harness.contract.unusable import NobodyGetsIn, unusable
from tests.harness.forms import Form
from tests.harness.page import Page
from tests.harness.people import UserTable
from tests.harness.records import LogPlace
from tests.harness.site import Site
from tests.harness.sitemap import SiteMap
from tests.harness.visitor import Visitor

NAME = "susan"
MARK = "a mark of the harness"


@dataclass
class Exploration:
    """What was found on a running target; the site map grows as it goes."""

    site: Site
    routes: list[Route]
    places: dict[str, str]
    fields: Fields

    @classmethod
    def begin(cls, site: Site) -> "Exploration":
        """Look at what the application itself tells."""
        routes = site.probe.routes()
        return cls(site, routes, {"home": _home(routes)}, Fields())

    @property
    def sitemap(self) -> SiteMap:
        """What is known by now."""
        return SiteMap(
            places=dict(self.places),
            fields={key: tuple(names) for key, names in self.fields.names.items()},
            homes=_same_view(self.routes, self.places["home"]),
            extra=dict(self.fields.extra),
        )

    def visitor(self) -> Visitor:
        """Return somebody who knows what is known by now."""
        return Visitor(lambda: self.site.url, self.sitemap)

    def explore(self, overruled: dict[str, str]) -> None:
        """
        Find the pages, and let somebody register and sign in.

        :raise Unusable: there is no way in
        """
        self.places |= overruled
        with self.visitor() as newcomer:
            self._find_doors(newcomer, overruled)
        with self.visitor() as susan:
            registered = susan.register(NAME)
            self._demand_stored(registered)
            page = susan.sign_in(NAME)
            if not (page.signed_in or susan.home().signed_in):
                raise unusable(
                    f"{NAME} registered at {self.places['register']} and cannot sign "
                    f"in at {self.places['login']}: the page says: {page.text[:300]}",
                    self.site.output if page.status >= 500 else "",
                    "Does it ask for something that cannot be guessed (a captcha, a "
                    "confirmed address)? A profile can name fields (--target-profile).",
                )
            self._find_profiles(susan, overruled)

    def _demand_stored(self, page: Page) -> None:
        """See to it that the form which went away has made a user."""
        probe = self.site.probe
        stored = any(
            NAME in map(str, row)
            for table in probe.tables()
            for row in probe.rows(f'SELECT * FROM "{table}"')
        )
        if (
            not stored
            and page.status < 400
            and not any(map(is_registration, page.forms))
        ):
            raise NobodyGetsIn(
                "accounts.register",
                f"the form is taken, {page.path} answers, and no user is stored",
            )

    def _find_doors(self, newcomer: Visitor, overruled: dict[str, str]) -> None:
        home = newcomer.home()
        for key, words, wanted in (
            ("login", r"log.?in|sign.?in|auth", is_sign_in),
            (
                "register",
                r"regist|sign.?up|join|create.*account|new.*user",
                is_registration,
            ),
        ):
            likely = plain_addresses(self.routes, words, home)
            others = plain_addresses(self.routes, "", home)
            first = [overruled[key]] if key in overruled else [home.path]
            found = find_page(
                newcomer, list(dict.fromkeys([*first, *likely, *others])), wanted
            )
            if found is None:
                purpose = "sign in" if key == "login" else "register"
                raise unusable(
                    f"No page to {purpose} was found. {self._state_of(newcomer, home)}",
                    self.site.output if home.status >= 500 else "",
                    "A profile can name its address (--target-profile): "
                    f'[places] {key} = "/..."'
                    if home.status < 500
                    else "",
                )
            page, form = found
            self.places[key] = page.path
            self.fields.gather(form, all_needed=key == "register")

    def _state_of(self, newcomer: Visitor, home: Page) -> str:
        addresses = plain_addresses(self.routes, "", home)
        answers = {address: newcomer.open(address).status for address in addresses[:12]}
        if answers and all(status >= 500 for status in answers.values()):
            return "Every page answers with status 500."
        told = ", ".join(f"{address} {status}" for address, status in answers.items())
        return f"Looked at: {told or 'no address at all'}."

    def _find_profiles(self, susan: Visitor, overruled: dict[str, str]) -> None:
        if "profiles" not in overruled:
            for rule in profile_rules(self.routes):
                page = susan.open(rule.format(username=NAME))
                if page.status == 200 and NAME in page.text and page.signed_in:
                    self.places["profiles"] = rule
                    break
                if page.status >= 500:  # better to be judged than not to be offered
                    self.places.setdefault("profiles", rule)
        profile = susan.open(self.places.get("profiles", "/").format(username=NAME))
        words = r"edit|profile|account|settings"
        addresses = [
            *plain_addresses(self.routes, r"edit.*(profile|user|account)", profile),
            *plain_addresses(self.routes, words, profile),
        ]
        if "edit_profile" in overruled:
            addresses = [overruled["edit_profile"]]
        found = find_page(susan, addresses, _edits_about_me) or find_page(
            susan, addresses, _edits_a_name
        )
        if found is not None:
            self.places["edit_profile"] = found[0].path
            self.fields.gather(found[1])
        for form in susan.home().forms:
            for control in form.controls:
                if control.name == "textarea" and control.get("name"):
                    self.fields.names["text"] = [str(control["name"])]


def _edits_about_me(form: Form) -> bool:
    return "about_me" in Fields().gather(form) and form.method == "POST"


def _edits_a_name(form: Form) -> bool:
    asked = Fields().gather(form)
    return "username" in asked and "password" not in asked and form.method == "POST"


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


def find_users(site: Site, overruled: dict[str, str]) -> UserTable:
    """
    Return where the name and the address that registered are stored.

    :raise Unusable: they are nowhere
    """
    for table, columns in site.probe.tables().items():
        rows = site.probe.rows(f'SELECT * FROM "{table}"')
        held = {
            value: column
            for row in rows
            for column, value in reversed(list(zip(columns, row, strict=True)))
            if isinstance(value, str)
        }
        if NAME in held:
            return UserTable(
                **{
                    "name": table,
                    "key": "id" if "id" in columns else columns[0],
                    "username": held[NAME],
                    "email": held.get(f"{NAME}@example.com", ""),
                    "about_me": _column(columns, r"about|\bbio|descri|introduc"),
                    "last_seen": _column(columns, r"last_?(seen|login|active|visit)"),
                    **overruled,
                }
            )
    raise unusable(f"{NAME} registered, and is in no table: nothing is stored.")


def _column(columns: list[str], words: str) -> str:
    return next((name for name in columns if re.search(words, name, re.I)), "")


def find_log(site: Site, overruled: str) -> LogPlace:
    """Return where the log goes, by the handlers and by looking for a record."""
    site.probe.log("ERROR", MARK)
    for handler in site.probe.handlers():
        path = Path(handler.file or site.code.parent)
        if path.is_file() and site.code in path.parents:
            place = str(path.relative_to(site.code))
            if overruled in ("", place):
                return LogPlace(place, handler.format or "%(message)s")
    return LogPlace(overruled or LogPlace.path, written=False)


def find_admins(site: Site, recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return whom the configuration names, else those to whom a mail was sent."""
    named = site.probe.settings().get("ADMINS")
    try:
        admins = ast.literal_eval(str(named))
    except (ValueError, SyntaxError):
        return recipients
    if isinstance(admins, str):
        admins = [admins]
    if isinstance(admins, list | tuple) and all(isinstance(one, str) for one in admins):
        return tuple(admins)
    return recipients
