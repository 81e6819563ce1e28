"""Reading the body of a request, and discarding what is refused."""

from contextlib import nullcontext
from io import BytesIO

import pytest
from flask import Flask, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from app.security import discard_body, read_body
from tests.harness.plugin.behaviour import behaviour


class Body(BytesIO):
    """A body of 2 MiB that notes how it is read."""

    def __init__(self) -> None:
        super().__init__(b"x" * 2**21)
        self.sizes: list[int | None] = []

    def read(self, size: int | None = -1) -> bytes:
        """Note the size."""
        self.sizes.append(size)
        return super().read(size)


@behaviour("security.body-limit")
@pytest.mark.parametrize(
    ("length", "sizes"),
    [
        *(("1", [1]), ("65537", [65_536, 1])),
        *((length, 16 * [65_536]) for length in ("1048576", "9999999", None)),
    ],
)
def test_how_much_is_discarded(
    app: Flask, length: str | None, sizes: list[int]
) -> None:
    """Of a refused body as much is read as nginx passes on by default: 1 MiB."""
    body = Body()
    environ = {"wsgi.input": body, "CONTENT_LENGTH": length}
    with app.test_request_context(environ_overrides=environ):
        discard_body()

    assert body.sizes == sizes


@behaviour("security.body-limit")
def test_client_that_leaves(app: Flask) -> None:
    """A refused body that ends, or cannot be read, is no other error."""
    closed = BytesIO()
    closed.close()
    for stream in (BytesIO(b"x"), closed):
        environ = {"wsgi.input": stream, "CONTENT_LENGTH": "99999"}
        with app.test_request_context(environ_overrides=environ):
            discard_body()


@behaviour("security.body-limit")
def test_refused_body_is_read(app: Flask) -> None:
    """A body that is too large is read before it is refused."""
    stream = BytesIO(b"x" * 70_000)
    environ = {"wsgi.input": stream, "CONTENT_LENGTH": "70000"}
    with (
        app.test_request_context(environ_overrides=environ),
        pytest.raises(RequestEntityTooLarge),
    ):
        read_body()

    assert stream.tell() == 70_000


@behaviour("security.body-limit")
@pytest.mark.parametrize(
    ("limit", "size", "refused"),
    [
        *((65_536, size, size >= 65_536) for size in (65_535, 65_536, 99_999)),
        (None, 99_999, False),
    ],
)
def test_chunked_body_over_the_limit(
    own_app: Flask, limit: int | None, size: int, refused: bool
) -> None:
    """A chunked body that reaches the limit may have been cut off, and is refused."""
    own_app.config["MAX_CONTENT_LENGTH"] = limit
    environ = {
        "wsgi.input": BytesIO(b"x" * size),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": None,
    }
    refusal = pytest.raises(RequestEntityTooLarge) if refused else nullcontext()
    with own_app.test_request_context(environ_overrides=environ), refusal:
        read_body()


@behaviour("security.body-limit")
def test_body_of_the_limit(app: Flask) -> None:
    """A body of a known length may be as large as the limit."""
    environ = {"wsgi.input": BytesIO(b"x" * 65_536), "CONTENT_LENGTH": "65536"}
    with app.test_request_context(environ_overrides=environ):
        read_body()

        assert len(request.get_data()) == 65_536


@behaviour("security.anonymous-never-5xx")
def test_body_that_cannot_be_read(app: Flask) -> None:
    """A body that the server cannot read is a bad request."""

    class Broken(BytesIO):
        """A stream with a malformed chunk, on which a server raises."""

        def readinto(self, _buffer: object) -> int:
            """Raise as a server does."""
            raise RuntimeError("malformed chunk")

        read = readinto  # type: ignore[assignment]

    environ = {"wsgi.input": Broken(), "CONTENT_LENGTH": "9"}
    with (
        app.test_request_context(environ_overrides=environ),
        pytest.raises(BadRequest) as refused,
    ):
        read_body()

    assert refused.value.__suppress_context__
