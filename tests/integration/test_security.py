"""Permissions, escaping, headers, and redirects that stay on the site."""

import re
from http.cookies import Morsel, SimpleCookie
from urllib.parse import quote, urlsplit

import pytest
import requests

from tests.harness.capabilities import NotOffered
from tests.harness.http.form import Form
from tests.harness.http.visitor import PASSWORD, Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

MARKUP = "<x-harness>"
ELSEWHERE = ["http://evil.example", "//evil.example", "////evil.example"]
ELSEWHERE += ["http:///evil.example", r"/\evil.example", "/\t/evil.example"]
ELSEWHERE += ["javascript:alert(1)"]
#: Texts to refuse: NUL, which databases do not store, a terminal escape,
#: a bidirectional override, and a text that is too long.
BAD = ["\0", "\x1b[2J", "\x7f", "\u202e", "x" * 5000]
HOSTILE = "<script>alert('x')</script>&\"'"


def leads_away(location: str) -> bool:
    """Return whether a redirect to an address makes a browser leave the site."""
    read = re.sub(r"[\t\r\n]", "", location).strip("\0 ").replace("\\", "/")
    host = re.match(r"(?:https?:)?/{2,}([^/?#:]*)", read, re.IGNORECASE)
    if host is not None:  # pragma: no cover - other people's
        return host[1] not in ("127.0.0.1", "localhost")
    return re.match(r"[a-z][a-z0-9+.-]*:", read, re.IGNORECASE) is not None


def cookies(site: Site, scheme: str) -> dict[str, Morsel[str]]:
    """Return the cookies set by a sign-in with "remember me", with attributes."""
    headers = {
        "X-Forwarded-Proto": scheme,
        "Referer": f"{scheme}://{urlsplit(site.url).netloc}/login",
    }
    with requests.Session() as browser:
        form = browser.get(f"{site.url}/login", headers=headers, timeout=10)
        token = form.text.partition('name="csrf_token"')[2].split('"')[3]
        answer = browser.post(
            f"{site.url}/login",
            data={
                "csrf_token": token,
                "username": "susan",
                "password": PASSWORD,
                "remember_me": "y",
            },
            headers={"Cookie": form.headers["Set-Cookie"].split(";")[0], **headers},
            allow_redirects=False,
            timeout=10,
        )
    assert answer.is_redirect
    found = [SimpleCookie(text) for text in answer.raw.headers.getlist("Set-Cookie")]
    return {name: morsel for cookie in found for name, morsel in cookie.items()}


@behaviour("security.logout-is-a-post")
def test_address_does_not_sign_out(susan: Visitor) -> None:
    """A GET of the sign-out address, as by another site's image, does nothing."""
    way_out = susan.home().sign_out
    address = way_out.action if isinstance(way_out, Form) else way_out
    assert address, "There is no address to sign out."

    susan.open(address)

    assert susan.is_signed_in(), "Opening the address signs out."


@behaviour("security.no-html-injection")
@pytest.mark.parametrize("key", ["username", "about_me"])
def test_profile_is_escaped(
    site: Site, susan: Visitor, john: Visitor, key: str
) -> None:
    """Username and about-me are escaped on the profile and in the form."""
    john.edit_profile(**{key: MARKUP})
    if MARKUP not in site.users.profiles[1]:  # pragma: no cover - other people's
        raise NotOffered(f"{MARKUP} is refused as {key}, and so not shown")

    name = MARKUP if key == "username" else "john"
    pages = susan.profile(name), john.open(john.sitemap.edit_profile)

    injected = [page.path for page in pages if page.soup.find("x-harness")]
    assert injected == [], f"It becomes HTML on {', '.join(injected)}."
    assert any(MARKUP in page.text + page.values for page in pages), (
        f"No page shows {MARKUP} as it was typed."
    )


@behaviour("security.no-html-injection")
def test_address_is_escaped(visitor: Visitor) -> None:
    """An unknown address is escaped on the 404 page."""
    assert "<x-harness" not in visitor.open("/" + quote(MARKUP)).html, (
        "The page of an unknown address has the address as HTML."
    )


@own_only
@behaviour("security.no-html-injection")
def test_texts_are_escaped(susan: Visitor, john: Visitor) -> None:
    """Posts, about-me texts and usernames are shown as typed, never as HTML."""
    john.edit_profile(username="<b>john", about_me=HOSTILE)
    john.write(HOSTILE)

    for page in (susan.home(), susan.profile("<b>john"), john.home()):
        assert page.soup.find("script") is None
        assert page.soup.find("b") is None
        assert HOSTILE in page.text


@own_only
@behaviour("security.no-html-injection")
@pytest.mark.parametrize("field", ["Username", "About me"])
def test_refused_values_are_escaped(susan: Visitor, field: str) -> None:
    """A refused value is in its field as typed, never as HTML."""
    value = '"><script>' + "x" * 200
    page = susan.edit_profile(username=value, about_me="</textarea>" + value)

    assert page.soup.find("script") is None
    assert page.value(field).endswith(value)


@own_only
@behaviour("security.no-html-injection")
@pytest.mark.parametrize(
    "path",
    ["/<script>x", "/user/<script>x", "/login?next=<script>x", "/?before=<script>x"],
)
def test_addresses_are_escaped(susan: Visitor, path: str) -> None:
    """Path and query of an address are escaped on every page."""
    assert "<script" not in susan.open(quote(path, safe="/?=")).html


