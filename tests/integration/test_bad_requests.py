"""Requests that no browser sends, each of which once caused a 500."""

import json
from time import monotonic
from urllib.parse import urlsplit

import pytest

from tests.harness.http.visitor import PASSWORD, Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

FORMS = ["/login", "/register"]
MARKS = "a" + "\u0301\u0327" * 15_000  # 60 kB


def token(visitor: Visitor, path: str) -> str:
    """Return the CSRF token of the form on a page."""
    return visitor.open(path).form("password").value("csrf_token")


@behaviour("accounts.bad-text")
@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("path", FORMS)
def test_file_for_a_text(site: Site, visitor: Visitor, path: str, field: str) -> None:
    """A file sent for a text field is refused like a missing text."""
    data = {"csrf_token": token(visitor, path)}

    page = visitor.request("POST", path, data=data, files={field: b"susan"})

    assert page.status == 200
    assert page.errors(field) == ["This field is required."]
    assert site.mails() == []


@behaviour("accounts.bad-text")
@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "value",
    [[1, 2], 5, "x", None, {"username": 5}, {"username": ["a"]}, {"password": {}}],
    ids=json.dumps,
)
def test_json_for_a_form(
    site: Site, visitor: Visitor, path: str, value: object
) -> None:
    """JSON sent for a form is refused like an empty form."""
    headers = {"Content-Type": "application/json", "X-CSRFToken": token(visitor, path)}

    page = visitor.request(
        "POST", path, data=json.dumps(value).encode(), headers=headers
    )

    assert page.status == 200
    assert page.errors("username") == ["This field is required."]
    assert site.mails() == []


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize(
    "referrer", ["https://[", "https://localhost:99999/", "https://localhost:a/", ""]
)
def test_unparsable_referrer(launcher: Launcher, referrer: str) -> None:
    """Over HTTPS, a form with an unparsable referrer is refused."""
    site = launcher.shared(workers=1)
    visitor = site.visitor()
    data = {"csrf_token": token(visitor, "/login"), "username": "susan"}
    headers = {"X-Forwarded-Proto": "https", "Referer": referrer}

    page = visitor.request("POST", "/login", data=data, headers=headers)

    assert page.status == 400
    assert site.mails() == []


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize(
    "host",
    ["x" * 65, "a..b", "a b", "\xff", "", "xn--a", "xn--99999999999"],
    ids=["long", "gap", "blank", "not-ascii", "empty", "idna", "large-idna"],
)
@pytest.mark.parametrize(
    ("path", "status"), [("/login", 200), ("/nope", 404), ("/edit_profile", 200)]
)
def test_invalid_host(
    site: Site, visitor: Visitor, host: str, path: str, status: int
) -> None:
    """An invalid Host changes nothing and is not reported."""
    page = visitor.open(path, headers={"Host": host})

    assert page.status == status
    assert "/static/style.css" in page.html
    assert site.mails() == []


FAR = ["Mon, 01 Jan {0} 00:00:00 GMT", "Mon, 01 Jan 2020 00:00:00 +{0}"]


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize("date", FAR, ids=["year", "zone"])
@pytest.mark.parametrize(
    ("header", "others"),
    [("If-Modified-Since", {}), ("If-Range", {"Range": "bytes=0-1"})],
    ids=["since", "range"],
)
def test_invalid_date(
    site: Site, visitor: Visitor, date: str, header: str, others: dict[str, str]
) -> None:
    """A date out of range is ignored and not reported."""
    headers = {header: date.format("9" * 20), **others}

    page = visitor.open("/static/style.css", headers=headers)

    assert page.status in {200, 206}
    assert site.mails() == []


@behaviour("security.csrf")
@pytest.mark.parametrize(("here", "status"), [(True, 200), (False, 400)])
def test_referrer_over_https(launcher: Launcher, here: bool, status: int) -> None:
    """Over HTTPS, forms are accepted only from pages of this site."""
    site = launcher.shared(workers=1)
    visitor = site.visitor()
    data = {"csrf_token": token(visitor, "/login"), "username": "susan"}
    host = urlsplit(site.url).netloc if here else "evil.example"
    headers = {"X-Forwarded-Proto": "https", "Referer": f"https://{host}/login"}

    page = visitor.request("POST", "/login", data=data, headers=headers)

    assert page.status == status


