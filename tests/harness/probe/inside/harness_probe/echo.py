"""Prints what a target's root logger writes only to files.

A root logger with a handler keeps Werkzeug and Flask from adding one of their own, and
the harness reads the server's address, its PIN and exceptions in its output.
"""

import logging
import sys


class Echo(logging.StreamHandler):
    """A handler of the harness, which is not the target's."""


def install():
    """Print the records of the root logger, if none of its handlers does."""
    root = logging.getLogger()
    streams = [getattr(handler, "stream", None) for handler in root.handlers]
    if streams and not {sys.stdout, sys.stderr}.intersection(streams):
        root.addHandler(Echo())
