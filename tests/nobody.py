"""Somebody who may not do everything."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def somebody_else() -> Iterator[None]:
    """Be somebody else than root, who may do everything, within the block."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)
