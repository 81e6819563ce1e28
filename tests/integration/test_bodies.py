"""Request bodies that are too large or malformed."""

import re
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.harness.http.raw import exchange
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

MEGABYTES = 64
TYPE = b"Content-Type: application/x-www-form-urlencoded\r\n"


def plain(size: int) -> bytes:
    """Return the rest of a request with a form, of known length."""
    return TYPE + b"Content-Length: %d\r\n\r\nusername=" % (size + 9) + b"x" * size


def chunked(size: int) -> bytes:
    """Return the rest of a request with the same form in chunks, without a length."""
    piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    pieces = piece * (size // 0x8000) + b"0\r\n\r\n"
    return TYPE + b"Transfer-Encoding: chunked\r\n\r\n9\r\nusername=\r\n" + pieces


def parts(size: int) -> bytes:
    """Return the rest of a request with the same form as multipart."""
    head = b'--cut\r\nContent-Disposition: form-data; name="username"\r\n\r\n'
    content = head + b"x" * size + b"\r\n--cut--\r\n"
    kind = b"Content-Type: multipart/form-data; boundary=cut\r\n"
    return kind + b"Content-Length: %d\r\n\r\n" % len(content) + content


def most_memory(site: Site) -> int:
    """Return the peak memory of the server's process, in kilobytes."""
    status = Path(f"/proc/{site.probe.pid()}/status").read_text("utf-8")
    [most] = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(most)


@pytest.fixture(params=[None, 1], ids=["flask", "gunicorn"])
def served(request: pytest.FixtureRequest, launcher: Launcher) -> Site:
    """A site behind each server."""
    return launcher.shared(workers=request.param)


@behaviour("errors.every-http-error")
def test_body_that_is_too_large_through_a_proxy(served: Site) -> None:
    """A body of up to 1 MiB is read before its 413 is sent: a proxy sends it whole."""
    parts = urlsplit(served.url)
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

    with socket.create_connection((str(parts.hostname), parts.port)) as connection:
        connection.sendall(head + plain(900_000)[:-450_000])
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        connection.sendall(b"x" * 450_000)

        assert connection.recv(12) == b"HTTP/1.1 413"


@behaviour("errors.every-http-error")
def test_body_for_an_unknown_address(served: Site) -> None:
    """An unknown address is answered only after the body is read."""
    parts = urlsplit(served.url)
    head = b"POST /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

    with socket.create_connection((str(parts.hostname), parts.port)) as connection:
        connection.sendall(head + b"Content-Length: 4\r\n\r\n")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        connection.sendall(b"body")

        assert connection.recv(12) == b"HTTP/1.1 404"


@behaviour("security.body-limit")
@pytest.mark.parametrize("body", [plain, chunked, parts])
def test_body_over_the_limit(served: Site, body: Callable[[int], bytes]) -> None:
    """A body over the limit gets a 413 in the site's layout, however it is sent."""
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

    answer = exchange(served.url, head + body(100_000))

    assert answer.status == 413
    assert b"/static/style.css" in answer.body
    assert served.mails() == []


@behaviour("security.body-limit")
@pytest.mark.parametrize("body", [plain, chunked, parts])
def test_large_body_costs_no_memory(served: Site, body: Callable[[int], bytes]) -> None:
    """A body of 64 MB makes the server grow by less than 16 MB."""
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    exchange(served.url, head + body(100_000))
    before = most_memory(served)

    exchange(served.url, head + body(MEGABYTES << 20))

    assert most_memory(served) - before < MEGABYTES * 1024 / 4


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize("path", ["/login", "/nope", "/static/style.css"])
@pytest.mark.parametrize(
    "pieces",
    [b"zz\r\nabc", b"-3\r\nabc\r\n", b"3\r\nabcX\r\n", b"3\r\nab"],
    ids=["no-size", "negative", "no-end", "cut-off"],
)
def test_malformed_chunks(served: Site, path: str, pieces: bytes) -> None:
    """A body with malformed chunks is refused and not reported."""
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" % path.encode()
    sent = head + TYPE + b"Transfer-Encoding: chunked\r\n\r\n" + pieces

    answer = exchange(served.url, sent)

    assert answer.status == 400
    assert b"/static/style.css" in answer.body
    assert served.mails() == []


@behaviour("security.anonymous-never-5xx")
@pytest.mark.parametrize("trailer", [b"no header", b"A b: x", b"A: \0"])
def test_malformed_trailer(served: Site, trailer: bytes) -> None:
    """A malformed trailer after the last chunk is not a server error."""
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + TYPE
    pieces = b"3\r\nabc\r\n0\r\n" + trailer + b"\r\n\r\n"

    answer = exchange(served.url, head + b"Transfer-Encoding: chunked\r\n\r\n" + pieces)

    assert answer.status == 400
    assert served.mails() == []


@own_only
@behaviour("security.slow-visitors")
def test_slow_visitors(launch: Callable[..., Site]) -> None:
    """On a threaded server, slow visitors do not delay others."""
    site = launch(workers=1, arguments=("--threads", "4"))
    address = urlsplit(site.url)
    with ExitStack() as stack:
        for _ in range(3):
            slow = stack.enter_context(
                socket.create_connection((address.hostname, address.port), timeout=10)
            )
            slow.sendall(b"POST /login HTTP/1.1\r\nHost: here\r\n" + TYPE)
            slow.sendall(b"Content-Length: 1000\r\n\r\nu")

        page = site.visitor().open("/login", timeout=20)

    assert (page.status, page.heading) == (200, "Sign In")
