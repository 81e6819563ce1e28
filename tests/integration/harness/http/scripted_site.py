"""A web server in a thread of this process that gives the responses of a script."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server


@dataclass(frozen=True)
class Request:
    """One received request; *data* are the fields of its body or query."""

    method: str
    path: str
    data: list[tuple[str, str]]


@dataclass
class ScriptedSite:
    """A site that consists of fixed responses and records its requests."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    _responses: dict[tuple[str, str], tuple[str, list[tuple[str, str]], bytes]] = field(
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
        """Respond to a path like this from now on, with ``_`` for ``-`` in headers."""
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self._responses[method, path] = (status, named, body.encode())

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        fields = sent.decode() or environ["QUERY_STRING"]
        data = parse_qsl(fields, keep_blank_values=True)
        self.requests.append(Request(method, path, data))
        missing = ("404 Not Found", list[tuple[str, str]](), b"<h1>Not Found</h1>")
        status, headers, body = self._responses.get((method, path), missing)
        length = ("Content-Length", str(len(body)))
        start_response(status, [("Content-Type", "text/html"), length, *headers])
        return [body]


class _SilentHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served() -> Iterator[ScriptedSite]:
    """Serve a scripted site on a free port while the block runs."""
    site = ScriptedSite()
    with make_server("127.0.0.1", 0, site, handler_class=_SilentHandler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join(5)
