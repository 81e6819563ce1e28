"""Hypothesis strategies for hostile texts, bodies, headers, cookies and addresses."""

import json
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes, urlencode

from hypothesis import settings
from hypothesis import strategies as st

#: Texts that break programs with wrong assumptions.
NASTY = (
    "",
    " ",
    "\0",
    "a\0b",
    "\x1b[2J\x07",
    "\r\nSet-Cookie: a=b",
    "\u202egnp.exe",
    "\u2028\u2029\x85",
    "\ufdfa" * 30,
    "e" + "\u0301\u0327" * 200,
    "İ" * 64,
    "ß" * 64,
    "\U0010ffff\ufffe\ufeff",
    "x" * 65,
    "x" * 141,
    "x" * 5000,
    "../../etc/passwd",
    "%00%2e%2e%2f",
    "{{ 7 * 7 }} ${7*7} %s %(x)s",
    "<script>alert(1)</script>",
    "' OR 1=1; --",
    "-1",
    "9" * 400,
    "NaN",
    "http://[",
    "https://localhost:99999/",
    "//evil.example",
)

#: The names of the fields on the site, and some others.
FIELDS = (
    *("username", "email", "password", "password2", "remember_me", "about_me"),
    *("body", "submit", "csrf_token", "next", "before", "after", "x", "", "\0"),
)

#: Headers that something between the socket and the views reads.
HEADERS = (
    *("Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control"),
    *("Content-Encoding", "Content-Type", "Date", "Expect", "Forwarded", "From"),
    *("Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Origin"),
    *("Pragma", "Range", "Referer", "TE", "Upgrade", "User-Agent", "Via"),
    *("X-CSRFToken", "X-Forwarded-For", "X-Forwarded-Host", "X-Unknown"),
    *("X-HTTP-Method-Override", "X-Requested-With"),
)

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW")

FORMS = ("/", "/login", "/register", "/logout", "/edit_profile")
PLACES = (
    *FORMS,
    *(
        "/user/susan",
        "/static/style.css",
        "/static/",
        "/user/",
        "/favicon.ico",
        "/nope",
        "/console",
    ),
)

TOKEN = "TOKEN.OF.THE.VISITOR"

texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=150),
    st.text("\0\x1b\r\n\t ab/\\.%?#&;=\u202e\ufeff\U0001f9cd", max_size=20),
)
raw_bytes = st.one_of(
    st.binary(max_size=60), st.sampled_from([b"\xff\xfe", b"\xc0\x80"])
)
segments = st.one_of(
    texts.map(lambda text: quote(text[:1000], safe="")),
    raw_bytes.map(lambda data: quote_from_bytes(data, safe="")),
)
paths = st.one_of(
    st.sampled_from(PLACES),
    segments.map("/user/{}".format),
    segments.map("/static/{}".format),
    st.lists(segments, min_size=1, max_size=3).map(lambda found: "/" + "/".join(found)),
)
queries = st.lists(
    st.tuples(st.sampled_from(("next", "before", "after", "x")), segments), max_size=3
).map(lambda found: "&".join(f"{name}={text}" for name, text in found))
pairs = st.lists(st.tuples(st.sampled_from(FIELDS), texts), max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3)
    ),
    max_leaves=6,
)


@dataclass
class Body:
    """The body of a request: its content and its content type."""

    content: bytes = b""
    kind: str | None = None
    padding: int = 0  # characters that follow the content

    def filled_in(self, token: str) -> bytes:
        """Return the bytes to send, with a visitor's token in place of `TOKEN`."""
        content = self.content.replace(TOKEN.encode(), token.encode())
        return content + b"x" * self.padding


def urlencoded(fields: list[tuple[str, str]]) -> Body:
    """Return a form as browsers send it; lone surrogates become invalid UTF-8."""
    content = urlencode(fields, errors="surrogatepass").encode()
    return Body(content, "application/x-www-form-urlencoded")


def multipart(fields: list[tuple[str, str]], files: list[str]) -> Body:
    """Return a multipart form with some files."""
    heads = [(f'name="{name}"', text) for name, text in fields]
    heads += [(f'name="{name}"; filename="a.txt"', "x") for name in files]
    parts = [
        f"--cut\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n"
        for head, text in heads
    ]
    content = "".join([*parts, "--cut--\r\n"]).encode("utf-8", "replace")
    return Body(content, "multipart/form-data; boundary=cut")


def with_token(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields with a valid CSRF token."""
    return [("csrf_token", TOKEN), *fields]


bodies = st.one_of(
    st.builds(Body),
    pairs.map(with_token).map(urlencoded),
    pairs.map(urlencoded),
    st.builds(
        multipart,
        pairs.map(with_token),
        st.lists(st.sampled_from(FIELDS[:7]), max_size=2),
    ),
    anything.map(lambda value: Body(json.dumps(value).encode(), "application/json")),
    st.builds(
        Body,
        raw_bytes,
        st.sampled_from(
            [
                *("application/json", "multipart/form-data", "text/plain", "/", ""),
                *("multipart/form-data; boundary=x", "application/octet-stream"),
                "application/x-www-form-urlencoded; charset=utf-16",
            ]
        ),
    ),
    st.builds(
        Body,
        st.just(f"csrf_token={TOKEN}&username=".encode()),
        st.just("application/x-www-form-urlencoded"),
        st.integers(60_000, 70_000),
    ),
)
dates = st.builds(
    "Mon, 01 Jan {} {}:00:00 {:+}".format, st.integers(), st.integers(), st.integers()
)
header_values = st.one_of(
    texts,
    dates,
    st.sampled_from(["https", "text/html;q=a", "bytes=5-1", "100-continue"]),
    st.sampled_from(["xn--a", "xn--9999999999", "[::1", "a:99999999"]),
).map(
    lambda text: text.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"")
)
headers = st.dictionaries(st.sampled_from(HEADERS), header_values, max_size=4)
cookies = st.dictionaries(
    st.sampled_from(["session", "remember_token", "other", ""]),
    header_values,
    max_size=2,
)


def by_profile(quick: int, thorough: int) -> int:
    """Return one of two numbers by the current HYPOTHESIS_PROFILE."""
    is_thorough = settings.get_current_profile_name() == "thorough"
    return thorough if is_thorough else quick
