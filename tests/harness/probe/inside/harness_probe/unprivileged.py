"""Drops root's right to write any file, so that file modes apply to root as well.

On Linux this is CAP_DAC_OVERRIDE, which other users do not have:
https://man7.org/linux/man-pages/man2/capset.2.html
"""

import ctypes

VERSION_3 = 0x20080522
DAC_OVERRIDE = 1 << 1


def install(environ):
    """Drop the capability of this thread, and so of all threads that it will start."""
    if "HARNESS_UNPRIVILEGED" not in environ:
        return
    libc = ctypes.CDLL(None)
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, in two halves
    libc.capget(header, sets)
    sets[0] &= ~DAC_OVERRIDE
    libc.capset(header, sets)
