"""Finding the application of a target."""

import sys
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from tests.unit.harness.probe.modules import load_module


@pytest.fixture(scope="module")
def loading() -> Any:
    """The probe's module that finds the application."""
    return load_module("app_loading")


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An importable, empty module called blog."""
    module = ModuleType("blog")
    monkeypatch.setitem(sys.modules, "blog", module)
    return module


@pytest.mark.parametrize("name", ["app", "application", "blog"])
def test_object(loading: Any, module: Any, name: str) -> None:
    """An application is found under any name in the module."""
    module.other = "no application"
    made = Flask("blog")
    setattr(module, name, made)

    assert loading.load("blog") is made


def test_usual_name_first(loading: Any, module: Any) -> None:
    """The application with a usual name is preferred to others."""
    module.another = Flask("another")
    module.app = Flask("blog")

    assert loading.load("blog") is module.app


def test_named_object(loading: Any, module: Any) -> None:
    """An application can be named."""
    module.app = Flask("blog")
    module.another = Flask("another")

    assert loading.load("blog:another") is module.another


@pytest.mark.parametrize("name", ["create_app", "make_app"])
def test_factory(loading: Any, module: Any, name: str) -> None:
    """A module without an application has its factory called."""
    setattr(module, name, lambda config=None: Flask("made"))

    assert loading.load("blog").name == "made"


def test_named_factory(loading: Any, module: Any) -> None:
    """A factory can be named."""
    module.build = lambda: Flask("built")

    assert loading.load("blog:build").name == "built"


def test_factory_with_two_arguments(
    loading: Any, module: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A factory that requires two arguments fails, and the error is printed."""
    module.create_app = lambda config, other: Flask("made")

    with pytest.raises(TypeError, match="missing a required argument: 'other'"):
        loading.load("blog")

    assert capsys.readouterr().err.splitlines()[-1] == (
        "harness-probe: the target cannot be imported: "
        "TypeError: missing a required argument: 'other'"
    )


def test_factory_with_a_configuration(loading: Any, module: Any) -> None:
    """A factory that requires a configuration gets the first one that it accepts."""
    module.create_app = lambda name: Flask({"default": "made"}[name])

    assert loading.load("blog").name == "made"


def test_factory_that_rejects_configurations(loading: Any, module: Any) -> None:
    """A factory that accepts no configuration fails as with the most likely one."""
    module.create_app = lambda name: Flask({}[name])

    with pytest.raises(KeyError, match="production"):
        loading.load("blog")


def test_named_factory_with_arguments(loading: Any, module: Any) -> None:
    """A factory can be named with its arguments, as in `flask --app`."""
    module.create_app = lambda name: Flask(name)

    assert loading.load('blog:create_app("tried")').name == "tried"


def test_no_application(loading: Any, module: Any) -> None:
    """The error about a module without an application names the module."""
    with pytest.raises(LookupError, match="no Flask application in blog"):
        loading.load("blog")
