"""The pages of a microblog in every state, and how to open them in a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.harness.chromium.window import Window
from tests.harness.database.stores import moved_away
from tests.harness.server.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Makes a window show a page in a state.
Scene = Callable[[Site, Window], object]

#: Author and text, oldest first.
POSTS = (
    ("john", "Beautiful day in Portland!"),
    ("susan", "The Avengers movie was so cool!"),
    ("john", "Two lines:\nthis is the second."),
    ("susan", "مرحبا بالعالم، هذا منشور قصير بالعربية."),
    (
        "john",
        "I keep a list of the words that I look up. Today's: “sesquipedalian”. It "
        "describes itself, and nearly fills a whole post: just about 140.",
    ),
    ("susan", "Changed my name to john today. It says to use a different one."),
)
LONGEST_NAME = "W" * 64
LONGEST_WORD = "x" * 140


def store_posts(site: Site, posts: Sequence[tuple[str, str]] = POSTS) -> None:
    """Store posts at intervals of an hour directly in the database."""
    moment = datetime(2026, 11, 20, 9, 5)
    rows = []
    for number, (author, text) in enumerate(posts):
        quoted = text.replace("'", "''")
        whose = f"(SELECT id FROM \"user\" WHERE username = '{author}')"
        rows.append(f"('{quoted}', '{moment + timedelta(hours=number)}', {whose})")
    site.probe.sql(
        f"INSERT INTO post (body, timestamp, user_id) VALUES {', '.join(rows)}"
    )


@contextmanager
def database_away(site: Site) -> Iterator[None]:
    """Remove the SQLite file, or PostgreSQL's table of users, while the block runs."""
    url = site.env["DATABASE_URL"]
    if url.startswith("sqlite"):
        with moved_away(url):
            yield
        return
    site.probe.sql('ALTER TABLE "user" RENAME TO "taken_away"')
    try:
        yield
    finally:
        site.probe.sql('ALTER TABLE "taken_away" RENAME TO "user"')


# -- anonymous visitors -------------------------------------------------------------


def sign_in(_site: Site, window: Window) -> None:
    """The sign-in page after a page for members was requested."""
    window.open("/")


def sign_in_refused(_site: Site, window: Window) -> None:
    """The message about a wrong username or password."""
    window.open("/login")
    window.type("Username", "susan")
    window.type("Password", "wrong")
    window.press("Sign In")


def register(_site: Site, window: Window) -> None:
    """The registration form."""
    window.open("/register")


def register_refused(_site: Site, window: Window) -> None:
    """The registration form with an error message at each field."""
    register(_site, window)
    window.type("Username", "susan")
    window.type("Email", "nowhere")
    window.type("Password", "short")
    window.type("Repeat Password", "shorter")
    window.press("Register")


def not_found_anonymous(_site: Site, window: Window) -> None:
    """An unknown address."""
    window.open("/nope")


# -- members ------------------------------------------------------------------------


def home(site: Site, window: Window) -> None:
    """The home page with posts."""
    store_posts(site)
    window.open("/")


def home_empty(_site: Site, window: Window) -> None:
    """The home page without posts."""
    window.open("/")


def home_in_the_middle(site: Site, window: Window) -> None:
    """A page of posts with newer and older ones."""
    store_posts(site, POSTS * 8)
    window.open("/")
    window.follow("Older posts")


def posted(_site: Site, window: Window) -> None:
    """The message that a post is live."""
    window.open("/")
    window.type("Say something", "Good morning!")
    window.press("Post")


def post_refused(site: Site, window: Window) -> None:
    """The error message at a post that is too long."""
    store_posts(site)
    window.open("/")
    window.type("Say something", LONGEST_WORD + "x")
    window.press("Post")


def longest(site: Site, window: Window) -> None:
    """A profile with the longest possible name and words."""
    with site.visitor() as visitor:
        visitor.register(LONGEST_NAME)
        visitor.sign_in(LONGEST_NAME)
        visitor.edit_profile(about_me=LONGEST_WORD)
        visitor.write(LONGEST_WORD)
    window.open(f"/user/{LONGEST_NAME}")


def profile(site: Site, window: Window) -> None:
    """The visitor's own profile."""
    store_posts(site)
    window.open("/user/susan")


def profile_of_another(_site: Site, window: Window) -> None:
    """The profile of another user who has not written a post."""
    window.open("/user/john")


def edit_profile(_site: Site, window: Window) -> None:
    """The form to edit one's profile."""
    window.open("/edit_profile")


def name_taken(_site: Site, window: Window) -> None:
    """The error message at a username that is taken."""
    window.open("/edit_profile")
    window.type("Username", "john")
    window.type("About me", "I read more than I write.")
    window.press("Save")


def saved(_site: Site, window: Window) -> None:
    """The message that changes were saved."""
    window.open("/edit_profile")
    window.press("Save")


def not_found(_site: Site, window: Window) -> None:
    """An unknown address, opened by a member."""
    window.open("/nope")


def unexpected(site: Site, window: Window) -> None:
    """The page after an unhandled exception."""
    window.open(site.probe.raising("on demand"))


def without_database(site: Site, window: Window) -> None:
    """The page that a member sees without a database."""
    with database_away(site):
        window.open("/")


#: By name: how to open the scene, and a text that it contains.
ANONYMOUS: Mapping[str, tuple[Scene, str]] = {
    "sign-in": (sign_in, "Please log in to access this page."),
    "sign-in-refused": (sign_in_refused, "Invalid username or password"),
    "register": (register, "Repeat Password"),
    "register-refused": (register_refused, "Please use a different username."),
    "not-found-anonymous": (not_found_anonymous, "File Not Found"),
}
MEMBERS: Mapping[str, tuple[Scene, str]] = {
    "home": (home, "Beautiful day in Portland!"),
    "home-empty": (home_empty, "No posts yet."),
    "home-in-the-middle": (home_in_the_middle, "Newer posts"),
    "posted": (posted, "Your post is now live!"),
    "post-refused": (post_refused, "Field cannot be longer than 140 characters."),
    "longest": (longest, LONGEST_WORD),
    "profile": (profile, "Edit your profile"),
    "profile-of-another": (profile_of_another, "has not posted anything yet."),
    "edit-profile": (edit_profile, "About me"),
    "name-taken": (name_taken, "Please use a different username."),
    "saved": (saved, "Your changes have been saved."),
    "not-found": (not_found, "File Not Found"),
    "unexpected": (unexpected, "An unexpected error has occurred"),
    "without-database": (without_database, "An unexpected error has occurred"),
}
SCENES = {**ANONYMOUS, **MEMBERS}


@contextmanager
def shown(name: str, site: Site, browser: Browser, **options: Any) -> Iterator[Window]:
    """Show a scene in a window while the block runs.

    Args:
        site: A reset site.
        options: Further arguments of `Window.opened`.
    """
    cookies = site.member("susan").cookies if name in MEMBERS else {}
    with Window.opened(browser, site.url, cookies=cookies, **options) as window:
        scene, text = SCENES[name]
        scene(site, window)
        window.page.get_by_text(text).first.wait_for()
        yield window
