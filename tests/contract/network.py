"""Puts this process into a network that has nothing but the loopback interface."""

import ctypes
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1

#: Whether to create a user namespace, too, which users other than root need.
WAYS = {"plain": False, "with-user": True}


def only_loopback(ways: Mapping[str, bool] = WAYS) -> bool:
    """Move this process, and all that it starts, to a network without other machines.

    Another process tries it first: systems that restrict user namespaces may allow the
    first step and refuse the next, and there is no way back.

    Returns:
        Whether the system allowed it; otherwise only the guard in the probe protects.
    """
    for way, with_user in ways.items():
        if is_possible(way):
            move(with_user)
            return True
    return False


def is_possible(way: str, python: str = sys.executable) -> bool:
    """Return whether a process can move this way and has a loopback interface then."""
    try:
        finished = subprocess.run(
            [python, __file__, way],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0


def move(with_user: bool) -> None:
    """Move this process into a new network, and bring its loopback interface up.

    Raises:
        OSError: The system refuses, possibly after the first step.
    """
    import fcntl  # not on every system

    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNET | (CLONE_NEWUSER if with_user else 0)
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace")
    if with_user:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{user} {user} 1")
        write("/proc/self/gid_map", f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def write(path: str, text: str) -> None:
    """Write *text* to a file in /proc."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


if __name__ == "__main__":
    move(WAYS[sys.argv[1]])
