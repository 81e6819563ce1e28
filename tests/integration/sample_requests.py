"""A request of every kind that the site answers, by members and anonymous visitors."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.harness.http.visitor import PASSWORD

MEMBER, ANONYMOUS = "member", "anonymous"


@dataclass(frozen=True)
class SampleRequest:
    """A request: a path to open or, with ``data``, to post to, and who sends it."""

    name: str
    path: str
    data: Mapping[str, str] | None = None
    senders: tuple[str, ...] = (MEMBER, ANONYMOUS)
    #: The senders for whom the database is queried; for others no step can fail.
    queried_for: tuple[str, ...] = (MEMBER,)
    #: Whether the sender was last seen long ago, so that last-seen is stored.
    long_absent: bool = False

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "GET" if self.data is None else "POST"


def registration(username: str) -> dict[str, str]:
    """Return the fields of a filled-in registration form."""
    email = f"{username}@example.com"
    passwords = {"password": PASSWORD, "password2": PASSWORD}
    return {"username": username, "email": email, **passwords}


SAMPLE_REQUESTS = (
    SampleRequest("home", "/"),
    SampleRequest("first-in-a-while", "/", senders=(MEMBER,), long_absent=True),
    SampleRequest("older", "/?before=2", senders=(MEMBER,)),
    SampleRequest("profile", "/user/john"),
    SampleRequest("no-profile", "/user/nobody", senders=(MEMBER,)),
    SampleRequest("no-page", "/nope"),
    SampleRequest("static", "/static/style.css", queried_for=()),
    SampleRequest("edit-form", "/edit_profile"),
    SampleRequest("sign-in-form", "/login"),
    SampleRequest("register-form", "/register"),
    SampleRequest("write", "/", {"body": "A post"}),
    SampleRequest("write-nothing", "/", {"body": ""}, senders=(MEMBER,)),
    SampleRequest(
        "edit", "/edit_profile", {"username": "susan", "about_me": "About me"}
    ),
    SampleRequest(
        "rename",
        "/edit_profile",
        {"username": "susanna", "about_me": "Renamed"},
        senders=(MEMBER,),
    ),
    SampleRequest(
        "rename-to-taken", "/edit_profile", {"username": "john"}, senders=(MEMBER,)
    ),
    SampleRequest(
        "sign-in",
        "/login",
        {"username": "john", "password": PASSWORD},
        queried_for=(MEMBER, ANONYMOUS),
    ),
    SampleRequest(
        "sign-in-wrong",
        "/login",
        {"username": "john", "password": "no"},
        senders=(ANONYMOUS,),
        queried_for=(ANONYMOUS,),
    ),
    SampleRequest("sign-out", "/logout", {}),
    SampleRequest(
        "register", "/register", registration("new"), queried_for=(MEMBER, ANONYMOUS)
    ),
    SampleRequest(
        "register-taken",
        "/register",
        registration("john"),
        senders=(ANONYMOUS,),
        queried_for=(ANONYMOUS,),
    ),
)
