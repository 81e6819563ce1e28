"""A mail as it arrived."""

from tests.harness.mail.message import Mail


def mail(content: bytes) -> Mail:
    """A mail with these headers and this text."""
    return Mail("no-reply@localhost", ("a@example.com",), content, False, None)


def test_subject() -> None:
    """The subject is decoded."""
    assert mail(b"Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n").subject == "café"


def test_no_subject() -> None:
    """A mail without a subject has an empty one."""
    assert mail(b"From: a@example.com\r\n\r\n").subject == ""


def test_text() -> None:
    """The text is decoded, its line breaks as Python writes them."""
    head = b"Content-Type: text/plain; charset=utf-8\r\n"
    head += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"

    assert mail(head + b"caf=C3=A9\r\nau lait\r\n").text == "café\nau lait\n"


def test_no_text() -> None:
    """A mail without a plain text has an empty one."""
    assert mail(b"Content-Type: text/html\r\n\r\n<p>no</p>").text == ""