def seconds(visitor: Visitor, path: str, **fields: str) -> float:
    """Return the seconds the site takes to refuse a form, the best of three."""
    parts = {name: (None, text) for name, text in fields.items()}

    def refuse() -> float:
        begin = monotonic()
        assert visitor.request("POST", path, files=parts).status == 200
        return monotonic() - begin

    return min(refuse() for _ in range(3))


@behaviour("security.body-limit")
@pytest.mark.parametrize("field", ["username", "email", "password"])
@pytest.mark.parametrize("path", FORMS)
def test_long_texts_are_refused_at_once(
    visitor: Visitor, path: str, field: str
) -> None:
    """Refusing 30,000 combining marks takes no longer than refusing letters."""
    fields = {"username": "ada", "email": "ada@example.com", "password": PASSWORD}
    fields["csrf_token"] = token(visitor, path)

    plain = seconds(visitor, path, **{**fields, field: "x" * len(MARKS)})
    marks = seconds(visitor, path, **{**fields, field: MARKS})

    assert marks < 0.2 + 3 * plain


def part(name: str, value: bytes) -> bytes:
    """Return one field of a multipart form."""
    return b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (
        name.encode(),
        value,
    )


PLAIN = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"


@behaviour("accounts.bad-text")
@pytest.mark.parametrize(
    ("kind", "sent", "status", "username"),
    [
        (PLAIN, b"username=%ED%A0%80&about_me=", 200, "%ED%A0%80"),
        (PLAIN, b"username=%FF&about_me=", 200, "%FF"),
        (PLAIN, b"username=\xff&about_me=", 400, "susan"),
        (PARTS, part("username", b"\xff") + part("about_me", b""), 200, "susan"),
    ],
    ids=["surrogate", "not-utf-8", "raw", "multipart"],
)
def test_form_that_is_not_utf8(
    site: Site, susan: Visitor, kind: str, sent: bytes, status: int, username: str
) -> None:
    """Raw bytes that are not UTF-8 are refused; escaped ones stay escaped."""
    page = susan.open("/edit_profile")
    token = page.form("about_me").value("csrf_token").encode()
    more = b"&csrf_token=%s" % token
    if kind == PARTS:
        more = part("csrf_token", token) + b"--x--\r\n"

    answer = susan.request(
        "POST", "/edit_profile", data=sent + more, headers={"Content-Type": kind}
    )

    assert answer.status == status
    assert site.users.names[0] == username
    assert site.mails() == []


@behaviour("accounts.bad-text")
def test_percent_sign_in_a_multipart_form(site: Site, susan: Visitor) -> None:
    """Percent signs in a multipart form are stored unchanged."""
    page = susan.open("/edit_profile")
    fields = {"username": "susan", "about_me": "100%FF sure", "csrf_token": ""}
    fields["csrf_token"] = page.form("about_me").value("csrf_token")
    parts = {name: (None, text) for name, text in fields.items()}

    saved = susan.request("POST", "/edit_profile", files=parts)

    assert saved.status == 200
    assert site.users.profiles[0] == ("susan", "100%FF sure")


@behaviour("accounts.bad-text")
@pytest.mark.parametrize("missing", ["username", "about_me"])
def test_missing_field(site: Site, susan: Visitor, missing: str) -> None:
    """A form without a required field is refused, and nothing is saved."""
    form = susan.open("/edit_profile").form("about_me")
    data = {"username": "susanna", "about_me": "I read."}
    data["csrf_token"] = form.value("csrf_token")
    del data[missing]

    page = susan.request("POST", "/edit_profile", data=data)

    assert page.status == 200
    assert page.errors(missing) == ["This field is required."]
    assert site.users.profiles[0] == ("susan", None)


@behaviour("accounts.bad-text")
@pytest.mark.parametrize("path", ["/login", "/register", "/"])
def test_form_without_fields(site: Site, susan: Visitor, path: str) -> None:
    """A form without any fields is refused like an empty one."""
    visitor = susan if path == "/" else site.visitor()
    token = visitor.open(path).forms[-1].value("csrf_token")

    page = visitor.request("POST", path, data={"csrf_token": token})

    assert page.status == 200
    assert "This field is required." in page.text
    assert site.mails() == []
