"""Records where an application's code adds its logging handlers."""

import logging
import os

from harness_probe.journal import caller

#: The attribute of a handler that names file, line and source.
ADDED_AT = "_harness_added_at"


def install():
    """Record the origin of the handlers that are added from now on."""
    plain = logging.Logger.addHandler
    library = os.path.dirname(os.path.abspath(logging.__file__))

    def add_handler(logger, handler):
        setattr(handler, ADDED_AT, caller((library,)))
        plain(logger, handler)

    logging.Logger.addHandler = add_handler
