"""Prints the records of a root logger that has only file handlers.

Werkzeug and Flask add no handler of their own if the root logger has one, but the
harness reads the server's address, its PIN and exceptions from the output.
"""

import logging
import sys


class Echo(logging.StreamHandler):
    """A handler that belongs to the harness, not to the target."""


def install():
    """Print the records of the root logger, if none of its handlers does."""
    root = logging.getLogger()
    streams = [getattr(handler, "stream", None) for handler in root.handlers]
    if streams and not {sys.stdout, sys.stderr}.intersection(streams):
        root.addHandler(Echo())
