"""Prevents the target from reaching other machines."""

import ipaddress
import os
import socket
import sys

LOCAL_NAMES = ("localhost", "", None)

#: The ports of mail servers on this machine.
MAIL_PORTS = (25, 465, 587)

SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")
RESOLVING = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


class Blocked(ConnectionRefusedError):
    """The target tried to reach another machine."""


class NotResolved(socket.gaierror):
    """The target tried to resolve a name or address through another machine."""


def is_local(host):
    """Return whether a host name or address is the loopback of this machine."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check(event, arguments):
    """Refuse to connect to or to resolve another machine; an audit hook."""
    if event in SENDING:
        address = arguments[1]
        if isinstance(address, tuple):
            if event == "socket.connect":
                record(address[1])
            if not is_local(address[0]) or address[1] in MAIL_PORTS:
                raise Blocked(f"the harness blocks connections to {address!r}")
    elif event in RESOLVING and not is_local(arguments[0]):
        refusal = f"the harness does not resolve {arguments[0]!r}"
        raise NotResolved(socket.EAI_NONAME, refusal)


# Audit hooks are otherwise hidden from coverage and debuggers:
# https://docs.python.org/3/library/sys.html#sys.addaudithook
check.__cantrace__ = True


def record(port):
    """Append a port that is connected to to the file that the harness reads."""
    folder = os.environ.get("HARNESS_STATE", "")
    if os.path.isdir(folder):
        with open(os.path.join(folder, "connections.txt"), "a") as file:
            file.write(f"{port}\n")


record.__cantrace__ = True


def install():
    """Watch this process and the processes that it forks."""
    sys.addaudithook(check)
