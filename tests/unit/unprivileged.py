"""An unprivileged user, to whom file modes apply."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unprivileged() -> Iterator[None]:
    """Access files as an unprivileged user while the block runs, even as root.

    With setfsuid this applies to the current thread only. seteuid would apply to all
    threads, some of which may be ending sites.
    """
    user = os.geteuid()
    become = getattr(ctypes.CDLL(None), "setfsuid", os.seteuid)
    become(user or 65534)
    try:
        yield
    finally:
        become(user)
