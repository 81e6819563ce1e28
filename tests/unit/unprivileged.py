"""Somebody who may not do everything."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be somebody else than root, to whom every file is open, within the block.

    Where there is setfsuid this thread alone is: others end sites meanwhile, and
    seteuid is that of all threads.
    """
    user = os.geteuid()
    become = getattr(ctypes.CDLL(None), "setfsuid", os.seteuid)
    become(user or 65534)
    try:
        yield
    finally:
        become(user)
