"""Finds the application of a target by its import name."""

import ast
import importlib
import inspect
import sys
import traceback

from flask import Flask

#: Common names of configurations.
NAMES = ("production", "default", "development")

FAILED = "harness-probe: the target cannot be imported"


def load(spec):
    """Return the application that *spec* names: MODULE or MODULE:NAME.

    A failure is printed as a stack trace and a line that the harness recognizes.
    """
    module_name, _, name = spec.partition(":")
    try:
        return find(importlib.import_module(module_name), name)
    except BaseException as error:
        traceback.print_exc()
        sys.stderr.write(f"{FAILED}: {type(error).__name__}: {error}\n")
        raise


def find(module, name):
    """Return the application in *module*, or the one that a factory makes."""
    if name:
        name, _, written = name.partition("(")
        found = getattr(module, name)
        if isinstance(found, Flask):
            return found
        values = written.rstrip(") ,")  # as in `flask --app`: create_app("test")
        return found(*ast.literal_eval(f"({values},)")) if values else make(found)
    for found in [getattr(module, "app", None), getattr(module, "application", None)]:
        if isinstance(found, Flask):
            return found
    for found in vars(module).values():
        if isinstance(found, Flask):
            return found
    for name in ("create_app", "make_app"):
        if callable(getattr(module, name, None)):
            return make(getattr(module, name))
    raise LookupError(f"no Flask application in {module.__name__}")


def make(factory):
    """Call a factory and return the application.

    A factory that requires a configuration gets the first one that it accepts: a common
    name, or a class of a module ``config``.
    """
    try:
        inspect.signature(factory).bind()
    except TypeError:
        inspect.signature(factory).bind("")  # fails if it requires more arguments
    else:
        return factory()
    errors = []
    for choice in configurations():
        try:
            return factory(choice)
        except Exception as error:
            errors.append(error)
    raise errors[0]


def configurations():
    """Return what a factory may accept as a configuration, the likeliest first."""
    try:
        module = importlib.import_module("config")
    except ImportError:
        module = None
    classes = ("Config", "ProductionConfig", "BaseConfig", "DevelopmentConfig")
    found = [getattr(module, name) for name in classes if hasattr(module, name)]
    dotted = [f"config.{each.__name__}" for each in found]
    return [*NAMES, *found, *dotted, None]
