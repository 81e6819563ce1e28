"""What people, and their browsers, are to be; and what may be asked of them."""

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
    """What two spellings of one name have in common."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


@dataclass(eq=False)
class Person:
    """A user as he is to be stored."""

    name: str
    email: str
    about_me: str = ""
    posts: list[str] = field(default_factory=list)


@dataclass
class Browser:
    """A browser, who is to be signed in with it, and a form that lies open in it."""

    visitor: Visitor
    person: Person | None = None
    is_remembered: bool = False
    #: Its cookies may name a user who is gone: only the database knows.
    is_unsure: bool = False
    form: Form | None = None


Fits = Callable[[Browser], bool]


def is_members(browser: Browser) -> bool:
    """Whether somebody is signed in with a browser."""
    return browser.person is not None


def is_strangers(browser: Browser) -> bool:
    """Whether nobody is signed in with a browser."""
    return browser.person is None


def is_nobodys(browser: Browser) -> bool:
    """Whether nobody is, for certain: the database need not be asked."""
    return is_strangers(browser) and not browser.is_unsure


def has_form(browser: Browser) -> bool:
    """Whether a form lies open in a browser."""
    return browser.form is not None


def has_members_form(browser: Browser) -> bool:
    """Whether a form lies open in the browser of a member."""
    return is_members(browser) and has_form(browser)
