"""
Keeps every program of a stranger in its place, from its first line on.

Python imports this as it starts. The probe does the same for the programs that load it,
but `flask routes` does not, nor does a program that a target starts itself.
"""

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location


def load(name):
    """Return a module of the probe by itself: its package would import the target."""
    path = os.path.join(os.path.dirname(__file__), "harness_probe", name + ".py")
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if os.environ.get("HARNESS_SANDBOX"):
    load("network_guard").install()
    sys.addaudithook(load("sandbox").watcher(os.environ["HARNESS_ORIGINAL"]))
