"""Restricts every Python program of other implementations from its start.

Python imports this module when it starts. The probe restricts the programs that load
it, but `flask routes` does not load it, nor do programs that a target starts itself.
"""

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location


def load(name):
    """Return a module of the probe without its package, which imports the target."""
    path = os.path.join(os.path.dirname(__file__), "harness_probe", name + ".py")
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if os.environ.get("HARNESS_SANDBOX"):
    load("network_guard").install()
    sys.addaudithook(load("sandbox").audit_hook(os.environ["HARNESS_ORIGINAL"]))
