"""How a mail server fails its clients."""

from dataclasses import dataclass

#: Where a misbehaviour strikes: at the greeting or at a command of the client.
CONNECT = "CONNECT"


@dataclass(frozen=True)
class Misbehaviour:
    """
    How the server fails its clients, from the moment that *at* is reached.

    :param at: ``CONNECT`` or a command: ``EHLO``, ``STARTTLS``, ``AUTH``,
        ``MAIL``, ``RCPT``, ``DATA`` (the final answer), ``QUIT``; or the number of an
        answer in its connection, the greeting is 1
    :param reply: say this instead, such as ``"550 no"``
    :param interval: seconds between two bytes of each answer
    :param hang_up: close the connection instead of answering
    """

    at: str | int = CONNECT
    reply: str | None = None
    interval: float | None = None
    hang_up: bool = False
    silent: bool = False


def silent(at: str | int = CONNECT) -> Misbehaviour:
    """Accept, and then say nothing."""
    return Misbehaviour(at=at, silent=True)


def dripping(interval: float = 0.2, at: str = CONNECT) -> Misbehaviour:
    """Answer one byte at a time, *interval* seconds apart."""
    return Misbehaviour(at=at, interval=interval)


def refusing(reply: str = "550 not here", at: str | int = "MAIL") -> Misbehaviour:
    """Answer *reply* when *at* is reached."""
    return Misbehaviour(at=at, reply=reply)


def disconnecting(at: str | int = CONNECT) -> Misbehaviour:
    """Close the connection instead of answering when *at* is reached."""
    return Misbehaviour(at=at, hang_up=True)
