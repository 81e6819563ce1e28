"""Nothing that the target does leaves this machine."""

import ipaddress
import socket
import sys

LOCAL_NAMES = ("localhost", "", None)

SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")
LOOKING_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


class Blocked(ConnectionRefusedError):
    """The target wanted to reach another machine."""


class NotLookedUp(socket.gaierror):
    """The target asked for a name or an address that another machine would know."""


def is_local(host):
    """Tell whether a host name or address is this machine's own loopback."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check(event, arguments):
    """Refuse a connection, or a look-up that would ask another machine."""
    if event in SENDING:
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise Blocked(f"the harness lets nothing out: {address!r}")
    elif event in LOOKING_UP and not is_local(arguments[0]):
        refusal = f"the harness looks up nothing: {arguments[0]!r}"
        raise NotLookedUp(socket.EAI_NONAME, refusal)


# Audit hooks are otherwise hidden from coverage and debuggers:
# https://docs.python.org/3/library/sys.html#sys.addaudithook
check.__cantrace__ = True


def install():
    """Watch this process from now on; what it starts by fork is watched too."""
    sys.addaudithook(check)
