"""Requests that no browser sends, each of which once was an error of the server's."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest

from tests.harness.behaviour import MUST, SHOULD, behaviour
from tests.harness.launcher import Launcher
from tests.harness.site import Site
from tests.harness.visitor import PASSWORD, Visitor
from tests.harness.wire import exchange

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


MEGABYTES = 64
TYPE = b"Content-Type: application/x-www-form-urlencoded\r\n"


def plain(size: int) -> bytes:
    """The rest of a request with so large a form, its length told first."""
    return TYPE + b"Content-Length: %d\r\n\r\nusername=" % (size + 9) + b"x" * size


def chunked(size: int) -> bytes:
    """The same in pieces, which tell no length of the whole."""
    piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    pieces = piece * (size // 0x8000) + b"0\r\n\r\n"
    return TYPE + b"Transfer-Encoding: chunked\r\n\r\n9\r\nusername=\r\n" + pieces


def parts(size: int) -> bytes:
    """The same as a form in parts."""
    head = b'--cut\r\nContent-Disposition: form-data; name="username"\r\n\r\n'
    content = head + b"x" * size + b"\r\n--cut--\r\n"
    kind = b"Content-Type: multipart/form-data; boundary=cut\r\n"
    return kind + b"Content-Length: %d\r\n\r\n" % len(content) + content


def most_memory(site: Site) -> int:
    """The most memory, in kilobytes, that the server's process has ever had."""
    status = Path(f"/proc/{site.probe.pid()}/status").read_text("utf-8")
    [most] = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(most)


@pytest.fixture(params=[None, 1], ids=["flask", "gunicorn"])
def served(request: pytest.FixtureRequest, launcher: Launcher) -> Site:
    """A site behind each server."""
    return launcher.shared(workers=request.param)


@behaviour("security.body-limit", SHOULD)
@pytest.mark.parametrize("body", [plain, chunked, parts])
def test_body_over_the_limit(served: Site, body: Callable[[int], bytes]) -> None:
    """A body over the limit gets a 413 in the site's layout, however it is sent."""
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

    answer = exchange(served.url, head + body(100_000))

    assert answer.status == 413
    assert b"/static/style.css" in answer.body
    assert served.mails() == []


@behaviour("security.body-limit", SHOULD)
@pytest.mark.parametrize("body", [plain, chunked, parts])
def test_large_body_costs_no_memory(served: Site, body: Callable[[int], bytes]) -> None:
    """A body of 64 megabytes does not make the server a quarter of that larger."""
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    exchange(served.url, head + body(100_000))
    before = most_memory(served)

    exchange(served.url, head + body(MEGABYTES << 20))

    assert most_memory(served) - before < MEGABYTES * 1024 / 4


@behaviour("security.anonymous-never-5xx", SHOULD)
@pytest.mark.parametrize("path", ["/login", "/nope", "/static/style.css"])
@pytest.mark.parametrize(
    "pieces",
    [b"zz\r\nabc", b"-3\r\nabc\r\n", b"3\r\nabcX\r\n", b"3\r\nab"],
    ids=["no-size", "negative", "no-end", "cut-off"],
)
def test_pieces_that_are_none(served: Site, path: str, pieces: bytes) -> None:
    """A body in pieces that are none is refused, and nothing to report."""
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" % path.encode()
    sent = head + TYPE + b"Transfer-Encoding: chunked\r\n\r\n" + pieces

    answer = exchange(served.url, sent)

    assert answer.status == 400
    assert b"/static/style.css" in answer.body
    assert served.mails() == []


@behaviour("security.anonymous-never-5xx", SHOULD)
@pytest.mark.parametrize("trailer", [b"no header", b"A b: x", b"A: \0"])
def test_trailer_that_is_none(served: Site, trailer: bytes) -> None:
    """What follows the last piece and is no header is no error of the server's."""
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + TYPE
    pieces = b"3\r\nabc\r\n0\r\n" + trailer + b"\r\n\r\n"

    answer = exchange(served.url, head + b"Transfer-Encoding: chunked\r\n\r\n" + pieces)

    assert answer.status == 400
    assert served.mails() == []
