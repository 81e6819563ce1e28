"""The application behind a proxy that has a scheme and a host of its own."""

from typing import Any

import pytest
from flask import Flask, redirect, request
from werkzeug.test import TestResponse

from tests.unit.harness.probe.modules import load_module


def answer(url: str, location: str) -> TestResponse:
    """Return the answer of an application that is asked as *url*, and redirects."""
    app = Flask("blog")

    @app.get("/old")
    def old() -> Any:
        answer = redirect(location)
        answer.headers["Asked"] = f"{request.url} from {request.referrer}"
        answer.set_cookie("a", "b", domain="blog.example")
        return answer

    front = load_module("front").Front(app.wsgi_app, url)
    app.wsgi_app = front  # type: ignore[method-assign]
    return app.test_client().get("/old")


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://", "https://localhost/old from https://localhost/old"),
        ("http://blog.example", "http://blog.example/old from http://blog.example/old"),
    ],
    ids=["scheme", "host"],
)
def test_asked(url: str, asked: str) -> None:
    """The application sees the scheme and the host of the proxy."""
    assert answer(url, "/new").headers["Asked"] == asked


@pytest.mark.parametrize(
    ("location", "local"),
    [
        ("https://blog.example/new?a=b", "/new?a=b"),
        ("https://blog.example", "/"),
        ("https://blog.example.org/", "https://blog.example.org/"),
        ("/new", "/new"),
    ],
)
def test_stays_here(location: str, local: str) -> None:
    """Redirects and cookies for the proxy's host are valid at the harness's."""
    headers = answer("https://blog.example", location).headers

    assert headers["Location"] == local
    assert headers["Set-Cookie"] == "a=b; Path=/"
