"""Requests that no browser sends, each of which once was an error of the server's."""

import json
from time import monotonic
from urllib.parse import urlsplit

import pytest

from tests.harness.behaviour import MUST, SHOULD, behaviour
from tests.harness.launcher import Launcher
from tests.harness.site import Site
from tests.harness.visitor import PASSWORD, Visitor

FORMS = ["/login", "/register"]
MARKS = "a" + "\u0301\u0327" * 15_000  # 60 kB


def token(visitor: Visitor, path: str) -> str:
    """The token of the form that is served there."""
    return visitor.open(path).form("password").value("csrf_token")


@behaviour("accounts.bad-text", SHOULD)
@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("path", FORMS)
def test_file_for_a_text(site: Site, visitor: Visitor, path: str, field: str) -> None:
    """A file in place of a text is refused as a text that is missing."""
    data = {"csrf_token": token(visitor, path)}

    page = visitor.request("POST", path, data=data, files={field: b"susan"})

    assert page.status == 200
    assert page.errors(field) == ["This field is required."]
    assert site.mails() == []


@behaviour("accounts.bad-text", SHOULD)
@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "value",
    [[1, 2], 5, "x", None, {"username": 5}, {"username": ["a"]}, {"password": {}}],
    ids=json.dumps,
)
def test_json_for_a_form(
    site: Site, visitor: Visitor, path: str, value: object
) -> None:
    """JSON in place of a form is refused as a form that is empty."""
    headers = {"Content-Type": "application/json", "X-CSRFToken": token(visitor, path)}

    page = visitor.request(
        "POST", path, data=json.dumps(value).encode(), headers=headers
    )

    assert page.status == 200
    assert page.errors("username") == ["This field is required."]
    assert site.mails() == []


@behaviour("security.anonymous-never-5xx", SHOULD)
@pytest.mark.parametrize(
    "referrer", ["https://[", "https://localhost:99999/", "https://localhost:a/", ""]
)
def test_referrer_that_is_no_address(launcher: Launcher, referrer: str) -> None:
    """Over HTTPS, a form from an address that is none is refused."""
    site = launcher.shared(workers=1)
    visitor = site.visitor()
    data = {"csrf_token": token(visitor, "/login"), "username": "susan"}
    headers = {"X-Forwarded-Proto": "https", "Referer": referrer}

    page = visitor.request("POST", "/login", data=data, headers=headers)

    assert page.status == 400
    assert site.mails() == []


@behaviour("security.anonymous-never-5xx", SHOULD)
@pytest.mark.parametrize(
    "host",
    ["x" * 65, "a..b", "a b", "\xff", ""],
    ids=["long", "gap", "blank", "not-ascii", "empty"],
)
@pytest.mark.parametrize(("path", "status"), [("/login", 200), ("/nope", 404)])
def test_host_that_is_no_name(
    site: Site, visitor: Visitor, host: str, path: str, status: int
) -> None:
    """A Host that cannot be one changes nothing, and is nothing to report."""
    page = visitor.open(path, headers={"Host": host})

    assert page.status == status
    assert "/static/style.css" in page.html
    assert site.mails() == []


@behaviour("security.csrf", MUST)
@pytest.mark.parametrize(("here", "status"), [(True, 200), (False, 400)])
def test_referrer_over_https(launcher: Launcher, here: bool, status: int) -> None:
    """Over HTTPS, a form is taken from a page of this site only."""
    site = launcher.shared(workers=1)
    visitor = site.visitor()
    data = {"csrf_token": token(visitor, "/login"), "username": "susan"}
    host = urlsplit(site.url).netloc if here else "evil.example"
    headers = {"X-Forwarded-Proto": "https", "Referer": f"https://{host}/login"}

    page = visitor.request("POST", "/login", data=data, headers=headers)

    assert page.status == status


def seconds(visitor: Visitor, path: str, **fields: str) -> float:
    """How long the site takes to refuse a form; the shortest of three times."""
    parts = {name: (None, text) for name, text in fields.items()}

    def refuse() -> float:
        begin = monotonic()
        assert visitor.request("POST", path, files=parts).status == 200
        return monotonic() - begin

    return min(refuse() for _ in range(3))


@behaviour("security.body-limit", SHOULD)
@pytest.mark.parametrize("field", ["username", "email", "password"])
@pytest.mark.parametrize("path", FORMS)
def test_long_texts_are_refused_at_once(
    visitor: Visitor, path: str, field: str
) -> None:
    """To refuse 30,000 marks on a letter takes no longer than to refuse letters."""
    fields = {"username": "ada", "email": "ada@example.com", "password": PASSWORD}
    fields["csrf_token"] = token(visitor, path)

    plain = seconds(visitor, path, **{**fields, field: "x" * len(MARKS)})
    marks = seconds(visitor, path, **{**fields, field: MARKS})

    assert marks < 0.2 + 3 * plain
