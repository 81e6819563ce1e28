"""The paths of a site's pages, and the names of its fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.harness.capabilities import NotOffered

#: The paths of the chapter's pages; ``{username}`` stands for a name.
PLACES: Mapping[str, str] = {
    "home": "/",
    "register": "/register",
    "login": "/login",
    "edit_profile": "/edit_profile",
    "profiles": "/user/{username}",
}

#: The labels, names or types to find a field by, under the name that tests use.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "username": ("Username", "username"),
    "email": ("Email", "email"),
    "password": ("Password", "password"),
    "password2": ("Repeat Password", "password2"),
    "remember": ("Remember Me", "remember_me"),
    "about_me": ("About me", "about_me"),
    "text": ("Say something", "body", "post"),
}

#: The names of the pages in messages.
PURPOSES: Mapping[str, str] = {
    "home": "home page",
    "register": "page to register",
    "login": "page to sign in",
    "edit_profile": "page to edit one's profile",
    "profiles": "profile pages by name",
}


@dataclass(frozen=True)
class SiteMap:
    """The paths of a site's pages, and the names of its fields."""

    places: Mapping[str, str] = field(default_factory=lambda: PLACES)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: FIELDS)
    #: Other paths of the home page, such as /index.
    home_aliases: tuple[str, ...] = ()
    #: The path of a page that only signed-in users can open, "" if none is known.
    members_only: str = PLACES["edit_profile"]
    #: Further fields to register or to write a post, with the values to fill in.
    extra_fields: Mapping[str, str | bool] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """Return the path of a page.

        Raises:
            NotOffered: The site has no such page.
        """
        if key not in self.places:
            raise NotOffered(f"no {PURPOSES[key]} was found")
        return self.places[key]

    @property
    def home(self) -> str:
        """The path of the home page."""
        return self.place("home")

    @property
    def register(self) -> str:
        """The path of the registration page."""
        return self.place("register")

    @property
    def login(self) -> str:
        """The path of the sign-in page."""
        return self.place("login")

    @property
    def edit_profile(self) -> str:
        """The path of the page to edit one's profile."""
        return self.place("edit_profile")

    def profile(self, username: str) -> str:
        """Return the path of a user's profile."""
        return self.place("profiles").format(username=quote(username, safe=""))

    def names(self, key: str) -> tuple[str, ...]:
        """Return the labels, names or types to find a field by."""
        return self.fields.get(key, (key,))
