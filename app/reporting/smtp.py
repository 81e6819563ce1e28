"""Sends one mail before a deadline, never less encrypted than configured."""

import base64
import contextlib
import queue
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from .formatters import one_line

Config = Mapping[str, Any]
Refused = dict[str, tuple[int, bytes]]  # the server's replies by recipient


class DeliveryError(OSError):
    """A mail was not delivered; the message is one line with the reason."""


def describe(config: Config) -> str:
    """Return the server with its port and encryption, in a few words."""
    tls = "STARTTLS" if config["MAIL_USE_TLS"] else "no TLS"
    tls = "TLS" if config["MAIL_USE_SSL"] else tls
    return f"{config['MAIL_SERVER']} port {config['MAIL_PORT']} ({tls})"


def obstacle(config: Config) -> str:
    """Return why errors are not mailed with these settings; empty if they are."""
    if not config["MAIL_SERVER"]:
        return "MAIL_SERVER is not set"
    if not config["ADMINS"]:
        return "ADMINS is empty"
    tls = config["MAIL_USE_TLS"] or config["MAIL_USE_SSL"]
    if _credentials(config) and not tls and not config["MAIL_AUTH_WITHOUT_TLS"]:
        return (
            f"{describe(config)}: the password would be sent in clear;"
            " set MAIL_USE_TLS or MAIL_USE_SSL, or else MAIL_AUTH_WITHOUT_TLS"
        )
    return ""


def deliver(message: EmailMessage, config: Config, timeout: float) -> None:
    """Hand `message` to the server, for all recipients at once, within `timeout`.

    smtplib's own timeout is for each read, and resolving a name has none. Delivery
    therefore runs in a thread that is abandoned at the deadline.

    Raises:
        DeliveryError: The server did not accept it for all recipients, or not in time.
    """
    if reason := obstacle(config):
        raise DeliveryError(reason)
    end = time.monotonic() + timeout
    results: queue.SimpleQueue[Refused | Exception] = queue.SimpleQueue()
    client = _Client(config, timeout)

    def run() -> None:
        try:
            with contextlib.closing(client):
                results.put(client.deliver(message))
                # The server has the mail, whatever it answers now.
                with contextlib.suppress(OSError):
                    client.quit()
        except Exception as error:
            results.put(error)

    try:
        threading.Thread(target=run, name="smtp", daemon=True).start()
    except RuntimeError:
        run()  # no thread can start while the interpreter shuts down
    try:
        result = results.get(timeout=timeout)
    except queue.Empty:
        client.abandon()
        result = TimeoutError()
    if isinstance(result, Exception):
        is_late = time.monotonic() >= end
        reason = f"not done within {timeout:g} s" if is_late else _reason(result)
        raise DeliveryError(f"{describe(config)}: {reason}") from result
    if result:
        refused = ", ".join(sorted(result))
        raise DeliveryError(f"{describe(config)}: refused for {refused}")


def _credentials(config: Config) -> tuple[str, str] | None:
    credentials = config["MAIL_USERNAME"] or "", config["MAIL_PASSWORD"] or ""
    return credentials if any(credentials) else None


def _reason(error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}"
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        reason = f"the server answered {error.smtp_code} {text}"
    return one_line(" ".join(reason.split()))


class _Client(smtplib.SMTP):
    """smtplib's client, with verified TLS and credentials in UTF-8."""

    def __init__(self, config: Config, timeout: float) -> None:
        # With another host name, smtplib would ask the DNS for this machine's.
        super().__init__(local_hostname="localhost", timeout=timeout)
        # For STARTTLS: https://github.com/python/cpython/issues/80275
        self._host = config["MAIL_SERVER"]
        self._config = config
        self._tls: ssl.SSLContext | None = None
        self._abandoned = False

    def deliver(self, message: EmailMessage) -> Refused:
        """Deliver `message`; return which recipients were refused."""
        config = self._config
        if config["MAIL_USE_TLS"] or config["MAIL_USE_SSL"]:
            self._tls = ssl.create_default_context()  # honours SSL_CERT_FILE
            if config["MAIL_CA_FILE"]:
                self._tls.load_verify_locations(config["MAIL_CA_FILE"])
        code, reply = self.connect(config["MAIL_SERVER"], config["MAIL_PORT"])
        if code != 220:
            raise smtplib.SMTPConnectError(code, reply)
        assert self.sock
        address = self.sock.getsockname()[0]
        self.local_hostname = f"[{'IPv6:' if ':' in address else ''}{address}]"
        if config["MAIL_USE_TLS"]:
            self.starttls(context=self._tls)
        self.ehlo_or_helo_if_needed()
        if credentials := _credentials(config):
            self._authenticate(*credentials)
        return self.send_message(message)

    def abandon(self) -> None:
        """End the delivery, which is made by another thread."""
        self._abandoned = True
        with contextlib.suppress(OSError):
            if connection := self.sock:
                # Not the shutdown of TLS, which waits for the server.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def send(self, s: Any) -> None:
        """Send, unless the delivery is abandoned."""
        if self._abandoned:
            raise TimeoutError
        super().send(s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # An address that does not answer, often that of IPv6, leaves time for another.
        connection = socket.create_connection((host, port), timeout / 2)
        connection.settimeout(timeout)
        if self._tls and self._config["MAIL_USE_SSL"]:
            return self._tls.wrap_socket(connection, server_hostname=host)
        return connection

    def _authenticate(self, username: str, password: str) -> None:
        """Log in, with UTF-8 (RFC 4616) if the credentials are not ASCII.

        smtplib cannot do that: https://github.com/python/cpython/issues/73936
        """
        mechanisms = self.esmtp_features.get("auth", "").upper().split()
        if f"{username}{password}".isascii():
            self.login(username, password)
        elif "PLAIN" in mechanisms:
            self._auth_command("AUTH PLAIN ", f"\0{username}\0{password}", 235)
        elif "LOGIN" in mechanisms:
            self._auth_command("AUTH LOGIN ", username, 334)
            self._auth_command("", password, 235)
        else:
            raise smtplib.SMTPNotSupportedError("no AUTH PLAIN or LOGIN")

    def _auth_command(self, command: str, text: str, expected: int) -> None:
        encoded = base64.b64encode(text.encode()).decode("ascii")
        code, reply = self.docmd(f"{command}{encoded}")
        if code != expected:
            raise smtplib.SMTPAuthenticationError(code, reply)
