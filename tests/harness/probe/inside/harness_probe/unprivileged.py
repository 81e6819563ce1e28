"""Takes from root what lets him write everywhere: a mode of a file counts for him, too.

That is Linux's CAP_DAC_OVERRIDE: https://man7.org/linux/man-pages/man2/capset.2.html
Whoever else runs the target has no such power, and loses none.
"""

import ctypes

VERSION_3 = 0x20080522
DAC_OVERRIDE = 1 << 1


def install(environ):
    """Take the power from this thread, and so from all that it will start."""
    if "HARNESS_UNPRIVILEGED" not in environ:
        return
    libc = ctypes.CDLL(None)
    whose = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then above 32
    libc.capget(whose, sets)
    sets[0] &= ~DAC_OVERRIDE
    libc.capset(whose, sets)
