"""A web server in a thread of this process, which answers what a test wrote down."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    data: list[tuple[str, str]]
    cookie: str
    accept: str


@dataclass
class Scripted:
    """A site that consists of fixed answers, and remembers what it was asked."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: dict[tuple[str, str], tuple[str, list[tuple[str, str]], bytes]] = field(
        default_factory=dict
    )

    def answer(
        self,
        path: str,
        body: str = "",
        *,
        method: str = "GET",
        status: str = "200 OK",
        **headers: str,
    ) -> None:
        """Answer *path* so from now on; underscores of header names are hyphens."""
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.answers[method, path] = (status, named, body.encode())

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query = environ["QUERY_STRING"]
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.requests.append(
            Request(
                method,
                path,
                parse_qsl(sent.decode() or query, keep_blank_values=True),
                environ.get("HTTP_COOKIE", ""),
                environ.get("HTTP_ACCEPT", ""),
            )
        )
        missing = ("404 Not Found", list[tuple[str, str]](), b"<h1>Not Found</h1>")
        status, headers, body = self.answers.get((method, path), missing)
        length = ("Content-Length", str(len(body)))
        start_response(status, [("Content-Type", "text/html"), length, *headers])
        return [body]


class Quiet(WSGIRequestHandler):
    """A handler that prints nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of a request."""


@contextmanager
def served() -> Iterator[Scripted]:
    """Serve a scripted site on a free port, for the length of the block."""
    scripted = Scripted()
    with make_server("127.0.0.1", 0, scripted, handler_class=Quiet) as server:
        scripted.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        try:
            yield scripted
        finally:
            server.shutdown()
            thread.join(5)
