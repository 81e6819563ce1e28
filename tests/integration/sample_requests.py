"""Every kind of request that the site answers, by members and by strangers."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.harness.http.visitor import PASSWORD

MEMBER, STRANGER = "member", "stranger"


@dataclass(frozen=True)
class Kind:
    """A request: a path to open or, with ``data``, to post to, and who does it."""

    name: str
    path: str
    data: Mapping[str, str] | None = None
    whose: tuple[str, ...] = (MEMBER, STRANGER)
    #: For whom the database is asked; for others no step of it can fail.
    asked_for: tuple[str, ...] = (MEMBER,)
    #: Whether its visitor was last seen long ago, so that it is noted anew.
    away: bool = False

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "GET" if self.data is None else "POST"


def to_register(username: str) -> dict[str, str]:
    """Return a filled-in registration form."""
    email = f"{username}@example.com"
    passwords = {"password": PASSWORD, "password2": PASSWORD}
    return {"username": username, "email": email, **passwords}


KINDS = (
    Kind("home", "/"),
    Kind("first-in-a-while", "/", whose=(MEMBER,), away=True),
    Kind("older", "/?before=2", whose=(MEMBER,)),
    Kind("profile", "/user/john"),
    Kind("no-profile", "/user/nobody", whose=(MEMBER,)),
    Kind("no-page", "/nope"),
    Kind("static", "/static/style.css", asked_for=()),
    Kind("edit-form", "/edit_profile"),
    Kind("sign-in-form", "/login"),
    Kind("register-form", "/register"),
    Kind("write", "/", {"body": "A post"}),
    Kind("write-nothing", "/", {"body": ""}, whose=(MEMBER,)),
    Kind("edit", "/edit_profile", {"username": "susan", "about_me": "About me"}),
    Kind(
        "rename",
        "/edit_profile",
        {"username": "susanna", "about_me": "Renamed"},
        whose=(MEMBER,),
    ),
    Kind("rename-to-taken", "/edit_profile", {"username": "john"}, whose=(MEMBER,)),
    Kind(
        "sign-in",
        "/login",
        {"username": "john", "password": PASSWORD},
        asked_for=(MEMBER, STRANGER),
    ),
    Kind(
        "sign-in-wrong",
        "/login",
        {"username": "john", "password": "no"},
        whose=(STRANGER,),
        asked_for=(STRANGER,),
    ),
    Kind("sign-out", "/logout", {}),
    Kind("register", "/register", to_register("new"), asked_for=(MEMBER, STRANGER)),
    Kind(
        "register-taken",
        "/register",
        to_register("john"),
        whose=(STRANGER,),
        asked_for=(STRANGER,),
    ),
)
