"""The model of a microblog's users and their browsers."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.harness.http.form import Form
from tests.harness.http.visitor import Visitor

browsers = st.integers(0, 2)
names = st.sampled_from(
    ["susan", "John", " ada ", "ＡＤＡ", "ſusan", "Grace Hopper", "j"]
)
addresses = st.sampled_from(["susan@example.com", "ada@example.com", "J@Example.com"])
texts = st.text("ab é<&>'\"🧍", min_size=1, max_size=6).filter(str.strip)


def key(name: str) -> str:
    """Return the canonical form that all spellings of a username share."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


@dataclass(eq=False)
class Person:
    """The expected state of a user."""

    name: str
    email: str
    about_me: str = ""
    posts: list[str] = field(default_factory=list)


@dataclass
class Browser:
    """The expected state of a browser: who is signed in, and an open form."""

    visitor: Visitor
    person: Person | None = None
    is_remembered: bool = False
    #: Its cookies may belong to a deleted user, which only the database shows.
    is_unsure: bool = False
    form: Form | None = None


Fits = Callable[[Browser], bool]


def is_signed_in(browser: Browser) -> bool:
    """Return whether a user is signed in at a browser."""
    return browser.person is not None


def is_anonymous(browser: Browser) -> bool:
    """Return whether no user is signed in at a browser."""
    return browser.person is None


def has_no_session(browser: Browser) -> bool:
    """Return whether a browser is anonymous without a query to the database."""
    return is_anonymous(browser) and not browser.is_unsure


def has_form(browser: Browser) -> bool:
    """Return whether a form is open in a browser."""
    return browser.form is not None


def has_signed_in_form(browser: Browser) -> bool:
    """Return whether a form is open in a browser where a user is signed in."""
    return is_signed_in(browser) and has_form(browser)
