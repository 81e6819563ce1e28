"""How a mail server fails its clients."""

from dataclasses import dataclass

#: Misbehave from the greeting on.
CONNECT = "CONNECT"


@dataclass(frozen=True)
class Misbehaviour:
    """How the server fails a client once it reaches *at*.

    Attributes:
        at: ``CONNECT``, a command (``EHLO``, ``STARTTLS``, ``AUTH``, ``MAIL``,
            ``RCPT``, ``DATA`` for the final reply, ``QUIT``), or the number of a reply
            in its connection, where the greeting is 1.
        reply: Send this in place of the reply, such as ``"550 no"``.
        interval: Seconds between two bytes of each reply from then on.
        hang_up: Close the connection instead of replying.
        silent: Keep the connection open and send nothing more.
    """

    at: str | int = CONNECT
    reply: str | None = None
    interval: float | None = None
    hang_up: bool = False
    silent: bool = False


def silent(at: str | int = CONNECT) -> Misbehaviour:
    """Return a misbehaviour that sends nothing once *at* is reached."""
    return Misbehaviour(at=at, silent=True)


def dripping(interval: float = 0.2, at: str = CONNECT) -> Misbehaviour:
    """Return a misbehaviour that sends one byte every *interval* seconds."""
    return Misbehaviour(at=at, interval=interval)


def refusing(reply: str = "550 not here", at: str | int = "MAIL") -> Misbehaviour:
    """Return a misbehaviour that replies *reply* when *at* is reached."""
    return Misbehaviour(at=at, reply=reply)


def disconnecting(at: str | int = CONNECT) -> Misbehaviour:
    """Return a misbehaviour that closes the connection when *at* is reached."""
    return Misbehaviour(at=at, hang_up=True)
