"""No request causes a server error."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.http.raw import RawResponse, exchange
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.integration.strategies import (
    FORMS,
    METHODS,
    PLACES,
    Body,
    bodies,
    by_profile,
    cookies,
    headers,
    paths,
    queries,
)

pytestmark = [pytest.mark.slow, pytest.mark.stored]

#: The statuses that a server sends itself, before the application gets the request.
SERVERS_OWN = {400, 414, 417, 431}


@dataclass
class Client:
    """A browser's cookies, and the CSRF token of a form that it got."""

    cookies: dict[str, bytes]
    token: str


@dataclass
class Target:
    """A running site and its visitors."""

    site: Site
    people: dict[str, Client]


@pytest.fixture(params=["flask", "gunicorn"])
def fuzzed(request: pytest.FixtureRequest, launcher: Launcher) -> Target:
    """A site behind each server; gunicorn trusts a proxy that reports HTTPS."""
    workers = 1 if request.param == "gunicorn" else None
    site = launcher.shared(workers=workers)
    anonymous, susan = site.visitor(), site.member("susan")
    tokens = [anonymous.open("/login").form("password"), susan.home().forms[0]]
    people = {
        name: Client(
            {key: value.encode() for key, value in visitor.cookies.items()},
            form.value("csrf_token"),
        )
        for name, visitor, form in zip(
            ("anonymous", "susan"), (anonymous, susan), tokens, strict=True
        )
    }
    return Target(site, people | {"nobody": Client({}, "no token")})


def compose(
    host: str,
    asker: Client,
    line: str,
    sent: dict[str, bytes],
    body: Body,
    framing: str,
) -> bytes:
    """Return the request in bytes; generated parts precede the usual ones."""
    lines: dict[str, bytes] = {"Host": host.encode(), "Connection": b"close"}
    lines |= {"Content-Type": body.kind.encode()} if body.kind is not None else {}
    lines |= {"X-CSRFToken": asker.token.encode()} if body.kind else {}
    content = body.filled_in(asker.token)
    lines |= sent
    if framing == "whole":
        lines["Content-Length"] = b"%d" % len(content)
    else:
        lines["Transfer-Encoding"] = b"chunked"
    if framing == "pieces":
        content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
    jar = b"; ".join(b"%s=%s" % (k.encode(), v) for k, v in asker.cookies.items())
    lines |= {"Cookie": jar} if jar else {}
    head = b"".join(b"%s: %s\r\n" % (k.encode(), v) for k, v in lines.items())
    return b"%s HTTP/1.1\r\n%s\r\n%s" % (line.encode("latin-1"), head, content)


def judge(line: str, answer: RawResponse) -> None:
    """Fail on a server error, and on an error page that is not the site's."""
    assert answer.status < 500, (line, answer)
    if "Content-Security-Policy" not in answer.head:
        assert answer.status in SERVERS_OWN, (line, answer)
    elif answer.status >= 400 and not line.startswith("HEAD"):
        assert b"/static/style.css" in answer.body or "problem+json" in answer.head


def test_every_route_is_fuzzed(site: Site) -> None:
    """The generated requests cover every route of the site."""
    undrawn = [
        rule
        for rule, _, _ in site.probe.routes()
        if not any(re.fullmatch(re.sub("<.*?>", ".+", rule), path) for path in PLACES)
    ]

    assert undrawn == []


@behaviour("security.anonymous-never-5xx")
@behaviour("accounts.bad-text")
@pytest.mark.timeout(1800)
def test_any_request(fuzzed: Target) -> None:
    """Any request is answered with a status below 500 and not reported."""
    host = urlsplit(fuzzed.site.url).netloc
    server = fuzzed.site.probe.pid()

    @settings(
        max_examples=by_profile(quick=150, thorough=10_000),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(
        who=st.sampled_from(sorted(fuzzed.people)),
        method=st.sampled_from(METHODS) | st.just("POST"),
        path=st.sampled_from(FORMS) | paths,
        query=queries,
        sent=headers,
        more=cookies,
        body=bodies,
        framing=st.sampled_from(["whole", "whole", "pieces", "no pieces"]),
        https=st.booleans(),
    )
    def ask(who, method, path, query, sent, more, body, framing, https):
        asker = fuzzed.people[who]
        asker = Client({**asker.cookies, **more}, asker.token)
        if https:
            secure = {
                "X-Forwarded-Proto": b"https",
                "Referer": b"https://" + host.encode(),
            }
            sent = secure | sent
        line = f"{method} {path}?{query}"
        request = compose(host, asker, line, sent, body, framing)
        judge(line, exchange(fuzzed.site.url, request))

    ask()

    assert fuzzed.site.probe.pid() == server, "it died, and another took its place"
    assert fuzzed.site.mails() == []
    assert [one for one in fuzzed.site.records() if one.level == "ERROR"] == []


@behaviour("security.anonymous-never-5xx")
@pytest.mark.timeout(600)
def test_any_bytes(fuzzed: Target) -> None:
    """Bytes that are not a request do not stop the site and are not reported."""
    server = fuzzed.site.probe.pid()

    @settings(
        max_examples=by_profile(quick=30, thorough=2000),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(st.binary(max_size=200), st.sampled_from([b"", b"POST /login HTTP/1.1\r\n"]))
    def send(data, start):
        answer = exchange(fuzzed.site.url, start + data + b"\r\n\r\n")
        assert answer.status < 500  # or no response, as nothing was requested

    send()

    assert fuzzed.site.probe.pid() == server, "it died, and another took its place"
    assert fuzzed.site.visitor().open("/login").status == 200
    assert fuzzed.site.mails() == []
