"""A state machine that compares a microblog with a model of it."""

from itertools import cycle
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from tests.harness.http.visitor import PASSWORD
from tests.harness.server.site import MEMBERS, Site
from tests.integration.state_model import (
    Browser,
    Fits,
    Person,
    addresses,
    browsers,
    has_form,
    has_no_session,
    has_signed_in_form,
    is_anonymous,
    is_signed_in,
    key,
    names,
    texts,
)

UNEXPECTED = "An unexpected error has occurred"
TAKEN = ["Please use a different username."]
TAKEN_ADDRESS = ["Please use a different email address."]


def when(fits: Fits, *, lost: bool = False) -> Any:
    """Restrict a rule to states with a fitting browser, with or without a database."""
    return precondition(
        lambda self: self.is_lost is lost and any(map(fits, self.browsers))
    )


class Microblog(RuleBasedStateMachine):
    """The site and its model, in which posts are newest first.

    A rule gets the number of a browser, and uses that one or the next one that fits, so
    that no step is without effect.
    """

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site
        site.reset()
        self.people = [Person(name, f"{name}@example.com") for name in MEMBERS]
        visitors = [*map(site.member, MEMBERS), site.visitor()]
        signed_in = [*self.people, None]
        self.browsers = [
            Browser(*pair) for pair in zip(visitors, signed_in, strict=True)
        ]
        self.turns = cycle(self.browsers)
        self.posts: list[tuple[Person, str]] = []
        self.is_lost = False
        self.failures = 0

    def named(self, name: str) -> Person | None:
        """Return the person with a username in any spelling."""
        return next((one for one in self.people if key(one.name) == key(name)), None)

    def browser(self, number: int, fits: Fits) -> Browser:
        """Return the browser of a number or the next one that fits."""
        return next(filter(fits, self.browsers[number:] + self.browsers[:number]))

    def member(self, number: int) -> tuple[Browser, Person]:
        """Return the browser of a number or the next one with a user, and the user."""
        browser = self.browser(number, is_signed_in)
        assert browser.person
        return browser, browser.person

    def written(self, text: str) -> str:
        """Return a text as a page shows it, with whitespace collapsed."""
        return " ".join(text.split())

    # -- accounts ------------------------------------------------------------------

    @when(is_anonymous)
    @rule(number=browsers, name=names, email=addresses)
    def register(self, number: int, name: str, email: str) -> None:
        """A free username with a free e-mail address becomes a user."""
        browser = self.browser(number, is_anonymous)
        page = browser.visitor.register(name, email=email)
        is_known = any(one.email == email.lower() for one in self.people)
        assert page.status == 200
        if self.named(name) or is_known:
            assert page.errors("Username") == (TAKEN if self.named(name) else [])
            assert page.errors("Email") == (TAKEN_ADDRESS if is_known else [])
        else:
            assert page.path == "/login"
            self.people.append(Person(name.strip(), email.lower()))

    @when(is_anonymous)
    @rule(number=browsers, name=names, right=st.booleans(), remember=st.booleans())
    def sign_in(self, number: int, name: str, right: bool, remember: bool) -> None:
        """The right password signs a user in, with any spelling of the username."""
        browser = self.browser(number, is_anonymous)
        password = PASSWORD if right else "not the password"
        page = browser.visitor.sign_in(name, password, remember=remember)
        person = self.named(name) if right else None
        assert (page.status, page.signed_in) == (200, person is not None)
        if person:
            browser.person, browser.is_remembered = person, remember

    @when(is_signed_in)
    @rule(number=browsers)
    def sign_out(self, number: int) -> None:
        """Signing out ends the session of this browser only."""
        browser, _ = self.member(number)
        assert not browser.visitor.sign_out().signed_in
        browser.person, browser.is_remembered = None, False
        browser.is_unsure = False

    @rule(number=browsers)
    def restart_browser(self, number: int) -> None:
        """A restarted browser is signed in only if the user asked to be remembered."""
        browser = self.browsers[number]
        browser.visitor.restart_browser()
        browser.form = None
        if not browser.is_remembered:
            browser.person = None

    @when(is_signed_in)
    @rule(number=browsers)
    def delete(self, number: int) -> None:
        """A deleted user is signed out in every browser."""
        _, person = self.member(number)
        where = f"(SELECT id FROM \"user\" WHERE username = '{person.name}')"
        self.site.probe.sql(f"DELETE FROM post WHERE user_id IN {where}")
        self.site.probe.sql(f'DELETE FROM "user" WHERE id IN {where}')
        self.people.remove(person)
        self.posts = [post for post in self.posts if post[0] is not person]
        for browser in self.browsers:
            if browser.person is person:
                browser.person, browser.is_remembered = None, False
                browser.is_unsure = True

    # -- the profile and the posts ---------------------------------------------------

    @when(is_signed_in)
    @rule(number=browsers, name=names, about_me=texts)
    def edit_profile(self, number: int, name: str, about_me: str) -> None:
        """A username that is free or one's own is saved with the about-me."""
        browser, person = self.member(number)
        page = browser.visitor.edit_profile(username=name, about_me=about_me)
        is_free = self.named(name) in {None, person}
        assert (page.status, page.errors("Username")) == (200, [] if is_free else TAKEN)
        if is_free:
            person.name, person.about_me = name.strip(), about_me

    @when(is_signed_in)
    @rule(number=browsers, text=texts)
    def write(self, number: int, text: str) -> None:
        """A new post is the first on the home page."""
        browser, person = self.member(number)
        assert browser.visitor.write(text).status == 200
        self.posts.insert(0, (person, text))

    @when(is_signed_in)
    @rule(number=browsers)
    def open_form(self, number: int) -> None:
        """A form is opened and kept open."""
        browser, _ = self.member(number)
        browser.form = browser.visitor.form(browser.visitor.home(), "text")

    @when(has_form)
    @rule(number=browsers, text=texts)
    def send_old_form(self, number: int, text: str) -> None:
        """A form that was kept open writes a post of the user who is signed in then."""
        browser = self.browser(number, has_form)
        assert browser.form
        page = browser.visitor.submit(browser.form, text=text)
        assert (page.status, page.signed_in) == (200, browser.person is not None)
        if browser.person:
            self.posts.insert(0, (browser.person, text))

    # -- reading ----------------------------------------------------------------------

    @when(is_signed_in)
    @rule(number=browsers)
    def read_on(self, number: int) -> None:
        """The home page and the pages after it show every post, newest first."""
        browser, _ = self.member(number)
        page = browser.visitor.home()
        shown = []
        while True:
            shown += [
                self.written(one.text) for one in page.soup.select("article .written")
            ]
            if not page.has_link("Older posts"):
                break
            page = browser.visitor.follow(page, "Older posts")
        assert shown == [self.written(text) for _, text in self.posts]

    @when(is_signed_in)
    @rule(number=browsers, name=names)
    def profile(self, number: int, name: str) -> None:
        """A profile shows a user's name, about-me and posts; other names are a 404."""
        browser, _ = self.member(number)
        page = browser.visitor.profile(name.strip())
        person = self.named(name)
        assert page.status == (200 if person else 404)
        if person:
            assert page.heading == self.written(person.name)
            assert self.written(person.about_me) in page.text
            assert [
                self.written(one.text) for one in page.soup.select("article .written")
            ] == [
                self.written(text) for author, text in self.posts if author is person
            ][:20]

    # -- the database ------------------------------------------------------------------

    @precondition(lambda self: not self.is_lost)
    @rule()
    def lose_database(self) -> None:
        """The table of users disappears."""
        self.site.probe.sql('ALTER TABLE "user" RENAME TO gone')
        self.is_lost = True

    @precondition(lambda self: self.is_lost)
    @rule()
    def restore_database(self) -> None:
        """The table of users is restored."""
        self.site.probe.sql('ALTER TABLE gone RENAME TO "user"')
        self.is_lost = False

    @precondition(lambda self: self.is_lost)
    @rule(
        number=browsers, path=st.sampled_from(["/", "/edit_profile", "/login", "/nope"])
    )
    def open_without_database(self, number: int, path: str) -> None:
        """Without the database a user gets the error page, except for the 404 page."""
        browser = self.browsers[number]
        page = browser.visitor.open(path)
        if path == "/nope":
            assert page.status == 404
        elif browser.person or (browser.is_unsure and page.status != 200):
            assert (page.status, page.heading) == (500, UNEXPECTED)
            self.failures += 1
        else:
            assert (page.status, page.signed_in) == (200, False)

    @when(has_no_session, lost=True)
    @rule(number=browsers, name=names)
    def sign_in_without_database(self, number: int, name: str) -> None:
        """Without the database nobody can sign in."""
        page = self.browser(number, has_no_session).visitor.sign_in(name)
        assert (page.status, page.heading) == (500, UNEXPECTED)
        self.failures += 1

    @when(has_signed_in_form, lost=True)
    @rule(number=browsers, text=texts)
    def write_without_database(self, number: int, text: str) -> None:
        """Without the database a form that was kept open writes nothing."""
        browser = self.browser(number, has_signed_in_form)
        assert browser.form
        page = browser.visitor.submit(browser.form, text=text)
        assert (page.status, page.heading) == (500, UNEXPECTED)
        self.failures += 1

    @invariant()
    def shows_signed_in_user(self) -> None:
        """A page has the navigation of the signed-in user, in each browser in turn."""
        if self.is_lost:
            return
        browser = next(self.turns)
        page = browser.visitor.open("/nope")
        assert page.status == 404
        assert page.signed_in is (browser.person is not None)
        if browser.person:
            own = browser.visitor.sitemap.profile(browser.person.name)
            assert page.link("Profile").endswith(own)

    def teardown(self) -> None:
        """Every failure has been mailed, and nothing else."""
        if self.is_lost:
            self.restore_database()
        assert len(self.site.mails()) == self.failures
