"""Finds the application of a target by its import name."""

import ast
import importlib
import inspect
import sys
import traceback

from flask import Flask

#: What people call their configurations.
NAMES = ("production", "default", "development")

FAILED = "harness-probe: the target cannot be imported"


def load(spec):
    """
    Return the application that *spec* names: MODULE or MODULE:NAME.

    A failure is printed in one line that the harness knows, after its stack trace.
    """
    module_name, _, name = spec.partition(":")
    try:
        return find(importlib.import_module(module_name), name)
    except BaseException as error:
        traceback.print_exc()
        sys.stderr.write(f"{FAILED}: {type(error).__name__}: {error}\n")
        raise


def find(module, name):
    """Return the application in *module*, an object or made by a factory."""
    if name:
        name, _, written = name.partition("(")
        found = getattr(module, name)
        if isinstance(found, Flask):
            return found
        values = written.rstrip(") ,")  # as `flask --app` has it: create_app("test")
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
    """
    Call a factory with what its signature demands, which is nothing if it can.

    One that demands a configuration gets the first that it takes: the names that
    people give them, or the class of a module ``config``.
    """
    try:
        inspect.signature(factory).bind()
    except TypeError:
        inspect.signature(factory).bind("")  # more than one is too much to guess
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
    """Return what a factory may want for its configuration, the likeliest first."""
    try:
        module = importlib.import_module("config")
    except ImportError:
        module = None
    classes = ("Config", "ProductionConfig", "BaseConfig", "DevelopmentConfig")
    found = [getattr(module, name) for name in classes if hasattr(module, name)]
    dotted = [f"config.{each.__name__}" for each in found]
    return [*NAMES, *found, *dotted, None]
