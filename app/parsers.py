"""Parsers of settings: each turns the text of a variable into the value.

Each raises ValueError with what to use instead.
"""

import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any

from email_validator import validate_email
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

CONNECT_TIMEOUT = "3"  # seconds; psycopg waits two minutes for a silent server

_ON = {"1", "true", "yes", "on"}
_OFF = {"0", "false", "no", "off"}
# https://www.postgresql.org/docs/current/libpq-ssl.html
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_DRIVERS = {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}
# The tutorial's key is in every list of known keys.
_KNOWN_KEYS = {"you-will-never-guess"}


def boolean(text: str) -> bool:
    """Parse 1, true, yes, on or 0, false, no, off, in any case."""
    if text.lower() in _ON | _OFF:
        return text.lower() in _ON
    raise ValueError("use 1 or 0")


def port(text: str) -> int:
    """Parse a TCP port, 1 to 65535."""
    if re.fullmatch("[0-9]{1,5}", text) and 1 <= int(text) <= 65535:
        return int(text)
    raise ValueError("use a number from 1 to 65535")


def seconds(text: str) -> float:
    """Parse a number of seconds from 0 to a day."""
    if re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", text) and float(text) <= 86_400:
        return float(text)
    raise ValueError("use a number of seconds from 0 to 86400")


def duration(text: str) -> float:
    """Parse a number of seconds above 0."""
    if (value := seconds(text)) > 0:
        return value
    raise ValueError("use a number of seconds above 0")


def text(value: str) -> str:
    """Accept any text; variables can hold bytes that are not UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("use text in UTF-8") from error
    return value


def secret_key(value: str) -> str:
    """Accept a key of at least 16 characters, 8 of them different."""
    if len(text(value)) < 16 or len(set(value)) < 8 or value in _KNOWN_KEYS:
        raise ValueError(
            "use a key that cannot be guessed; this makes one: "
            "python3 -c 'import secrets; print(secrets.token_hex())'"
        )
    return value


def host(text: str) -> str:
    """Accept a host name or an IP address, without a port."""
    if re.fullmatch(r"[^\s\x00-\x1f\x7f/@\ud800-\udfff]+", text):
        with suppress(ValueError):  # UnicodeError is one
            ip_address(text) if ":" in text else text.encode("idna")
            return text
    raise ValueError("use a host name alone; its port goes in MAIL_PORT")


def addresses(value: str) -> list[str]:
    """Parse one or more mail addresses, separated by commas."""
    try:
        found = [address(part.strip()) for part in value.split(",") if part.strip()]
    except ValueError:
        found = []
    if not found:
        raise ValueError("use mail addresses, separated by commas")
    return found


def address(text: str) -> str:
    """Parse a mail address, with its domain in ASCII; local domains are accepted."""
    local, _, domain = text.rpartition("@")
    if not re.fullmatch(r"[\w.-]+", domain):
        raise ValueError("use a mail address")
    if not domain.isascii():
        other = validate_email(f"a@{domain}", check_deliverability=False)
        domain = other.ascii_domain
    domain.encode("idna")  # raises for a label that is empty or too long
    validate_email(f"{local}@example.com", check_deliverability=False)
    return f"{local}@{domain}"


def ca_file(text: str) -> str:
    """Accept the path of a file that holds certificates."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(text)
    except (OSError, ValueError) as error:
        raise ValueError("use the path of a file of certificates, PEM") from error
    return text


def database_url(text: str) -> str:
    """Parse the URL of a database; PostgreSQL's get psycopg 3 and a connect timeout."""
    text = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", text)
    try:
        url = make_url(text)
        if url.drivername not in _DRIVERS:
            raise ValueError("this database is not supported")
        _, options = url.get_dialect()().create_connect_args(url)
    except (ArgumentError, ValueError) as error:
        raise ValueError("use sqlite:///FILE or postgresql://...") from error
    if url.get_driver_name() != "psycopg":
        return text
    if find_spec("psycopg") is None:
        raise ValueError("install the extra for it: pip install -e '.[postgres]'")
    _check_postgresql(options)
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": CONNECT_TIMEOUT})
        text = url.render_as_string(hide_password=False)
    return text


def _check_postgresql(options: Mapping[str, Any]) -> None:
    """Refuse options with which every connection would fail."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    try:
        make_conninfo(**options)
    except ProgrammingError as error:
        raise ValueError("use options that PostgreSQL knows") from error
    for number in str(options.get("port", "")).split(","):
        if number:
            port(number)
    if not re.fullmatch("-?[0-9]+", str(options.get("connect_timeout", "0"))):
        raise ValueError("use a number of seconds as its connect_timeout")
    if options.get("sslmode", "require") not in _SSL_MODES:
        raise ValueError(f"use one of {', '.join(_SSL_MODES)} as its sslmode")
