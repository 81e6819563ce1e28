"""Where things are on a site, and what its fields are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.harness.capabilities import NotOffered

#: The chapter's pages; ``{username}`` stands for a name.
PLACES: Mapping[str, str] = {
    "home": "/",
    "register": "/register",
    "login": "/login",
    "edit_profile": "/edit_profile",
    "profiles": "/user/{username}",
}

#: What a test calls a field: how a person finds it (labels, then names, then types).
FIELDS: Mapping[str, tuple[str, ...]] = {
    "username": ("Username", "username"),
    "email": ("Email", "email"),
    "password": ("Password", "password"),
    "password2": ("Repeat Password", "password2"),
    "remember": ("Remember Me", "remember_me"),
    "about_me": ("About me", "about_me"),
    "text": ("Say something", "body", "post"),
}

#: What the pages are for, in messages.
PURPOSES: Mapping[str, str] = {
    "home": "home page",
    "register": "page to register",
    "login": "page to sign in",
    "edit_profile": "page to edit one's profile",
    "profiles": "profile pages by name",
}


@dataclass(frozen=True)
class SiteMap:
    """The addresses of the chapter's pages, and the names of their fields."""

    places: Mapping[str, str] = field(default_factory=lambda: PLACES)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: FIELDS)
    #: Other addresses of the home page, such as /index.
    home_aliases: tuple[str, ...] = ()
    #: What else a target asks for when one registers: fields by name, and answers.
    extra_fields: Mapping[str, str | bool] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """Return the address of a page."""
        if key not in self.places:
            raise NotOffered(f"no {PURPOSES[key]} was found")
        return self.places[key]

    @property
    def home(self) -> str:
        """The home page."""
        return self.place("home")

    @property
    def register(self) -> str:
        """The page where one registers."""
        return self.place("register")

    @property
    def login(self) -> str:
        """The page where one signs in."""
        return self.place("login")

    @property
    def edit_profile(self) -> str:
        """The page where one edits one's profile."""
        return self.place("edit_profile")

    def profile(self, username: str) -> str:
        """Return the address of the profile of *username*."""
        return self.place("profiles").format(username=quote(username, safe=""))

    def names(self, key: str) -> tuple[str, ...]:
        """Return how to look for the field that tests call *key*."""
        return self.fields.get(key, (key,))
