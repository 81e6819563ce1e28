"""Redirect targets, trusted cookies, and headers."""

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask, request, session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.http import parse_date
from werkzeug.test import create_environ

from app.security import (
    add_headers,
    safe_redirect_target,
)
from tests.harness.plugin.behaviour import behaviour

HERE = ("http", "localhost")


def resolved(location: str) -> tuple[str, str]:
    """Scheme and host that a browser goes to.

    https://url.spec.whatwg.org/#concept-basic-url-parser
    """
    location = location.strip("".join(map(chr, range(33))))
    location = re.sub(r"[\t\n\r]", "", location).replace("\\", "/")
    if match := re.match(r"(https?):(.*)", location, re.IGNORECASE | re.DOTALL):
        rest = match[2]
        if match[1].lower() != "http" or rest.startswith("//"):
            return match[1].lower(), urlsplit("//" + rest.lstrip("/")).netloc
        location = rest
    elif re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", location):
        return location.partition(":")[0].lower(), ""
    if location.startswith("//"):
        return "http", location.lstrip("/").partition("/")[0]
    return HERE


@pytest.mark.parametrize(
    ("location", "where"),
    [
        *((path, HERE) for path in ["/", "page", "?next=x", "http:/page", "http:page"]),
        *(
            (text, ("http", "evil"))
            for text in ["//evil", "///evil", r"\\evil/x", "/\t/evil", "http://evil/x"]
        ),
        ("https:evil", ("https", "evil")),
        ("HTTPS:/evil", ("https", "evil")),
        ("javascript:alert(1)", ("javascript", "")),
    ],
)
def test_where_a_browser_goes(location: str, where: tuple[str, str]) -> None:
    """Browsers resolve more than paths with a leading slash."""
    assert resolved(location) == where


@behaviour("security.next-stays-here")
@pytest.mark.parametrize(
    "target", ["/", "/edit_profile", "/user/susan?before=3#top", "/user/%E2%98%83"]
)
@pytest.mark.usefixtures("request_context")
def test_own_paths(target: str) -> None:
    """A path of this site is a safe redirect target."""
    assert safe_redirect_target(target) == target


FOREIGN = [
    *(
        "http://evil.example",
        "https://evil.example/x",
        "//evil.example",
        "///evil.example",
    ),
    *(
        "////evil.example",
        "http:///evil.example",
        "https:/evil.example",
        "http:evil.example",
    ),
    *(r"\\evil.example", r"/\evil.example", r"\/evil.example", "/\t/evil.example"),
    *(
        "/\r\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
    ),
    *(
        "/\r\nSet-Cookie: a=b",
        "http://[",
        "",
        "edit_profile",
        "?next=x",
        "\0//evil.example",
    ),
]


@behaviour("security.next-stays-here")
@pytest.mark.parametrize("target", FOREIGN)
@pytest.mark.usefixtures("request_context")
def test_foreign_targets(target: str) -> None:
    """A target that may leave the site is replaced by the home page."""
    assert safe_redirect_target(target) == "/"


@behaviour("security.next-stays-here")
def test_root_of_the_host(app: Flask) -> None:
    """Below a path of the host, the root of the host is a safe target, too."""
    with app.test_request_context(base_url="http://localhost/blog"):
        assert safe_redirect_target("/") == "/"
        assert safe_redirect_target("/a\x7fb") == "/blog/"


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize(
    ("host", "kept"),
    [
        *(("example.com:8080", "example.com:8080"), ("[::1]:80", "[::1]:80")),
        *(("a..b", ""), ("a" * 64, "")),
        *(("xn--a\x80.b", ""), ("xn--0", "")),
    ],
)
def test_invalid_host_is_dropped(app: Flask, host: str, kept: str) -> None:
    """A Host of which no URL can be made is dropped, and a valid one is kept."""
    with app.test_request_context(environ_overrides={"HTTP_HOST": host}):
        assert request.environ["HTTP_HOST"] == kept


@behaviour("security.anonymous-never-5xx")
def test_request_without_host(app: Flask) -> None:
    """A request may lack a Host, as in HTTP/1.0."""
    environ = create_environ()
    del environ["HTTP_HOST"]

    assert app.request_class(environ).path == "/"


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize("header", ["If-Modified-Since", "If-Range"])
@pytest.mark.parametrize(
    ("year", "valid"), [("2026", True), ("9" * 20, False)], ids=["valid", "invalid"]
)
def test_invalid_date(app: Flask, header: str, year: str, valid: bool) -> None:
    """A date that no calendar has can be read as none, and a valid one is kept."""
    date = f"Thu, 01 Jan {year} 00:00:00 GMT"
    with app.test_request_context(headers={header: date}):
        # Before Python 3.15 it raises OverflowError for such a date.
        assert (parse_date(request.headers[header]) is not None) is valid


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"Referer": "https://a.example:80/x"}, "https://a.example:80/x"),
        *(({"Referer": "https://a.example:x/"}, None), ({"Referer": ""}, None)),
        ({}, None),
    ],
    ids=["valid", "invalid", "empty", "none"],
)
def test_invalid_referrer_is_dropped(
    app: Flask, headers: dict[str, str], kept: str | None
) -> None:
    """A Referer that is not a URL counts as none."""
    with app.test_request_context(headers=headers):
        assert (request.referrer or None) == kept


@behaviour("security.headers")
def test_headers_of_the_application(own_app: Flask) -> None:
    """A page and an error page of the application have the security headers."""
    for path in ("/login", "/nope"):
        response = own_app.test_client().get(path)

        assert response.headers["X-Frame-Options"] == "DENY"


PIECES = ["/", "\\", "http:", ":", "evil", ".", "@", "%", "?", "\t", "\n"]


@behaviour("security.next-stays-here")
@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(PIECES)).map("".join),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("request_context")
def test_any_target_stays_here(target: str) -> None:
    """No redirect target makes a browser leave the site."""
    assert resolved(safe_redirect_target(target)) == HERE


def test_non_ascii_cookies_are_dropped(app: Flask) -> None:
    """Cookies with non-ASCII characters are dropped; others stay."""
    cookies = "a=1; b=x|\xe9; c=2; d=\xe9; d=3"  # that of a longer path is first
    with app.test_request_context(headers={"Cookie": cookies}):
        assert dict(request.cookies) == {"a": "1", "c": "2", "d": "3"}


@behaviour("security.headers")
def test_headers_are_added(app: Flask) -> None:
    """Every response has the security headers."""
    with app.test_request_context():
        response = add_headers(app.response_class())

    policy = response.headers.pop("Content-Security-Policy")
    assert policy.split("; ") == [
        *("default-src 'none'", "style-src 'self'", "img-src 'self'"),
        *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
    ]
    assert {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }.items() <= dict(response.headers).items()


@behaviour("security.cookies")
@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_cookies_are_secure_on_https(app: Flask, scheme: str, secure: bool) -> None:
    """The session's cookie and those of extensions are Secure over HTTPS, once."""
    with app.test_request_context(base_url=f"{scheme}://localhost"):
        session["a"] = 1
        response = app.response_class()
        response.headers.setlist("Set-Cookie", ["a=1", "b=2; Secure"])
        app.process_response(response)

    a, b, own = response.headers.getlist("Set-Cookie")
    assert a == ("a=1; Secure" if secure else "a=1")
    assert b == "b=2; Secure"
    assert own.startswith("session=")
    assert own.count("; Secure") == secure
