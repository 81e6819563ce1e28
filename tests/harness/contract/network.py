"""A network of this process's own, in which there is nothing but loopback."""

import ctypes
import os
import socket
import struct
import sys

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def only_loopback() -> bool:
    """
    Move this process, and all that it starts, where no other machine can be reached.

    :return: whether the system allowed it; if not, the probe's guard stands alone
    """
    if sys.platform != "linux":
        return False
    import fcntl  # not on every system

    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        return False
    if user != 0:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{user} {user} 1")
        write("/proc/self/gid_map", f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    return True


def write(path: str, text: str) -> None:
    """Write *text* to a file of the kernel's."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