@own_only
@behaviour("security.next-stays-here")
@pytest.mark.parametrize(
    ("following", "path"),
    [
        *(("/user/john", "/user/john"), ("/user/john?after=1", "/user/john")),
        *(
            ("http://evil.example", "/"),
            ("//evil.example", "/"),
            ("////evil.example", "/"),
        ),
        *(("http:///evil.example", "/"), ("http:evil.example", "/")),
        *(
            (r"/\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("javascript:alert(1)", "/"),
        ),
        *(("/\r\nSet-Cookie: a=b", "/"), ("http://[", "/"), ("", "/")),
    ],
)
def test_next(visitor: Visitor, following: str, path: str) -> None:
    """After sign-in, `next` leads to a page of this site, or else to the home page."""
    page = visitor.open(f"/login?next={quote(following, safe='')}")

    page = visitor.fill_in(page, username="susan", password=PASSWORD)

    assert (page.status, page.path) == (200, path)
    assert page.url.startswith(visitor.open("/").url)


@behaviour("security.next-stays-here")
@pytest.mark.parametrize("following", ELSEWHERE)
def test_next_elsewhere(visitor: Visitor, following: str) -> None:
    """After sign-in, `next` never redirects to another site."""
    address = f"{visitor.sitemap.login}?next={quote(following, safe='')}"

    page = visitor.sign_in("susan", page=visitor.open(address))

    assert page.status < 500, f"{page.answer}."
    away = [hop.location for hop in page.redirects if leads_away(hop.location)]
    assert away == [], f"After signing in, it redirects to {away[0]}."
    assert visitor.is_signed_in(), (
        "After signing in, the next page is an anonymous visitor's."
    )


@own_only
@behaviour("security.cookies")
@pytest.mark.parametrize("name", ["session", "remember_token"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cookies(launcher: Launcher, name: str, scheme: str) -> None:
    """Cookies are HttpOnly and SameSite=Lax, and Secure over HTTPS."""
    site = launcher.shared(workers=1)
    cookie = cookies(site, scheme)[name]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert bool(cookie["secure"]) is (scheme == "https")


@own_only
@behaviour("security.headers")
@pytest.mark.parametrize("path", ["/login", "/nope", "/static/style.css"])
def test_headers(visitor: Visitor, path: str) -> None:
    """Responses forbid inline code, content sniffing and framing."""
    headers = visitor.open(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@own_only
@behaviour("security.headers")
@pytest.mark.parametrize("path", ["/", "/user/john", "/edit_profile", "/nope"])
def test_nothing_comes_from_elsewhere(susan: Visitor, path: str) -> None:
    """No page loads from other hosts or has a script or an inline style."""
    soup = susan.open(path).soup
    loaded = [
        str(tag.get("src") or tag.get("href"))
        for tag in soup.select("img, script, iframe, link, source, object")
    ]

    assert [address for address in loaded if not address.startswith("/static/")] == []
    assert soup.select("script, style, [style], [onclick], [onload]") == []


@own_only
@behaviour("security.body-limit")
@pytest.mark.parametrize("path", ["/login", "/register"])
def test_large_body(site: Site, visitor: Visitor, path: str) -> None:
    """A body over the limit gets a 413 in the site's layout and is not reported."""
    page = visitor.request("POST", path, data={"username": "x" * 100_000})

    assert (page.status, page.heading) == (413, "Content Too Large")
    assert site.mails() == []


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize("name", ["session", "remember_token"])
@pytest.mark.parametrize("value", ["x", "1|x", "1|\xe9", "|", "." * 3, "\xff" * 100])
def test_forged_cookies(site: Site, visitor: Visitor, name: str, value: str) -> None:
    """A visitor with a forged cookie is anonymous."""
    door = visitor.sitemap.login
    forged = {"Cookie": f"{name}={value}"}
    page = visitor.open(door, headers=forged)

    assert page.status == 200, f"With a forged cookie, {page.answer}."
    assert not visitor.is_signed_in(headers=forged), "A forged cookie signs in."


@own_only
@behaviour("accounts.bad-text")
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_bad_text_at_sign_in_and_registration(
    site: Site, visitor: Visitor, field: str, bad: str
) -> None:
    """Unusable text at sign-in and registration is refused and not reported."""
    values = {"username": "ada", "email": "ada@example.com", "password": PASSWORD}
    values[field] += bad
    register = visitor.open("/register")
    page = visitor.fill_in(register, **values, password2=values["password"])
    assert (page.status, page.path) == (200, "/register")
    assert page.errors(field) != []
    assert site.users.names == ["susan", "john"]
    del values["email"]

    page = visitor.fill_in(visitor.open("/login"), **values)

    assert (page.status, page.path) == (200, "/login")
    assert site.mails() == []


@own_only
@behaviour("accounts.bad-text")
@pytest.mark.parametrize("bad", BAD)
def test_bad_text_in_profile_and_post(site: Site, susan: Visitor, bad: str) -> None:
    """Unusable text in a name, an about-me or a post is refused and not stored."""
    before = site.users.profiles

    refused = {
        "Username": susan.edit_profile(username=f"a{bad}b"),
        "About me": susan.edit_profile(about_me=f"a{bad}b"),
        "Say something": susan.write(f"a{bad}b"),
    }

    assert {page.status for page in refused.values()} == {200}
    assert [label for label, page in refused.items() if not page.errors(label)] == []
    assert site.users.profiles == before
    assert site.probe.rows("SELECT count(*) FROM post") == [[0]]
    assert site.mails() == []
