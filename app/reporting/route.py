"""The way to the mail server, as the settings describe it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Route:
    """Where the mail server is, and how it is to be talked to."""

    host: str
    port: int
    starttls: bool = False
    implicit_tls: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None
    auth_without_tls: bool = False
    timeout: float = 10.0
    """Seconds for the whole delivery."""

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Read it from the MAIL_ settings."""
        return cls(
            host=config["MAIL_SERVER"],
            port=config["MAIL_PORT"],
            starttls=config["MAIL_USE_TLS"],
            implicit_tls=config["MAIL_USE_SSL"],
            username=config["MAIL_USERNAME"] or "",
            password=config["MAIL_PASSWORD"] or "",
            ca_file=config["MAIL_CA_FILE"],
            auth_without_tls=config["MAIL_AUTH_WITHOUT_TLS"],
            timeout=config["MAIL_TIMEOUT"],
        )

    @property
    def encrypts(self) -> bool:
        """Whether nothing but a greeting may pass in clear."""
        return self.starttls or self.implicit_tls

    @property
    def authenticates(self) -> bool:
        """Whether there is a user name or a password to give."""
        return bool(self.username or self.password)

    def __str__(self) -> str:
        """Return it in words, without the password."""
        tls = "TLS" if self.implicit_tls else "STARTTLS" if self.starttls else "no TLS"
        return f"{self.host} port {self.port} ({tls})"
