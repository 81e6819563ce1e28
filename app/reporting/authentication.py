"""Signing in to a mail server, also with a password that is not ASCII."""

import base64
import smtplib


def authenticate(server: smtplib.SMTP, username: str, password: str) -> None:
    """Sign in to `server`, which has been greeted.

    smtplib does it for ASCII, in every way it knows. For the rest, the names are sent
    in UTF-8 (RFC 4616), which it cannot: https://github.com/python/cpython/issues/73936

    :raise smtplib.SMTPException: if the server does not let us in.
    """
    if f"{username}{password}".isascii():
        server.login(username, password)
        return
    offered = server.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        _say(server, "AUTH PLAIN " + _base64(f"\0{username}\0{password}"), 235)
    elif "LOGIN" in offered:
        _say(server, "AUTH LOGIN " + _base64(username), 334)
        _say(server, _base64(password), 235)
    else:
        raise smtplib.SMTPNotSupportedError("no AUTH PLAIN or LOGIN")


def _say(server: smtplib.SMTP, command: str, expected: int) -> None:
    code, reply = server.docmd(command)
    if code != expected:
        raise smtplib.SMTPAuthenticationError(code, reply)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
